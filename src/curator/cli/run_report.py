"""The report of a run on the terminal, and the exit code that goes with it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from curator.cli.json_log import complain
from curator.cli.options import current_workspace
from curator.cli.output import count, echo_json, program, wrap_text

if TYPE_CHECKING:
    from curator.pipeline import IngestReport

FAILURES_SHOWN = 10


def finish_run(report: IngestReport, as_json: bool) -> None:
    """What a run did, and the exit code that says so."""
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
            complain(str(report.stopped))
        sys.exit(1)
    if report.outcome == "done with failures":
        if report.stopped and not as_json:
            click.echo(wrap_text(str(report.stopped), "", "  "))
        sys.exit(3)


def print_report(report: IngestReport) -> None:
    """What a run found, made and failed at, on stdout."""
    new = sum(topic.new for topic in report.topics)
    click.echo(f"\nRun {report.run}, drafted by {report.drafter}: {report.outcome}.")
    for topic in report.topics:
        said = "" if topic.state in ("failed", "not asked") else f", {topic.announced} announced, {topic.new} new"
        click.echo(f"  {topic.topic}: {topic.state}{said}")
        for problem in topic.problems:
            click.echo(wrap_text(problem, "    "))
    drafted = count(len(report.results) - len(report.failures), "paper")
    click.echo(
        f"{count(new, 'new sighting')}; {report.screened_in} screened in, {report.screened_out} out; "
        f"{drafted} drafted, {count(report.candidates, 'new candidate')}."
    )
    for failure in report.screening_failures:
        click.echo(wrap_text(f"{failure} They will be tried again.", "", "  "))
    for problem in report.unchecked[:FAILURES_SHOWN]:
        click.echo(wrap_text(problem, "", "  "))
    for problem in report.batch_problems:
        click.echo(wrap_text(problem, "", "  "))
    if report.answers:
        click.echo(f"{count(report.answers, 'answer')} came from batches.")
    if report.batches:
        click.echo(f"Still to be answered: {count(report.batches, 'batch', 'batches')} of earlier runs.")
    if report.later:
        click.echo(
            f"{count(len(report.later), 'paper')} put to the model in a batch, which takes up to a day; "
            f"`{program()} collect` looks for the answers, and so does the next ingest."
        )
    if report.provisional:
        click.echo(
            f"{count(report.provisional, 'candidate')} drafted without the model, which did not answer "
            "(draft.keyless_when_down); it drafts from these papers once it is back."
        )
    if report.left_over:
        click.echo(f"--limit left {count(report.left_over, 'paper')} for a later run.")
    if report.failures:
        click.echo(f"{count(len(report.failures), 'paper')} failed:")
    for result in report.failures[:FAILURES_SHOWN]:
        later = "will be tried again" if result.again else "will not be tried again"
        click.echo(
            wrap_text(f"{result.paper.versioned_id} ({result.failed_at}, {later}): {result.problem}", "  ", "    ")
        )
    if len(report.failures) > FAILURES_SHOWN:
        click.echo(f"  ... and {len(report.failures) - FAILURES_SHOWN} more: `{program()} status`")


def _print_next_step(report: IngestReport) -> None:
    from curator.arxiv.calendar import next_announcement

    if report.candidates:
        click.echo(
            f"Next: `{program()} queue` shows what waits; accept, reject or defer each, then `{program()} publish`."
        )
    else:
        click.echo(f"Next: `{program()} status` shows where things stand.")
    click.echo(f"arXiv announces new papers again on {next_announcement(datetime.now(UTC)):%A, %d %B at %H:%M} UTC.")
