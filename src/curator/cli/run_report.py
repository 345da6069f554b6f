"""The report of a run on the terminal, and the exit code that goes with it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from curator.cli.json_log import print_error
from curator.cli.options import current_workspace
from curator.cli.output import count, echo_json, program, wrap_text

if TYPE_CHECKING:
    from curator.pipeline import IngestReport
    from curator.pipeline.report_view import ReportView

BY_ID = "by id"
"""The topic under which a run records papers that were requested by their ids."""
MAX_FAILURES_SHOWN = 10
"""Failed papers that are printed; `status` shows all of them."""


def finish_run(report: IngestReport, as_json: bool) -> None:
    """Print the report of a run, and exit with the code for its outcome; return if it succeeded."""
    if as_json:
        from curator.warehouse import statistics

        _, warehouse = current_workspace()
        ended = next(row for row in warehouse.read(statistics.load_runs) if row["id"] == report.run)
        echo_json(ended)
    else:
        print_report(report)
        _print_next_step(report)
    if report.outcome == "failed":
        if report.stopped:
            print_error(str(report.stopped))
        sys.exit(1)
    if report.outcome == "done with failures":
        if report.stopped and not as_json:
            click.echo(wrap_text(str(report.stopped), "", "  "))
        sys.exit(3)


def print_report(report: IngestReport) -> None:
    """Print the topics, papers, candidates and failures of a run."""
    from curator.pipeline.report_view import ReportView

    view = ReportView(report)
    click.echo(f"\nRun {report.run}, drafted by {report.drafter}: {report.outcome}.")
    for line, topic in zip(view.topic_lines, report.topics, strict=True):
        if topic.topic != BY_ID:
            click.echo(f"  {line}")
        for problem in topic.problems:
            click.echo(wrap_text(problem, "    "))
    click.echo(wrap_text(f"{view.paper_line}.", "", "  "))
    click.echo(f"{view.candidate_count}.")
    for failure in report.screening_failures:
        click.echo(wrap_text(f"{failure} They will be tried again.", "", "  "))
    for problem in (*report.unchecked[:MAX_FAILURES_SHOWN], *report.batch_problems):
        click.echo(wrap_text(problem, "", "  "))
    _print_batches(report)
    if report.provisional:
        click.echo(
            f"{count(report.provisional, 'candidate')} drafted without the model, which did not answer "
            "(draft.keyless_when_down). The model will draft from these papers when it answers again."
        )
    if report.left_over:
        click.echo(f"Because of --limit, {count(report.left_over, 'paper')} will be read by a later run.")
    _print_failures(view)


def _print_batches(report: IngestReport) -> None:
    if report.answers:
        click.echo(f"{count(report.answers, 'answer')} came from batches.")
    if report.batches:
        click.echo(f"{count(report.batches, 'batch', 'batches')} of earlier runs still without answers.")
    if report.in_batch:
        click.echo(
            f"{count(len(report.in_batch), 'paper')} sent to the model in a batch, which takes up to a day. "
            f"`{program()} collect` or the next ingest fetches the answers."
        )


def _print_failures(view: ReportView) -> None:
    failures = list(view.failures_with_outlook())
    if failures:
        click.echo(f"{count(len(failures), 'paper')} failed:")
    for line in failures[:MAX_FAILURES_SHOWN]:
        click.echo(wrap_text(line, "  ", "    "))
    if len(failures) > MAX_FAILURES_SHOWN:
        click.echo(f"  ... and {len(failures) - MAX_FAILURES_SHOWN} more: `{program()} status`")


def _print_next_step(report: IngestReport) -> None:
    from curator.arxiv.calendar import next_announcement

    if report.candidates:
        click.echo(
            f"Next: `{program()} queue` lists the candidates; accept, reject or defer each, then run "
            f"`{program()} publish`."
        )
    else:
        click.echo(f"Next: `{program()} status` shows counts and failures.")
    click.echo(f"arXiv announces new papers again on {next_announcement(datetime.now(UTC)):%A, %d %B at %H:%M} UTC.")
