"""Commands that edit the list: move, pin and retire frames; open questions; to-dos."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from curator.cli.confirmation import yes_option
from curator.cli.consent import print_unconfirmed, unconfirmed_counts
from curator.cli.decide import decide
from curator.cli.options import current_reviewer, current_workspace, json_option
from curator.cli.output import count, echo_json, program, wrap_text
from curator.errors import DecisionError
from curator.types import KINDS

if TYPE_CHECKING:
    from curator.types import Kind, Question

MAX_RELATED = 3
"""Candidates that are shown as perhaps related to one question."""


@click.command()
@click.argument("frame", metavar="F")
@click.option("--before", metavar="F", help="Move it to directly before this frame.")
@click.option("--after", metavar="F", help="Move it to directly after this frame.")
@click.option("--first", is_flag=True, help="Move it to the start of its topic, section or pinned frames.")
@click.option("--last", is_flag=True, help="Move it to the end of its topic, section or pinned frames.")
@click.option("--pin/--unpin", "pinned", default=None, help="Show it before all others of its kind, or unpin it.")
@click.option("--section", metavar="NAME", help="Put it under this heading of yours; '' removes it from its section.")
def arrange(
    frame: str, before: str | None, after: str | None, first: bool, last: bool, pinned: bool | None, section: str | None
) -> None:
    """Move or pin a frame, or put it in a section of the list."""
    from curator.publish.snapshot import list_topics
    from curator.review.ordering import PlacementRequest
    from curator.review.ordering import arrange as arrange_
    from curator.warehouse import frames
    from curator.warehouse.questions import load_topics

    workspace, warehouse = current_workspace()
    written = warehouse.read(load_topics)
    request = PlacementRequest(before, after, first, last, pinned, section)
    if request == PlacementRequest():
        raise click.UsageError("Use at least one of --before, --after, --first, --last, --pin, --unpin and --section.")
    group = arrange_(warehouse, current_reviewer().name, list_topics(workspace.settings, written), frame, request)
    texts = {listed.id: listed.text for listed in warehouse.read(frames.load_frames)}
    heading = "Pinned" if group[0].pinned else group[0].section or ", ".join(group[0].topics[:1]) or "No topic"
    click.secho(f"{heading} ({group[0].kind}):", bold=True)
    for place in group:
        click.echo(wrap_text(f"{place.frame} {texts[place.frame]}", "  ", "    "))


@click.command()
@click.argument("frame", metavar="F")
@click.option("--reason", required=True, metavar="R", help="Your reason.")
@click.option("--superseded-by", metavar="F", help="The frame that replaces it.")
@yes_option
def retire(frame: str, reason: str, superseded_by: str | None, yes: bool) -> None:
    """Take a frame off the list.

    The frame stays in the warehouse, and its id is never reused. `undo` puts it back on the list.
    """
    from curator.review.decisions import DecisionRequest, find_listed_candidate

    item = find_listed_candidate(current_workspace()[1], frame)
    decide(item.id, DecisionRequest("reject", reason=reason, superseded_by=superseded_by), yes=yes)
    click.echo(f"Retired {frame.upper()}: {reason}" + (f"; superseded by {superseded_by}" if superseded_by else ""))


@click.command()
@click.option("--all", "everything", is_flag=True, help="Include questions that are answered, dropped or off the list.")
@click.option("--unconfirmed", is_flag=True, help="Show questions and scopes published without consent.")
@json_option
def questions(everything: bool, unconfirmed: bool, as_json: bool) -> None:
    """Show the open questions.

    With each question, the command shows the frames that raise it and the candidates that may be related to it.
    """
    from curator.warehouse import candidate_search
    from curator.warehouse.questions import load_links, load_questions
    from curator.warehouse.unconfirmed import load_unconfirmed

    if unconfirmed:
        if everything:
            raise click.UsageError("--all and --unconfirmed exclude each other. Use one of them.")
        print_unconfirmed(as_json)
        return
    _, warehouse = current_workspace()
    open_questions = warehouse.read(load_questions, everything=everything)
    linked = warehouse.read(load_links)
    related = warehouse.read(
        lambda c: {
            question.id: candidate_search.find_merge_candidates(c, "", question.text, MAX_RELATED)
            for question in open_questions
        }
    )
    if as_json:
        may = {
            id: [{"id": row.id, "frame": row.frame, "text": row.text} for row in rows] for id, rows in related.items()
        }
        echo_json(
            [
                vars(question) | {"linked": linked.get(question.id, ()), "may_speak_to_it": may[question.id]}
                for question in open_questions
            ]
        )
        return
    for question in open_questions:
        state = f" · {question.state}" if question.state != "open" else ""
        click.secho(f"{question.id}  {question.kind or 'no kind'}{state}", bold=True)
        click.echo(wrap_text(question.text))
        for line in _origin_lines(question):
            click.echo(f"    {line}")
        known = {*linked.get(question.id, ()), *question.raised_by, *question.spoken_to_by}
        for row in related[question.id]:
            if row.id not in known and row.frame not in known:
                name = row.frame if row.frame and row.status == "accepted" else row.id[:6]
                click.echo(wrap_text(f"may be related: {name}: {row.text}", "    ", "      "))
        click.echo()
    if open_questions:
        click.echo(
            f"{count(len(open_questions), 'question')}. `{program()} link Q ID` links a candidate or frame to a "
            "question, `answer Q F` records that a frame answers it, `ask` adds a question."
        )
    else:
        click.echo(f"There are no {'questions' if everything else 'open questions'}. `{program()} ask` adds one.")
    if unconfirmed_texts := warehouse.read(load_unconfirmed):
        counts = unconfirmed_counts(unconfirmed_texts)
        click.echo(f"Published without your consent: {counts}; `{program()} questions --unconfirmed` lists them.")


def _origin_lines(question: Question) -> Iterator[str]:
    if not question.raised_by and question.author is None:
        yield "no frame raises it"
    references = [
        ("raised by", question.raised_by),
        ("see", question.spoken_to_by),
        ("answered by", (question.answered_by,) if question.answered_by else ()),
    ]
    yield from (f"{label} {', '.join(ids)}" for label, ids in references if ids)


@click.command()
@click.argument("text", metavar="QUESTION")
@click.option("--kind", required=True, type=click.Choice(KINDS), help="The part of the list in which it appears.")
def ask(text: str, kind: Kind) -> None:
    """Add an open question of your own to the list."""
    _add_entry("question", text, kind)


@click.command()
@click.argument("question", metavar="Q")
@click.argument("frame", metavar="[F]", required=False)
@click.option("--drop", is_flag=True, help="Drop the question.")
@click.option("--reopen", is_flag=True, help="Reopen the question.")
@click.option("--reason", metavar="R", help="Your reason.")
def answer(question: str, frame: str | None, drop: bool, reopen: bool, reason: str | None) -> None:
    """Record that a frame answers an open question.

    The question leaves the list and stays in the warehouse.
    """
    from curator.review.decisions import find_candidate
    from curator.review.questions import close_entry
    from curator.warehouse import frames

    _, warehouse = current_workspace()
    if bool(frame) + drop + reopen != 1:
        raise click.UsageError("Name the frame that answers the question, or use --drop or --reopen.")
    if frame:
        item = find_candidate(warehouse, frame)
        frame = warehouse.read(frames.load_frame_id, item.id)
        if frame is None or item.status != "accepted":
            raise DecisionError(f"Candidate {item.id} is not on the list; accept it first.")
    state = "dropped" if drop else "open" if reopen else "answered"
    text = close_entry(warehouse, current_reviewer().name, question, "question", state, frame=frame, reason=reason)  # type: ignore[arg-type]
    click.echo(wrap_text(f"{question.upper()} is {state}" + (f", by {frame}" if frame else "") + f": {text}", ""))


@click.command()
@click.argument("question", metavar="Q")
@click.argument("candidate", metavar="ID")
@click.option("--off", is_flag=True, help="Remove the link.")
def link(question: str, candidate: str, off: bool) -> None:
    """Link a candidate or a frame to an open question."""
    from curator.review.decisions import find_candidate
    from curator.review.questions import link_question

    _, warehouse = current_workspace()
    item = find_candidate(warehouse, candidate)
    text = link_question(warehouse, current_reviewer().name, question, item.id, speaks=not off)
    click.echo(wrap_text(f"{candidate} is {'no longer linked' if off else 'linked'} to {question.upper()}: {text}", ""))


@click.command()
@click.argument("text", metavar="[TEXT]", required=False)
@click.option("--kind", type=click.Choice(KINDS), help="The part of the list in which it appears.")
@click.option("--done", metavar="T", help="Mark this to-do as done and take it off the list.")
@click.option("--drop", metavar="T", help="Drop this to-do.")
def todo(text: str | None, kind: Kind | None, done: str | None, drop: str | None) -> None:
    """Add a to-do to the list, close one, or show all of them.

    Without an argument, the command shows the to-dos.
    """
    from curator.review.questions import close_entry
    from curator.warehouse.questions import load_todos

    _, warehouse = current_workspace()
    if bool(text) + bool(done) + bool(drop) > 1:
        raise click.UsageError("Add a to-do, or use --done or --drop: one at a time.")
    if text:
        _add_entry("todo", text, kind)
    elif done or drop:
        state = "done" if done else "dropped"
        closed_text = close_entry(warehouse, current_reviewer().name, str(done or drop), "todo", state)  # type: ignore[arg-type]
        click.echo(wrap_text(f"{str(done or drop).upper()} is {state}: {closed_text}", ""))
    else:
        todos = warehouse.read(load_todos)
        for entry, _ in todos:
            click.echo(wrap_text(f"{entry.id} {entry.text}" + (f" ({entry.kind})" if entry.kind else ""), "", "  "))
        if not todos:
            click.echo("There are no to-dos.")


def _add_entry(what: str, text: str, kind: Kind | None) -> None:
    from curator.review.questions import write_entry
    from curator.warehouse.questions import load_questions

    _, warehouse = current_workspace()
    id, new = write_entry(warehouse, current_reviewer().name, what, text, kind)  # type: ignore[arg-type]
    click.echo(wrap_text(f"{id}: {text}" if new else f"It is on the list already, as {id}.", ""))
    entries = warehouse.read(load_questions, everything=True) if what == "question" else []
    for entry in entries:
        if entry.id == id and entry.state != "open":
            click.echo(wrap_text(f"{id} is {entry.state}; `{program()} answer {id} --reopen` reopens it.", ""))


COMMANDS = (arrange, retire, questions, ask, answer, link, todo)
