"""`queue` and the decisions: reviewing from the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from curator.cli.evidence import (
    notice_json,
    notice_lines,
    quote_json,
    quote_lines,
    support_json,
    support_lines,
    warning_lines,
    warnings_of,
)
from curator.cli.options import desk_here, here, json_option
from curator.cli.show import address_of, count, echo_json, program, short_ids, wrapped

if TYPE_CHECKING:
    from curator.review.decisions import Desk
    from curator.warehouse.queue import Item


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also deferred ones, and those without a quote that holds.")
@click.option("--status", "status", metavar="S", help="pending, accepted, rejected, deferred or merged.")
@json_option
def queue(everything: bool, status: str | None, as_json: bool) -> None:
    """Show what waits for a decision, best first."""
    from curator.warehouse import queue as rows

    known = ("pending", "accepted", "rejected", "deferred", "merged")
    if status and status not in known:
        raise click.BadParameter(f"{status!r} is none of {', '.join(known)}.", param_hint="--status")
    statuses = (status,) if status else ("pending", "deferred") if everything else ("pending",)
    _, warehouse = here()
    items = warehouse.read(lambda c: rows.items(c, statuses, without_evidence=everything or bool(status)))
    if as_json:
        echo_json([_plain(item) for item in items])
        return
    ids = short_ids([item.id for item in items])
    for item in items:
        head = f"{ids[item.id]}  {item.kind} · {', '.join(item.topics) or 'no topic'} · {_source(item)}"
        click.secho(head + (f" · {item.status}" if item.status != "pending" else ""), bold=True)
        click.echo(wrapped(item.text))
        for quote in item.quotes:
            for line in quote_lines(quote):
                click.echo(line)
        if item.note:
            click.echo(wrapped(f"Said with it: {item.note}", "    "))
        for line in (*support_lines(item.support, "    "), *warning_lines(item.hidden, "    ")):
            click.echo(line)
        for notice in item.notices:
            for line in notice_lines(notice):
                click.echo(line)
        click.echo()
    if items:
        click.echo(
            f"{count(len(items), 'candidate')}. `{program()} accept ID`, `reject ID --reason R`, `defer ID`, "
            f"`merge ID INTO`; `undo` takes the last decision back; `why ID` tells where it comes from."
        )
    else:
        click.echo(
            f"Nothing waits. `{program()} ingest` looks for new papers; `queue --all` shows deferred candidates."
        )


def _source(item: Item) -> str:
    """The source in short; of what a person wrote, also by whom it is."""
    told = f"{item.paper_id}v{item.version}"
    if item.paper_id.startswith(("doi:", "web:", "file:", "none:")):
        told = address_of(item) or "source wanted"
    return f"{told} · {item.drafter} by {item.author}" if item.author else told


def _plain(item: Item) -> dict[str, object]:
    return {
        "id": item.id,
        "paper": item.paper_id,
        "version": item.version,
        "title": item.title,
        "kind": item.kind,
        "text": item.text,
        "draft": item.draft_text,
        "topics": list(item.topics),
        "scope": item.scope,
        "question": item.question,
        "status": item.status,
        "drafter": item.drafter,
        "author": item.author,
        "note": item.note,
        "quotes": [quote_json(quote) for quote in item.quotes],
        "support": support_json(item.support),
        "warnings": warnings_of(item.hidden),
        "notices": [notice_json(notice) for notice in item.notices],
    }


def _desk() -> Desk:
    _, warehouse = here()
    if not warehouse.file.exists():
        warehouse.read(lambda _: None)  # raises: a decision's write would make an empty warehouse
    return desk_here()


def _item(candidate: str) -> Item:
    from curator.review.decisions import find

    return find(here()[1], candidate)


@click.command()
@click.argument("candidate", metavar="ID")
@click.option("--text", metavar="T", help="The final text, in place of the draft.")
def accept(candidate: str, text: str | None) -> None:
    """Accept a candidate as drafted, or with your own text. The draft is kept too."""
    outcome = _desk().accept(candidate, text)
    (one,) = outcome.decided
    click.echo(f"Accepted {one[:6]} as {outcome.frames[one]}:")
    click.echo(wrapped(_item(one).text))


@click.command()
@click.argument("candidate", metavar="ID")
@click.option("--reason", required=True, metavar="R", help="Why, in your own words.")
def reject(candidate: str, reason: str) -> None:
    """Reject a candidate. It stays on record with your reason."""
    (one,) = _desk().reject(candidate, reason).decided
    click.echo(f"Rejected {one[:6]}: {reason}")


@click.command()
@click.argument("candidate", metavar="ID")
def defer(candidate: str) -> None:
    """Put a candidate aside; `queue --all` shows it again."""
    (one,) = _desk().defer(candidate).decided
    click.echo(f"Deferred {one[:6]}.")


@click.command()
@click.argument("candidate", metavar="ID")
@click.argument("into", metavar="INTO")
@click.option("--contradicts", is_flag=True, help="It speaks against what it is merged into.")
def merge(candidate: str, into: str, contradicts: bool) -> None:
    """Make a candidate further evidence of another one, or of a frame; or evidence against it."""
    outcome = _desk().merge(candidate, into, contradicts=contradicts)
    (one,) = outcome.decided
    target = _item(str(outcome.merged_into))
    click.echo(f"Merged {one[:6]} into {target.id[:6]}{', against it' if contradicts else ''}:")
    click.echo(wrapped(target.text))


@click.command()
def undo() -> None:
    """Take back the latest decision; again for the one before, and so on.

    What was decided together on the review page is undone together.
    """
    desk = _desk()
    undone = desk.undo()
    of = undone.candidates[0][:6] if len(undone.candidates) == 1 else count(len(undone.candidates), "candidate")
    click.echo(f"Undid: {undone.action} {of} by {desk.reviewer}.")


COMMANDS = (queue, accept, reject, defer, merge, undo)
