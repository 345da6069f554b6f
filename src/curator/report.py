"""A run's report in Markdown, for whoever keeps it: a flow's artifact, a notice."""

from __future__ import annotations

from curator.pipeline import Report
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
    if report.stopped:
        lines += ["", f"Stopped: {escape_markdown(str(report.stopped))}"]
    problems = [problem for topic in report.topics for problem in topic.problems] + report.screening_failures
    problems += [f"{one.paper.versioned_id} ({one.failed_at}): {one.problem}" for one in report.failures]
    if problems:
        lines += ["", "Failures:", "", *(f"- {escape_markdown(problem)}" for problem in problems)]
    if report.unchecked:
        lines += ["", "Not checked by a model:", "", *(f"- {escape_markdown(one)}" for one in report.unchecked)]
    return "\n".join(lines)
