"""A web server on 127.0.0.1 that plays a script: one step for each request, the last step again and again."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from curator.arxiv.rate_limit import gate_file


@dataclass(frozen=True)
class Reply:
    """One step: `cut` sends that many bytes less than announced, `reset` ends the connection with an RST instead."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: int = 0
    chunked: bool = False
    reset: bool = False


@dataclass(frozen=True)
class Request:
    """What came in. `began` and `ended` are time.monotonic() seconds around the answer."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    began: float
    connection: int


Script = Callable[[Request], Reply]


class ScriptedServer:
    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._steps: list[Reply | Script] = []
        self._lock = threading.Lock()
        self._active = 0
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def play(self, *steps: Reply | Script) -> None:
        self._steps = list(steps)

    def take(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
        return step if isinstance(step, Reply) else step(request)

    @contextlib.contextmanager
    def one_active(self) -> Iterator[None]:
        with self._lock:
            self._active += 1
            self.most_at_once = max(self.most_at_once, self._active)
        try:
            yield
        finally:
            with self._lock:
                self._active -= 1

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        gate_file(self.url).unlink(missing_ok=True)


@contextlib.contextmanager
def scripted_server(*steps: Reply | Script) -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    gate_file(server.url).unlink(missing_ok=True)
    server.play(*steps)
    try:
        yield server
    finally:
        server.close()


def _handler(server: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            request = Request(
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                dict(self.headers.items()),
                time.monotonic(),
                self.client_address[1],
            )
            with server.one_active(), contextlib.suppress(ConnectionError):
                self._give(server.take(request))

        def _give(self, reply: Reply) -> None:
            time.sleep(reply.delay)
            if reply.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.chunked:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"%x\r\n" % len(reply.body) + reply.body + b"\r\n" + b"0\r\n\r\n"[: 5 - reply.cut])
                self.close_connection = reply.cut > 0
                return
            if "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) - reply.cut])
            self.close_connection = reply.cut > 0

        def finish(self) -> None:
            with contextlib.suppress(OSError):
                super().finish()

        def log_message(self, *args: object) -> None:
            pass

    return Handler
