"""arXiv's Atom answers, checked before anything believes them.

The arxiv package reads leniently: an error entry, an entry without a date and a body that is not XML all come out as
"no results", and one bad date fails a whole page. So each body is checked here first, and only entries that can be
used are passed on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import requests
from lxml import etree  # type: ignore[import-untyped]

from curator.arxiv.client import TransientResponse
from curator.arxiv_ids import parse_arxiv_id
from curator.errors import ArxivBadAnswer
from curator.sanitize import single_line

_ATOM = "{http://www.w3.org/2005/Atom}"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
_ERROR_ID = "arxiv.org/api/errors"
_LATER = re.compile(
    r"rate exceeded|rate limit|too many|try again|retry|temporar|unavailable|overload|maintenance|timed? ?out|busy"
)
_NOT_XML = bytes(set(range(32)) - set(b"\t\n\r"))
_NOT_XML_REFERENCE = re.compile(rb"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));")


class ErrorEntry(ArxivBadAnswer):
    """arXiv answered with an "Error" entry, whose words the message quotes."""


@dataclass(frozen=True)
class FeedPage:
    """One checked answer."""

    content: bytes  # the feed with its usable entries only
    total: int  # of results for the query, as arXiv states it
    entries: int  # on this page, with those left out
    problems: tuple[str, ...]  # one for each entry left out
    unread: tuple[str, ...] = ()  # the identifiers of those, where they have one

    @property
    def usable(self) -> int:
        return self.entries - len(self.problems)


def read_feed(response: requests.Response) -> FeedPage:
    """Check an answer of arXiv's API.

    Raises TransientAnswer for a body that says "later" or was cut off, ErrorEntry for arXiv's own errors, and
    ArxivBadAnswer for all else that is not a feed of results.
    """
    body, status = response.content, response.status_code
    root = _root(body)
    if root is None or root.tag != f"{_ATOM}feed" or root.getroottree().docinfo.internalDTD is not None:
        raise _not_a_feed(body, status)
    entries = root.findall(f"{_ATOM}entry")
    for entry in entries:
        if _ERROR_ID in _text(entry, "id") or (_text(entry, "title") == "Error" and not _text(entry, "published")):
            words = _text(entry, "summary") or _text(entry, "id")
            raise ErrorEntry(
                f"arXiv rejects the question: “{single_line(words)[:300]}”. Check the query or the identifiers."
            )
    total = (root.findtext(_TOTAL) or "").strip()
    if status != 200 or not re.fullmatch("[0-9]{1,12}", total):
        raise ArxivBadAnswer(
            f"arXiv's answer (HTTP {status}) is a feed that states no number of results: {_excerpt(body)}"
        )
    problems, unread = [], []
    for number, entry in enumerate(entries, 1):
        if fault := _fault(entry):
            shown = single_line(_text(entry, "id"))[:80] or f"number {number} of its page, without an identifier"
            problems.append(f"An entry of arXiv's answer was left out ({shown}): {fault}.")
            unread += _identifiers(entry)
            root.remove(entry)
    return FeedPage(etree.tostring(root), int(total), len(entries), tuple(problems), tuple(unread))


def _identifiers(entry: etree._Element) -> list[str]:
    """The identifier of an entry that cannot be read otherwise, if it has one."""
    try:
        return [parse_arxiv_id(_text(entry, "id")).id]
    except ValueError:
        return []


def _root(body: bytes) -> etree._Element | None:
    """The root of a well-formed document; characters that XML forbids, which abstracts have had, are dropped."""
    for candidate in (body, _NOT_XML_REFERENCE.sub(b"", body.translate(None, _NOT_XML))):
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            return etree.fromstring(candidate, parser)
        except etree.XMLSyntaxError:
            continue
    return None


def _not_a_feed(body: bytes, status: int) -> Exception:
    bad = ArxivBadAnswer(
        f"arXiv's answer (HTTP {status}) is not an Atom feed; it begins {_excerpt(body)}. If that is no page "
        "of arXiv's, something between here and arXiv answers in its place."
    )
    if status != 200:
        return bad
    start = body[:2000].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if not start:
        return TransientResponse("an empty body")
    if start.startswith(("<?xml", "<feed")) and _root(body) is None:
        return TransientResponse("a feed that was cut off or damaged", final_error=bad)
    if _LATER.search(start.lower()):
        return TransientResponse(f"HTTP 200 with {_excerpt(body)}")
    return bad


def _fault(entry: etree._Element) -> str | None:
    """Why this entry cannot be a paper, if it cannot."""
    try:
        if parse_arxiv_id(_text(entry, "id")).version is None:
            return "its identifier names no version"
    except ValueError:
        return "it has no arXiv identifier"
    if not single_line(_text(entry, "title")):
        return "it has no title"
    for name in ("published", "updated"):
        try:
            datetime.fromisoformat(_text(entry, name)).timestamp()
        except (ValueError, OverflowError):
            return f"its date “{name}” is missing or unreadable"
    return None


def _text(entry: etree._Element, name: str) -> str:
    return (entry.findtext(f"{_ATOM}{name}") or "").strip()


def _excerpt(body: bytes) -> str:
    return repr(single_line(body[:400].decode("utf-8", "replace"))[:80])
