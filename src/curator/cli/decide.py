"""`queue` and the decisions, for reviewing from the shell."""

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
@click.option(
    "--status",
    metavar="S",
    help="Show candidates with this status: pending, accepted, rejected, deferred or merged.",
)
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
        echo_json([_to_json(item) for item in items])
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
            f"The queue is empty. `{program()} ingest` fetches new papers; `queue --all` shows deferred candidates."
        )


def _print_candidate(item: QueuedCandidate, id: str) -> None:
    head = f"{id}  {item.kind} · {', '.join(item.topics) or 'no topic'} · {_source(item)}"
    click.secho(head + (f" · {item.status}" if item.status != "pending" else ""), bold=True)
    click.echo(wrap_text(item.text))
    for quote in item.quotes:
        for line in quote_lines(quote):
            click.echo(line)
    if item.note:
        click.echo(wrap_text(f"Note: {item.note}", "    "))
    for line in (*support_lines(item.support, "    "), *warning_lines(item.hidden, "    ")):
        click.echo(line)
    for notice in item.notices:
        for line in notice_lines(notice):
            click.echo(line)
    click.echo()


def _source(item: QueuedCandidate) -> str:
    """Return the source in short and, for a frame that a person wrote, its author."""
    source = f"{item.paper_id}v{item.version}"
    if item.paper_id.startswith(("doi:", "web:", "file:", "none:")):
        source = address_of(item) or "source wanted"
    return f"{source} · {item.drafter} by {item.author}" if item.author else source


def _to_json(item: QueuedCandidate) -> dict[str, object]:
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
        "support": [verdict.to_json() for verdict in item.support],
        "warnings": warnings_of(item.hidden),
        "notices": [notice_json(notice) for notice in item.notices],
    }


def _existing_reviewer() -> Reviewer:
    """Return the current reviewer. Raise WarehouseMissing if there is no warehouse, as a decision would make one."""
    _, warehouse = current_workspace()
    if not warehouse.file.exists():
        warehouse.read(lambda _: None)  # raises WarehouseMissing
    return current_reviewer()


def _item(candidate: str) -> QueuedCandidate:
    from curator.review.decisions import find_candidate

    return find_candidate(current_workspace()[1], candidate)


@click.command()
@click.argument("candidate", metavar="ID")
@click.option("--text", metavar="T", help="Accept with this text instead of the draft.")
@click.option("--as-drafted", is_flag=True, help="Return to the text of the draft.")
@consent_options
@yes_option
def accept(candidate: str, text: str | None, as_drafted: bool, yes: bool, **agreed: Any) -> None:
    """Accept a candidate as drafted, or with your own text.

    The draft is kept too. A frame that is on the list already keeps its text unless you use --text or --as-drafted. Its
    open question and its scope are published only if you say so.
    """
    from curator.review.decisions import DecisionRequest

    if text is not None and as_drafted:
        raise click.UsageError("--text and --as-drafted exclude each other. Use one of them.")
    question, scope = consent_choices(**agreed)
    for line in wording_lines(_item(candidate), text, scope):
        click.echo(line)
    request = DecisionRequest("accept", text, as_drafted=as_drafted, question=question, scope=scope)
    result = decide(candidate, request, yes=yes)
    (decided,) = result.decided
    if result.unchanged:
        click.echo(f"You have already accepted {result.frames[decided]} in these words; nothing was changed:")
    else:
        click.echo(f"Accepted {decided[:6]} as {result.frames[decided]}:")
    item = _item(decided)
    click.echo(wrap_text(item.text))
    for line in agreed_lines(item, result.frames[decided]):
        click.echo(line)


@click.command()
@click.argument("candidate", metavar="ID")
@click.option("--reason", required=True, metavar="R", help="Your reason.")
@yes_option
def reject(candidate: str, reason: str, yes: bool) -> None:
    """Reject a candidate.

    The candidate and your reason are kept.
    """
    from curator.review.decisions import DecisionRequest

    result = decide(candidate, DecisionRequest("reject", reason=reason), yes=yes)
    (decided,) = result.decided
    click.echo(_describe(result, f"Rejected {decided[:6]}: {reason}", f"You have already rejected {decided[:6]}"))


@click.command()
@click.argument("candidate", metavar="ID")
@yes_option
def defer(candidate: str, yes: bool) -> None:
    """Put a candidate aside for later.

    `queue --all` shows it.
    """
    from curator.review.decisions import DecisionRequest

    result = decide(candidate, DecisionRequest("defer"), yes=yes)
    (decided,) = result.decided
    click.echo(_describe(result, f"Deferred {decided[:6]}.", f"You have already deferred {decided[:6]}"))


@click.command()
@click.argument("candidate", metavar="ID")
@click.argument("into", metavar="INTO")
@click.option("--contradicts", is_flag=True, help="The candidate is evidence against INTO.")
@yes_option
def merge(candidate: str, into: str, contradicts: bool, yes: bool) -> None:
    """Merge a candidate into another one or into a frame.

    The candidate becomes further evidence for INTO or, with --contradicts, evidence against it.
    """
    from curator.review.decisions import DecisionRequest

    result = decide(candidate, DecisionRequest("merge", into=into, contradicts=contradicts), yes=yes)
    (decided,) = result.decided
    target = _item(str(result.merged_into))
    how = f"{decided[:6]} into {target.id[:6]}{', against it' if contradicts else ''}"
    click.echo(f"You have already merged {how}:" if result.unchanged else f"Merged {how}:")
    click.echo(wrap_text(target.text))


def decide(candidate: str, request: DecisionRequest, *, yes: bool) -> DecisionResult:
    """Carry out a decision; replace another reviewer's decision only if the user agrees.

    If that decision changes while the user is asked, the user is asked again.

    Args:
        candidate: The id of a candidate or frame, or its first characters.
        request: The decision.
        yes: True if the user agrees to replace another reviewer's decision.

    Raises:
        DecisionError: The decision cannot be carried out, or the user did not agree.
        DecisionConflict: A later version of the paper arrived meanwhile.
    """
    from curator.review.decisions import SeenState

    reviewer = _existing_reviewer()
    while True:
        item = _item(candidate)
        if item.decision and item.reviewer != reviewer.name:
            # a merged candidate is pending again once the candidate that it was merged into is rejected
            decision = "merged" if item.status == "pending" else item.status
            who, when = single_line(item.reviewer or ""), f"{item.decided:%Y-%m-%d %H:%M} UTC"
            warning = wrap_text(f"{who} {decision} {item.id[:6]} on {when}: {item.reason or item.text}", "")
            confirm(warning, f"Replace the decision by {who}?", yes)
        try:
            return reviewer.decide(item.id, request, seen=SeenState(item.decision, len(item.notices)))
        except DecisionConflict:
            if len(_item(item.id).notices) > len(item.notices):
                raise


def _describe(result: DecisionResult, done: str, already: str) -> str:
    return f"{already}; nothing was changed." if result.unchanged else done


@click.command()
@yes_option
def undo(yes: bool) -> None:
    """Undo the last decision; repeat to undo earlier ones.

    Decisions that were made together, such as an import, are undone together, after you confirm.
    """
    from curator.review.undo import describe_reversal

    reviewer = _existing_reviewer()
    step = reviewer.next_undo()
    if step.size > 1:
        confirm("\n".join(_preview_lines(step)), "Undo all of these?", yes)
    undone = reviewer.undo(shown=step.batch if step.size > 1 else None, single=True)
    click.echo(f"Undid: {describe_reversal(undone)} by {reviewer.name}. `{program()} redo` restores it.")
    _print_notes(undone)


@click.command()
def redo() -> None:
    """Restore the decision that the last undo reversed.

    Repeat to restore earlier ones. After a new decision or import, nothing can be restored.
    """
    from curator.review.undo import describe_reversal

    reviewer = _existing_reviewer()
    redone = reviewer.redo()
    click.echo(f"Redid: {describe_reversal(redone)} by {reviewer.name}.")
    _print_notes(redone)


def _print_notes(done: Reversal) -> None:
    for note in done.notes:
        click.echo(wrap_text(note, ""))


def _preview_lines(step: Step) -> list[str]:
    """List the decisions and entries that an undo would reverse, one a line."""
    from curator.review.undo import MAX_LINES_SHOWN, describe_step, list_step_lines

    entries = current_workspace()[1].read(list_step_lines, step)
    lines = [wrap_text(f"{label} {text}", "  ", "    ") for label, text in entries]
    more = [f"  and {len(lines) - MAX_LINES_SHOWN} more"] if len(lines) > MAX_LINES_SHOWN else []
    head = f"This undoes {single_line(describe_step(step))}"
    return [head, *lines[:MAX_LINES_SHOWN], *more, *([step.left] if step.left else [])]


COMMANDS = (queue, accept, reject, defer, merge, undo, redo)
