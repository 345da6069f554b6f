"""Reports of runs as text: Markdown for a flow's artifact, and a short message for the list's owner."""

from __future__ import annotations

from curator.notifications import Notification
from curator.pipeline.recheck import WatchReport
from curator.pipeline.report import IngestReport
from curator.pipeline.report_view import ReportView
from curator.sanitize import escape_markdown

_MAX_LINES = 5
"""Lines of one kind in a message, which may be read on a telephone."""


def render_run(report: IngestReport) -> str:
    """Return an ingest's report as Markdown, with strangers' text escaped."""
    view = ReportView(report)
    lines = [
        f"**{report.outcome}**, drafted by {escape_markdown(report.drafter)}: {view.paper_line}; "
        f"{view.candidate_count}.",
        "",
        "| topic | state | announced | new |",
        "|---|---|---|---|",
        *(
            f"| {escape_markdown(topic.topic)} | {topic.state} | {topic.announced} | {topic.new} |"
            for topic in report.topics
        ),
    ]
    if report.answers or report.in_batch:
        lines += ["", f"{report.answers} answers came from batches; {len(report.in_batch)} papers wait for theirs."]
    if report.provisional:
        lines += ["", f"{report.provisional} candidates were drafted without the model, which did not answer."]
    lines += _format_stop(report.stopped)
    lines += _bullets("Failures:", [*view.topic_problems, *view.run_problems, *view.paper_failures])
    lines += _bullets("Not checked by a model:", report.unchecked)
    return "\n".join(lines)


def run_message(report: IngestReport) -> Notification | None:
    """Return the message about an ingest; None if it found nothing and nothing went wrong."""
    view = ReportView(report)
    if not (view.has_trouble or report.candidates):
        return None
    lines = [f"Run {report.run}: {report.outcome}; {view.candidate_count} in the queue.", f"{view.paper_line}."]
    if report.stopped:
        lines.append(f"Stopped: {report.stopped}")
    lines += view.topic_troubles
    lines += _shorten([*view.run_problems, *view.paper_failures])
    return Notification(f"Curator: {view.headline}", tuple(lines), view.has_trouble)


def render_watch(report: WatchReport) -> str:
    """Return the report of a check of the list's papers as Markdown, with strangers' text escaped."""
    lines = [f"**{report.outcome}**: {report.papers} papers behind the list, {len(report.notices)} later versions."]
    lines += _format_stop(report.stopped)
    if report.waiting:
        lines += ["", "Back in the queue:", ""]
        lines += [
            f"- {notice.candidate_id[:6]}, {notice.paper_id}v{notice.version} ({notice.what}): "
            f"{escape_markdown(notice.detail)}"
            for notice in report.waiting
        ]
    published = [f"{paper.id}: {' '.join(filter(None, (paper.journal_ref, paper.doi)))}" for paper in report.appeared]
    lines += _bullets("Published elsewhere:", published)
    lines += _bullets("Failures:", _watch_problems(report))
    return "\n".join(lines)


def watch_message(report: WatchReport) -> Notification | None:
    """Return the message about a check of the list's papers; None if no frame needs a decision and nothing failed."""
    trouble = report.outcome != "done"
    returned = len(report.waiting)
    if not (trouble or returned):
        return None
    lines = [f"Run {report.run}: {report.outcome}."]
    if report.stopped:
        lines.append(f"Stopped: {report.stopped}")
    lines += _shorten(
        [f"{notice.paper_id}v{notice.version}, {notice.what}: {notice.detail}" for notice in report.waiting]
    )
    lines += _shorten(_watch_problems(report))
    title = f"Curator: {returned} {'frame' if returned == 1 else 'frames'} need a new decision"
    return Notification(title + (f", {report.outcome}" if trouble else ""), tuple(lines), trouble)


def _watch_problems(report: WatchReport) -> list[str]:
    return [*report.problems, *(f"{result.paper.versioned_id}: {result.problem}" for result in report.failures)]


def _format_stop(error: Exception | None) -> list[str]:
    return ["", f"Stopped: {escape_markdown(str(error))}"] if error else []


def _bullets(heading: str, texts: list[str]) -> list[str]:
    """Return a Markdown list under a heading; nothing for an empty list."""
    return ["", heading, "", *(f"- {escape_markdown(text)}" for text in texts)] if texts else []


def _shorten(lines: list[str]) -> list[str]:
    """Return the first `_MAX_LINES` lines, and a line with the number of the others."""
    more = len(lines) - _MAX_LINES
    return lines[:_MAX_LINES] + ([f"... and {more} more"] if more > 0 else [])
