"""The list as its owner keeps it: frames moved, pinned, retired; questions and to-dos."""

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

SPEAKING = 3  # candidates that may speak to a question, of each


@click.command()
@click.argument("frame", metavar="F")
@click.option("--before", metavar="F", help="Right before this frame.")
@click.option("--after", metavar="F", help="Right after this frame.")
@click.option("--first", is_flag=True, help="First among those of its topic, section, or pinned ones.")
@click.option("--last", is_flag=True, help="Last among them.")
@click.option("--pin/--unpin", "pinned", default=None, help="Before all others of its kind, or not.")
@click.option("--section", metavar="NAME", help="Under a heading of your own, after those without one; '' for none.")
def arrange(
    frame: str, before: str | None, after: str | None, first: bool, last: bool, pinned: bool | None, section: str | None
) -> None:
    """Put a frame of the list somewhere else: move it, pin it, give it a section."""
    from curator.publish.snapshot import list_topics
    from curator.review.ordering import PlacementRequest
    from curator.review.ordering import arrange as arrange_
    from curator.warehouse import frames
    from curator.warehouse.questions import load_topics

    workspace, warehouse = current_workspace()
    written = warehouse.read(load_topics)
    wish = PlacementRequest(before, after, first, last, pinned, section)
    if wish == PlacementRequest():
        raise click.UsageError("Say where: --before, --after, --first, --last, --pin, --unpin or --section.")
    group = arrange_(warehouse, current_reviewer().name, list_topics(workspace.settings, written), frame, wish)
    texts = {one.id: one.text for one in warehouse.read(frames.load_frames)}
    heading = "Pinned" if group[0].pinned else group[0].section or ", ".join(group[0].topics[:1]) or "No topic"
    click.secho(f"{heading} ({group[0].kind}):", bold=True)
    for place in group:
        click.echo(wrap_text(f"{place.frame} {texts[place.frame]}", "  ", "    "))


@click.command()
@click.argument("frame", metavar="F")
@click.option("--reason", required=True, metavar="R", help="Why, in your own words.")
@click.option("--superseded-by", metavar="F", help="The frame that stands in its place.")
@yes_option
def retire(frame: str, reason: str, superseded_by: str | None, yes: bool) -> None:
    """Take a frame off the list. It stays findable, its id is never given again; `undo` brings it back."""
    from curator.review.decisions import DecisionRequest, find_listed_candidate

    item = find_listed_candidate(current_workspace()[1], frame)
    decide(item.id, DecisionRequest("reject", reason=reason, superseded_by=superseded_by), yes=yes)
    click.echo(f"Retired {frame.upper()}: {reason}" + (f"; superseded by {superseded_by}" if superseded_by else ""))


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also those that are answered or dropped, or off the list.")
@click.option("--unconfirmed", is_flag=True, help="Questions and scopes that an earlier version published unasked.")
@json_option
def questions(everything: bool, unconfirmed: bool, as_json: bool) -> None:
    """Show the open questions, what raised them, and which candidates may speak to them."""
    from curator.warehouse import candidate_search
    from curator.warehouse.questions import load_links, load_questions
    from curator.warehouse.unconfirmed import load_unconfirmed

    if unconfirmed:
        if everything:
            raise click.UsageError("--all lists questions, --unconfirmed what nobody agreed to; give one of them.")
        print_unconfirmed(as_json)
        return
    _, warehouse = current_workspace()
    found = warehouse.read(load_questions, everything=everything)
    linked = warehouse.read(load_links)
    speaking = warehouse.read(
        lambda c: {one.id: candidate_search.find_merge_candidates(c, "", one.text, SPEAKING) for one in found}
    )
    if as_json:
        may = {
            id: [{"id": row.id, "frame": row.frame, "text": row.text} for row in rows] for id, rows in speaking.items()
        }
        echo_json([vars(one) | {"linked": linked.get(one.id, ()), "may_speak_to_it": may[one.id]} for one in found])
        return
    for one in found:
        state = f" · {one.state}" if one.state != "open" else ""
        click.secho(f"{one.id}  {one.kind or 'no kind'}{state}", bold=True)
        click.echo(wrap_text(one.text))
        for line in _told_of(one):
            click.echo(f"    {line}")
        known = {*linked.get(one.id, ()), *one.raised_by, *one.spoken_to_by}
        for row in speaking[one.id]:
            if row.id not in known and row.frame not in known:
                name = row.frame if row.frame and row.status == "accepted" else row.id[:6]
                click.echo(wrap_text(f"may speak to it: {name}: {row.text}", "    ", "      "))
        click.echo()
    click.echo(
        f"{count(len(found), 'question')}. `{program()} link Q ID` says that a candidate or frame speaks to one, "
        f"`answer Q F` that a frame answers it; `ask` asks another."
    )
    if waiting := warehouse.read(load_unconfirmed):
        some = unconfirmed_counts(waiting)
        click.echo(f"Nobody agreed to {some} on the list; `{program()} questions --unconfirmed` lists them.")


def _told_of(question: Question) -> Iterator[str]:
    if not question.raised_by and question.author is None:
        yield "no frame raises it"
    told = [
        ("raised by", question.raised_by),
        ("see", question.spoken_to_by),
        ("answered by", (question.answered_by,) if question.answered_by else ()),
    ]
    yield from (f"{what} {', '.join(ids)}" for what, ids in told if ids)


@click.command()
@click.argument("text", metavar="QUESTION")
@click.option("--kind", required=True, type=click.Choice(KINDS), help="In which part of the list it stands.")
def ask(text: str, kind: Kind) -> None:
    """Put an open question of your own on the list."""
    _write_down("question", text, kind)


@click.command()
@click.argument("question", metavar="Q")
@click.argument("frame", metavar="[F]", required=False)
@click.option("--drop", is_flag=True, help="It is not asked any more.")
@click.option("--reopen", is_flag=True, help="It is open again.")
@click.option("--reason", metavar="R", help="Why, in your own words.")
def answer(question: str, frame: str | None, drop: bool, reopen: bool, reason: str | None) -> None:
    """Say that a frame answers a question; it leaves the list and stays findable."""
    from curator.review.decisions import find_candidate
    from curator.review.questions import close_entry
    from curator.warehouse import frames

    _, warehouse = current_workspace()
    if bool(frame) + drop + reopen != 1:
        raise click.UsageError("Name the frame that answers it, or --drop it, or --reopen it.")
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
@click.option("--off", is_flag=True, help="It does not, after all.")
def link(question: str, candidate: str, off: bool) -> None:
    """Say that a candidate or a frame speaks to an open question."""
    from curator.review.decisions import find_candidate
    from curator.review.questions import link_question

    _, warehouse = current_workspace()
    item = find_candidate(warehouse, candidate)
    text = link_question(warehouse, current_reviewer().name, question, item.id, speaks=not off)
    click.echo(wrap_text(f"{candidate} {'does not speak' if off else 'speaks'} to {question.upper()}: {text}", ""))


@click.command()
@click.argument("text", metavar="[TEXT]", required=False)
@click.option("--kind", type=click.Choice(KINDS), help="In which part of the list it stands.")
@click.option("--done", metavar="T", help="This one is done; it leaves the list.")
@click.option("--drop", metavar="T", help="This one is not meant any more.")
def todo(text: str | None, kind: Kind | None, done: str | None, drop: str | None) -> None:
    """Put something to do on the list, or take it off; without anything, show what there is."""
    from curator.review.questions import close_entry
    from curator.warehouse.questions import load_todos

    _, warehouse = current_workspace()
    if bool(text) + bool(done) + bool(drop) > 1:
        raise click.UsageError("A new one, --done or --drop: one at a time.")
    if text:
        _write_down("todo", text, kind)
    elif done or drop:
        state = "done" if done else "dropped"
        said = close_entry(warehouse, current_reviewer().name, str(done or drop), "todo", state)  # type: ignore[arg-type]
        click.echo(wrap_text(f"{str(done or drop).upper()} is {state}: {said}", ""))
    else:
        found = warehouse.read(load_todos)
        for one, _ in found:
            click.echo(wrap_text(f"{one.id} {one.text}" + (f" ({one.kind})" if one.kind else ""), "", "  "))
        if not found:
            click.echo("Nothing is to be done.")


def _write_down(what: str, text: str, kind: Kind | None) -> None:
    from curator.review.questions import write_entry
    from curator.warehouse.questions import load_questions

    _, warehouse = current_workspace()
    id, new = write_entry(warehouse, current_reviewer().name, what, text, kind)  # type: ignore[arg-type]
    click.echo(wrap_text(f"{id}: {text}" if new else f"It is there already, as {id}.", ""))
    asked = warehouse.read(load_questions, everything=True) if what == "question" else []
    for one in asked:
        if one.id == id and one.state != "open":
            click.echo(wrap_text(f"{id} is {one.state}; `{program()} answer {id} --reopen` asks it again.", ""))


COMMANDS = (arrange, retire, questions, ask, answer, link, todo)
