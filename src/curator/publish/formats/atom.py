"""Accepted frames as an Atom feed: a subscriber sees what was added, and what was reworded.

The format: RFC 4287. An entry keeps its id for good; what a frame says is escaped HTML in its content.
"""

from __future__ import annotations

import heapq
import html
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO
from uuid import UUID, uuid5

from lxml import etree as _etree  # type: ignore[import-untyped]

from curator.publish.citations import (
    citation_label,
    iso_time,
    list_uuid,
    page_of,
    page_url,
    paper_url,
    papers_of,
    source_of,
)
from curator.publish.snapshot import ListSnapshot
from curator.sanitize import single_line
from curator.types import Frame, Quote
from curator.warehouse.database import to_naive_utc

etree: Any = _etree
ATOM = "http://www.w3.org/2005/Atom"
MOST = 200  # entries, the latest: feed readers fetch the whole feed each time
LONGEST_TITLE = 120  # characters


def write_feed(told: ListSnapshot, stream: BinaryIO) -> None:
    """Write the feed of the latest `MOST` frames, the newest first. The list's identity tells it from all others."""
    latest = heapq.nlargest(MOST, told.frames, key=lambda frame: to_naive_utc(frame.accepted))
    own = list_uuid(told.identity)
    feed = etree.Element(_tag("feed"), nsmap={None: ATOM})
    _text(feed, "id", own.urn)
    _text(feed, "title", told.title)
    if single_line(told.about):
        _text(feed, "subtitle", told.about)
    _text(feed, "updated", iso_time(latest[0].accepted if latest else datetime.fromtimestamp(0, UTC)))
    _text(feed, "generator", "Curator")
    _text(etree.SubElement(feed, _tag("author")), "name", told.title)  # reviewers' names are not published
    for frame in latest:
        feed.append(_entry(frame, own))
    etree.ElementTree(feed).write(stream, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _entry(frame: Frame, feed: UUID) -> Any:
    entry = etree.Element(_tag("entry"))
    _text(entry, "id", uuid5(feed, frame.id).urn)
    _text(entry, "title", _title(frame.text))
    _text(entry, "updated", iso_time(frame.accepted))
    for place, paper in enumerate((*papers_of(frame), *frame.contradicting)):
        url = paper_url(paper)
        if url:
            etree.SubElement(entry, _tag("link"), rel="related" if place else "alternate", href=url)
    for term in (frame.kind, *frame.topics):
        etree.SubElement(entry, _tag("category"), term=single_line(term))
    content = etree.SubElement(entry, _tag("content"), type="html")
    content.text = _printable(_html(frame, [quote for quote in frame.quotes if quote.holds]))
    return entry


def _html(frame: Frame, quotes: Sequence[Quote]) -> str:
    """What the frame says, its quotes and its sources, as HTML in which everything of a stranger's is escaped."""
    parts = [f"<p>{_escaped(frame.text)}</p>"]
    for quote in quotes:
        paper, place = source_of(quote, frame), page_of(quote)
        url = page_url(paper, quote.page)
        shown = f'<a href="{html.escape(url)}">{place}</a>' if url else place
        said = "Contradicted by " if quote.contradicts else ""
        parts.append(
            f"<blockquote><p>{_escaped(quote.text)}</p></blockquote>"
            f"<p>{said}{_escaped(citation_label(paper))}, {shown}</p>"
        )
    if not papers_of(frame):
        parts.append("<p>Source wanted.</p>")
    return "".join(parts)


def _title(text: str) -> str:
    line = single_line(text)
    if len(line) <= LONGEST_TITLE:
        return line
    return line[:LONGEST_TITLE].rsplit(" ", 1)[0] + " …"


def _escaped(text: str) -> str:
    return html.escape(single_line(text))


def _text(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, _tag(name)).text = _printable(single_line(text))


def _printable(text: str) -> str:
    """Without what XML 1.0 has no place for: U+FFFE and U+FFFF; all else of that kind is no line's."""
    return text.replace("\ufffe", "").replace("\uffff", "")


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"
