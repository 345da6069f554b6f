"""Looking again at the papers that the list rests on, and at what arXiv gave on each mailing day."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from curator.cli.json_log import complain
from curator.cli.options import current_workspace, json_option, notify_option, send_notification
from curator.cli.output import count, echo_json, print_table, program, wrap_text
from curator.cli.render_evidence import notice_json, notice_lines
from curator.cli.signals import interrupt_code
from curator.workspace import find_workspace

if TYPE_CHECKING:
    from curator.pipeline.recheck import WatchReport


@click.command()
@notify_option
@json_option
def watch(notify: bool, as_json: bool) -> None:
    """Ask arXiv again for the papers of every frame on the list.

    Each quote is looked for in a paper's later version. What no longer stands there, and what was withdrawn, comes
    back to the queue; where a paper was published elsewhere, its reference follows. The list itself does not change.

    Exit code 0: done. 3: done, with failures that a later look will try again. 1: could not run.
    """
    from curator.cli.progress import make_progress
    from curator.pipeline.recheck import watch as look_again
    from curator.pipeline.report_text import watch_message

    workspace = find_workspace()
    try:
        with make_progress() as progress:
            report = look_again(workspace, progress=progress)
    except KeyboardInterrupt:
        complain("Interrupted. What was seen is kept; the next look carries on from there.")
        sys.exit(interrupt_code())
    if notify:
        send_notification(workspace, watch_message(report))
    if as_json:
        echo_json(_plain(report))
    else:
        _tell(report)
    if report.outcome == "failed":
        complain(str(report.stopped or " ".join(report.problems)))
        sys.exit(1)
    if report.outcome == "done with failures":
        sys.exit(3)


@click.command()
@click.option("--last", default=10, show_default=True, type=click.IntRange(1, 250), help="How many mailing days.")
@json_option
def days(last: int, as_json: bool) -> None:
    """Show, for each topic and each arXiv mailing, how many papers arrived.

    fresh: papers. quiet: none, and something proves that arXiv has that day. waiting: not announced, or not in arXiv's
    search yet. stalled: arXiv has nothing of that day, or nothing in the topic's categories. failed; not asked.
    """
    from curator.arxiv.calendar import is_known
    from curator.pipeline.coverage import load_days as ledger

    workspace, warehouse = current_workspace()
    now = datetime.now(UTC)
    found = warehouse.read(ledger, workspace.settings, last, now)
    if as_json:
        echo_json([vars(one) for one in found])
        return
    topics = [topic.name for topic in workspace.settings.topics]
    by_day: dict[datetime, dict[str, str]] = {}
    for one in found:
        by_day.setdefault(one.announced, {})[one.topic] = f"{one.state} {one.papers}" if one.papers else one.state
    print_table(
        ["announced (UTC)", *topics], [[day, *(states[topic] for topic in topics)] for day, states in by_day.items()]
    )
    for one in found:
        if one.state in ("stalled", "failed"):
            click.echo(wrap_text(f"{one.announced:%Y-%m-%d} {one.topic}: {one.state}; {one.why}", "", "  "))
    for year in sorted({one.announced.year for one in found}):
        if not is_known(year):
            click.echo(f"arXiv's days without a mailing in {year} are not known to this version of Curator.")


def _tell(report: WatchReport) -> None:
    click.echo(f"\nRun {report.run}: {count(report.papers, 'paper')} that the list rests on; {report.outcome}.")
    for problem in report.problems:
        click.echo(wrap_text(problem))
    for paper in report.appeared:
        where = " · ".join(filter(None, (paper.journal_ref, paper.doi and f"doi:{paper.doi}")))
        click.echo(wrap_text(f"{paper.id} was published: {where}. Its reference follows.", "  ", "    "))
    for result in report.failures:
        click.echo(wrap_text(f"{result.paper.versioned_id} (will be tried again): {result.problem}", "  ", "    "))
    still = [notice for notice in report.notices if notice.what == "unchanged"]
    if still:
        click.echo(f"{count(len(still), 'frame')} with a later version of its paper, and as well founded in it.")
    for notice in report.waiting:
        click.secho(notice.candidate_id[:6], bold=True)
        for line in notice_lines(notice):
            click.echo(line)
    if waiting := {notice.candidate_id for notice in report.waiting}:
        they = "it is" if len(waiting) == 1 else "they are"
        click.echo(
            f"{count(len(waiting), 'frame')} came back to the queue and stays on the list until {they} decided on: "
            f"`{program()} review`, or `{program()} queue`."
        )
    elif report.papers == 0:
        click.echo("Nothing on the list rests on a paper at arXiv yet.")
    elif report.outcome == "done":
        click.echo("No frame needs a new decision.")


def _plain(report: WatchReport) -> dict[str, Any]:
    return {
        "run": report.run,
        "outcome": report.outcome,
        "papers": report.papers,
        "state": report.state,
        "problems": report.problems,
        "notices": [notice_json(one) for one in report.notices],
        "published": [{"paper": one.id, "journal_ref": one.journal_ref, "doi": one.doi} for one in report.appeared],
        "failures": [
            {"paper": one.paper.versioned_id, "stage": one.failed_at, "message": one.problem} for one in report.failures
        ],
    }


COMMANDS = (watch, days)
