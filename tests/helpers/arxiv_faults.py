"""An arXiv on loopback that misbehaves where a test says so, papers to put on its shelf, and a list that watches it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from curator.arxiv.rate_limit import RateLimiter, gate_file
from curator.demo.feed import build_error_feed
from curator.demo.holdings import HeldPaper, Holdings
from curator.demo.server import ArxivServer, Request, Response
from curator.types import Paper
from curator.workspace import Workspace
from tests.helpers.templates import create_workspace
from tests.typesetting.markup import parse_source
from tests.typesetting.typeset import typeset

Fault = Callable[[Request], Response | None]
"""What to answer instead, or None where this request is answered as it should be."""

TOPICS = {"grokking": "all:grokking", "refusal": "all:refusal"}

_SOURCE = """---
id: 2611.00001
version: 1
title: {title}
running: {title}
authors: Mira Lindqvist, Jörg Süß
categories: cs.CL
published: 2026-11-01T12:00:00Z
updated: 2026-11-01T12:00:00Z
---

# Abstract

{abstract}

## 1 Introduction

Much has been said about {topic} in language models. We look at {topic} once more, in run {number} of our study.

## 2 Conclusion

We find that {topic} in language models depends on the size of the training set in setting {number}. It is not clear
whether this holds for larger models.
"""


def held(number: int = 1, topic: str = "grokking", *, days_ago: float = 3, pdf: Any = ..., **changes: Any) -> HeldPaper:
    """Paper `number` about a topic, submitted so many days ago, with a PDF of its own."""
    title = f"On {topic} in language models, part {number}"
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days_ago)
    told = {"published": moment, "updated": moment, "id": f"2611.{number:05}", "title": title, "version": 1} | changes
    source, typeset_pdf = _typeset(number, topic)
    paper = source.paper.__class__(**{**vars(source.paper), **told})
    return HeldPaper(paper, typeset_pdf if pdf is ... else pdf)


@cache
def _typeset(number: int, topic: str) -> tuple[Any, bytes]:
    title = f"On {topic} in language models, part {number}"
    abstract = (
        f"We study {topic} in language models. We find that {topic} occurs in {10 + number % 80} percent of all runs "
        f"that we trained. We show that {topic} vanishes when weights are not decayed."
    )
    source = parse_source(_SOURCE.format(title=title, abstract=abstract, topic=topic, number=number))
    return source, typeset(source)


BACKGROUND = tuple(
    HeldPaper(
        Paper(
            f"2610.{number:05}", 1, f"Something else {number}", "About something else.", ("A. Person",), ("cs.CL",),
            moment, moment,
        ),
        None,
    )
    for number in range(1, 40)
    for moment in [datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6 * number)]
)  # fmt: skip
"""What others submit meanwhile, every six hours of the last ten days: an arXiv that has nothing else stands still."""


class FaultyArxiv(ArxivServer):
    """Asks each of `faults` for an answer before it gives its own."""

    def __init__(self, papers: Iterable[HeldPaper] = ()) -> None:
        self.papers = [*BACKGROUND, *papers]
        super().__init__(self.papers)
        self.faults: list[Fault] = []

    def add(self, *papers: HeldPaper) -> None:
        self.papers += papers
        self.holdings = Holdings(self.papers)

    def answer(self, request: Request) -> Response:
        for fault in list(self.faults):
            if (response := fault(request)) is not None:
                return response
        return super().answer(request)

    def go_on(self) -> None:
        """All is well again, and somebody says that this arXiv may be asked after it turned us away."""
        self.faults = []
        RateLimiter(gate_file(self.url), 0).resume()

    def stop(self) -> None:
        super().stop()
        gate_file(self.url).unlink(missing_ok=True)

    def asked(self, path: str) -> list[str]:
        """What was asked for under this path so far: queries, or the names of PDFs."""
        if path == "/api/query":
            return [one.query.get("search_query") or one.query["id_list"] for one in self.log if one.path == path]
        return [one.path.removeprefix(path) for one in self.log if one.path.startswith(path)]


def on_topic(word: str, response: Response) -> Fault:
    """This answer to every search for `word`."""
    return lambda request: response if word in request.query.get("search_query", "") else None


def on_pdf(paper_id: str, response: Response) -> Fault:
    return lambda request: response if request.path.startswith(f"/pdf/{paper_id}") else None


def hold_pdf(paper_id: str) -> tuple[Fault, threading.Event, threading.Event]:
    """A fault that keeps one PDF back; the events: it was asked for, it may be answered."""
    asked, go_on = threading.Event(), threading.Event()

    def fault(request: Request) -> None:
        if request.path.startswith(f"/pdf/{paper_id}"):
            asked.set()
            go_on.wait(60)

    return fault, asked, go_on


ERROR_ENTRY = Response(400, build_error_feed("incorrect query"), {"Content-Type": "application/atom+xml"})
NO_FEED = Response(
    200, b"<html><body>Welcome to the hotel's network. Log in.</body></html>", {"Content-Type": "text/html"}
)
BUSY = Response(503, b"later", {"Retry-After": "1"})
REFUSED = Response(403, b"Forbidden", {"Content-Type": "text/plain"})
MISSING = Response(404, b"<html><body>No PDF</body></html>", {"Content-Type": "text/html"})
HTML = Response(200, b"<html><body>reCAPTCHA</body></html>", {"Content-Type": "text/html"})


def make_workspace(root: Path, arxiv_url: str, *, topics: dict[str, str] | None = None, more: str = "") -> Workspace:
    """A list with few topics that asks the arXiv at `arxiv_url`, without any pause."""
    workspace = create_workspace(root)
    tables = [
        f'[[topics]]\nname = "{name}"\nquery = "{query}"\nabout = "{name.title()} in language models, when it occurs."'
        for name, query in (TOPICS if topics is None else topics).items()
    ]
    head = f'title = "Tested list"\nreviewer = "Ada"\n[arxiv]\nurl = "{arxiv_url}"\ninterval = 0\n[read]\nworkers = 1\n'
    (root / "curator.toml").write_text("\n".join([head, more, *tables]), encoding="utf-8")
    return workspace
