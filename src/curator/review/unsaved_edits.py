"""Unfinished edits: what a reviewer has begun to write is there again after a reload, or a crash."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from curator.errors import DecisionError
from curator.sanitize import to_storable
from curator.warehouse import Connection, Warehouse, candidates, unsaved_edits
from curator.warehouse.unsaved_edits import UnsavedEdit

LONGEST = 100_000  # characters: many more than can be accepted, so that nothing typed is lost


def save_edit(warehouse: Warehouse, reviewer: str, candidate: str, edit: UnsavedEdit) -> datetime:
    """Keep what was typed so far; return when it was kept (UTC).

    Raises DecisionError where it is endless, or there is no such candidate.
    """
    if max(len(words or "") for words in (edit.text, edit.question, edit.scope)) > LONGEST:
        raise DecisionError(f"The text is longer than {LONGEST:,} characters; shorten it, and it is kept again.")
    kept = replace(
        edit,
        text=to_storable(edit.text),
        question=to_storable(edit.question) if edit.question is not None else None,
        scope=to_storable(edit.scope) if edit.scope is not None else None,
    )

    def write(connection: Connection) -> datetime:
        if not candidates.is_candidate(connection, candidate):
            raise DecisionError("There is no such candidate; reload the page.")
        unsaved_edits.add_edit(connection, reviewer, candidate, kept)
        return unsaved_edits.load_latest_edits(connection, reviewer, [candidate])[candidate][1]

    return warehouse.write(write)


def drop_edit(warehouse: Warehouse, reviewer: str, candidate: str) -> None:
    """Give up what was typed."""
    warehouse.write(unsaved_edits.end_edits, reviewer, [candidate])
