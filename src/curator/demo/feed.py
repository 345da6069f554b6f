"""Build Atom feeds in the form that arXiv's API has used since 2026, including error entries."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree

from curator.demo.holdings import get_date
from curator.types import Paper

_NAMESPACES = {
    "xmlns:opensearch": "http://a9.com/-/spec/opensearch/1.1/",
    "xmlns:arxiv": "http://arxiv.org/schemas/atom",
    "xmlns": "http://www.w3.org/2005/Atom",
}
_INVALID_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


def build_results_feed(
    papers: Iterable[Paper], total: int, start: int, max_results: int, request: Mapping[str, str]
) -> bytes:
    """Build one page of results as UTF-8 XML.

    Args:
        papers: The papers on this page.
        total: The number of papers that the query found.
        start: The number of papers before this page.
        max_results: The requested page size, in papers.
        request: The request's parameters; the feed repeats `search_query` and `id_list`.
    """
    query, ids = request.get("search_query", ""), request.get("id_list", "")
    label = f"search_query={query}&id_list={ids}&start={start}&max_results={max_results}"
    digest = base64.b64encode(hashlib.sha1(label.encode(errors="replace"), usedforsecurity=False).digest())
    feed = _start_feed(f"https://arxiv.org/api/{digest.decode().rstrip('=')}", f"arXiv Query: {label}")
    link = (
        f"https://arxiv.org/api/query?search_query={quote(query, safe=':', errors='replace')}"
        f"&start={start}&max_results={max_results}&id_list={quote(ids, safe=',', errors='replace')}"
    )
    ElementTree.SubElement(feed, "link", {"href": link, "type": "application/atom+xml"})
    _add_counts(feed, max_results, total, start)
    for paper in papers:
        _add_paper(feed, paper)
    return _serialise(feed)


def build_error_feed(message: str) -> bytes:
    """Build the response to an invalid request, as arXiv does: a feed whose only entry has the title "Error"."""
    feed = _start_feed("https://arxiv.org/", "arXiv Search Results")
    _add_counts(feed, 1, 1, 0)
    entry = ElementTree.SubElement(feed, "entry")
    url = f"https://arxiv.org/api/errors#{_strip_invalid(message).replace(' ', '_')}"
    _add_text(entry, "id", url)
    _add_text(entry, "title", "Error")
    _add_text(entry, "updated", _format_date(datetime.now(UTC)))
    ElementTree.SubElement(entry, "link", {"href": url, "rel": "alternate", "type": "text/html"})
    _add_text(entry, "summary", message)
    _add_text(ElementTree.SubElement(entry, "author"), "name", "arXiv api core")
    return _serialise(feed)


def _start_feed(feed_id: str, title: str) -> ElementTree.Element:
    feed = ElementTree.Element("feed", _NAMESPACES)
    _add_text(feed, "id", feed_id)
    _add_text(feed, "title", title)
    _add_text(feed, "updated", _format_date(datetime.now(UTC)))
    return feed


def _add_counts(feed: ElementTree.Element, per_page: int, total: int, start: int) -> None:
    _add_text(feed, "opensearch:itemsPerPage", str(per_page))
    _add_text(feed, "opensearch:totalResults", str(total))
    _add_text(feed, "opensearch:startIndex", str(start))


def _add_paper(feed: ElementTree.Element, paper: Paper) -> None:
    entry = ElementTree.SubElement(feed, "entry")
    name = paper.versioned_id
    _add_text(entry, "id", f"http://arxiv.org/abs/{name}")  # http, as arXiv writes it
    _add_text(entry, "title", paper.title)
    _add_text(entry, "updated", _format_date(get_date(paper, "lastUpdatedDate")))
    _add_link(entry, href=f"https://arxiv.org/abs/{name}", rel="alternate", type="text/html")
    _add_link(entry, href=f"https://arxiv.org/pdf/{name}", rel="related", type="application/pdf", title="pdf")
    _add_text(entry, "summary", paper.abstract)
    for category in paper.categories:
        _add_link(entry, "category", term=category, scheme="http://arxiv.org/schemas/atom")
    _add_text(entry, "published", _format_date(get_date(paper, "submittedDate")))
    if paper.comment:
        _add_text(entry, "arxiv:comment", paper.comment)
    if paper.categories:
        _add_link(entry, "arxiv:primary_category", term=paper.categories[0])
    if paper.journal_ref:
        _add_text(entry, "arxiv:journal_ref", paper.journal_ref)
    for author in paper.authors:
        _add_text(ElementTree.SubElement(entry, "author"), "name", author)
    if paper.doi:
        _add_text(entry, "arxiv:doi", paper.doi)
        _add_link(entry, rel="related", href=f"https://doi.org/{paper.doi}", title="doi")


def _add_link(parent: ElementTree.Element, tag: str = "link", **attributes: str) -> None:
    ElementTree.SubElement(parent, tag, {name: _strip_invalid(value) for name, value in attributes.items()})


def _add_text(parent: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(parent, tag).text = _strip_invalid(text)


def _strip_invalid(text: str) -> str:
    return _INVALID_IN_XML.sub("", text)


def _format_date(date: datetime) -> str:
    return date.strftime("%Y-%m-%dT%H:%M:%SZ")


def _serialise(feed: ElementTree.Element) -> bytes:
    ElementTree.indent(feed)
    xml: bytes = ElementTree.tostring(feed, encoding="UTF-8", xml_declaration=True)
    return xml
