"""Unfinished edits of candidates, by reviewer. The latest row counts; a row without text ends the edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from curator.types import Kind
from curator.warehouse.candidates import id_parameters, sql_in_ids
from curator.warehouse.connection import Connection
from curator.warehouse.rows import add_rows, utc_now


@dataclass(frozen=True)
class UnsavedEdit:
    """An edit that a reviewer has begun and not saved."""

    text: str  # as typed: line breaks and all
    kind: Kind | None = None
    topics: tuple[str, ...] | None = None
    question: str | None = None  # as typed; None here and below: not edited
    question_agreed: bool | None = None
    scope: str | None = None
    scope_agreed: bool | None = None


def load_latest_edits(
    connection: Connection, reviewer: str, candidates: Sequence[str]
) -> Mapping[str, tuple[UnsavedEdit | None, datetime]]:
    """Return a reviewer's latest edits of these candidates, by candidate, each with its time (UTC).

    The edit is None if it was saved or discarded.
    """
    rows = connection.execute(
        f"""
        select candidate, text, kind, topics, question, question_agreed, scope, scope_agreed, added from record.edits
        where reviewer = $reviewer and {sql_in_ids(candidates)}
        qualify row_number() over (partition by candidate order by added desc, rowid desc) = 1
        """,  # noqa: S608
        {"reviewer": reviewer} | id_parameters(candidates),
    ).fetchall()
    return {candidate: (_edit(*fields), added) for candidate, *fields, added in rows}


def _edit(text: str | None, kind: Kind | None, topics: list[str] | None, *consent: Any) -> UnsavedEdit | None:
    return None if text is None else UnsavedEdit(text, kind, tuple(topics) if topics is not None else None, *consent)


def load_edits(connection: Connection, reviewer: str, candidates: Sequence[str]) -> Mapping[str, UnsavedEdit]:
    """Return the unfinished edits of one reviewer on these candidates."""
    latest = load_latest_edits(connection, reviewer, candidates)
    return {candidate: edit for candidate, (edit, _) in latest.items() if edit is not None}


def add_edit(connection: Connection, reviewer: str, candidate: str, edit: UnsavedEdit) -> None:
    """Record the current state of an edit; an unchanged edit adds nothing."""
    if load_edits(connection, reviewer, [candidate]).get(candidate) != edit:
        add_rows(connection, "edits", [_row(candidate, reviewer) | vars(edit)])


def end_edits(connection: Connection, reviewer: str, candidates: Sequence[str]) -> None:
    """Mark edits as saved or discarded; they stay on record."""
    begun = load_edits(connection, reviewer, candidates)
    add_rows(connection, "edits", [_row(candidate, reviewer) for candidate in begun])


def _row(candidate: str, reviewer: str) -> dict[str, object]:
    return {"candidate": candidate, "reviewer": reviewer, "added": utc_now()}
