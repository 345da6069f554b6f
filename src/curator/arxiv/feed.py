"""Check arXiv's Atom feeds before they are parsed.

The arxiv package is lenient: it reads an error entry, an entry without a date and a body that is not XML as "no
results", and one bad date makes it reject a whole page. So each body is checked here first, and only usable entries
are passed on.
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
    """arXiv answered with an "Error" entry; the message quotes it."""


@dataclass(frozen=True)
class FeedPage:
    """One page of results, checked."""

    content: bytes  # the feed with its usable entries only
    total: int  # of results for the query, as arXiv states it
    entries: int  # on this page, including the unusable ones
    problems: tuple[str, ...]  # one for each unusable entry
    unread: tuple[str, ...] = ()  # the ids of the unusable entries, as far as they have one

    @property
    def usable(self) -> int:
        """The number of usable entries."""
        return self.entries - len(self.problems)


def read_feed(response: requests.Response) -> FeedPage:
    """Check a response of arXiv's API.

    Raises:
        TransientResponse: The body was cut off, or asks for a later try.
        ErrorEntry: arXiv reports an error.
        ArxivBadAnswer: The body is not a feed of results for any other reason.
    """
    body, status = response.content, response.status_code
    root = _root(body)
    if root is None or root.tag != f"{_ATOM}feed" or root.getroottree().docinfo.internalDTD is not None:
        raise _not_a_feed(body, status)
    entries = root.findall(f"{_ATOM}entry")
    for entry in entries:
        if _ERROR_ID in _text(entry, "id") or (_text(entry, "title") == "Error" and not _text(entry, "published")):
            words = _text(entry, "summary") or _text(entry, "id")
            raise ErrorEntry(f"arXiv rejected the query: “{single_line(words)[:300]}”. Check the query or the ids.")
    total = (root.findtext(_TOTAL) or "").strip()
    if status != 200 or not re.fullmatch("[0-9]{1,12}", total):
        raise ArxivBadAnswer(f"arXiv's answer (HTTP {status}) is a feed without a number of results: {_excerpt(body)}.")
    problems, unread = [], []
    for number, entry in enumerate(entries, 1):
        if fault := _fault(entry):
            name = single_line(_text(entry, "id"))[:80] or f"number {number} on its page, without an id"
            problems.append(f"An entry in arXiv's answer is unusable ({name}): {fault}.")
            unread += _identifiers(entry)
            root.remove(entry)
    return FeedPage(etree.tostring(root), int(total), len(entries), tuple(problems), tuple(unread))


def _identifiers(entry: etree._Element) -> list[str]:
    """Return the id of an unusable entry, in a list; an empty list if it has none."""
    try:
        return [parse_arxiv_id(_text(entry, "id")).id]
    except ValueError:
        return []


def _root(body: bytes) -> etree._Element | None:
    """Parse a body; drop characters that XML forbids, which some abstracts contain. None if it is not well-formed."""
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
        f"arXiv's answer (HTTP {status}) is not an Atom feed; it begins {_excerpt(body)}. If arXiv did not "
        "send this page, a proxy or a login page between this machine and arXiv did."
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
    """Return why an entry is unusable; None if it is usable."""
    try:
        if parse_arxiv_id(_text(entry, "id")).version is None:
            return "its id has no version"
    except ValueError:
        return "it has no arXiv id"
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
