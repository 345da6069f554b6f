"""`why` shows where a candidate or a frame comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from curator.cli.consent import list_agreed_parts, part_lines
from curator.cli.options import current_workspace, json_option
from curator.cli.output import address_of, echo_json, format_cell, wrap_text
from curator.cli.render_evidence import (
    notice_json,
    notice_lines,
    quote_json,
    quote_lines,
    support_lines,
    warning_lines,
    warnings_of,
)
from curator.errors import CuratorError

if TYPE_CHECKING:
    from curator.warehouse.candidates import QueuedCandidate
    from curator.warehouse.decisions import Decision


@click.command()
@click.argument("candidate", metavar="ID")
@click.option("--prov", is_flag=True, help="Print the provenance of a frame as JSON-LD, in the vocabulary of PROV-O.")
@json_option
def why(candidate: str, prov: bool, as_json: bool) -> None:
    """Show where a candidate or a frame comes from.

    The command traces it back to its decisions, draft, prompt, model, quotes, pages and paper.
    """
    from curator.review.decisions import find_candidate
    from curator.warehouse.decisions import load_decisions_on
    from curator.warehouse.frames import load_frame_id
    from curator.warehouse.overview import explain_candidate

    _, warehouse = current_workspace()
    item = find_candidate(warehouse, candidate)
    chain, decisions, frame = warehouse.read(
        lambda c: (explain_candidate(c, item.id), load_decisions_on(c, item.id), load_frame_id(c, item.id))
    )
    if prov:
        echo_json(_provenance(item, chain, decisions))
        return
    if as_json:
        echo_json(
            vars(item)
            | {"quotes": [vars(quote) | quote_json(quote) for quote in item.quotes], "frame": frame}
            | {"support": [verdict.to_json() for verdict in item.support], "warnings": warnings_of(item.hidden)}
            | {"notices": [notice_json(notice) for notice in item.notices]}
            | chain
            | {"decisions": [vars(decision) for decision in decisions]}
        )
        return
    _print_origin(item, frame, chain)
    _print_evidence(item)
    _print_chain(item, chain)
    for decision in decisions:
        _print_decision(decision)


def _print_origin(item: QueuedCandidate, frame: str | None, chain: dict[str, Any]) -> None:
    click.secho(f"{item.id} · {item.status}" + (f" · {frame}" if frame else ""), bold=True)
    click.echo(wrap_text(item.text))
    if item.text != item.draft_text:
        click.echo(wrap_text(f"drafted as: {item.draft_text}", "    "))
    if source := address_of(item):
        click.echo(wrap_text(f"Source: {item.title} ({source})", "", "  "))
    else:
        click.echo(wrap_text(f"Source wanted. {item.title}.", "", "  "))
    if item.author:
        click.echo(wrap_text(f"Written by {item.author}, {item.drafter}, {format_cell(item.added)} UTC", "", "  "))
        if item.note:
            click.echo(wrap_text(f"Note: {item.note}", "", "  "))
    else:
        _print_drafting(item, chain)


def _print_evidence(item: QueuedCandidate) -> None:
    for quote in item.quotes:
        for line in quote_lines(quote, "  "):
            click.echo(line)
    for line in (*support_lines(item.support, ""), *warning_lines(item.hidden, "")):
        click.echo(line)
    for notice in item.notices:
        for line in notice_lines(notice, "  "):
            click.echo(line)


def _print_chain(item: QueuedCandidate, chain: dict[str, Any]) -> None:
    for failed in chain["unchecked"]:
        click.echo(wrap_text(f"No model checked the support: {failed['message'] or failed['outcome']}", "", "  "))
    for merged in chain["merged"]:
        relation = "Contradicted by" if merged["contradicts"] else "Merged into it:"
        click.echo(wrap_text(f"{relation} {merged['candidate']} from {merged['paper']}: {merged['text']}", "", "  "))
    for line in part_lines(item):
        click.echo(line)


def _print_decision(decision: Decision) -> None:
    into = f"{'against' if decision.contradicts else 'into'} {decision.merged_into}" if decision.merged_into else ""
    instead = f"superseded by {decision.superseded_by}" if decision.superseded_by else ""
    agreed = f"with its {' and '.join(parts)}" if (parts := list_agreed_parts(decision)) else ""
    details = "; ".join(filter(None, [decision.reason, decision.text, into, instead, agreed]))
    click.echo(
        wrap_text(f"{format_cell(decision.added)} UTC {decision.reviewer}: {decision.action} {details}", "", "  ")
    )


def _provenance(item: QueuedCandidate, chain: dict[str, Any], decisions: Sequence[Decision]) -> dict[str, Any]:
    from curator.publish.provenance import build_provenance
    from curator.warehouse.frames import load_frames
    from curator.warehouse.migrations import load_warehouse_identity

    workspace, warehouse = current_workspace()
    frames, identity = warehouse.read(lambda c: (load_frames(c, [item.id]), load_warehouse_identity(c)))
    if not frames:
        raise CuratorError(f"{item.id} is not on the list, and only frames on the list have provenance to export.")
    return build_provenance(frames[0], decisions, chain, title=workspace.settings.title, identity=identity)


def _print_drafting(item: QueuedCandidate, chain: dict[str, Any]) -> None:
    """Print how a candidate was screened and drafted."""
    for screening in chain["screenings"]:
        verdict = "relevant" if screening["relevant"] else "not relevant"
        click.echo(
            wrap_text(
                f"Screened for {screening['topic']}: {verdict}, {screening['score']:.2f} by {screening['screener']}: "
                f"{screening['reason']}", "", "  "
            )
        )  # fmt: skip
    if not chain["screenings"]:
        click.echo("Not screened: the paper was requested by its id.")
    click.echo(
        wrap_text(f"Drafted {format_cell(chain['drafted'])} UTC in run {chain['run']} by {item.drafter}", "", "  ")
    )
    if chain["call"]:
        tokens = f"{format_cell(chain['tokens_in'])} tokens in, {format_cell(chain['tokens_out'])} out"
        tokens += " (estimated)" if chain["estimated"] else ""
        prompt = f"prompts/{chain['prompt']}.md {chain['prompt_sha256'][:12]}"
        click.echo(f"  call {chain['call']}: {chain['model']}, {tokens}; {prompt}")
    if chain["dropped"]:
        click.echo(wrap_text(f"not shown to the drafter: {', '.join(chain['dropped'])}"))


COMMANDS = (why,)
