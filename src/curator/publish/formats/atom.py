"""Accepted frames as an Atom feed (RFC 4287), in which subscribers see new and reworded frames.

An entry never changes its id. Its content is escaped HTML.
"""

from __future__ import annotations

import heapq
import html
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
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
from curator.warehouse.rows import to_naive_utc

etree: Any = _etree
ATOM = "http://www.w3.org/2005/Atom"
MAX_ENTRIES = 200
"""Entries in the feed: the latest, since feed readers fetch the whole feed each time."""
MAX_TITLE = 120
"""Characters of an entry's title."""


def render(snapshot: ListSnapshot) -> Iterator[bytes]:
    """Yield the feed of the latest `MAX_ENTRIES` frames, newest first. Its id comes from the list's identity."""
    latest = heapq.nlargest(MAX_ENTRIES, snapshot.frames, key=lambda frame: to_naive_utc(frame.accepted))
    feed_id = list_uuid(snapshot.identity)
    feed = etree.Element(_tag("feed"), nsmap={None: ATOM})
    _add_text(feed, "id", feed_id.urn)
    _add_text(feed, "title", snapshot.title)
    if single_line(snapshot.about):
        _add_text(feed, "subtitle", snapshot.about)
    _add_text(feed, "updated", iso_time(latest[0].accepted if latest else datetime.fromtimestamp(0, UTC)))
    _add_text(feed, "generator", "Curator")
    # reviewers' names are not published
    _add_text(etree.SubElement(feed, _tag("author")), "name", snapshot.title)
    for frame in latest:
        feed.append(_entry(frame, feed_id))
    yield etree.tostring(feed, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _entry(frame: Frame, feed_id: UUID) -> Any:
    entry = etree.Element(_tag("entry"))
    _add_text(entry, "id", uuid5(feed_id, frame.id).urn)
    _add_text(entry, "title", _title(frame.text))
    _add_text(entry, "updated", iso_time(frame.accepted))
    for index, paper in enumerate((*papers_of(frame), *frame.contradicting)):
        url = paper_url(paper)
        if url:
            etree.SubElement(entry, _tag("link"), rel="related" if index else "alternate", href=url)
    for term in (frame.kind, *frame.topics):
        etree.SubElement(entry, _tag("category"), term=single_line(term))
    content = etree.SubElement(entry, _tag("content"), type="html")
    content.text = _printable(_html(frame, [quote for quote in frame.quotes if quote.holds]))
    return entry


def _html(frame: Frame, quotes: Sequence[Quote]) -> str:
    """Return a frame, its quotes and their sources as HTML in which all text is escaped."""
    parts = [f"<p>{_escaped(frame.text)}</p>"]
    for quote in quotes:
        paper, page = source_of(quote, frame), page_of(quote)
        url = page_url(paper, quote.page)
        page_link = f'<a href="{html.escape(url)}">{page}</a>' if url else page
        stance = "Contradicted by " if quote.contradicts else ""
        parts.append(
            f"<blockquote><p>{_escaped(quote.text)}</p></blockquote>"
            f"<p>{stance}{_escaped(citation_label(paper))}, {page_link}</p>"
        )
    if not papers_of(frame):
        parts.append("<p>Source wanted.</p>")
    return "".join(parts)


def _title(text: str) -> str:
    line = single_line(text)
    if len(line) <= MAX_TITLE:
        return line
    return line[:MAX_TITLE].rsplit(" ", 1)[0] + " …"


def _escaped(text: str) -> str:
    return html.escape(single_line(text))


def _add_text(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, _tag(name)).text = _printable(single_line(text))


def _printable(text: str) -> str:
    """Remove U+FFFE and U+FFFF, which XML 1.0 does not allow; `single_line` has removed all other such characters."""
    return text.replace("\ufffe", "").replace("\uffff", "")


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"
