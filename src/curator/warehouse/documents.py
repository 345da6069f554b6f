"""Documents: the text, pages, sentences and hidden text of a paper version, and spans and quotes in it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from curator.types import (
    Box,
    Difference,
    Document,
    Extraction,
    Grade,
    HiddenText,
    Page,
    Quote,
    Section,
    Sentence,
    Span,
)
from curator.warehouse.connection import Connection
from curator.warehouse.rows import Row, add_rows, to_json, utc_now


def add_document(connection: Connection, run: str | None, document: Document) -> None:
    """Record a document with its pages, sections, sentences and hidden text.

    A paper version that the same extractor has read before is left unchanged. Boxes are stored as 32-bit floats, which
    are exact to 0.00004 points on a page of 1,000 points.
    """
    key = {
        "paper": document.paper_id,
        "version": document.version,
        "extractor": document.extraction.extractor,
    }
    row = key | {
        "sha256": document.sha256,
        "settings": dict(document.extraction.settings),
        "run": run,
        "added": utc_now(),
    }
    if not add_rows(connection, "documents", [row], identity=tuple(key)):
        return
    parts: dict[str, Iterable[dict[str, Any]]] = {
        "pages": (
            {
                "number": page.number,
                "text": page.text,
                "width": page.width,
                "height": page.height,
                "boxes": [
                    {"s": b.start, "e": b.end, "x0": b.x0, "y0": b.y0, "x1": b.x1, "y1": b.y1} for b in page.boxes
                ],
            }
            for page in document.pages
        ),
        "sections": (
            {"position": n, "title": s.title, "kind": s.kind, "page": s.page, "start": s.start}
            for n, s in enumerate(document.sections)
        ),
        "sentences": (
            {"number": s.number, "section": s.section, "form": s.form, "spans": to_span_rows(s.spans)}
            for s in document.sentences
        ),
        "hidden": ({"page": h.page, "text": h.text, "why": h.why, "honest": h.is_ocr_layer} for h in document.hidden),
    }
    for table, rows in parts.items():
        add_rows(connection, table, [key | part for part in rows])


def list_read_papers(connection: Connection) -> set[tuple[str, int]]:
    """Return the paper versions whose text is in the warehouse."""
    return set(connection.execute("select paper, version from record.documents").fetchall())


def get_document(connection: Connection, paper_id: str, version: int) -> Document | None:
    """Return the latest text of a paper version; None if it has not been read."""
    row = connection.execute(
        "select sha256, extractor, settings from documents where paper = $paper and version = $version",
        {"paper": paper_id, "version": version},
    ).fetchone()
    if row is None:
        return None
    sha256, extractor, settings = row
    key = {"paper": paper_id, "version": version, "extractor": extractor}
    pages = {page.number: page for page in _pages(connection, key)}
    return Document(
        paper_id=paper_id,
        version=version,
        sha256=sha256,
        pages=tuple(pages.values()),
        sections=tuple(_sections(connection, key)),
        sentences=tuple(_sentences(connection, key, pages)),
        extraction=Extraction(extractor, json.loads(settings)),
        hidden=tuple(_hidden(connection, key)),
    )


def load_pages(connection: Connection, wanted: Iterable[tuple[str, int, int]]) -> list[tuple[tuple[str, int], Page]]:
    """Return single pages of the latest texts, each with its paper and version.

    Args:
        connection: A connection.
        wanted: The paper, version and page number of each page.
    """
    keys = [{"paper": paper, "version": version, "number": number} for paper, version, number in wanted]
    rows = connection.execute(
        """
        select p.paper, p.version, p.number, p.text, p.width, p.height, p.boxes
        from (select unnest($keys::json::struct(paper varchar, version integer, number integer)[], recursive := true))
        join record.pages p using (paper, version, number)
        join documents d using (paper, version, extractor) order by p.paper, p.version, p.number
        """,
        {"keys": to_json(keys)},
    ).fetchall()
    return [((paper, version), _page(*rest)) for paper, version, *rest in rows]


def _pages(connection: Connection, key: Row) -> Iterable[Page]:
    rows = connection.execute(
        "select number, text, width, height, boxes from record.pages "
        "where paper = $paper and version = $version and extractor = $extractor order by number",
        key,
    ).fetchall()
    return (_page(*row) for row in rows)


def _page(number: int, text: str, width: float, height: float, boxes: list[dict[str, Any]]) -> Page:
    return Page(number, text, width, height, tuple(Box(*box.values()) for box in boxes))


def _sections(connection: Connection, key: Row) -> Iterable[Section]:
    rows = connection.execute(
        "select title, kind, page, start from record.sections "
        "where paper = $paper and version = $version and extractor = $extractor order by position",
        key,
    ).fetchall()
    return (Section(*row) for row in rows)


def _sentences(connection: Connection, key: Row, pages: dict[int, Page]) -> Iterable[Sentence]:
    rows = connection.execute(
        "select number, section, coalesce(form, 'prose'), spans from record.sentences "
        "where paper = $paper and version = $version and extractor = $extractor order by number",
        key,
    ).fetchall()
    for number, section, form, span_rows in rows:
        spans = tuple(Span(span["page"], span["s"], span["e"]) for span in span_rows)
        text = " ".join(" ".join(pages[span.page].text[span.start : span.end] for span in spans).split())
        yield Sentence(number, text, spans, section, form)


def load_hidden_text(
    connection: Connection, keys: Iterable[tuple[str, int]]
) -> Mapping[tuple[str, int], tuple[HiddenText, ...]]:
    """Return the text of these paper versions that is not visible on the page, except the text layers of scans."""
    rows = connection.execute(
        """
        select paper, version, h.page, h.text, h.why from hidden_text h
        join (select unnest($keys::json::struct(paper varchar, version integer)[], recursive := true))
        using (paper, version) where not honest order by paper, version, h.page
        """,
        {"keys": json.dumps([{"paper": paper, "version": version} for paper, version in keys])},
    ).fetchall()
    by_version: dict[tuple[str, int], list[HiddenText]] = defaultdict(list)
    for paper, version, page, text, why in rows:
        by_version[paper, version].append(HiddenText(page, text, why))
    return {key: tuple(hidden) for key, hidden in by_version.items()}


def _hidden(connection: Connection, key: Row) -> Iterable[HiddenText]:
    rows = connection.execute(
        "select page, text, why, coalesce(honest, false) from record.hidden "
        "where paper = $paper and version = $version and extractor = $extractor order by rowid",
        key,
    ).fetchall()
    return (HiddenText(*row) for row in rows)


def to_span_rows(spans: Iterable[Span]) -> list[dict[str, int]]:
    """Return spans in the form in which the warehouse stores them."""
    return [{"page": span.page, "s": span.start, "e": span.end} for span in spans]


def to_quote(
    text: str, grade: Grade, spans: list[dict[str, int]] | None, section: Any, form: Any,
    differences: list[dict[str, str]] | None, why: str | None, paper: str | None = None,
) -> Quote:  # fmt: skip
    """Return the quote that these columns of the warehouse hold."""
    return Quote(
        text,
        grade,
        tuple(Span(span["page"], span["s"], span["e"]) for span in spans or ()),
        section,
        form,
        tuple(Difference(difference["claimed"], difference["found"]) for difference in differences or ()),
        why,
        paper,
    )
