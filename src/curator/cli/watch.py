"""`watch` checks the papers that the list cites for changes; `days` shows the papers of each arXiv mailing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from curator.cli.json_log import print_error
from curator.cli.options import current_workspace, json_option, notify_option, send_notification
from curator.cli.output import count, echo_json, print_table, program, wrap_text
from curator.cli.render_evidence import notice_json, notice_lines
from curator.cli.signals import interrupt_code
from curator.workspace import find_workspace

if TYPE_CHECKING:
    from curator.arxiv.mailings import MailingDay
    from curator.pipeline.recheck import WatchReport


@click.command()
@notify_option
@json_option
def watch(notify: bool, as_json: bool) -> None:
    """Check the papers that the list cites for changes.

    Curator looks for each quote in the latest version of its paper. A frame returns to the queue if a quote is no
    longer there, or if the paper was withdrawn. If a paper was published in a journal, its reference is updated. The
    list itself does not change.

    The exit code is 0 after success, 3 after failures that a later check will retry, and 1 if the check failed.
    """
    from curator.cli.progress import make_progress
    from curator.pipeline.recheck import watch as recheck
    from curator.pipeline.report_text import watch_message

    workspace = find_workspace()
    try:
        with make_progress() as progress:
            report = recheck(workspace, progress=progress)
    except KeyboardInterrupt:
        print_error("Interrupted. Finished checks are kept; the next one continues from there.")
        sys.exit(interrupt_code())
    if notify:
        send_notification(workspace, watch_message(report))
    if as_json:
        echo_json(_to_json(report))
    else:
        _print_report(report)
    if report.outcome == "failed":
        print_error(str(report.stopped or " ".join(report.problems)))
        sys.exit(1)
    if report.outcome == "done with failures":
        sys.exit(3)


@click.command()
@click.option("--last", default=10, show_default=True, type=click.IntRange(1, 250), help="Number of mailing days.")
@json_option
def days(last: int, as_json: bool) -> None:
    """Show how many papers each arXiv mailing brought.

    There is a column for each topic. A topic is fresh if the mailing brought it papers, and quiet if it brought none
    although arXiv has others in the topic's categories. It is waiting until the mailing is announced and in arXiv's
    search, and stalled if arXiv has no paper of that mailing, or none in the topic's categories. It is failed if the
    search failed or was incomplete, and not asked if there was no search.
    """
    from curator.arxiv.calendar import is_known
    from curator.pipeline.coverage import load_days

    workspace, warehouse = current_workspace()
    now = datetime.now(UTC)
    all_days = warehouse.read(load_days, workspace, last, now)
    if as_json:
        echo_json([vars(day) for day in all_days])
        return
    _print_days(all_days, [topic.name for topic in workspace.settings.topics])
    for year in sorted({day.announced.year for day in all_days}):
        if not is_known(year):
            click.echo(f"This version of Curator does not know the days without a mailing in {year}.")


def _print_days(all_days: Sequence[MailingDay], topics: Sequence[str]) -> None:
    mailings: dict[datetime, dict[str, str]] = {}
    for day in all_days:
        mailings.setdefault(day.announced, {})[day.topic] = f"{day.state} {day.papers}" if day.papers else day.state
    print_table(
        ["announced (UTC)", *topics],
        [[announced, *(states.get(topic, "") for topic in topics)] for announced, states in mailings.items()],
    )
    for line in trouble_lines(all_days, topics):
        click.echo(wrap_text(line, "", "  "))


def trouble_lines(all_days: Sequence[MailingDay], topics: Sequence[str]) -> Iterator[str]:
    """Yield a line for each reason for which days are stalled or failed, with the mailings and topics concerned."""
    reasons: dict[tuple[str, str], dict[datetime, tuple[str, ...]]] = {}
    for day in all_days:
        if day.state in ("stalled", "failed"):
            affected = reasons.setdefault((day.state, day.why), {})
            affected[day.announced] = (*affected.get(day.announced, ()), day.topic)
    for (state, why), affected in reasons.items():
        for names in dict.fromkeys(affected.values()):
            mailings = sorted(announced for announced in affected if affected[announced] == names)
            when = f"{mailings[0]:%Y-%m-%d}"
            if len(mailings) > 1:
                when += f" to {mailings[-1]:%Y-%m-%d} ({len(mailings)} mailings)"
            concerned = "all topics" if len(names) == len(topics) > 1 else ", ".join(names)
            yield f"{when}, {concerned}: {state}; {why}"


def _print_report(report: WatchReport) -> None:
    click.echo(f"\nRun {report.run}: {count(report.papers, 'paper')} on the list checked; {report.outcome}.")
    for problem in report.problems:
        click.echo(wrap_text(problem))
    for paper in report.appeared:
        where = " · ".join(filter(None, (paper.journal_ref, paper.doi and f"doi:{paper.doi}")))
        click.echo(wrap_text(f"{paper.id} was published: {where}. Its reference was updated.", "  ", "    "))
    for result in report.failures:
        click.echo(wrap_text(f"{result.paper.versioned_id} (will be retried): {result.problem}", "  ", "    "))
    unchanged = [notice for notice in report.notices if notice.what == "unchanged"]
    if unchanged:
        click.echo(f"{count(len(unchanged), 'frame')} confirmed by a later version of the paper.")
    for notice in report.waiting:
        click.secho(notice.candidate_id[:6], bold=True)
        for line in notice_lines(notice):
            click.echo(line)
    if waiting := {notice.candidate_id for notice in report.waiting}:
        stays, them = ("stays", "it") if len(waiting) == 1 else ("stay", "them")
        click.echo(
            f"{count(len(waiting), 'frame')} returned to the queue and {stays} on the list until you decide {them}: "
            f"`{program()} review` or `{program()} queue`."
        )
    elif report.papers == 0:
        click.echo("The list does not cite any arXiv paper yet.")
    elif report.outcome == "done":
        click.echo("No frame needs a new decision.")


def _to_json(report: WatchReport) -> dict[str, Any]:
    return {
        "run": report.run,
        "outcome": report.outcome,
        "papers": report.papers,
        "state": report.state,
        "problems": report.problems,
        "notices": [notice_json(notice) for notice in report.notices],
        "published": [
            {"paper": paper.id, "journal_ref": paper.journal_ref, "doi": paper.doi} for paper in report.appeared
        ],
        "failures": [
            {"paper": failed.paper.versioned_id, "stage": failed.failed_at, "message": failed.problem}
            for failed in report.failures
        ],
    }


COMMANDS = (watch, days)
