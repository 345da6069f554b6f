"""`ingest`, `collect` and `retry`: the commands that start a run."""

from __future__ import annotations

import os
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from curator.cli.json_log import complain
from curator.cli.options import Day, current_workspace, json_option, notify_option, send_notification
from curator.cli.output import count, program
from curator.cli.run_report import finish_run
from curator.cli.signals import interrupt_code
from curator.errors import CuratorError
from curator.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from curator.pipeline import IngestReport, IngestRequest


@click.command()
@click.option("--topic", "topics", multiple=True, metavar="T", help="Only this topic (repeatable).")
@click.option(
    "--since", type=Day(), metavar="DATE", help="Search from this submission date, instead of where the last run ended."
)
@click.option("--until", type=Day(), metavar="DATE", help="Papers submitted before this day.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Read at most N papers; the others wait.")
@click.option(
    "--id", "ids", multiple=True, metavar="ID", help="This paper, whatever its topic or date, unscreened (repeatable)."
)
@click.option("--batch", is_flag=True, help="Leave the drafting to the provider's Batch API; `collect` fetches it.")
@notify_option
@json_option
def ingest(
    topics: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    ids: tuple[str, ...],
    batch: bool,
    notify: bool,
    as_json: bool,
) -> None:
    """Ask arXiv for new papers, read them, draft frames, and queue them.

    Exit code 0: done. 3: done, with failures that a later run will try again. 1: could not run.
    """
    from curator.arxiv_ids import parse_arxiv_id
    from curator.pipeline import IngestRequest
    from curator.pipeline.report_text import run_message

    if ids and (topics or since or until):
        raise click.UsageError(
            "--id takes papers whatever their topic or date; leave out --topic, --since and --until."
        )
    if since and until and since >= until:
        raise click.UsageError(f"--since {since:%Y-%m-%d} is not before --until {until:%Y-%m-%d}.")
    if since and not until and since > datetime.now(UTC):
        raise click.UsageError(f"--since {since:%Y-%m-%d} lies in the future.")
    try:
        wanted = tuple(dict.fromkeys(str(parse_arxiv_id(one)) for one in ids))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    workspace = find_workspace()
    report = run_ingest(workspace, IngestRequest(topics, since, until, limit, wanted, batch=batch))
    if notify:
        send_notification(workspace, run_message(report))
    finish_run(report, as_json)


@click.command()
@notify_option
@json_option
def collect(notify: bool, as_json: bool) -> None:
    """Fetch what the model's provider has answered in batches, and queue what comes of it.

    Every ingest does that too. What a batch ended without is asked live. Exit codes as of `ingest`.
    """
    from curator.pipeline import IngestRequest, has_open_batches
    from curator.pipeline.report_text import run_message

    workspace = find_workspace()
    if not has_open_batches(workspace) and not as_json:
        click.echo("No batch waits for its answers.")
        return
    report = run_ingest(workspace, IngestRequest(collect=True))
    if notify:
        send_notification(workspace, run_message(report))
    finish_run(report, as_json)


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
def retry(ids: tuple[str, ...]) -> None:
    """Try again what failed, now, however often it failed and whatever was said of it.

    Papers by their ids, or all that failed. Exit codes as of `ingest`.
    """
    from curator.pipeline import IngestRequest
    from curator.review.identity import reviewer_name
    from curator.sources import parse_paper_key
    from curator.warehouse import work_queue

    workspace, warehouse = current_workspace()
    try:
        named = {parse_paper_key(one)[0] for one in ids}
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    failing = warehouse.read(work_queue.list_failing)
    if missing := named - set(failing):
        raise CuratorError(f"{', '.join(sorted(missing))} has not failed; `{program()} status` shows what has.")
    wanted = [paper for paper in failing if not named or paper in named]
    if not wanted:
        click.echo("Nothing has failed.")
        return
    reviewer = reviewer_name(workspace.settings)
    warehouse.write(work_queue.add_retries, wanted, reviewer)
    by = {what: tuple(paper for paper in wanted if failing[paper] == what) for what in ("screen", "read", "watch")}
    if by["screen"]:
        click.echo(f"{count(len(by['screen']), 'paper')} to be screened again: `{program()} ingest` does it.")
    if by["watch"]:
        click.echo(f"{count(len(by['watch']), 'later version')} to be looked at again: `{program()} watch` does it.")
    if by["read"]:
        finish_run(run_ingest(workspace, IngestRequest(sources=by["read"])), as_json=False)


def run_ingest(workspace: Workspace, request: IngestRequest) -> IngestReport:
    """One ingest with progress on stderr."""
    from curator.cli.progress import make_progress
    from curator.pipeline import ingest as ingest_

    try:
        with make_progress() as progress:
            return ingest_(workspace, request, progress=progress)
    except KeyboardInterrupt:
        complain("Interrupted. What was done is kept; the next ingest carries on from there.")
        sys.stdout.flush()
        if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
            os._exit(interrupt_code())  # after a second Ctrl-C: sys.exit would wait for threads that wait for a model
        sys.exit(interrupt_code())


COMMANDS = (ingest, collect, retry)
