"""Questions that wait for their answers at a model's provider."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from curator.types import Paper
from curator.warehouse.connection import Connection
from curator.warehouse.model_calls import MaxUsage, ModelCall
from curator.warehouse.papers import get_papers
from curator.warehouse.rows import add_rows, utc_now

BatchState = Literal["sent", "cancelling", "answered", "expired", "failed", "cancelled", "lost", "refused"]


@dataclass(frozen=True)
class OpenBatch:
    """Questions put together whose answers are still to come."""

    batch: str
    endpoint: str
    model: str
    added: datetime
    provider: str | None  # the provider's name of it; None where we were killed before it was noted
    state: BatchState | Literal["unconfirmed"]


@dataclass(frozen=True)
class SentQuestion:
    """A question of a batch that was sent."""

    call: ModelCall  # without its messages
    paper: Paper | None
    set_aside: float  # the most that its answer may cost
    most: MaxUsage


def load_open_batches(connection: Connection) -> list[OpenBatch]:
    """Return the batches that have not ended, oldest first."""
    rows = connection.execute(
        "select batch, endpoint, model, added, provider, state from batches where ended is null order by added"
    ).fetchall()
    return [OpenBatch(*row) for row in rows]


def load_waiting(connection: Connection) -> set[str]:
    """Questions whose answers are still to come."""
    return _requests(connection, "ended is null")


def load_unanswered(connection: Connection) -> set[str]:
    """Questions whose batch ended without an answer that can be used: they are asked live.

    Not those of a batch that never reached the provider: they go into another.
    """
    return _requests(connection, "ended is not null and (state <> 'lost' or provider is not null)")


def _requests(connection: Connection, condition: str) -> set[str]:
    rows = connection.execute(
        f"select distinct request from record.batch_questions join (select batch from batches where {condition}) "  # noqa: S608
        "using (batch) where request not in (select request from record.calls where outcome = 'ok')"
    ).fetchall()
    return {request for (request,) in rows}


def sum_set_aside(connection: Connection) -> float:
    """Return the most that the outstanding answers may cost."""
    row = connection.execute(
        "select coalesce(sum(set_aside), 0) from record.batch_questions q "
        "join (select batch from batches where ended is null) using (batch) "
        "where not exists (from record.calls c where c.batch = q.batch and c.request = q.request)"
    ).fetchone()
    assert row is not None  # an aggregate always gives a row
    return float(row[0])


def add_batch(
    connection: Connection,
    run: str,
    batch: str,
    endpoint: str,
    model: str,
    questions: Iterable[tuple[ModelCall, Paper | None, float, MaxUsage]],
) -> None:
    """Note what is about to be sent: each question, its paper, the most it may cost, and the most tokens."""
    add_rows(
        connection, "batches", [{"batch": batch, "endpoint": endpoint, "model": model, "run": run, "added": utc_now()}]
    )
    rows: list[dict[str, Any]] = [
        {
            "batch": batch,
            "request": call.request,
            "purpose": call.purpose,
            "prompt": call.prompt,
            "prompt_sha256": call.prompt_sha256,
            "messages": list(call.messages),
            "paper": paper and paper.id,
            "version": paper and paper.version,
            "set_aside": at_most,
            "most_in": most.tokens_in,
            "most_out": most.tokens_out,
        }
        for call, paper, at_most, most in questions
    ]
    add_rows(connection, "batch_questions", rows)


def add_state(
    connection: Connection,
    run: str,
    batch: str,
    state: BatchState,
    provider: str | None = None,
    message: str | None = None,
) -> None:
    """Record a new state of a batch."""
    row = {"batch": batch, "provider": provider, "state": state, "message": message, "run": run, "added": utc_now()}
    add_rows(connection, "batch_states", [row])


def load_first_noted(connection: Connection, batch: str, message: str) -> datetime | None:
    """Return when a state of a batch was first recorded with this message; None if it never was."""
    row = connection.execute(
        "select min(added) from record.batch_states where batch = $batch and message = $message",
        {"batch": batch, "message": message},
    ).fetchone()
    assert row is not None  # an aggregate always gives a row
    since: datetime | None = row[0]
    return since


def load_batch_questions(connection: Connection, batch: str, answer_tokens: int) -> dict[str, SentQuestion]:
    """Return the questions of a batch by request, except those whose answer is recorded.

    `answer_tokens` is the most that an answer may use where an earlier version sent the question and did not note that.
    """
    rows = connection.execute(
        """
        select q.request, q.purpose, q.prompt, q.prompt_sha256, b.model, q.paper, q.version, coalesce(q.set_aside, 0),
               coalesce(q.most_in, strlen(q.messages::varchar)), coalesce(q.most_out, $answer_tokens)
        from record.batch_questions q join record.batches b using (batch)
        where batch = $batch and not exists (
            from record.calls c where c.batch = q.batch and c.request = q.request)
        """,
        {"batch": batch, "answer_tokens": answer_tokens},
    ).fetchall()
    papers = get_papers(connection, [(row[5], row[6]) for row in rows if row[5]])
    return {
        request: SentQuestion(
            ModelCall(request, purpose, prompt, sha256, model, [], "ok", batch=batch),
            papers.get((paper, version)),
            set_aside,
            MaxUsage(*most),
        )
        for request, purpose, prompt, sha256, model, paper, version, set_aside, *most in rows
    }


def load_batch_papers(connection: Connection, names: Iterable[str]) -> list[str]:
    """Return the papers that these batches ask about."""
    rows = connection.execute(
        "select distinct paper from record.batch_questions "
        "where batch in (select unnest($names)) and paper is not null order by paper",
        {"names": list(names)},
    ).fetchall()
    return [paper for (paper,) in rows]
