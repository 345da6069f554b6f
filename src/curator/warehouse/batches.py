"""Batches: questions sent together to a model's provider, which answers them within a day."""

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
    """A batch that has not ended."""

    batch: str
    endpoint: str
    model: str
    added: datetime  # UTC
    provider: str | None  # the provider's id of the batch; None if Curator was killed before recording it
    state: BatchState | Literal["unconfirmed"]


@dataclass(frozen=True)
class SentQuestion:
    """One question of a batch."""

    call: ModelCall  # without its messages
    paper: Paper | None
    set_aside: float  # the maximum cost of its answer, in the currency of the prices
    max_usage: MaxUsage


def load_open_batches(connection: Connection) -> list[OpenBatch]:
    """Return the batches that have not ended, oldest first."""
    rows = connection.execute(
        "select batch, endpoint, model, added, provider, state from batches where ended is null order by added"
    ).fetchall()
    return [OpenBatch(*row) for row in rows]


def load_waiting(connection: Connection) -> set[str]:
    """Return the requests whose answers a batch will still bring."""
    return _requests(connection, "ended is null")


def load_unanswered(connection: Connection) -> set[str]:
    """Return the requests whose batch ended without a usable answer, so that the run asks them live.

    The requests of a batch that never reached the provider are left out, because they go into another batch.
    """
    return _requests(connection, "ended is not null and (state <> 'lost' or provider is not null)")


def _requests(connection: Connection, condition: str) -> set[str]:
    rows = connection.execute(
        f"select distinct request from record.batch_questions join (select batch from batches where {condition}) "  # noqa: S608
        "using (batch) where request not in (select request from record.calls where outcome = 'ok')"
    ).fetchall()
    return {request for (request,) in rows}


def sum_set_aside(connection: Connection) -> float:
    """Return the maximum cost of the outstanding answers, in the currency of the prices."""
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
    """Record a batch that is about to be sent.

    Args:
        connection: A connection that can write.
        run: The run that sends it.
        batch: Curator's own id of the batch.
        endpoint: The address of the model's endpoint.
        model: The model's name.
        questions: Each question with its paper, the maximum cost of its answer, and its maximum token usage.
    """
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
            "set_aside": max_cost,
            "most_in": max_usage.tokens_in,
            "most_out": max_usage.tokens_out,
        }
        for call, paper, max_cost, max_usage in questions
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

    Args:
        connection: A connection.
        batch: The batch.
        answer_tokens: The maximum length of an answer, for questions of earlier versions, which did not record it.
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
            MaxUsage(*max_tokens),
        )
        for request, purpose, prompt, sha256, model, paper, version, set_aside, *max_tokens in rows
    }


def load_batch_papers(connection: Connection, names: Iterable[str]) -> list[str]:
    """Return the papers that these batches ask about."""
    rows = connection.execute(
        "select distinct paper from record.batch_questions "
        "where batch in (select unnest($names)) and paper is not null order by paper",
        {"names": list(names)},
    ).fetchall()
    return [paper for (paper,) in rows]
