"""A stand-in for arXiv on 127.0.0.1, so that demo and tests run the real client over real HTTP, offline.

It speaks arXiv's API as of 2026 (`/api/query`, with its limits and error entries) and serves `/pdf/` and `/abs/`.

    python -m curator.demo.server CATALOGUE.jsonl PDF_DIR [--port N]

serves a folder of PDFs until interrupted.
"""

from __future__ import annotations

import argparse
import html
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from curator.demo.feed import error_feed, results_feed
from curator.demo.holdings import HeldPaper, Holdings, format_moment, parse_id
from curator.demo.search_query import QueryRefused, parse_query

__all__ = ["ArxivServer", "HeldPaper", "LoggedRequest", "Request", "Response"]

DEFAULT_MAX_RESULTS = 10
MAX_SLICE = 2000  # arXiv's API user manual, 3.1.1.2
MAX_DEPTH = 30_000  # the same
LOG_LENGTH = 100_000
SORT_KEYS = ("relevance", "lastUpdatedDate", "submittedDate")
SORT_ORDERS = ("descending", "ascending")


@dataclass(frozen=True)
class LoggedRequest:
    """A request that was answered, in the order of the answers."""

    at: float  # time.monotonic() at its arrival
    seconds: float | None  # until the answer was ready to be sent; None: the connection was dropped instead
    path: str
    query: dict[str, str]
    user_agent: str
    status: int  # 0: the connection was dropped


@dataclass(frozen=True)
class Request:
    method: str  # GET or HEAD
    path: str  # percent-decoded, without the query
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case

    @property
    def user_agent(self) -> str:
        return self.headers.get("user-agent", "")


@dataclass(frozen=True)
class Response:
    """An answer. Where `headers` claims a Content-Length that is not the body's, the connection closes after it."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class ArxivServer:
    """The stand-in. Tests that need a misbehaving arXiv override `answer`.

    Args:
        papers: what it holds; of two with the same id and version the later one counts.
        port: 0 lets the system choose.
    """

    def __init__(self, papers: Iterable[HeldPaper], port: int = 0) -> None:
        self.holdings = Holdings(papers)
        self._port = port
        self._log: deque[LoggedRequest] = deque(maxlen=LOG_LENGTH)
        self._log_lock = threading.Lock()
        self._http: _HttpServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listens, and answers on daemon threads from now on.

        Raises:
            OSError: the port is taken.
        """
        self._http = _HttpServer(self, self._port)
        self._port = self._http.server_port
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, name="arxiv-server", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stops listening and hangs up on whoever is still connected; harmless where it is not running."""
        http, thread, self._http, self._thread = self._http, self._thread, None, None
        if http is not None and thread is not None:
            http.shutdown()
            thread.join()
            http.server_close()
            http.hang_up()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT` without a slash at the end; before the start, PORT is what was asked for."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> list[LoggedRequest]:
        """The last 100,000 requests."""
        with self._log_lock:
            return list(self._log)

    def record(self, request: LoggedRequest) -> None:
        with self._log_lock:
            self._log.append(request)

    def answer(self, request: Request) -> Response:
        """What to send back. May be called from several threads at once.

        An override may misbehave as it likes; where it raises ConnectionError the connection is dropped
        without an answer, and any other exception is answered with 500.
        """
        if request.path == "/api/query":
            return self._answer_query(request.query)
        kind, _, name = request.path.removeprefix("/").partition("/")
        if kind == "pdf":
            return self._answer_pdf(name)
        if kind == "abs":
            return self._answer_abstract(name)
        return _page(404, "404 Not Found", f"There is no {request.path} here.")

    def _answer_query(self, query: Mapping[str, str]) -> Response:
        headers = {"Content-Type": "application/atom+xml; charset=utf-8"}
        try:
            start, max_results = _slice(query)
            found = self._found(query)
        except QueryRefused as refusal:
            return Response(400, error_feed(str(refusal)), headers)
        page = [held.paper for held in found[start : start + max_results]]
        return Response(200, results_feed(page, len(found), start, max_results, query), headers)

    def _found(self, query: Mapping[str, str]) -> list[HeldPaper]:
        words, ids = query.get("search_query", "").strip(), query.get("id_list", "").strip()
        by, order = query.get("sortBy") or SORT_KEYS[0], query.get("sortOrder") or SORT_ORDERS[0]
        if by not in SORT_KEYS:
            raise QueryRefused(f"sortBy must be in: {', '.join(SORT_KEYS)}")
        if order not in SORT_ORDERS:
            raise QueryRefused(f"sortOrder must be in: {', '.join(SORT_ORDERS)}")
        scored = self.holdings.search(parse_query(words)) if words else []
        if ids:
            listed = self._listed(ids)
            if words:
                meets = {held.paper.id for held, _ in scored}
                listed = [held for held in listed if held.paper.id in meets]
            if by == "relevance":
                return listed
            scored = [(held, 0) for held in listed]
        return _sorted(scored, by, descending=order == "descending")

    def _listed(self, ids: str) -> list[HeldPaper]:
        asked = [parse_id(part.strip()) for part in ids.split(",") if part.strip()]
        found = (self.holdings.find(*name) for name in asked)
        return list({held.paper.versioned_id: held for held in found if held is not None}.values())

    def _answer_pdf(self, name: str) -> Response:
        held = self._named(name.removesuffix(".pdf"))
        pdf = held.pdf if held else None
        if isinstance(pdf, Path):
            pdf = pdf.read_bytes() if pdf.is_file() else None
        if pdf is None:
            return _page(404, "No PDF", f"There is no PDF for {name}.")
        return Response(200, pdf, {"Content-Type": "application/pdf"})

    def _answer_abstract(self, name: str) -> Response:
        held = self._named(name)
        if held is None:
            return _page(404, "Article not found", f"There is no article {name}.")
        paper = held.paper
        return _page(200, f"[{paper.versioned_id}] {paper.title}", paper.abstract)

    def _named(self, name: str) -> HeldPaper | None:
        try:
            return self.holdings.find(*parse_id(name))
        except QueryRefused:
            return None


def _slice(query: Mapping[str, str]) -> tuple[int, int]:
    start = _count(query, "start", 0)
    max_results = _count(query, "max_results", DEFAULT_MAX_RESULTS)
    if max_results > MAX_SLICE:
        raise QueryRefused(f"max_results must not exceed {MAX_SLICE}")
    if start + max_results > MAX_DEPTH:
        raise QueryRefused(f"start plus max_results must not exceed {MAX_DEPTH}")
    return start, max_results


def _count(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "").strip() or str(default)
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise QueryRefused(f"{name} must be an integer")
    if int(text) < 0:
        raise QueryRefused(f"{name} must be non-negative")
    return int(text)


def _sorted(scored: list[tuple[HeldPaper, int]], by: str, descending: bool) -> list[HeldPaper]:
    """A total order, so that pages never overlap: ties go by date, then by id."""

    def key(item: tuple[HeldPaper, int]) -> tuple[float, str]:
        held, score = item
        return (score if by == "relevance" else format_moment(held.paper, by).timestamp()), held.paper.id

    return [held for held, _ in sorted(scored, key=key, reverse=descending)]


def _page(status: int, title: str, text: str) -> Response:
    body = (
        f"<!DOCTYPE html>\n<html><head><title>{html.escape(title)}</title></head>\n"
        f"<body><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p></body></html>\n"
    )
    return Response(status, body.encode(errors="replace"), {"Content-Type": "text/html; charset=utf-8"})


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, owner: ArxivServer, port: int) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        with self._open_lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news; the terminal belongs to the demo."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "CuratorDemoArxiv/1"
    timeout = 60  # seconds that an idle connection may stay
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _HttpServer

    def do_GET(self) -> None:
        arrived = time.monotonic()
        target = urlsplit(self.path)
        request = Request(
            self.command,
            unquote(target.path),
            dict(reversed(parse_qsl(target.query, keep_blank_values=True))),
            {name.lower(): value for name, value in self.headers.items()},
        )
        try:
            response = self.server.owner.answer(request)
        except ConnectionError:
            self.close_connection = True
            self._record(arrived, None, request, 0)
            return
        except Exception as error:
            response = _page(500, "500 Internal Server Error", f"{type(error).__name__}: {error}")
        self._record(arrived, time.monotonic() - arrived, request, response.status)
        self._send(response)

    do_HEAD = do_GET

    def _record(self, arrived: float, seconds: float | None, request: Request, status: int) -> None:
        self.server.owner.record(
            LoggedRequest(arrived, seconds, request.path, dict(request.query), request.user_agent, status)
        )

    def _send(self, response: Response) -> None:
        headers = {"Content-Length": str(len(response.body)), **response.headers}
        if headers["Content-Length"] != str(len(response.body)):
            self.close_connection = True
        self.send_response(response.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: requests are in the server's log, and the terminal belongs to the demo."""


def main(arguments: list[str] | None = None) -> None:
    """Serves a catalogue and its folder of PDFs until interrupted, and prints the address once."""
    from curator.demo.samples import load_catalogue

    parser = argparse.ArgumentParser(
        prog="python -m curator.demo.server", description="Serve a folder of PDFs the way arXiv does."
    )
    parser.add_argument("catalogue", type=Path, help="JSON lines with id, version, title, abstract, file and so on")
    parser.add_argument("pdf_dir", type=Path, help="the folder that the catalogue's files are in")
    parser.add_argument("--port", type=int, default=0, help="0, the default, lets the system choose")
    chosen = parser.parse_args(arguments)
    with ArxivServer(load_catalogue(chosen.catalogue, chosen.pdf_dir), chosen.port) as server:
        print(server.url, flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
