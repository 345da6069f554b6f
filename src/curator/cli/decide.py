"""`queue` and the decisions: reviewing from the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from curator.cli.confirmation import confirm, yes_option
from curator.cli.consent import agreed_lines, consent_choices, consent_options, wording_lines
from curator.cli.options import current_reviewer, current_workspace, json_option
from curator.cli.output import address_of, count, echo_json, program, short_ids, wrap_text
from curator.cli.render_evidence import (
    notice_json,
    notice_lines,
    quote_json,
    quote_lines,
    support_lines,
    warning_lines,
    warnings_of,
)
from curator.errors import DecisionConflict
from curator.sanitize import single_line

if TYPE_CHECKING:
    from curator.review.decisions import DecisionRequest, DecisionResult, Reviewer
    from curator.review.undo import Reversal
    from curator.warehouse.candidates import QueuedCandidate
    from curator.warehouse.steps import Step


@click.command()
@click.option(
    "--all", "everything", is_flag=True, help="Include deferred candidates and those without a verified quote."
)
@click.option("--status", "status", metavar="S", help="pending, accepted, rejected, deferred or merged.")
@json_option
def queue(everything: bool, status: str | None, as_json: bool) -> None:
    """Show the candidates that wait for a decision, best first."""
    from curator.warehouse import candidates as rows

    known = ("pending", "accepted", "rejected", "deferred", "merged")
    if status and status not in known:
        raise click.BadParameter(
            f"{status!r} is not a status. Choose one of {', '.join(known)}.", param_hint="--status"
        )
    statuses = (status,) if status else ("pending", "deferred") if everything else ("pending",)
    _, warehouse = current_workspace()
    items = warehouse.read(rows.load_candidates, statuses, without_evidence=everything or bool(status))
    if as_json:
        echo_json([_plain(item) for item in items])
        return
    ids = short_ids([item.id for item in items])
    for item in items:
        _print_candidate(item, ids[item.id])
    if items:
        click.echo(
            f"{count(len(items), 'candidate')}. `{program()} accept ID`, `reject ID --reason R`, `defer ID`, "
            f"`merge ID INTO`; `undo` reverses the last decision, `redo` restores it; "
            "`why ID` shows its origin."
        )
    else:
        click.echo(
            f"Nothing waits. `{program()} ingest` looks for new papers; `queue --all` shows deferred candidates."
        )


def _print_candidate(item: QueuedCandidate, id: str) -> None:
    head = f"{id}  {item.kind} · {', '.join(item.topics) or 'no topic'} · {_source(item)}"
    click.secho(head + (f" · {item.status}" if item.status != "pending" else ""), bold=True)
    click.echo(wrap_text(item.text))
    for quote in item.quotes:
        for line in quote_lines(quote):
            click.echo(line)
    if item.note:
        click.echo(wrap_text(f"Said with it: {item.note}", "    "))
    for line in (*support_lines(item.support, "    "), *warning_lines(item.hidden, "    ")):
        click.echo(line)
    for notice in item.notices:
        for line in notice_lines(notice):
            click.echo(line)
    click.echo()


def _source(item: QueuedCandidate) -> str:
    """The source in short; of what a person wrote, also by whom it is."""
    told = f"{item.paper_id}v{item.version}"
    if item.paper_id.startswith(("doi:", "web:", "file:", "none:")):
        told = address_of(item) or "source wanted"
    return f"{told} · {item.drafter} by {item.author}" if item.author else told


def _plain(item: QueuedCandidate) -> dict[str, object]:
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
        "draft_scope": item.draft_scope,
        "draft_question": item.draft_question,
        "scope_agreed": item.scope_agreed,
        "question_agreed": item.question_agreed,
        "status": item.status,
        "drafter": item.drafter,
        "author": item.author,
        "note": item.note,
        "quotes": [quote_json(quote) for quote in item.quotes],
        "support": [one.to_json() for one in item.support],
        "warnings": warnings_of(item.hidden),
        "notices": [notice_json(notice) for notice in item.notices],
    }


def _desk() -> Reviewer:
    _, warehouse = current_workspace()
    if not warehouse.file.exists():
        warehouse.read(lambda _: None)  # raises: a decision's write would make an empty warehouse
    return current_reviewer()


def _item(candidate: str) -> QueuedCandidate:
    from curator.review.decisions import find_candidate

    return find_candidate(current_workspace()[1], candidate)


@click.command()
@click.argument("candidate", metavar="ID")
@click.option("--text", metavar="T", help="The final text, in place of the draft.")
@click.option("--as-drafted", is_flag=True, help="Back to the draft's text, where another one stands.")
@consent_options
@yes_option
def accept(candidate: str, text: str | None, as_drafted: bool, yes: bool, **agreed: Any) -> None:
    """Accept a candidate as drafted, or with your own text. The draft is kept too.

    A frame on the list keeps its text unless --text or --as-drafted says otherwise. Its open question and its scope are
    published only where you say so.
    """
    from curator.review.decisions import DecisionRequest

    if text is not None and as_drafted:
        raise click.UsageError("--text and --as-drafted say different things; give one of them.")
    question, scope = consent_choices(**agreed)
    for line in wording_lines(_item(candidate), text, scope):
        click.echo(line)
    choice = DecisionRequest("accept", text, as_drafted=as_drafted, question=question, scope=scope)
    outcome = decide(candidate, choice, yes=yes)
    (one,) = outcome.decided
    if outcome.unchanged:
        click.echo(f"You have already accepted {outcome.frames[one]} in these words; nothing was changed:")
    else:
        click.echo(f"Accepted {one[:6]} as {outcome.frames[one]}:")
    item = _item(one)
    click.echo(wrap_text(item.text))
    for line in agreed_lines(item, outcome.frames[one]):
        click.echo(line)


@click.command()
@click.argument("candidate", metavar="ID")
@click.option("--reason", required=True, metavar="R", help="Why, in your own words.")
@yes_option
def reject(candidate: str, reason: str, yes: bool) -> None:
    """Reject a candidate. It stays on record with your reason."""
    from curator.review.decisions import DecisionRequest

    outcome = decide(candidate, DecisionRequest("reject", reason=reason), yes=yes)
    (one,) = outcome.decided
    click.echo(_said(outcome, f"Rejected {one[:6]}: {reason}", f"You have already rejected {one[:6]}"))


@click.command()
@click.argument("candidate", metavar="ID")
@yes_option
def defer(candidate: str, yes: bool) -> None:
    """Put a candidate aside; `queue --all` shows it again."""
    from curator.review.decisions import DecisionRequest

    outcome = decide(candidate, DecisionRequest("defer"), yes=yes)
    (one,) = outcome.decided
    click.echo(_said(outcome, f"Deferred {one[:6]}.", f"You have already deferred {one[:6]}"))


@click.command()
@click.argument("candidate", metavar="ID")
@click.argument("into", metavar="INTO")
@click.option("--contradicts", is_flag=True, help="It speaks against what it is merged into.")
@yes_option
def merge(candidate: str, into: str, contradicts: bool, yes: bool) -> None:
    """Make a candidate further evidence of another one, or of a frame; or evidence against it."""
    from curator.review.decisions import DecisionRequest

    outcome = decide(candidate, DecisionRequest("merge", into=into, contradicts=contradicts), yes=yes)
    (one,) = outcome.decided
    target = _item(str(outcome.merged_into))
    how = f"{one[:6]} into {target.id[:6]}{', against it' if contradicts else ''}"
    click.echo(f"You have already merged {how}:" if outcome.unchanged else f"Merged {how}:")
    click.echo(wrap_text(target.text))


def decide(candidate: str, choice: DecisionRequest, *, yes: bool) -> DecisionResult:
    """Carry a choice out; replace another reviewer's decision only where the user agrees to that.

    The user is asked again where the decision that stood when they were asked is no longer the one that stands. Raises
    DecisionError where the choice cannot be carried out, or nobody agrees; DecisionConflict where a later version of
    the paper came in meanwhile.
    """
    from curator.review.decisions import SeenState

    desk = _desk()
    while True:
        item = _item(candidate)
        if item.decision and item.reviewer != desk.name:
            done = "merged" if item.status == "pending" else item.status  # what it was merged into was rejected since
            who, when = single_line(item.reviewer or ""), f"{item.decided:%Y-%m-%d %H:%M} UTC"
            told = wrap_text(f"{who} {done} {item.id[:6]} on {when}: {item.reason or item.text}", "")
            confirm(told, f"Replace the decision by {who}?", yes)
        try:
            return desk.decide(item.id, choice, seen=SeenState(item.decision, len(item.notices)))
        except DecisionConflict:
            if len(_item(item.id).notices) > len(item.notices):
                raise


def _said(outcome: DecisionResult, done: str, already: str) -> str:
    return f"{already}; nothing was changed." if outcome.unchanged else done


@click.command()
@yes_option
def undo(yes: bool) -> None:
    """Take back the latest decision; again for the one before, and so on.

    What was decided together, or imported from one file, is undone together: it is shown first, and you are asked.
    """
    from curator.review.undo import describe_reversal

    desk = _desk()
    step = desk.next_undo()
    if step.size > 1:
        confirm("\n".join(_told_of(step)), "Undo all of it?", yes)
    undone = desk.undo(shown=step.batch if step.size > 1 else None, single=True)
    click.echo(f"Undid: {describe_reversal(undone)} by {desk.name}. `{program()} redo` brings it back.")
    _tell_notes(undone)


@click.command()
def redo() -> None:
    """Bring back what the latest undo took back; again for the undo before, until you decide a candidate or import."""
    from curator.review.undo import describe_reversal

    desk = _desk()
    redone = desk.redo()
    click.echo(f"Redid: {describe_reversal(redone)} by {desk.name}.")
    _tell_notes(redone)


def _tell_notes(done: Reversal) -> None:
    for note in done.notes:
        click.echo(wrap_text(note, ""))


def _told_of(step: Step) -> list[str]:
    """What an undo would take back, a line a thing."""
    from curator.review.undo import MAX_LINES_SHOWN, describe_step, list_step_lines

    found = current_workspace()[1].read(list_step_lines, step)
    lines = [wrap_text(f"{what} {text}", "  ", "    ") for what, text in found]
    more = [f"  and {len(lines) - MAX_LINES_SHOWN} more"] if len(lines) > MAX_LINES_SHOWN else []
    head = f"This takes back {single_line(describe_step(step))}"
    return [head, *lines[:MAX_LINES_SHOWN], *more, *([step.left] if step.left else [])]


COMMANDS = (queue, accept, reject, defer, merge, undo, redo)
