"""`status`, `runs`, `costs`: what the list holds, what runs did, what model calls cost."""

from __future__ import annotations

from typing import Any

import click

from curator.cli.options import current_workspace, json_option
from curator.cli.output import count, echo_json, format_cell, print_table, program, wrap_text
from curator.resources import resource_path


@click.command()
@json_option
def status(as_json: bool) -> None:
    """Show where things stand: counts, and what failed."""
    from curator.warehouse import statistics

    _, warehouse = current_workspace()
    counts, failed = warehouse.read(lambda c: (statistics.load_status(c), statistics.load_open_failures(c)))
    if as_json:
        echo_json(counts)
        return
    candidates = counts["candidates"]
    if counts["last_ingest"]:
        click.echo(f"All topics were last asked for on {format_cell(counts['last_ingest'])} UTC.")
    click.echo(f"{count(counts['papers'], 'paper')} known, {counts['documents']} read.")
    click.echo(
        f"{count(candidates['pending'], 'candidate')} waiting; {candidates['accepted']} accepted, "
        f"{candidates['rejected']} rejected, {candidates['deferred']} deferred, {candidates['merged']} merged; "
        f"{candidates['without_evidence']} set aside because no quote of theirs holds."
    )
    click.echo(f"{count(counts['published'], 'frame')} published.")
    if counts["returned"]:
        click.echo(
            f"{count(counts['returned'], 'frame')} on the list to be decided on again, because of what became of a "
            f"paper: first in `{program()} queue`."
        )
    if counts["in_batches"]:
        click.echo(
            f"{count(counts['in_batches'], 'paper')} with the model's provider, in batches: `{program()} collect`."
        )
    if failed.rows:
        click.echo(f"\n{count(len(failed.rows), 'open failure')}:")
        print_table(failed.columns, failed.rows)
    elif candidates["pending"]:
        click.echo(f"Next: `{program()} queue`.")


@click.command()
@click.option("--limit", default=10, show_default=True, type=click.IntRange(min=1), help="How many.")
@json_option
def runs(limit: int, as_json: bool) -> None:
    """Show the latest runs: what was asked, found, made, failed and spent."""
    from curator.warehouse import statistics

    _, warehouse = current_workspace()
    found = warehouse.read(statistics.load_runs, limit)
    if as_json:
        echo_json(found)
        return
    for one in found:
        ended = format_cell(one["ended"]) or "no end on record"
        click.secho(f"{one['id']}  {format_cell(one['started'])} to {ended} UTC: {one['outcome']}", bold=True)
        if one["message"]:
            click.echo(wrap_text(one["message"]))
        cost = f", cost {one['cost']:.4f}" if one["cost"] is not None else ""
        cost += f" ({one['estimated_cost']:.4f} of it estimated)" if one["estimated_cost"] else ""
        click.echo(
            f"  {count(one['papers'], 'new paper')}, {one['documents']} read, {count(one['candidates'], 'candidate')}, "
            f"{count(one['failures'], 'failure')}, {count(one['calls'], 'model call')}{cost}; "
            f"{'drafter: ' + one['drafter'] if one['drafter'] else 'a look at papers on the list'}"
        )
        for topic in one["topics"]:
            click.echo(f"  {topic['topic']}: {topic['state']}, {topic['announced']} announced, {topic['new']} new")
            if said := _owed(topic):
                click.echo(wrap_text(said, "      "))
            for problem in topic["problems"]:
                click.echo(wrap_text(problem, "      "))
    if not found:
        click.echo(f"No run yet. `{program()} ingest` starts one.")


def _owed(topic: dict[str, Any]) -> str:
    """What arXiv announced and did not hand out; nothing is known of that in runs of earlier versions."""
    if topic["got"] is None or topic["got"] >= topic["announced"] or topic["state"] == "failed":
        return ""
    unread = f" ({', '.join(topic['unread'])})" if topic["unread"] else ""
    return f"expected and not got: {topic['announced'] - topic['got']}{unread}; the next runs ask again"


@click.command()
@click.option(
    "--by", type=click.Choice(["day", "topic", "stage"]), default="day", show_default=True, help="One row each."
)
@json_option
def costs(by: str, as_json: bool) -> None:
    """Show what model calls took: tokens, seconds, money where a price is set, and money for each frame on the list."""
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
        click.echo("No model has been called. The keyless drafter costs nothing.")
        return
    print_table(spent.columns, spent.rows)
    if estimated := sum(row["estimated_calls"] for row in spent.dicts()):
        click.echo(
            wrap_text(
                f"Estimated: {count(estimated, 'call')} whose usage is not known, because the endpoint did not report "
                "it or no whole answer came. Their tokens and cost are the most that they may have used.", ""
            )
        )  # fmt: skip
    each = warehouse.read(load_cost_per_frame)
    if each is not None:
        click.echo(f"{each:.4f} for each frame on the list.")
    if workspace.settings.draft.price_in is None:
        click.echo("Set draft.price_in and draft.price_out in curator.toml, and costs are counted from then on.")


COMMANDS = (status, runs, costs)
