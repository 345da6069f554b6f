"""Agreeing from the shell: which open question and scope are published with a frame, and what is still undecided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from curator.cli.options import current_workspace
from curator.cli.output import count, echo_json, program, wrap_text
from curator.cli.render_evidence import support_line

if TYPE_CHECKING:
    from curator.review.consent import ConsentChoice, Part
    from curator.warehouse.candidates import QueuedCandidate
    from curator.warehouse.decisions import Decision
    from curator.warehouse.unconfirmed import UnconfirmedText

_STATES = {True: "", False: ", drafted and not published", None: ", dropped"}
F = TypeVar("F", bound=Callable[..., Any])


def consent_options(command: F) -> F:
    """Add the options of `accept` that say what is published beside the frame's text."""
    for option in reversed(
        (
            click.option("--question/--no-question", default=None, help="Publish its open question, or take it off."),
            click.option("--question-text", metavar="T", help="Publish an open question in your own words."),
            click.option("--scope/--no-scope", default=None, help="Publish its scope, or take it off."),
            click.option("--scope-text", metavar="T", help="Publish a scope in your own words."),
        )
    ):
        command = option(command)
    return command


def consent_choices(
    question: bool | None, question_text: str | None, scope: bool | None, scope_text: str | None
) -> tuple[ConsentChoice, ConsentChoice]:
    """What the options say of open question and scope. Raises UsageError where they contradict each other."""
    return _wish("question", question, question_text), _wish("scope", scope, scope_text)


def _wish(part: Part, wanted: bool | None, words: str | None) -> ConsentChoice:
    if words is not None and wanted is False:
        raise click.UsageError(f"--no-{part} takes it off, and --{part}-text publishes it; give one of them.")
    return words if words is not None else wanted


def wording_lines(item: QueuedCandidate, text: str | None, scope: ConsentChoice) -> Iterator[str]:
    """The keyless check's verdict on the reviewer's own words; none where there is nothing to check them against.

    Raises DecisionError where the scope cannot be published as it is wished.
    """
    from curator.review.consent import clean_choice, scope_published
    from curator.review.decisions import MAX_TEXT_CHARS
    from curator.review.wording_check import check_wording

    if text is None or len(text) > MAX_TEXT_CHARS:
        return
    if found := check_wording(item, text, scope_published(item, clean_choice(scope, "scope"))):
        yield support_line(found, "Support of your wording")


def agreed_lines(item: QueuedCandidate, frame: str) -> Iterator[str]:
    """What is published beside an accepted frame's text, and what was drafted and is not."""
    from curator.review.consent import PARTS, agreed, is_undecided, term_words
    from curator.warehouse.questions import fold_entry, load_questions

    left, waiting = [], []
    for part, name in PARTS.items():
        words = term_words(item, part)
        if is_undecided(item, part):
            waiting.append(part)
        elif words and agreed(item, part) is not False:  # agreed to, or dropped before anybody did
            told = current_workspace()[1].read(load_questions, everything=True) if part == "question" else []
            known = [one for one in told if fold_entry(one.text) == fold_entry(words)]
            yield wrap_text(f"{name.capitalize()}{f' {known[0].id}' if known else ''}: {words}", "  ", "    ")
            if known and known[0].state != "open":
                yield wrap_text(
                    f"{known[0].id} is {known[0].state}; `{program()} answer {known[0].id} --reopen` asks it again."
                )
        elif words:
            left.append(part)
    if left:
        names = " and ".join(PARTS[part] for part in left)
        options = " ".join(f"--{part}" for part in left)
        them = "them" if len(left) > 1 else "it"
        yield wrap_text(f"Not published: the drafted {names}. `{program()} accept {frame} {options}` publishes {them}.")
    if waiting:
        names = " and ".join(PARTS[part] for part in waiting)
        said = f"Not decided: the {names} that an earlier version published; `{program()} questions --unconfirmed`."
        yield wrap_text(said)


def list_agreed_parts(decision: Decision) -> list[str]:
    """The names of what an acceptance agreed to beside the frame's text."""
    from curator.review.consent import PARTS

    return [name for part, name in PARTS.items() if getattr(decision, f"{part}_agreed")]


def part_lines(item: QueuedCandidate) -> Iterator[str]:
    """A candidate's scope and open question, and whether they are published."""
    from curator.review.consent import PARTS, agreed, is_undecided, term_words

    for part, name in PARTS.items():
        words = term_words(item, part)
        drafted = item.draft_question if part == "question" else item.draft_scope
        if not words:
            continue
        told = ""
        if item.status == "accepted":
            told = ", published and never agreed to" if is_undecided(item, part) else _STATES[agreed(item, part)]
        yield wrap_text(f"{name.capitalize()}{told}: {words}", "", "  ")
        if drafted and drafted != words:
            yield wrap_text(f"drafted as: {drafted}", "    ", "      ")


def unconfirmed_counts(found: Sequence[UnconfirmedText]) -> str:
    """How many open questions and scopes nobody agreed to."""
    questions = sum(one.what == "question" for one in found)
    told = [(questions, "open question"), (len(found) - questions, "scope")]
    return " and ".join(count(number, name) for number, name in told if number)


def print_unconfirmed(as_json: bool) -> None:
    """Show what earlier versions published beside frames without anyone's consent, and how to decide on it."""
    from curator.review.consent import PARTS
    from curator.warehouse.unconfirmed import load_unconfirmed

    found = current_workspace()[1].read(load_unconfirmed)
    if as_json:
        echo_json([vars(one) for one in found])
        return
    frame = ""
    for one in found:
        if one.frame != frame:
            if frame:
                click.echo()
            frame = one.frame
            click.secho(f"{frame}  {one.kind}", bold=True)
            click.echo(wrap_text(one.frame_text))
        number = f" {one.question}" if one.question else ""
        click.echo(wrap_text(f"{PARTS[one.what].capitalize()}{number}: {one.text}", "    ", "      "))
    if not found:
        click.echo("Nothing is unconfirmed: somebody agreed to every open question and scope that is published.")
        return
    click.echo(
        f"\nAn earlier version published {unconfirmed_counts(found)}, and nobody agreed to that. It stays on the list "
        "until you decide:"
    )
    for option, does in (
        ("--question --scope", "keeps them; --question-text T, --scope-text T in your own words"),
        ("--no-question --no-scope", "takes them off the list"),
    ):
        click.echo(wrap_text(f"`{program()} accept {found[0].frame} {option}` {does}."))
    click.echo(wrap_text(f"`{program()} answer Q --drop` takes a question off every frame that raises it."))
