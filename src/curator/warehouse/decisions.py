"""Decisions: each stays on record, and undos and redos are rows of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from curator.types import Action, Kind
from curator.warehouse.connection import Connection
from curator.warehouse.questions import number_questions
from curator.warehouse.rows import add_rows, utc_now


@dataclass(frozen=True)
class Decision:
    """A reviewer's decision on a candidate, as it was recorded."""

    id: str
    number: int
    candidate: str
    action: Action
    text: str | None
    reason: str | None
    merged_into: str | None
    undoes: str | None
    reviewer: str
    added: datetime
    kind: Kind | None = None  # of an acceptance: the kind, if it differs from the draft's
    topics: tuple[str, ...] | None = None  # of an acceptance: the topics, if they differ from the draft's
    batch: str | None = None  # shared by decisions that were made together
    request: str | None = None  # the client's token, by which a request that is sent twice is recognised
    contradicts: bool | None = None  # of a merge: the candidate is evidence against the one it is merged into
    superseded_by: str | None = None  # of a rejection: the candidate that replaces this one
    version: int | None = None  # of an acceptance: the later version of its paper that the frame now cites
    question: str | None = None  # of an acceptance: the open question that is published with the frame
    question_agreed: bool | None = None  # None: undecided, as in acceptances of earlier versions
    scope: str | None = None
    scope_agreed: bool | None = None


_COLUMNS = """decision, number, candidate, action, text, reason, merged_into, undoes, reviewer, added, kind, topics,
               batch, request, contradicts, superseded_by, version, question, question_agreed, scope, scope_agreed"""


def load_current_decision(connection: Connection, candidate: str) -> str | None:
    """Return the id of the current decision on a candidate; None if there is none."""
    row = connection.execute(
        "select decision from decisions where candidate = $candidate and action not in ('undo', 'redo') and not undone "
        "order by number desc limit 1",
        {"candidate": candidate},
    ).fetchone()
    return row[0] if row else None


def add_decisions(connection: Connection, decisions: Sequence[Decision]) -> None:
    """Record decisions, and give accepted frames and the open questions they raise their permanent numbers."""
    rows = [
        {("decision" if name == "id" else name): value for name, value in vars(decision).items()}
        for decision in decisions
    ]
    add_rows(connection, "decisions", rows)
    _number_frames(connection, [decision.candidate for decision in decisions if decision.action == "accept"])
    number_questions(connection, {decision.candidate: decision.question for decision in decisions if decision.question})


def load_next_number(connection: Connection) -> int:
    """Return the next number of a decision; an import, and its undo and redo, take numbers in the same sequence."""
    row = connection.execute(
        "select coalesce(max(number), 0) + 1 from ("
        "select number from record.decisions union all select number from record.entry_steps)"
    ).fetchone()
    assert row is not None  # an aggregate always gives a row
    return int(row[0])


def _number_frames(connection: Connection, candidates: Sequence[str]) -> None:
    connection.execute(
        """
        insert into record.frames
        select 'F' || n, n, candidate, $added
        from (select candidate, (select coalesce(max(number), 0) from record.frames)
                     + row_number() over (order by place) as n
              from (select unnest($candidates::varchar[]) as candidate,
                           generate_subscripts($candidates::varchar[], 1) as place)
              where candidate not in (select candidate from record.frames))
        """,
        {"candidates": list(candidates), "added": utc_now()},
    )


def load_decisions_of_request(connection: Connection, request: str) -> list[Decision]:
    """Return the decisions that were recorded for a client's request; empty if the request is new."""
    return _load_decisions(connection, "request = $request", {"request": request})


def load_decisions_of_batch(connection: Connection, batch: str) -> list[Decision]:
    """Return the decisions, undos or redos that were made together, in order."""
    return _load_decisions(connection, "coalesce(batch, decision) = $batch", {"batch": batch})


def load_decisions_on(connection: Connection, candidate: str) -> list[Decision]:
    """Return every decision on a candidate in order, including undos and undone decisions."""
    return _load_decisions(connection, "candidate = $candidate", {"candidate": candidate})


def _load_decisions(connection: Connection, where: str, values: Mapping[str, str]) -> list[Decision]:
    """Return the decisions that satisfy the SQL condition `where`, in order, including undos and undone decisions."""
    rows = connection.execute(
        f"select {_COLUMNS} from record.decisions where {where} order by number",  # noqa: S608
        values,
    ).fetchall()
    return [_to_decision(row) for row in rows]


def _to_decision(row: tuple[Any, ...]) -> Decision:
    names = [name.strip().replace("decision", "id") for name in _COLUMNS.split(",")]
    fields = dict(zip(names, row, strict=True))
    topics = fields.pop("topics")
    return Decision(topics=tuple(topics) if topics is not None else None, **fields)
