"""Entries of the list besides its frames: open questions, to-dos, and the frames that address a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from curator.errors import DecisionError
from curator.sanitize import single_line
from curator.types import Kind
from curator.warehouse import Connection, Warehouse, questions
from curator.warehouse.questions import EntryState, NewEntry

MAX_ENTRY_CHARS = 1000
"""Characters of an entry, and of the reason for closing it."""
EntryType = Literal["question", "todo"]


def write_entry(warehouse: Warehouse, author: str, what: EntryType, text: str, kind: Kind | None) -> tuple[str, bool]:
    """Put a question or a to-do on the list.

    Returns:
        The entry's id, and whether it is new.

    Raises:
        DecisionError: The text is empty or too long.
    """
    entry = NewEntry(what, single_line(text), kind)
    check_entries([entry])

    def write(connection: Connection) -> tuple[str, bool]:
        new = questions.add_entries(connection, author, [entry])
        if new:
            return new[entry], True
        existing = {questions.fold_entry(text): id for id, text in _load_texts(connection, what).items()}
        return existing[questions.fold_entry(entry.text)], False

    return warehouse.write(write)


def check_entries(written: Sequence[NewEntry]) -> None:
    """Check the length of entries' texts.

    Raises:
        DecisionError: A text is empty or too long.
    """
    for entry in written:
        if not entry.text or len(entry.text) > MAX_ENTRY_CHARS:
            raise DecisionError(
                f"A {entry.what} must have 1 to {MAX_ENTRY_CHARS} characters; this one does not: {entry.text[:80]!r}"
            )


def close_entry(
    warehouse: Warehouse,
    reviewer: str,
    id: str,
    what: EntryType,
    state: EntryState,
    *,
    frame: str | None = None,
    reason: str | None = None,
) -> str:
    """Set the state of a question or a to-do, and return its text.

    Args:
        warehouse: Holds the entry.
        reviewer: The name to record.
        id: The entry's id, in upper or lower case.
        what: Whether it is a question or a to-do.
        state: The new state.
        frame: The frame that answers a question.
        reason: Why the entry was closed.

    Raises:
        DecisionError: There is no such entry.
    """

    def write(connection: Connection) -> str:
        entry, text = _find_entry(connection, id, what)
        cleaned_reason = single_line(reason or "")[:MAX_ENTRY_CHARS] or None
        questions.set_entry_state(connection, entry, state, reviewer, frame=frame, reason=cleaned_reason)
        return text

    return warehouse.write(write)


def link_question(warehouse: Warehouse, reviewer: str, question: str, candidate: str, *, speaks: bool = True) -> str:
    """Record that a candidate addresses a question, or with `speaks=False` that it does not; return the question.

    Raises:
        DecisionError: There is no such question.
    """

    def write(connection: Connection) -> str:
        entry, text = _find_entry(connection, question, "question")
        questions.add_link(connection, entry, candidate, reviewer, speaks=speaks)
        return text

    return warehouse.write(write)


def _find_entry(connection: Connection, id: str, what: EntryType) -> tuple[str, str]:
    """Return id and text of an entry, ignoring the case of the typed id."""
    entry = id.strip().upper()
    text = _load_texts(connection, what).get(entry)
    if text is None:
        raise DecisionError(f"There is no {'question' if what == 'question' else 'to-do'} {id!r}.")
    return entry, text


def _load_texts(connection: Connection, what: EntryType) -> dict[str, str]:
    if what == "question":
        return {question.id: question.text for question in questions.load_questions(connection, everything=True)}
    return {todo.id: todo.text for todo, _ in questions.load_todos(connection, everything=True)}
