"""Model calls and what was drafted from them."""

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
    """One model call, whatever came of it. `request` is a hash of all that the model was asked: what is paid for."""

    request: str
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
    estimated: bool = False  # tokens and cost, or half of them, are the most that it may have used
    seconds: float = 0.0
    batch: str | None = None  # answered in this one, whose questions hold the messages


@dataclass(frozen=True)
class MaxUsage:
    """The most tokens that a call may use."""

    tokens_in: int
    tokens_out: int


def load_paid_requests(connection: Connection) -> set[str]:
    """Return the requests that have been answered in full."""
    rows = connection.execute("select distinct request from record.calls where outcome = 'ok'").fetchall()
    return {request for (request,) in rows}


def load_paid_reply(connection: Connection, request: str) -> tuple[str, str] | None:
    """(call, reply) of a call that asked for exactly this and was answered in full; None where none was."""
    row = connection.execute(
        "select call, reply from record.calls where request = $request and outcome = 'ok' order by added limit 1",
        {"request": request},
    ).fetchone()
    return (row[0], row[1]) if row else None


def start_call(
    connection: Connection, run: str, call: ModelCall, paper: Paper | None, most: MaxUsage, set_aside: float | None
) -> str:
    """Keep a call that is about to be sent; return its id.

    Until `add_call` keeps what came of it, it counts as `set_aside`, even where this process ends before that.
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
        "most_in": most.tokens_in,
        "most_out": most.tokens_out,
        "set_aside": set_aside,
        "run": run,
        "added": utc_now(),
    }
    add_rows(connection, "call_starts", [row])
    return call_id


def add_call(connection: Connection, run: str, call: ModelCall, paper: Paper | None, started: str | None = None) -> str:
    """Keep a call; return its id, which is that of its start where it was `started`."""
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
