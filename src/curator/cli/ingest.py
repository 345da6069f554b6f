"""`ingest`, `collect` and `retry`, which start runs."""

from __future__ import annotations

import os
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from curator.cli.json_log import print_error
from curator.cli.options import Day, current_workspace, json_option, notify_option, send_notification
from curator.cli.output import count, program
from curator.cli.run_report import finish_run
from curator.cli.signals import interrupt_code
from curator.errors import CuratorError
from curator.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from curator.pipeline import IngestReport, IngestRequest


@click.command()
@click.option("--topic", "topics", multiple=True, metavar="T", help="Search only this topic (repeatable).")
@click.option(
    "--since",
    type=Day(),
    metavar="DATE",
    help="Search from this submission date on, instead of where the last run ended.",
)
@click.option("--until", type=Day(), metavar="DATE", help="Search only papers submitted before this day.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Read at most N papers; leave the others for a later run.",
)
@click.option(
    "--id",
    "ids",
    multiple=True,
    metavar="ID",
    help="Read this paper without screening, whatever its topic or date (repeatable).",
)
@click.option("--batch", is_flag=True, help="Draft through the provider's Batch API; `collect` fetches the answers.")
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
    """Fetch new papers from arXiv, draft frames and queue them.

    The exit code is 0 after success, 3 after failures that a later run will retry, and 1 if the run failed.
    """
    from curator.arxiv_ids import parse_arxiv_id
    from curator.llm import is_configured
    from curator.pipeline import IngestRequest
    from curator.pipeline.report_text import run_message

    if ids and (topics or since or until):
        raise click.UsageError(
            "--id reads papers whatever their topic or date. Leave out --topic, --since and --until."
        )
    if since and until and since >= until:
        raise click.UsageError(f"--since {since:%Y-%m-%d} is not before --until {until:%Y-%m-%d}.")
    if since and not until and since > datetime.now(UTC):
        raise click.UsageError(f"--since {since:%Y-%m-%d} is in the future.")
    try:
        wanted = tuple(dict.fromkeys(str(parse_arxiv_id(id)) for id in ids))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if batch and not is_configured():
        raise click.UsageError(
            "--batch sends questions to a model, and there is none. Set OPENAI_API_KEY or OPENAI_BASE_URL, and `model` "
            "in curator.toml; or leave out --batch to draft by rules."
        )
    workspace = find_workspace()
    report = run_ingest(workspace, IngestRequest(topics, since, until, limit, wanted, batch=batch))
    if notify:
        send_notification(workspace, run_message(report))
    finish_run(report, as_json)


@click.command()
@notify_option
@json_option
def collect(notify: bool, as_json: bool) -> None:
    """Fetch answers from the model provider's Batch API.

    The drafts are queued. Every ingest does this too. Requests that a batch left unanswered are sent again directly.
    The exit codes are those of `ingest`.
    """
    from curator.pipeline import IngestRequest, has_open_batches
    from curator.pipeline.report_text import run_message

    workspace = find_workspace()
    if not has_open_batches(workspace) and not as_json:
        click.echo("No batch is waiting for answers.")
        return
    report = run_ingest(workspace, IngestRequest(collect=True))
    if notify:
        send_notification(workspace, run_message(report))
    finish_run(report, as_json)


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
def retry(ids: tuple[str, ...]) -> None:
    """Retry failed papers now.

    Name the papers by their ids; without an id, all failed papers are retried, even those that Curator has given up on.
    The exit codes are those of `ingest`.
    """
    from curator.pipeline import IngestRequest
    from curator.review.identity import reviewer_name
    from curator.sources import parse_paper_key
    from curator.warehouse import work_queue

    workspace, warehouse = current_workspace()
    try:
        named = {parse_paper_key(id)[0] for id in ids}
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    failing = warehouse.read(work_queue.list_failing)
    if missing := named - set(failing):
        raise CuratorError(f"{', '.join(sorted(missing))} has not failed; `{program()} status` lists the failures.")
    wanted = [paper for paper in failing if not named or paper in named]
    if not wanted:
        click.echo("Nothing has failed.")
        return
    reviewer = reviewer_name(workspace.settings)
    warehouse.write(work_queue.add_retries, wanted, reviewer)
    by = {stage: tuple(paper for paper in wanted if failing[paper] == stage) for stage in ("screen", "read", "watch")}
    if by["screen"]:
        click.echo(f"`{program()} ingest` will screen {count(len(by['screen']), 'paper')} again.")
    if by["watch"]:
        click.echo(f"`{program()} watch` will check {count(len(by['watch']), 'later version')} again.")
    if by["read"]:
        finish_run(run_ingest(workspace, IngestRequest(sources=by["read"])), as_json=False)


def run_ingest(workspace: Workspace, request: IngestRequest) -> IngestReport:
    """Run one ingest and report its progress on stderr; exit if the user interrupts it."""
    from curator.cli.progress import make_progress
    from curator.pipeline import ingest as ingest_

    try:
        with make_progress() as progress:
            return ingest_(workspace, request, progress=progress)
    except KeyboardInterrupt:
        print_error("Interrupted. Finished work is kept; the next ingest continues from there.")
        sys.stdout.flush()
        if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
            os._exit(interrupt_code())  # a second Ctrl-C: sys.exit would wait for threads that still wait for a model
        sys.exit(interrupt_code())


COMMANDS = (ingest, collect, retry)
