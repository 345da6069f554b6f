"""Atom feeds in the shape that arXiv's API answers with since 2026, error entries included."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree

from curator.demo.holdings import format_moment
from curator.types import Paper

_NAMESPACES = {
    "xmlns:opensearch": "http://a9.com/-/spec/opensearch/1.1/",
    "xmlns:arxiv": "http://arxiv.org/schemas/atom",
    "xmlns": "http://www.w3.org/2005/Atom",
}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


def results_feed(papers: Iterable[Paper], total: int, start: int, max_results: int, asked: Mapping[str, str]) -> bytes:
    """One page of results; `asked` holds the request's own `search_query` and `id_list`."""
    query, ids = asked.get("search_query", ""), asked.get("id_list", "")
    label = f"search_query={query}&id_list={ids}&start={start}&max_results={max_results}"
    digest = base64.b64encode(hashlib.sha1(label.encode(errors="replace"), usedforsecurity=False).digest())
    feed = _feed(f"https://arxiv.org/api/{digest.decode().rstrip('=')}", f"arXiv Query: {label}")
    link = (
        f"https://arxiv.org/api/query?search_query={quote(query, safe=':', errors='replace')}"
        f"&start={start}&max_results={max_results}&id_list={quote(ids, safe=',', errors='replace')}"
    )
    ElementTree.SubElement(feed, "link", {"href": link, "type": "application/atom+xml"})
    _counts(feed, max_results, total, start)
    for paper in papers:
        _paper_entry(feed, paper)
    return _written(feed)


def error_feed(message: str) -> bytes:
    """What arXiv's API says when it refuses a request: a feed whose single entry is titled "Error"."""
    feed = _feed("https://arxiv.org/", "arXiv Search Results")
    _counts(feed, 1, 1, 0)
    entry = ElementTree.SubElement(feed, "entry")
    address = f"https://arxiv.org/api/errors#{_clean(message).replace(' ', '_')}"
    _add(entry, "id", address)
    _add(entry, "title", "Error")
    _add(entry, "updated", _stamp(datetime.now(UTC)))
    ElementTree.SubElement(entry, "link", {"href": address, "rel": "alternate", "type": "text/html"})
    _add(entry, "summary", message)
    _add(ElementTree.SubElement(entry, "author"), "name", "arXiv api core")
    return _written(feed)


def _feed(address: str, title: str) -> ElementTree.Element:
    feed = ElementTree.Element("feed", _NAMESPACES)
    _add(feed, "id", address)
    _add(feed, "title", title)
    _add(feed, "updated", _stamp(datetime.now(UTC)))
    return feed


def _counts(feed: ElementTree.Element, per_page: int, total: int, start: int) -> None:
    _add(feed, "opensearch:itemsPerPage", str(per_page))
    _add(feed, "opensearch:totalResults", str(total))
    _add(feed, "opensearch:startIndex", str(start))


def _paper_entry(feed: ElementTree.Element, paper: Paper) -> None:
    entry = ElementTree.SubElement(feed, "entry")
    name = paper.versioned_id
    _add(entry, "id", f"http://arxiv.org/abs/{name}")  # http, as arXiv writes it
    _add(entry, "title", paper.title)
    _add(entry, "updated", _stamp(format_moment(paper, "lastUpdatedDate")))
    _link(entry, href=f"https://arxiv.org/abs/{name}", rel="alternate", type="text/html")
    _link(entry, href=f"https://arxiv.org/pdf/{name}", rel="related", type="application/pdf", title="pdf")
    _add(entry, "summary", paper.abstract)
    for category in paper.categories:
        _link(entry, "category", term=category, scheme="http://arxiv.org/schemas/atom")
    _add(entry, "published", _stamp(format_moment(paper, "submittedDate")))
    if paper.comment:
        _add(entry, "arxiv:comment", paper.comment)
    if paper.categories:
        _link(entry, "arxiv:primary_category", term=paper.categories[0])
    if paper.journal_ref:
        _add(entry, "arxiv:journal_ref", paper.journal_ref)
    for author in paper.authors:
        _add(ElementTree.SubElement(entry, "author"), "name", author)
    if paper.doi:
        _add(entry, "arxiv:doi", paper.doi)
        _link(entry, rel="related", href=f"https://doi.org/{paper.doi}", title="doi")


def _link(parent: ElementTree.Element, tag: str = "link", **attributes: str) -> None:
    ElementTree.SubElement(parent, tag, {name: _clean(value) for name, value in attributes.items()})


def _add(parent: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(parent, tag).text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _stamp(date: datetime) -> str:
    return date.strftime("%Y-%m-%dT%H:%M:%SZ")


def _written(feed: ElementTree.Element) -> bytes:
    ElementTree.indent(feed)
    written: bytes = ElementTree.tostring(feed, encoding="UTF-8", xml_declaration=True)
    return written
