"""Unfinished edits: what a reviewer has begun to write on a candidate. The latest row counts; no text ends an edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from curator.records import Kind
from curator.warehouse.queue import among, named
from curator.warehouse.store import Connection, add_rows, now


@dataclass(frozen=True)
class Edit:
    text: str  # as typed: line breaks and all
    kind: Kind | None = None
    topics: tuple[str, ...] | None = None


def edits_of(connection: Connection, reviewer: str, candidates: Sequence[str]) -> Mapping[str, Edit]:
    """The unfinished edits of one reviewer on these candidates."""
    rows = connection.execute(
        f"""
        select candidate, text, kind, topics from record.edits
        where reviewer = $reviewer and {among(candidates)}
        qualify row_number() over (partition by candidate order by added desc, rowid desc) = 1
        """,  # noqa: S608
        {"reviewer": reviewer} | named(candidates),
    ).fetchall()
    return {
        candidate: Edit(text, kind, tuple(topics) if topics is not None else None)
        for candidate, text, kind, topics in rows
        if text is not None
    }


def edited_at(connection: Connection, reviewer: str, candidates: Sequence[str]) -> Mapping[str, datetime]:
    """When the reviewer's edits of these candidates were last kept, used or given up; UTC."""
    rows = connection.execute(
        f"select candidate, max(added) from record.edits where reviewer = $reviewer and {among(candidates)} "  # noqa: S608
        "group by candidate",
        {"reviewer": reviewer} | named(candidates),
    ).fetchall()
    return dict(rows)


def add_edit(connection: Connection, reviewer: str, candidate: str, edit: Edit) -> None:
    """Keep an edit as it now stands; the same again adds nothing."""
    if edits_of(connection, reviewer, [candidate]).get(candidate) != edit:
        add_rows(connection, "edits", [_row(candidate, reviewer) | vars(edit)])


def end_edits(connection: Connection, reviewer: str, candidates: Sequence[str]) -> None:
    """What was begun is used, or given up; it stays on record."""
    begun = edits_of(connection, reviewer, candidates)
    add_rows(connection, "edits", [_row(candidate, reviewer) for candidate in begun])


def _row(candidate: str, reviewer: str) -> dict[str, object]:
    return {"candidate": candidate, "reviewer": reviewer, "added": now()}
