"""Stand in for arXiv on 127.0.0.1, so that the demo and the tests use the real client over real HTTP, offline.

It implements arXiv's API as of 2026 (`/api/query`, with its limits and error entries) and serves `/pdf/` and `/abs/`.

    python -m curator.demo.server CATALOGUE.jsonl PDF_DIR [--port N]

serves the PDFs of a folder until it is interrupted.
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

from curator.demo.feed import build_error_feed, build_results_feed
from curator.demo.holdings import HeldPaper, Holdings, get_date, parse_id
from curator.demo.search_query import InvalidQueryError, parse_query

__all__ = ["ArxivServer", "HeldPaper", "LoggedRequest", "Request", "Response"]

DEFAULT_MAX_RESULTS = 10
"""Papers in the answer to a request without `max_results`."""
MAX_PAGE_SIZE = 2000
"""Papers in the answer to one request; arXiv's API user manual, 3.1.1.2."""
MAX_RESULTS = 30_000
"""Papers in all pages of a query; the same section of the manual."""
MAX_LOG_LENGTH = 100_000
"""Requests in the log; older ones are dropped."""
SORT_KEYS = ("relevance", "lastUpdatedDate", "submittedDate")
SORT_ORDERS = ("descending", "ascending")


@dataclass(frozen=True)
class LoggedRequest:
    """A request and the outcome; the log is in the order of the responses."""

    arrived: float  # time.monotonic()
    seconds: float | None  # from arrival until the response was ready; None if the connection was dropped
    path: str
    query: dict[str, str]
    user_agent: str
    status: int  # 0 if the connection was dropped


@dataclass(frozen=True)
class Request:
    """An HTTP request, parsed."""

    method: str  # GET or HEAD
    path: str  # percent-decoded, without the query
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case

    @property
    def user_agent(self) -> str:
        """The User-Agent header, or an empty string."""
        return self.headers.get("user-agent", "")


@dataclass(frozen=True)
class Response:
    """An HTTP response. If `headers` has a Content-Length other than the body's, the connection closes afterwards."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class ArxivServer:
    """Answers requests as arXiv does. Tests that need a misbehaving arXiv override `answer`.

    Args:
        papers: The papers to serve. A later paper replaces an earlier one with the same id and version.
        port: The port to listen on; 0 lets the system choose.
    """

    def __init__(self, papers: Iterable[HeldPaper], port: int = 0) -> None:
        self.holdings = Holdings(papers)
        self._port = port
        self._log: deque[LoggedRequest] = deque(maxlen=MAX_LOG_LENGTH)
        self._log_lock = threading.Lock()
        self._http: _HttpServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen, and answer requests on daemon threads.

        Raises:
            OSError: The port is in use.
        """
        self._http = _HttpServer(self, self._port)
        self._port = self._http.server_port
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, name="arxiv-server", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and close all open connections; do nothing if the server is not running."""
        http, thread, self._http, self._thread = self._http, self._thread, None, None
        if http is not None and thread is not None:
            http.shutdown()
            thread.join()
            http.server_close()
            http.close_connections()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address, without a slash at the end. Before the server starts, it has the requested port."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> list[LoggedRequest]:
        """The most recent requests, at most MAX_LOG_LENGTH."""
        with self._log_lock:
            return list(self._log)

    def record(self, request: LoggedRequest) -> None:
        """Add a request to the log."""
        with self._log_lock:
            self._log.append(request)

    def answer(self, request: Request) -> Response:
        """Return the response to a request. Several threads may call this at once.

        An override may misbehave in any way. If it raises ConnectionError, the connection is dropped without a
        response; any other exception is answered with status 500.
        """
        if request.path == "/api/query":
            return self._answer_query(request.query)
        kind, _, name = request.path.removeprefix("/").partition("/")
        if kind == "pdf":
            return self._answer_pdf(name)
        if kind == "abs":
            return self._answer_abstract(name)
        return _render_page(404, "404 Not Found", f"There is no page {request.path}.")

    def _answer_query(self, query: Mapping[str, str]) -> Response:
        headers = {"Content-Type": "application/atom+xml; charset=utf-8"}
        try:
            start, max_results = _parse_page_range(query)
            results = self._search(query)
        except InvalidQueryError as error:
            return Response(400, build_error_feed(str(error)), headers)
        page = [held.paper for held in results[start : start + max_results]]
        return Response(200, build_results_feed(page, len(results), start, max_results, query), headers)

    def _search(self, query: Mapping[str, str]) -> list[HeldPaper]:
        words, ids = query.get("search_query", "").strip(), query.get("id_list", "").strip()
        sort_key, order = query.get("sortBy") or SORT_KEYS[0], query.get("sortOrder") or SORT_ORDERS[0]
        if sort_key not in SORT_KEYS:
            raise InvalidQueryError(f"sortBy must be in: {', '.join(SORT_KEYS)}")
        if order not in SORT_ORDERS:
            raise InvalidQueryError(f"sortOrder must be in: {', '.join(SORT_ORDERS)}")
        scored = self.holdings.search(parse_query(words)) if words else []
        if ids:
            listed = self._find_listed(ids)
            if words:
                matching = {held.paper.id for held, _ in scored}
                listed = [held for held in listed if held.paper.id in matching]
            if sort_key == "relevance":
                return listed
            scored = [(held, 0) for held in listed]
        return _sort_papers(scored, sort_key, descending=order == "descending")

    def _find_listed(self, ids: str) -> list[HeldPaper]:
        names = [parse_id(part.strip()) for part in ids.split(",") if part.strip()]
        versions = (self.holdings.find(*name) for name in names)
        return list({held.paper.versioned_id: held for held in versions if held is not None}.values())

    def _answer_pdf(self, name: str) -> Response:
        held = self._find_named(name.removesuffix(".pdf"))
        pdf = held.pdf if held else None
        if isinstance(pdf, Path):
            pdf = pdf.read_bytes() if pdf.is_file() else None
        if pdf is None:
            return _render_page(404, "No PDF", f"There is no PDF for {name}.")
        return Response(200, pdf, {"Content-Type": "application/pdf"})

    def _answer_abstract(self, name: str) -> Response:
        held = self._find_named(name)
        if held is None:
            return _render_page(404, "Article not found", f"There is no article {name}.")
        paper = held.paper
        return _render_page(200, f"[{paper.versioned_id}] {paper.title}", paper.abstract)

    def _find_named(self, name: str) -> HeldPaper | None:
        try:
            return self.holdings.find(*parse_id(name))
        except InvalidQueryError:
            return None


def _parse_page_range(query: Mapping[str, str]) -> tuple[int, int]:
    start = _parse_count(query, "start", 0)
    max_results = _parse_count(query, "max_results", DEFAULT_MAX_RESULTS)
    if max_results > MAX_PAGE_SIZE:
        raise InvalidQueryError(f"max_results must not exceed {MAX_PAGE_SIZE}")
    if start + max_results > MAX_RESULTS:
        raise InvalidQueryError(f"start plus max_results must not exceed {MAX_RESULTS}")
    return start, max_results


def _parse_count(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "").strip() or str(default)
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise InvalidQueryError(f"{name} must be an integer")
    if int(text) < 0:
        raise InvalidQueryError(f"{name} must be non-negative")
    return int(text)


def _sort_papers(scored: list[tuple[HeldPaper, int]], sort_key: str, descending: bool) -> list[HeldPaper]:
    """Sort by score or date, then by id: the order is total, so pages of results never overlap."""

    def key(item: tuple[HeldPaper, int]) -> tuple[float, str]:
        held, score = item
        return (score if sort_key == "relevance" else get_date(held.paper, sort_key).timestamp()), held.paper.id

    return [held for held, _ in sorted(scored, key=key, reverse=descending)]


def _render_page(status: int, title: str, text: str) -> Response:
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

    def close_connections(self) -> None:
        with self._open_lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing when a client closes its connection: the terminal belongs to the demo."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "CuratorDemoArxiv/1"
    timeout = 60  # seconds after which an idle connection is closed
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
            response = _render_page(500, "500 Internal Server Error", f"{type(error).__name__}: {error}")
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
        """Print nothing: the server keeps its own log, and the terminal belongs to the demo."""


def main(arguments: list[str] | None = None) -> None:
    """Serve a catalogue and its folder of PDFs until interrupted; print the address once."""
    from curator.demo.samples import load_catalogue

    parser = argparse.ArgumentParser(
        prog="python -m curator.demo.server", description="Serve a folder of PDFs the way arXiv does."
    )
    parser.add_argument(
        "catalogue", type=Path, help="JSON lines with the keys id, version, title, abstract, file and so on"
    )
    parser.add_argument("pdf_dir", type=Path, help="the folder that holds the catalogue's files")
    parser.add_argument("--port", type=int, default=0, help="0, the default, lets the system choose a port")
    options = parser.parse_args(arguments)
    with ArxivServer(load_catalogue(options.catalogue, options.pdf_dir), options.port) as server:
        print(server.url, flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
