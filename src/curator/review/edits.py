"""Unfinished edits: what a reviewer has begun to write is there again after a reload, or a crash."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from curator.errors import DecisionError
from curator.text import storable
from curator.warehouse import Connection, Warehouse, edits, queue
from curator.warehouse.edits import Edit

LONGEST = 100_000  # characters: many more than can be accepted, so that nothing typed is lost


def save(warehouse: Warehouse, reviewer: str, candidate: str, edit: Edit) -> datetime:
    """Keep what was typed so far; return when it was kept (UTC).

    Raises DecisionError where it is endless, or there is no such candidate.
    """
    if max(len(words or "") for words in (edit.text, edit.question, edit.scope)) > LONGEST:
        raise DecisionError(f"The text is longer than {LONGEST:,} characters; shorten it, and it is kept again.")
    kept = replace(
        edit,
        text=storable(edit.text),
        question=storable(edit.question) if edit.question is not None else None,
        scope=storable(edit.scope) if edit.scope is not None else None,
    )

    def write(connection: Connection) -> datetime:
        if not queue.is_candidate(connection, candidate):
            raise DecisionError("There is no such candidate; reload the page.")
        edits.add_edit(connection, reviewer, candidate, kept)
        return edits.latest_edits(connection, reviewer, [candidate])[candidate][1]

    return warehouse.write(write)


def drop(warehouse: Warehouse, reviewer: str, candidate: str) -> None:
    """Give up what was typed."""
    warehouse.write(lambda connection: edits.end_edits(connection, reviewer, [candidate]))
