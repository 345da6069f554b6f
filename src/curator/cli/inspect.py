"""`status`, `runs` and `costs` summarise the list, the runs and the cost of model calls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from curator.cli.options import current_workspace, json_option
from curator.cli.output import count, echo_json, format_cell, print_table, program, wrap_text
from curator.cli.run_report import BY_ID
from curator.resources import resource_path


@click.command()
@json_option
def status(as_json: bool) -> None:
    """Show counts of papers and candidates, and open failures."""
    from curator.warehouse import statistics

    _, warehouse = current_workspace()
    counts, failed = warehouse.read(lambda c: (statistics.load_status(c), statistics.load_open_failures(c)))
    if as_json:
        echo_json(counts)
        return
    candidates = counts["candidates"]
    if counts["last_ingest"]:
        click.echo(f"All topics were last searched on {format_cell(counts['last_ingest'])} UTC.")
    click.echo(f"{count(counts['papers'], 'paper')} known, {counts['documents']} read.")
    click.echo(
        f"{count(candidates['pending'], 'candidate')} waiting; {candidates['accepted']} accepted, "
        f"{candidates['rejected']} rejected, {candidates['deferred']} deferred, {candidates['merged']} merged; "
        f"{candidates['without_evidence']} set aside without a verified quote."
    )
    click.echo(f"{count(counts['published'], 'frame')} published.")
    if counts["returned"]:
        click.echo(
            f"{count(counts['returned'], 'frame')} on the list to decide again, because a paper changed: first in "
            f"`{program()} queue`."
        )
    if counts["in_batches"]:
        click.echo(f"{count(counts['in_batches'], 'paper')} sent to the model in batches: `{program()} collect`.")
    if failed.rows:
        click.echo(f"\n{count(len(failed.rows), 'open failure')}:")
        print_table(failed.columns, [(*row[:-1], _describe_retry(row[-1])) for row in failed.rows])
    elif candidates["pending"]:
        click.echo(f"Next: `{program()} queue`.")


def _describe_retry(moment: datetime | None) -> str:
    """Return when a failed step will be retried: never, by the next run, or from a time in the future."""
    if moment is None:
        return "never"
    return "next run" if moment <= datetime.now(UTC).replace(tzinfo=None) else f"from {format_cell(moment)}"


@click.command()
@click.option("--limit", default=10, show_default=True, type=click.IntRange(min=1), help="Number of runs.")
@json_option
def runs(limit: int, as_json: bool) -> None:
    """Show the latest runs, what they found and what they cost."""
    from curator.warehouse import statistics

    _, warehouse = current_workspace()
    recent_runs = warehouse.read(statistics.load_runs, limit)
    if as_json:
        echo_json(recent_runs)
        return
    for run in recent_runs:
        ended = format_cell(run["ended"]) or "no recorded end"
        click.secho(f"{run['id']}  {format_cell(run['started'])} to {ended} UTC: {run['outcome']}", bold=True)
        if run["message"]:
            click.echo(wrap_text(run["message"]))
        cost = f", cost {run['cost']:.4f}" if run["cost"] is not None else ""
        cost += f" ({run['estimated_cost']:.4f} of it estimated)" if run["estimated_cost"] else ""
        click.echo(
            f"  {count(run['papers'], 'new paper')}, {run['documents']} read, {count(run['candidates'], 'candidate')}, "
            f"{count(run['failures'], 'failure')}, {count(run['calls'], 'model call')}{cost}; "
            f"{'drafter: ' + run['drafter'] if run['drafter'] else 'check of the papers on the list'}"
        )
        for topic in run["topics"]:
            click.echo(f"  {_topic_line(topic)}")
            if missing := _missing_papers(topic):
                click.echo(wrap_text(missing, "      "))
            for problem in topic["problems"]:
                click.echo(wrap_text(problem, "      "))
    if not recent_runs:
        click.echo(f"There has been no run. `{program()} ingest` starts one.")


def _topic_line(topic: dict[str, Any]) -> str:
    if topic["topic"] == BY_ID:
        return f"requested by id: {topic['announced']} found, {topic['new']} new"
    return f"{topic['topic']}: {topic['state']}, {topic['announced']} announced, {topic['new']} new"


def _missing_papers(topic: dict[str, Any]) -> str:
    """Describe the papers that arXiv announced and did not return; "" for runs of versions that did not record them."""
    if topic["got"] is None or topic["got"] >= topic["announced"] or topic["state"] == "failed":
        return ""
    unread = f" ({', '.join(topic['unread'])})" if topic["unread"] else ""
    return f"announced but not returned: {topic['announced'] - topic['got']}{unread}; the next runs request them again"


@click.command()
@click.option(
    "--by",
    type=click.Choice(["day", "topic", "stage"]),
    default="day",
    show_default=True,
    help="Show one row for each of these.",
)
@json_option
def costs(by: str, as_json: bool) -> None:
    """Show what model calls cost, in tokens, time and money.

    Money is counted if prices are set in curator.toml, and also shown for each frame on the list.
    """
    from curator.warehouse.ad_hoc import run_query
    from curator.warehouse.costs import load_cost_per_frame, load_costs

    workspace, warehouse = current_workspace()
    if by == "day":
        spent = warehouse.read(load_costs)
    else:
        sql = resource_path("warehouse", "queries", f"cost_by_{by}.sql").read_text(encoding="utf-8")
        spent = warehouse.read(run_query, sql)
    if as_json:
        echo_json(spent.dicts())
        return
    if not spent.rows:
        click.echo("No model has been called. Drafting without a model costs nothing.")
        return
    print_table(spent.columns, spent.rows)
    if estimated := sum(row["estimated_calls"] for row in spent.dicts()):
        click.echo(
            wrap_text(
                f"Estimated: {count(estimated, 'call')} of unknown usage, because the endpoint did not report it or "
                "the answer was incomplete. Their tokens and cost are the highest possible.", ""
            )
        )  # fmt: skip
    per_frame = warehouse.read(load_cost_per_frame)
    if per_frame is not None:
        click.echo(f"{per_frame:.4f} for each frame on the list.")
    if workspace.settings.draft.price_in is None:
        click.echo("To count costs from now on, set draft.price_in and draft.price_out in curator.toml.")


COMMANDS = (status, runs, costs)
