"""A language model's far end on loopback: a real HTTP server that speaks OpenAI's `/chat/completions`.

By default it answers as a model would that reads the numbered sentences and points at some. `enqueue` puts other
answers first, good or bad. `python -m tests.helpers.model_server --delay 1` serves one for benchmarks.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.helpers.batch_api import BatchApi

_NUMBERED = re.compile(r"^<(\d+)> (.+)$", re.MULTILINE)
_PAPER_ID = re.compile(r'^<paper id="([^"]+)">\n(.+)\n', re.MULTILINE)
_TITLE = re.compile(r"^Title: (.+)$", re.MULTILINE)
_CANDIDATE = re.compile(r'^<candidate number="(\d+)">$', re.MULTILINE)
_CLAIM = re.compile(r"\b(we (find|show|demonstrate|observe|propose)|results (show|suggest)|suggests? that)\b", re.I)


COUNTED = object()  # as `usage`: what the server counts
UNREPORTED = object()  # as `usage`: there is none


@dataclass(frozen=True)
class Reply:
    """One HTTP answer. `content` becomes a completion with that `usage`; `body` is sent as it is."""

    content: str | None = None
    status: int = 200
    finish_reason: str = "stop"
    refusal: str | None = None
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    dropped: bool = False  # the connection, without an answer
    usage: Any = COUNTED
    cut: bool = False  # the connection, in the middle of the body
    delay: float = 0.0  # seconds


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # with the usual 5, callers that come all at once wait a second to connect


class ModelServer:
    """A context manager; `url` is what OPENAI_BASE_URL takes. `asked` holds every request's JSON body."""

    def __init__(
        self, delay: float = 0.0, port: int = 0, answer: Callable[[dict[str, Any]], Reply] | None = None
    ) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer = answer or point_at_claims
        self.batch_api: BatchApi | None = None
        self.models: list[dict[str, Any]] | None = None  # what it lists; None: there is no such list
        self.delay = delay  # seconds
        self._queued: deque[Reply] = deque()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> ModelServer:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def enqueue(self, *replies: Reply) -> None:
        self._queued.extend(replies)

    def take_batches(self) -> BatchApi:
        """From now on this is an endpoint that also takes batches."""
        self.batch_api = BatchApi(lambda asked: _completion(asked, self.answer(asked)))
        return self.batch_api

    def asked_to_draft(self) -> list[dict[str, Any]]:
        return [one for one in self.asked if "<paper>" in one["messages"][-1]["content"]]

    def asked_to_check(self) -> list[dict[str, Any]]:
        return [one for one in self.asked if "<candidate number=" in one["messages"][-1]["content"]]

    def list_models(self, path: str) -> Reply | None:
        if self.models is None or not path.endswith("/models"):
            return None
        return Reply(body=json.dumps({"object": "list", "data": self.models}).encode())

    def reply_to(self, asked: dict[str, Any]) -> Reply:
        with self._lock:
            self.asked.append(asked)
            queued = self._queued.popleft() if self._queued else None
        if self.delay:
            time.sleep(self.delay)
        reply = queued or self.answer(asked)
        if reply.delay:
            time.sleep(reply.delay)
        return reply


@contextmanager
def pointed_at(model: ModelServer) -> Iterator[None]:
    """This process, and those that it starts, ask that model."""
    told = {"OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "sk-of-the-test", "CURATOR_MODEL": "tested-model"}
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def point_at_claims(asked: dict[str, Any]) -> Reply:
    """Screen every paper in; draft one candidate from each of the first claim sentences; find each supported."""
    text = asked["messages"][-1]["content"]
    candidates = [int(number) for number in _CANDIDATE.findall(text)]
    if candidates:
        return Reply(json.dumps({"verdicts": [verdict(number) for number in candidates]}))
    papers = _PAPER_ID.findall(text)
    if papers:
        verdicts = [{"id": one, "score": 8, "reason": f"its title says: {title[:40]}"} for one, title in papers]
        return Reply(json.dumps({"papers": verdicts}))
    sentences = [(int(number), line) for number, line in _NUMBERED.findall(text) if 40 < len(line) < 500]
    claims = [one for one in sentences if _CLAIM.search(one[1])] or sentences
    title = _TITLE.search(text)
    scope = f"the models of {title[1]}" if title else "the models of the paper"
    return Reply(json.dumps({"candidates": [_candidate(number, line, scope) for number, line in claims[:2]]}))


def verdict(candidate: int, verdict: str = "supported", **changes: Any) -> dict[str, Any]:
    """What a model says of one candidate's support."""
    said = {"candidate": candidate, "reason": f"Its quotes say what {candidate} says.", "verdict": verdict}
    return said | {"overreach": []} | changes


def _candidate(number: int, line: str, scope: str) -> dict[str, Any]:
    return {
        "text": f"Language models do what sentence {number} says: {' '.join(line.split()[:12])}.",
        "kind": "functional",
        "topics": ["in-context learning"],
        "evidence": [{"sentence": number, "starts": " ".join(line.split()[:6])}],
        "scope": scope,
        "open_question": None,
    }


def _handler(server: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.send_reply(server.list_models(self.path) or self.of_batches("GET", b""))

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path.endswith("/chat/completions"):
                asked = json.loads(sent)
                self.send_reply(server.reply_to(asked), asked)
            else:
                self.send_reply(self.of_batches("POST", sent))

        def of_batches(self, method: str, sent: bytes) -> Reply | None:
            if server.batch_api is None:
                return Reply(status=404, body=b'{"error": {"message": "there is no such route"}}')
            told = server.batch_api.handle(method, self.path, sent)
            return Reply(status=told[0], body=told[1], headers=(("Retry-After-Ms", "1"),)) if told else None

        def send_reply(self, reply: Reply | None, asked: dict[str, Any] | None = None) -> None:
            if reply is None or reply.dropped:
                self.close_connection = True
                return
            body = reply.body if reply.body is not None else json.dumps(_completion(asked or {}, reply)).encode()
            self.send_response(reply.status)
            self.close_connection = reply.cut
            for name, value in _headers(reply, body):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    return Handler


def _headers(reply: Reply, body: bytes) -> Iterator[tuple[str, str]]:
    if "Content-Type" not in dict(reply.headers):
        yield "Content-Type", "application/json" if body[:1] == b"{" else "text/html"
    yield "Content-Length", str(len(body) + reply.cut)
    yield from reply.headers


def tokens_of(text: str) -> int:
    """What the server counts for an answer."""
    return -(-len(text) // 4)


def _completion(asked: dict[str, Any], reply: Reply) -> dict[str, Any]:
    prompt = sum(len(message["content"]) for message in asked["messages"]) // 4
    answered = tokens_of(reply.content or reply.refusal or "")
    completion: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": asked["model"],
        "choices": [
            {
                "index": 0,
                "finish_reason": reply.finish_reason,
                "message": {"role": "assistant", "content": reply.content, "refusal": reply.refusal},
            }
        ],
    }
    counted = {
        "prompt_tokens": prompt,
        "completion_tokens": answered,
        "total_tokens": prompt + answered,
        "prompt_tokens_details": {"cached_tokens": prompt // 2},
    }
    if reply.usage is not UNREPORTED:
        completion["usage"] = counted if reply.usage is COUNTED else reply.usage
    return completion


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    with ModelServer(options.delay, options.port) as served:
        print(served.url, flush=True)
        threading.Event().wait()
