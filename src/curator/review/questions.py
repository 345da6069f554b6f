"""What stands on the list beside frames, as its owner keeps it: open questions, to-dos, and who speaks to what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from curator.errors import DecisionError
from curator.sanitize import single_line
from curator.types import Kind
from curator.warehouse import Connection, Warehouse, questions
from curator.warehouse.questions import EntryState, NewEntry

LONGEST = 1000  # characters of an entry
EntryAction = Literal["question", "todo"]


def write_entry(warehouse: Warehouse, author: str, what: EntryAction, text: str, kind: Kind | None) -> tuple[str, bool]:
    """Put a question or a to-do on the list; return its id, and whether it is new. Raises DecisionError."""
    entry = NewEntry(what, single_line(text), kind)
    clean_entry([entry])

    def write(connection: Connection) -> tuple[str, bool]:
        new = questions.add_entries(connection, author, [entry])
        if new:
            return new[entry], True
        there = {questions.fold_entry(told): id for id, told in _all(connection, what).items()}
        return there[questions.fold_entry(entry.text)], False

    return warehouse.write(write)


def clean_entry(written: Sequence[NewEntry]) -> None:
    """Raises DecisionError where an entry is empty or too long."""
    for one in written:
        if not one.text or len(one.text) > LONGEST:
            raise DecisionError(f"A {one.what} has 1 to {LONGEST} characters; this has not: {one.text[:80]!r}")


def close_entry(
    warehouse: Warehouse,
    reviewer: str,
    id: str,
    what: EntryAction,
    state: EntryState,
    *,
    frame: str | None = None,
    reason: str | None = None,
) -> str:
    """Say what became of a question or a to-do; return its text. Raises DecisionError where there is no such."""

    def write(connection: Connection) -> str:
        entry, text = _one(connection, id, what)
        said = single_line(reason or "")[:LONGEST] or None
        questions.set_entry_state(connection, entry, state, reviewer, frame=frame, reason=said)
        return text

    return warehouse.write(write)


def link_question(warehouse: Warehouse, reviewer: str, question: str, candidate: str, *, speaks: bool = True) -> str:
    """Say that a candidate speaks to a question, or does not after all; return the question. Raises DecisionError."""

    def write(connection: Connection) -> str:
        entry, text = _one(connection, question, "question")
        questions.add_link(connection, entry, candidate, reviewer, speaks=speaks)
        return text

    return warehouse.write(write)


def _one(connection: Connection, id: str, what: EntryAction) -> tuple[str, str]:
    """Id and text of an entry, however its id was typed."""
    entry = id.strip().upper()
    text = _all(connection, what).get(entry)
    if text is None:
        raise DecisionError(f"There is no {'question' if what == 'question' else 'to-do'} {id!r}.")
    return entry, text


def _all(connection: Connection, what: EntryAction) -> dict[str, str]:
    if what == "question":
        return {one.id: one.text for one in questions.load_questions(connection, everything=True)}
    return {one.id: one.text for one, _ in questions.load_todos(connection, everything=True)}
