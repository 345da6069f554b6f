"""OpenAI's `/files` and `/batches` on loopback, for a `ModelServer`: what is put there waits until a test says so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Answered = tuple[int, bytes]
Lines = list[dict[str, Any]]


@dataclass
class Held:
    """A batch as the provider knows it."""

    id: str
    metadata: dict[str, str]
    lines: Lines
    status: str = "in_progress"
    output: str | None = None
    errors: str | None = None
    message: str | None = None

    def told(self) -> dict[str, Any]:
        return {
            "id": self.id, "object": "batch", "endpoint": "/v1/chat/completions", "completion_window": "24h",
            "created_at": 0, "input_file_id": "file-in", "status": self.status, "metadata": self.metadata,
            "output_file_id": self.output, "error_file_id": self.errors,
            "errors": {"data": [{"code": "x", "message": self.message}]} if self.message else None,
        }  # fmt: skip


@dataclass
class BatchApi:
    """`answer` makes the body of a completion of what was asked, as the live endpoint would."""

    answer: Callable[[dict[str, Any]], dict[str, Any]]
    batches: list[Held] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, Answered | None] = field(default_factory=dict)
    """By the beginning of "METHOD /path": what is answered instead; None drops the connection once it was carried
    out, so that nobody knows that it was."""
    asked: list[str] = field(default_factory=list)

    def handle(self, method: str, path: str, body: bytes) -> Answered | None:
        what = f"{method} {path.partition('?')[0].removeprefix('/v1')}"
        self.asked.append(what)
        fault = next((one for beginning, one in self.faults.items() if what.startswith(beginning)), False)
        if isinstance(fault, tuple):
            return fault
        told = self._carry_out(what, body)
        if fault is None:
            return None
        return told if told else (404, b'{"error": {"message": "there is no such thing"}}')

    def _carry_out(self, what: str, body: bytes) -> Answered | None:
        if what == "POST /files":
            return self._upload(body)
        if what == "POST /batches":
            return self._create(json.loads(body))
        if what == "GET /batches":
            data = [one.told() for one in reversed(self.batches)]
            return _json({"object": "list", "data": data, "has_more": False})
        if found := re.fullmatch(r"GET /files/(\S+)/content", what):
            return (200, self.files[found[1]]) if found[1] in self.files else None
        if found := re.fullmatch(r"(GET|POST) /batches/([^/\s]+)(/cancel)?", what):
            held = next((one for one in self.batches if one.id == found[2]), None)
            if held and found[3]:
                held.status = "cancelling"
            return _json(held.told()) if held else None
        return None

    def _upload(self, body: bytes) -> Answered:
        start = body.index(b'{"custom_id"')
        name = f"file-{len(self.files)}"
        self.files[name] = body[start : body.index(b"\n--", start)].strip()
        return _json({"id": name, "object": "file", "purpose": "batch", "filename": "x", "bytes": 1, "created_at": 0})

    def _create(self, asked: dict[str, Any]) -> Answered:
        lines = [json.loads(line) for line in self.files[asked["input_file_id"]].splitlines()]
        held = Held(f"batch_{len(self.batches)}", asked.get("metadata") or {}, lines)
        self.batches.append(held)
        return _json(held.told())

    def finish(
        self, status: str = "completed", *, answered: int | None = None, line: Callable[[bytes], bytes] = bytes
    ) -> None:
        """Every batch ends, with so many of its questions answered; `line` may spoil each line of the answers."""
        for held in self.batches:
            if held.status in ("in_progress", "cancelling"):
                held.status = status
                good = held.lines[:answered]
                held.output = self._file(line(json.dumps(self._answered(one)).encode()) for one in good)
                held.errors = self._file(json.dumps(_expired(one)).encode() for one in held.lines[len(good) :])

    def _answered(self, one: dict[str, Any]) -> dict[str, Any]:
        response = {"status_code": 200, "request_id": "r", "body": self.answer(one["body"])}
        return {"id": "x", "custom_id": one["custom_id"], "response": response, "error": None}

    def _file(self, lines: Any) -> str | None:
        content = b"\n".join(lines)
        if not content:
            return None
        name = f"file-{len(self.files)}"
        self.files[name] = content + b"\n"
        return name


def _expired(one: dict[str, Any]) -> dict[str, Any]:
    error = {"code": "batch_expired", "message": "This request could not be executed before the batch expired."}
    return {"id": "x", "custom_id": one["custom_id"], "response": None, "error": error}


def _json(told: dict[str, Any]) -> Answered:
    return 200, json.dumps(told).encode()
