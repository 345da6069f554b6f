"""Unfinished edits: text that a reviewer has begun to write survives a reload or a crash."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from curator.errors import DecisionError
from curator.sanitize import to_storable
from curator.warehouse import Connection, Warehouse, candidates, unsaved_edits
from curator.warehouse.unsaved_edits import UnsavedEdit

MAX_EDIT_CHARS = 100_000
"""Characters of each text of an edit: far more than can be accepted, so that long pasted text is not lost."""


def save_edit(warehouse: Warehouse, reviewer: str, candidate: str, edit: UnsavedEdit) -> datetime:
    """Save an edit and return the time at which it was saved (UTC).

    Raises:
        DecisionError: A text is too long, or there is no such candidate.
    """
    if max(len(text or "") for text in (edit.text, edit.question, edit.scope)) > MAX_EDIT_CHARS:
        raise DecisionError(f"The text is longer than {MAX_EDIT_CHARS:,} characters. Shorten it so that it is saved.")
    storable = replace(
        edit,
        text=to_storable(edit.text),
        question=to_storable(edit.question) if edit.question is not None else None,
        scope=to_storable(edit.scope) if edit.scope is not None else None,
    )

    def write(connection: Connection) -> datetime:
        if not candidates.is_candidate(connection, candidate):
            raise DecisionError("There is no such candidate. Reload the page.")
        unsaved_edits.add_edit(connection, reviewer, candidate, storable)
        return unsaved_edits.load_latest_edits(connection, reviewer, [candidate])[candidate][1]

    return warehouse.write(write)


def drop_edit(warehouse: Warehouse, reviewer: str, candidate: str) -> None:
    """Discard a reviewer's unfinished edit of a candidate."""
    warehouse.write(unsaved_edits.end_edits, reviewer, [candidate])
