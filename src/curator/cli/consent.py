"""Consent from the shell: the open question and the scope that are published with a frame."""

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

_STATES = {True: "", False: ", drafted but not published", None: ", dropped"}
F = TypeVar("F", bound=Callable[..., Any])


def consent_options(command: F) -> F:
    """Add the options that decide whether a frame's open question and scope are published."""
    for option in reversed(
        (
            click.option("--question/--no-question", default=None, help="Publish its open question, or unpublish it."),
            click.option("--question-text", metavar="T", help="Publish an open question in your own words."),
            click.option("--scope/--no-scope", default=None, help="Publish its scope, or unpublish it."),
            click.option("--scope-text", metavar="T", help="Publish a scope in your own words."),
        )
    ):
        command = option(command)
    return command


def consent_choices(
    question: bool | None, question_text: str | None, scope: bool | None, scope_text: str | None
) -> tuple[ConsentChoice, ConsentChoice]:
    """Return the choices for the open question and the scope.

    Raises:
        click.UsageError: The options contradict each other.
    """
    return _choice("question", question, question_text), _choice("scope", scope, scope_text)


def _choice(part: Part, wanted: bool | None, words: str | None) -> ConsentChoice:
    if words is not None and wanted is False:
        raise click.UsageError(f"--no-{part} and --{part}-text exclude each other. Use one of them.")
    return words if words is not None else wanted


def wording_lines(item: QueuedCandidate, text: str | None, scope: ConsentChoice) -> Iterator[str]:
    """Yield the verdict of the check without a model on the reviewer's wording; nothing without quotes.

    Raises:
        DecisionError: The scope cannot be published as requested.
    """
    from curator.review.consent import clean_choice, scope_published
    from curator.review.decisions import MAX_TEXT_CHARS
    from curator.review.wording_check import check_wording

    if text is None or len(text) > MAX_TEXT_CHARS:
        return
    if verdict := check_wording(item, text, scope_published(item, clean_choice(scope, "scope"))):
        yield support_line(verdict, "Support of your wording")


def agreed_lines(item: QueuedCandidate, frame: str) -> Iterator[str]:
    """Yield the question and scope that are published with an accepted frame, and those that were only drafted."""
    from curator.review.consent import PARTS, agreed, is_undecided, term_words
    from curator.warehouse.questions import fold_entry, load_questions

    left, waiting = [], []
    for part, name in PARTS.items():
        words = term_words(item, part)
        if is_undecided(item, part):
            waiting.append(part)
        elif words and agreed(item, part) is not False:  # published, or dropped before it was published
            questions = current_workspace()[1].read(load_questions, everything=True) if part == "question" else []
            known = [entry for entry in questions if fold_entry(entry.text) == fold_entry(words)]
            yield wrap_text(f"{name.capitalize()}{f' {known[0].id}' if known else ''}: {words}", "  ", "    ")
            if known and known[0].state != "open":
                yield wrap_text(
                    f"{known[0].id} is {known[0].state}; `{program()} answer {known[0].id} --reopen` reopens it."
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
        yield wrap_text(
            f"Not decided: the {names} that an earlier version published. See `{program()} questions --unconfirmed`."
        )


def list_agreed_parts(decision: Decision) -> list[str]:
    """Return the names of the parts that an acceptance published with the frame's text."""
    from curator.review.consent import PARTS

    return [name for part, name in PARTS.items() if getattr(decision, f"{part}_agreed")]


def part_lines(item: QueuedCandidate) -> Iterator[str]:
    """Yield a candidate's scope and open question, and whether they are published."""
    from curator.review.consent import PARTS, agreed, is_undecided, term_words

    for part, name in PARTS.items():
        words = term_words(item, part)
        drafted = item.draft_question if part == "question" else item.draft_scope
        if not words:
            continue
        state = ""
        if item.status == "accepted":
            state = ", published without consent" if is_undecided(item, part) else _STATES[agreed(item, part)]
        yield wrap_text(f"{name.capitalize()}{state}: {words}", "", "  ")
        if drafted and drafted != words:
            yield wrap_text(f"drafted as: {drafted}", "    ", "      ")


def unconfirmed_counts(texts: Sequence[UnconfirmedText]) -> str:
    """Count unconfirmed texts in words, such as "2 open questions and 1 scope"."""
    questions = sum(text.what == "question" for text in texts)
    numbers = [(questions, "open question"), (len(texts) - questions, "scope")]
    return " and ".join(count(number, name) for number, name in numbers if number)


def print_unconfirmed(as_json: bool) -> None:
    """Print the questions and scopes that earlier versions published without consent, and how to decide on them."""
    from curator.review.consent import PARTS
    from curator.warehouse.unconfirmed import load_unconfirmed

    texts = current_workspace()[1].read(load_unconfirmed)
    if as_json:
        echo_json([vars(unconfirmed) for unconfirmed in texts])
        return
    frame = ""
    for unconfirmed in texts:
        if unconfirmed.frame != frame:
            if frame:
                click.echo()
            frame = unconfirmed.frame
            click.secho(f"{frame}  {unconfirmed.kind}", bold=True)
            click.echo(wrap_text(unconfirmed.frame_text))
        number = f" {unconfirmed.question}" if unconfirmed.question else ""
        click.echo(wrap_text(f"{PARTS[unconfirmed.what].capitalize()}{number}: {unconfirmed.text}", "    ", "      "))
    if not texts:
        click.echo("Every published open question and scope has been confirmed.")
        return
    click.echo(
        f"\nAn earlier version published {unconfirmed_counts(texts)}, and nobody has confirmed that. It stays on "
        "the list until you decide:"
    )
    for option, does in (
        ("--question --scope", "keeps them; --question-text T and --scope-text T publish your own words instead"),
        ("--no-question --no-scope", "removes them from the list"),
    ):
        click.echo(wrap_text(f"`{program()} accept {texts[0].frame} {option}` {does}."))
    click.echo(wrap_text(f"`{program()} answer Q --drop` removes a question from every frame that raises it."))
