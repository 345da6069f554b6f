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
    kind: Kind | None = None  # where the reviewer set it
    topics: tuple[str, ...] | None = None
    batch: str | None = None  # of decisions taken together
    request: str | None = None  # the client's token, by which a request sent twice is known
    contradicts: bool | None = None  # of a merge: it speaks against what it is merged into
    superseded_by: str | None = None  # of a rejection: the candidate that stands in its place
    version: int | None = None  # of an acceptance: the later version of its paper that the frame cites from then on
    question: str | None = None  # of an acceptance: the open question that is published with the frame
    question_agreed: bool | None = None  # None: not decided, as in acceptances of earlier versions
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
    """Add decisions; what is accepted, and the questions that it raises, gets its number here, once and for good."""
    rows = [{("decision" if name == "id" else name): value for name, value in vars(one).items()} for one in decisions]
    add_rows(connection, "decisions", rows)
    accepted = [one.candidate for one in decisions if one.action == "accept"]
    _number_frames(connection, accepted)
    number_questions(connection, {one.candidate: one.question for one in decisions if one.question})


def load_next_number(connection: Connection) -> int:
    """Return the number of the next decision, or of an import's step among decisions."""
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
    """Return the decisions that this request of a client has led to already."""
    return _load_decisions(connection, "request = $request", {"request": request})


def load_decisions_of_batch(connection: Connection, batch: str) -> list[Decision]:
    """Decisions, undos or redos that were made together, in their order."""
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
    told = dict(zip(names, row, strict=True))
    topics = told.pop("topics")
    return Decision(topics=tuple(topics) if topics is not None else None, **told)
