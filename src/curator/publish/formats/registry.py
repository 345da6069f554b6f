"""The list for other programs, written to a stream: Markdown, JSON, CSV, BibTeX, RIS, CSL-JSON and Atom.

The same frames always give the same bytes. Parquet, which only the warehouse can write, takes its rows from here.
"""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO, TypedDict

from curator.errors import PublishError
from curator.publish.citations import iso_time, paper_url, papers_of, quoted_page
from curator.publish.formats import TEXTS
from curator.publish.formats.atom import write_feed
from curator.publish.formats.bibtex import write_bibtex
from curator.publish.formats.csl import csl_items
from curator.publish.formats.ris import ris_records
from curator.publish.managed_regions import lay_out_regions
from curator.publish.markdown import blocks_of
from curator.publish.snapshot import ListSnapshot
from curator.types import Frame, Quote

JSON_VERSION = 1
"""Raised when a key of the JSON document is renamed or changes its meaning; more keys do not raise it."""

# What spreadsheets take as the start of a formula: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class FrameRow(TypedDict):
    """A frame as one flat row. Times are UTC; the paper's fields are of the first source, and empty without one."""

    id: str
    kind: str
    text: str
    topics: list[str]
    paper: str | None  # without version
    version: int | None
    title: str | None
    authors: list[str]
    published: datetime | None  # of version 1
    page: int | None  # of the first quote of that source that holds
    quotes: str  # JSON: a list of objects with text, paper, grade, page, section, contradicts
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
    contradicted_by: list[str]  # paper versions
    author: str | None  # who wrote it, where it was not drafted
    pinned: bool
    section: str | None  # the person's own heading
    support: str  # JSON: a list of objects with verdict, reason, overreach, checker, of, text, current


def frame_rows(frames: Iterable[Frame]) -> Iterator[FrameRow]:
    """The frames as flat rows, in the order given: what CSV and Parquet share."""
    for frame in frames:
        papers = papers_of(frame)
        first = papers[0] if papers else None
        yield FrameRow(
            id=frame.id,
            kind=frame.kind,
            text=frame.text,
            topics=list(frame.topics),
            paper=first.id if first else None,
            version=first.version if first else None,
            title=first.title if first else None,
            authors=list(first.authors) if first else [],
            published=first.published if first and first.dated else None,
            page=quoted_page(frame),
            quotes=_json([_quote(quote, frame) for quote in frame.quotes]),
            grades=[quote.grade for quote in frame.quotes],
            scope=frame.scope,
            question=frame.question,
            draft_text=frame.draft_text,
            drafter=frame.drafter,
            reviewer=frame.reviewer,
            accepted=frame.accepted,
            url=paper_url(first) if first else None,
            sources=[paper.versioned_id for paper in papers],
            candidate=frame.candidate_id,
            contradicted_by=[paper.versioned_id for paper in frame.contradicting],
            author=frame.author,
            pinned=frame.pinned,
            section=frame.section,
            support=_json([one.to_json() for one in frame.support]),
        )


def write_export(format: str, told: ListSnapshot, stream: BinaryIO) -> None:
    """Write the list to `stream`, as UTF-8, in one of `formats.TEXTS`; the stream stays open.

    Markdown is the whole list as `curator publish` would lay it out anew. Raises PublishError for another format.
    """
    out = codecs.getwriter("utf-8")(stream, "replace")
    match format:
        case "md":
            out.writelines(lay_out_regions(blocks_of(told), told.title, told.about))
        case "json":
            _write_json(told, out)
        case "csv":
            _write_csv(told.frames, out)
        case "bibtex":
            out.writelines(f"{entry}\n" for entry in write_bibtex(told.frames))
        case "ris":
            out.writelines(ris_records(told.frames))
        case "csl":
            _write_items(csl_items(told.frames), out)
        case "atom":
            write_feed(told, stream)
        case _:
            raise PublishError(f"There is no export format {format!r}. Choose one of {', '.join(TEXTS)}.")


def _write_json(told: ListSnapshot, out: codecs.StreamWriter) -> None:
    """`{"version", "title", "topics", "questions", "retired", "frames": […]}`, a frame a line, as the schema has it."""
    head = {
        "version": JSON_VERSION,
        "title": told.title,
        "topics": list(told.topics),
        "questions": [
            {name: value for name, value in vars(one).items() if name != "author"} for one in told.questions
        ],
        "retired": [
            {"id": one.frame, "text": one.text, "reason": one.reason, "superseded_by": one.superseded_by,
             "retired": one.retired}
            for one in told.retired.values()
        ],
    }  # fmt: skip
    out.write(f'{_json(head)[:-1]}, "frames": [')
    separator = "\n"
    for frame, row in zip(told.frames, frame_rows(told.frames), strict=True):
        told_apart = {
            "quotes": [_quote(quote, frame) for quote in frame.quotes],
            "support": [one.to_json() for one in frame.support],
        }
        out.write(separator + _json({**row, **told_apart}))
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
    writer.writerow(FrameRow.__annotations__)
    for row in frame_rows(frames):
        writer.writerow([_cell(value) for value in row.values()])


def _cell(value: object) -> str:
    if isinstance(value, list):
        text = "; ".join(value)
    elif isinstance(value, datetime):
        text = iso_time(value)
    else:
        text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _quote(quote: Quote, frame: Frame) -> dict[str, str | int | None]:
    return {
        "text": quote.text,
        "paper": quote.paper or frame.paper.versioned_id,
        "grade": quote.grade,
        "page": quote.page,
        "section": quote.section,
        "contradicts": quote.contradicts,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=iso_time)
