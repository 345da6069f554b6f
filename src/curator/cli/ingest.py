"""`init`, `ingest` and `demo`: laying out a workspace and filling its queue."""

from __future__ import annotations

import os
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from curator.cli.json_log import complain
from curator.cli.options import Day, current_workspace, json_option, notify_option, send_notification
from curator.cli.output import count, echo_json, program, wrap_text
from curator.cli.render_evidence import quote_lines, support_lines
from curator.cli.signals import interrupt_code
from curator.errors import CuratorError
from curator.private_files import make_private_folder, make_public_folder, write_private
from curator.workspace import SETTINGS_FILE, Workspace, create_files, find_workspace

if TYPE_CHECKING:
    from curator.pipeline import IngestReport, IngestRequest

FAILURES_SHOWN = 10


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Lay out a workspace in DIR: commented settings, prompts, a place for the warehouse.

    What is there already is left as it is.
    """
    written = list(create_files(folder))
    for path in written:
        click.echo(f"  {path}")
    if not written:
        click.echo(f"{folder / SETTINGS_FILE} and its prompts are there already; nothing was changed.")
        return
    click.echo(
        f"\nA workspace for one living list. Next: look over the topics in {folder / SETTINGS_FILE}, then\n"
        f"  cd {folder}\n  {program(folder)} ingest --limit 5\n"
        "Without OPENAI_API_KEY or OPENAI_BASE_URL a keyless drafter does the drafting."
    )


@click.command()
@click.option("--topic", "topics", multiple=True, metavar="T", help="Only this topic (repeatable).")
@click.option(
    "--since", type=Day(), metavar="DATE", help="Papers submitted from this day on, not from where it was left off."
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
    report = run(workspace, IngestRequest(topics, since, until, limit, wanted, batch=batch))
    if notify:
        send_notification(workspace, run_message(report))
    tell(report, as_json)


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
    report = run(workspace, IngestRequest(collect=True))
    if notify:
        send_notification(workspace, run_message(report))
    tell(report, as_json)


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
        tell(run(workspace, IngestRequest(sources=by["read"])), as_json=False)


def run(workspace: Workspace, request: IngestRequest) -> IngestReport:
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


def tell(report: IngestReport, as_json: bool) -> None:
    """What a run did, and the exit code that says so."""
    if as_json:
        from curator.warehouse import statistics

        _, warehouse = current_workspace()
        ended = next(row for row in warehouse.read(statistics.load_runs) if row["id"] == report.run)
        echo_json(ended)
    else:
        summarise(report)
        _say_what_is_next(report)
    if report.outcome == "failed":
        if report.stopped:
            complain(str(report.stopped))
        sys.exit(1)
    if report.outcome == "done with failures":
        if report.stopped and not as_json:
            click.echo(wrap_text(str(report.stopped), "", "  "))
        sys.exit(3)


def summarise(report: IngestReport) -> None:
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


def _say_what_is_next(report: IngestReport) -> None:
    from curator.arxiv.calendar import next_announcement

    if report.candidates:
        click.echo(
            f"Next: `{program()} queue` shows what waits; accept, reject or defer each, then `{program()} publish`."
        )
    else:
        click.echo(f"Next: `{program()} status` shows where things stand.")
    click.echo(f"arXiv announces new papers again on {next_announcement(datetime.now(UTC)):%A, %d %B at %H:%M} UTC.")


@click.command()
@click.option("--no-serve", is_flag=True, help="Exit when the run is done, without the review page.")
def demo(no_serve: bool) -> None:
    """Run the whole pipeline, offline and keyless, on bundled sample papers; then serve the review page.

    It works in a workspace of its own: CURATOR_WORKSPACE where set, else demo/.
    """
    from curator.arxiv.rate_limit import gate_file
    from curator.demo.samples import FIRST_DAY, load_sample_papers
    from curator.demo.server import ArxivServer
    from curator.pipeline import IngestRequest
    from curator.settings import ArxivSettings

    root = Path(os.environ.get("CURATOR_WORKSPACE") or "demo").expanduser()
    started = time.monotonic()
    _lay_out_demo(root)
    server = ArxivServer(load_sample_papers())
    try:
        with server:
            workspace = Workspace(root.absolute(), ArxivSettings(url=server.url, interval=0))
            report = run(
                workspace, IngestRequest(since=FIRST_DAY, until=datetime(2100, 1, 1, tzinfo=UTC), keyless=True)
            )
    finally:
        gate_file(server.url).unlink(missing_ok=True)  # the stand-in is gone, and its port is free for others
    summarise(report)
    _explain(root, time.monotonic() - started)
    if report.outcome == "failed":
        sys.exit(1)
    if not no_serve:
        from curator.cli.review import serve_page

        serve_page(Workspace(root.absolute()), open_browser=sys.stdout.isatty(), any_port=True)


def _lay_out_demo(root: Path) -> None:
    """Lay out the demo's workspace. Sample papers must never get among real ones, so it is marked as the demo's."""
    from curator.errors import SettingsError

    mark = root / "warehouse" / "DEMO"
    if (root / SETTINGS_FILE).exists() and not mark.exists():
        raise SettingsError(
            f"{root} is a list of your own; the demo's invented papers have no place in it. "
            "Unset CURATOR_WORKSPACE, or set it to an empty folder."
        )
    make_public_folder(root)
    make_private_folder(mark.parent)
    write_private(mark, b"This workspace is the demo's: its papers are invented.\n")
    list(create_files(root))


def _explain(root: Path, seconds: float) -> None:
    from curator.warehouse import Warehouse, candidates

    warehouse = Warehouse(Workspace(root).warehouse_file)
    waiting = warehouse.read(candidates.load_candidates)
    curator = program()
    click.echo(f"\nThat was the whole pipeline in {seconds:.1f} s, on invented papers. Its workspace is {root}/.")
    if waiting:
        best = waiting[0]
        click.echo(f"{count(len(waiting), 'candidate')} wait for you. The first:\n")
        click.echo(wrap_text(best.text))
        for quote in best.quotes[:1]:
            for line in quote_lines(quote):
                click.echo(line)
        for line in support_lines(best.support, "    "):
            click.echo(line)
    first = waiting[0].id[:6] if waiting else "ID"
    exported = root if root.is_absolute() else f"$PWD/{root}"
    click.echo(
        f"\nTo review in a browser, or from the shell:\n"
        f"  export CURATOR_WORKSPACE={exported}\n"
        f"  {curator} review           one key a decision, the quotes on the paper's page\n"
        f"  {curator} queue            what waits, best first\n"
        f"  {curator} why {first}       where the first one comes from\n"
        f"  {curator} accept {first}    or: reject ID --reason R, defer ID, merge ID INTO, undo\n"
        f"  {curator} publish          writes {root}/list.md"
    )


COMMANDS = (init, ingest, collect, retry, demo)
