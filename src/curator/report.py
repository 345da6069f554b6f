"""A run's report in Markdown, for whoever keeps it: a flow's artifact, a message."""

from __future__ import annotations

from curator.pipeline import Report
from curator.pipeline.watching import WatchReport
from curator.publish.listing import escape_markdown


def as_markdown(report: Report) -> str:
    """What a run found, made and failed at. Strangers' text is escaped."""
    drafted = len(report.results) - len(report.failures)
    noun = "paper" if drafted == 1 else "papers"
    lines = [
        f"**{report.outcome}**: {drafted} {noun} drafted by {escape_markdown(report.drafter)}, "
        f"{report.candidates} new candidates; {report.screened_in} screened in, {report.screened_out} out.",
        "",
        "| topic | state | announced | new |",
        "|---|---|---|---|",
        *(f"| {escape_markdown(one.topic)} | {one.state} | {one.announced} | {one.new} |" for one in report.topics),
    ]
    if report.answers or report.later:
        lines += ["", f"{report.answers} answers came from batches; {len(report.later)} papers wait for theirs."]
    if report.stopped:
        lines += ["", f"Stopped: {escape_markdown(str(report.stopped))}"]
    problems = [problem for topic in report.topics for problem in topic.problems] + report.screening_failures
    problems += report.batch_problems
    problems += [f"{one.paper.versioned_id} ({one.failed_at}): {one.problem}" for one in report.failures]
    if problems:
        lines += ["", "Failures:", "", *(f"- {escape_markdown(problem)}" for problem in problems)]
    if report.unchecked:
        lines += ["", "Not checked by a model:", "", *(f"- {escape_markdown(one)}" for one in report.unchecked)]
    return "\n".join(lines)


def watch_as_markdown(report: WatchReport) -> str:
    """What a look at the list's papers found. Strangers' text is escaped."""
    lines = [
        f"**{report.outcome}**: {report.papers} papers that the list rests on, {len(report.notices)} later versions."
    ]
    if report.stopped:
        lines += ["", f"Stopped: {escape_markdown(str(report.stopped))}"]
    if report.waiting:
        lines += ["", "Back in the queue:", ""]
        lines += [
            f"- {one.candidate_id[:6]}, {one.paper_id}v{one.version} ({one.what}): {escape_markdown(one.detail)}"
            for one in report.waiting
        ]
    if report.appeared:
        lines += ["", "Published elsewhere:", ""]
        lines += [
            f"- {one.id}: {escape_markdown(' '.join(filter(None, (one.journal_ref, one.doi))))}"
            for one in report.appeared
        ]
    problems = [*report.problems, *(f"{one.paper.versioned_id}: {one.problem}" for one in report.failures)]
    if problems:
        lines += ["", "Failures:", "", *(f"- {escape_markdown(problem)}" for problem in problems)]
    return "\n".join(lines)
