"""The list for other programs, written to a stream: Markdown, JSON, CSV, BibTeX, RIS, CSL-JSON and Atom.

The same frames always give the same bytes. Parquet, which only the warehouse can write, takes its rows from here.
"""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO, TypedDict

from curator.errors import PublishError
from curator.publish.atom import write_feed
from curator.publish.bibtex import entries
from curator.publish.cite import paper_url, papers_of, quoted_page
from curator.publish.csl import items
from curator.publish.listing import render
from curator.publish.regions import write_regions
from curator.publish.ris import records
from curator.records import Change, Frame, Quote

FORMATS = ("md", "json", "csv", "bibtex", "ris", "csl", "atom")
"""What `export` writes."""

JSON_VERSION = 1
"""Raised when a key of the JSON document is renamed or changes its meaning; more keys do not raise it."""

# What spreadsheets take as the start of a formula: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Row(TypedDict):
    """A frame as one flat row. Times are UTC; the paper's fields are those of the frame's own paper."""

    id: str
    kind: str
    text: str
    topics: list[str]
    paper: str  # without version
    version: int
    title: str
    authors: list[str]
    published: datetime  # of version 1
    page: int | None  # of the first quote that holds
    quotes: str  # JSON: a list of objects with text, paper, grade, page, section
    grades: list[str]  # one for each quote
    scope: str
    question: str | None
    draft_text: str
    drafter: str
    reviewer: str
    accepted: datetime
    url: str | None
    sources: list[str]  # every paper version, the frame's own first
    candidate: str


def rows(frames: Iterable[Frame]) -> Iterator[Row]:
    """The frames as flat rows, in the order given: what CSV and Parquet share."""
    for frame in frames:
        yield Row(
            id=frame.id,
            kind=frame.kind,
            text=frame.text,
            topics=list(frame.topics),
            paper=frame.paper.id,
            version=frame.paper.version,
            title=frame.paper.title,
            authors=list(frame.paper.authors),
            published=frame.paper.published,
            page=quoted_page(frame),
            quotes=_json([_quote(quote, frame) for quote in frame.quotes]),
            grades=[quote.grade for quote in frame.quotes],
            scope=frame.scope,
            question=frame.question,
            draft_text=frame.draft_text,
            drafter=frame.drafter,
            reviewer=frame.reviewer,
            accepted=frame.accepted,
            url=paper_url(frame.paper),
            sources=[paper.versioned_id for paper in papers_of(frame)],
            candidate=frame.candidate_id,
        )


def export(
    format: str,
    frames: Sequence[Frame],
    stream: BinaryIO,
    *,
    title: str,
    about: str = "",
    topics: Sequence[str] = (),
    changes: Sequence[Change] = (),
    identity: str = "",
) -> None:
    """Write the frames to `stream`, as UTF-8, in one of `FORMATS`; the stream stays open.

    `about`, `topics` and `changes` are for Markdown, which is the whole list as `curator publish` would lay
    it out anew; `identity` tells the list's feed from all others. Raises PublishError for another format.
    """
    out = codecs.getwriter("utf-8")(stream, "replace")
    match format:
        case "md":
            out.write(write_regions(None, render(topics, frames, changes), title, about))
        case "json":
            _write_json(frames, out, title)
        case "csv":
            _write_csv(frames, out)
        case "bibtex":
            out.writelines(f"{entry}\n" for entry in entries(frames))
        case "ris":
            out.writelines(records(frames))
        case "csl":
            _write_items(items(frames), out)
        case "atom":
            write_feed(frames, stream, title=title, about=about, identity=identity)
        case _:
            raise PublishError(f"There is no export format {format!r}. Choose one of {', '.join(FORMATS)}.")


def _write_json(frames: Iterable[Frame], out: codecs.StreamWriter, title: str) -> None:
    """`{"version", "title", "frames": […]}`, a frame a line: a row's keys, with its quotes as a list."""
    out.write(f'{{"version": {JSON_VERSION}, "title": {_json(title)}, "frames": [')
    separator = "\n"
    for frame, row in zip(frames, rows(frames), strict=True):
        out.write(separator + _json({**row, "quotes": [_quote(quote, frame) for quote in frame.quotes]}))
        separator = ",\n"
    out.write("\n]}\n")


def _write_items(found: Iterable[dict[str, Any]], out: codecs.StreamWriter) -> None:
    """A JSON list, an item a line."""
    out.write("[")
    separator = "\n"
    for item in found:
        out.write(separator + _json(item))
        separator = ",\n"
    out.write("\n]\n")


def _write_csv(frames: Iterable[Frame], out: codecs.StreamWriter) -> None:
    """A header and a row a frame, as RFC 4180 has it; lists are joined by "; ".

    A cell that starts with = + - @, a tab or a line end gets an apostrophe before it, or a spreadsheet would run
    a stranger's text as a formula. All other cells read back to the same text.
    """
    writer = csv.writer(out)
    writer.writerow(Row.__annotations__)
    for row in rows(frames):
        writer.writerow([_cell(value) for value in row.values()])


def _cell(value: object) -> str:
    if isinstance(value, list):
        text = "; ".join(value)
    elif isinstance(value, datetime):
        text = _moment(value)
    else:
        text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _quote(quote: Quote, frame: Frame) -> dict[str, str | int | None]:
    paper = quote.paper or frame.paper.versioned_id
    return {"text": quote.text, "paper": paper, "grade": quote.grade, "page": quote.page, "section": quote.section}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_moment)


def _moment(value: datetime) -> str:
    """A time as ISO 8601 in UTC; those without a zone are UTC already."""
    utc = value.astimezone(UTC) if value.tzinfo else value
    return f"{utc:%Y-%m-%dT%H:%M:%S}Z"
