"""Calls of a language model, each recorded when it starts and when it ends."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curator.types import Paper
from curator.warehouse.connection import Connection
from curator.warehouse.rows import add_rows, utc_now


@dataclass(frozen=True)
class ModelCall:
    """One model call, successful or not."""

    request: str  # a hash of everything that was sent; an answered request is never paid for twice
    purpose: str  # "screen", "draft" or "support"
    prompt: str  # the prompt file's name
    prompt_sha256: str
    model: str
    messages: Sequence[dict[str, str]]
    outcome: str  # "ok", or the code of the error
    reply: str | None = None
    message: str | None = None
    finish_reason: str | None = None
    tokens_in: int | None = None
    tokens_cached: int | None = None
    tokens_out: int | None = None
    tokens_reasoning: int | None = None
    cost: float | None = None
    estimated: bool = False  # the endpoint did not report all of the usage, so tokens and cost are upper limits
    seconds: float = 0.0
    batch: str | None = None  # the batch that brought the answer; its questions hold the messages


@dataclass(frozen=True)
class MaxUsage:
    """The maximum number of tokens that a call may use."""

    tokens_in: int
    tokens_out: int


def load_paid_requests(connection: Connection) -> set[str]:
    """Return the requests that have been answered in full."""
    rows = connection.execute("select distinct request from record.calls where outcome = 'ok'").fetchall()
    return {request for (request,) in rows}


def load_paid_reply(connection: Connection, request: str) -> tuple[str, str] | None:
    """Return the id and the reply of the first complete answer to a request; None if there is none."""
    row = connection.execute(
        "select call, reply from record.calls where request = $request and outcome = 'ok' order by added limit 1",
        {"request": request},
    ).fetchone()
    return (row[0], row[1]) if row else None


def start_call(
    connection: Connection, run: str, call: ModelCall, paper: Paper | None, max_usage: MaxUsage, set_aside: float | None
) -> str:
    """Record a call that is about to be sent, and return its id.

    Args:
        connection: A connection that can write.
        run: The run that sends it.
        call: The call.
        paper: The paper that it is about.
        max_usage: The maximum number of tokens that it may use.
        set_aside: The maximum cost of the call; None without prices. The call counts with this cost until `add_call`
            records its end, even if this process is killed before.
    """
    call_id = secrets.token_hex(6)
    row: dict[str, Any] = {
        "call": call_id,
        "request": call.request,
        "purpose": call.purpose,
        "paper": paper and paper.id,
        "version": paper and paper.version,
        "prompt": call.prompt,
        "prompt_sha256": call.prompt_sha256,
        "model": call.model,
        "most_in": max_usage.tokens_in,
        "most_out": max_usage.tokens_out,
        "set_aside": set_aside,
        "run": run,
        "added": utc_now(),
    }
    add_rows(connection, "call_starts", [row])
    return call_id


def add_call(connection: Connection, run: str, call: ModelCall, paper: Paper | None, started: str | None = None) -> str:
    """Record the end of a call and return its id, which is `started` if `start_call` has recorded its start."""
    call_id = started or secrets.token_hex(6)
    row: dict[str, Any] = {
        name: getattr(call, name) for name in ModelCall.__dataclass_fields__ if name != "messages"
    } | {
        "call": call_id,
        "messages": list(call.messages),
        "paper": paper and paper.id,
        "version": paper and paper.version,
        "run": run,
        "added": utc_now(),
    }
    add_rows(connection, "calls", [row])
    return call_id
