"""A run's report for whoever keeps it or is to hear of it: a flow's artifact in Markdown, a message."""

from __future__ import annotations

from curator.notifications import Notification
from curator.pipeline import IngestReport
from curator.pipeline.recheck import WatchReport
from curator.sanitize import escape_markdown

_AMISS = ("stalled", "failed", "incomplete", "not asked")


def render_run(report: IngestReport) -> str:
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
    if report.provisional:
        lines += ["", f"{report.provisional} candidates were drafted without the model, which did not answer."]
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


def run_message(report: IngestReport) -> Notification | None:
    """What whoever runs the list should hear of a run; None where it found nothing and nothing went wrong."""
    stalled = [one.topic for one in report.topics if one.state == "stalled"]
    found = f"{report.candidates} new {'candidate' if report.candidates == 1 else 'candidates'}"
    trouble = report.outcome != "done" or bool(stalled)
    if not (trouble or report.candidates):
        return None
    lines = [f"Run {report.run}: {report.outcome}; {found} in the queue."]
    if report.stopped:
        lines.append(f"Stopped: {report.stopped}")
    lines += [f"{one.topic}: {one.state}. {' '.join(one.problems)}" for one in report.topics if one.state in _AMISS]
    failures = [f"{one.paper.versioned_id} ({one.failed_at}): {one.problem}" for one in report.failures]
    return Notification(
        f"Curator: {found}" + (f", {'stalled' if stalled else report.outcome}" if trouble else ""),
        (*lines, *_first([*report.screening_failures, *report.batch_problems, *failures])),
        trouble,
    )


def watch_message(report: WatchReport) -> Notification | None:
    """The same of a look at the list's papers."""
    trouble = report.outcome != "done"
    back = len(report.waiting)
    if not (trouble or back):
        return None
    lines = [f"{one.paper_id}v{one.version}, {one.what}: {one.detail}" for one in report.waiting]
    problems = [*report.problems, *(f"{one.paper.versioned_id}: {one.problem}" for one in report.failures)]
    said = [f"Run {report.run}: {report.outcome}."] + ([f"Stopped: {report.stopped}"] if report.stopped else [])
    title = f"Curator: {back} {'frame' if back == 1 else 'frames'} to be decided on again"
    return Notification(
        title + (f", {report.outcome}" if trouble else ""), (*said, *_first(lines), *_first(problems)), trouble
    )


def _first(lines: list[str], most: int = 5) -> list[str]:
    return lines[:most] + ([f"... and {len(lines) - most} more"] if len(lines) > most else [])


def render_watch(report: WatchReport) -> str:
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
