"""Find the addresses in a text, and the arXiv papers that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ARXIV_IN_TEXT = re.compile(r"\barXiv:\s?(?P<id>(?:\d{4}\.\d{4,5}|[a-z-]{2,12}(?:\.[A-Z]{2})?/\d{7})(?:v\d{1,3})?)"
                            r"(?:\s\[[\w.-]{2,20}\])?", re.IGNORECASE | re.ASCII)  # fmt: skip
_URL = re.compile(r"https?://[^\s<>\"']+")
_TRAILING_PUNCTUATION = ".,;:!?)]}’”"


@dataclass
class Link:
    """A link in a block's text."""

    url: str
    start: int  # offset of its label in the block's text
    end: int
    bare: bool = False  # an address that the post contains as plain text, not as a link


def find_addresses(text: str) -> Iterator[Link]:
    """Yield the addresses that a text contains, and the arXiv papers that it names ("arXiv:2501.01234v2 [cs.CL]")."""
    for match in _URL.finditer(text):
        url = match[0].rstrip(_TRAILING_PUNCTUATION)
        if url.count("(") > url.count(")"):  # the address itself contains parentheses
            url += ")"
        yield Link(url, match.start(), match.start() + len(url), bare=True)
    for match in _ARXIV_IN_TEXT.finditer(text):
        yield Link(f"arxiv:{match['id']}", match.start(), match.end(), bare=True)
