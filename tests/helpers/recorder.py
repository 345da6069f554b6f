"""A far end on loopback that keeps every request, and answers all alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Recorder:
    port: int
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    came: list[str] = field(default_factory=list)  # request line and headers

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def recorder(port: int = 0) -> Iterator[Recorder]:
    """Raises OSError where the port is taken."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            kept.came.append(f"{self.requestline}\n{self.headers}")
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.send_response(kept.status)
            for name, value in kept.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(kept.body)))
            self.end_headers()
            self.wfile.write(kept.body)

        do_GET = do_POST = do_PATCH = answer

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    kept = Recorder(server.server_address[1])
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
