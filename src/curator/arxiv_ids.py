"""arXiv identifiers in all the shapes in which people and machines write them.

The scheme: info.arxiv.org/help/arxiv_identifier.html. Four digits after the month from 2007-04 to 2014-12, five from
2015-01, six reserved; before 2007-04 an archive and seven digits, whose outside form drops the subject class.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_MAX_CHARS = 300
_ID = re.compile(
    r"""
    (?: (?P<yymm>[0-9]{4}) \. (?P<number>[0-9]{4,6})
      | (?P<archive>[a-z]{2,10}(?:-[a-z]{2,10})?) (?:\.[a-z]{2,10}(?:-[a-z]{2,10})?)? / (?P<old>[0-9]{7})
    )
    (?: v (?P<version>[1-9][0-9]{0,3}) )?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_URL = re.compile(
    r"(?:https?://)?(?:"
    r"(?:[a-z0-9-]{1,20}\.)?arxiv\.org/(?:abs|pdf|html|src|e-print|format|ps)/"
    r"|(?:www\.)?ar5iv\.(?:labs\.arxiv\.)?org/(?:html|abs|pdf)/"
    r"|(?:www\.)?alphaxiv\.org/(?:abs|pdf|overview|html)/"
    r"|(?:www\.)?arxiv-vanity\.com/papers/"
    r"|(?:www\.)?(?:huggingface\.co|hf\.co)/papers/"
    r"|(?:www\.)?(?:api\.)?semanticscholar\.org/(?:arxiv[:/])"
    r"|(?:www\.)?scholar\.archive\.org/arxiv/"
    r"|(?:www\.)?(?:x|m)?papers\.cool/arxiv/"
    r"|(?:www\.)?emergentmind\.com/papers/"
    r")",
    re.IGNORECASE,
)
"""Addresses of a paper on arXiv and on sites that show arXiv's papers under their ids."""
_DOI = re.compile(r"(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:\s*)?10\.48550/arxiv\.", re.IGNORECASE)
_PREFIX = re.compile(r"arxiv:\s*", re.IGNORECASE)


class ArxivId(NamedTuple):
    """An arXiv identifier."""

    id: str  # without version: "2501.01234" or "hep-th/9901001"
    version: int | None  # None if no version was named

    def __str__(self) -> str:
        return self.id if self.version is None else f"{self.id}v{self.version}"


def parse_arxiv_id(text: str) -> ArxivId:
    """Parse "2501.01234v2", "arXiv:2501.01234v2 [cs.CL]", the URL of a paper's page or file, or its DOI.

    Raises:
        ValueError: The text is not an identifier; the message is a sentence for the person who typed it.
    """
    bare = text.strip() if len(text) <= _MAX_CHARS else ""
    for start in (_URL, _DOI, _PREFIX):
        if match := start.match(bare):
            bare = bare[match.end() :]
            if start is _URL:
                bare = re.split(r"[?#]", bare)[0].rstrip("/").removesuffix(".pdf").removesuffix(".html")
            break
    bare = re.sub(r"\s+\[.*\Z", "", bare, count=1, flags=re.DOTALL)  # the stamp on a first page: "… [cs.CL] 2 Jan 2025"
    match = _ID.fullmatch(bare)
    if match is None or not _is_possible(match):
        raise ValueError(
            f"{_shorten(text)} is not an arXiv identifier; write one such as 2501.01234, 2501.01234v2 or "
            "hep-th/9901001."
        )
    version = int(match["version"]) if match["version"] else None
    if match["archive"]:
        return ArxivId(f"{match['archive'].lower()}/{match['old']}", version)
    return ArxivId(f"{match['yymm']}.{match['number']}", version)


def _is_possible(match: re.Match[str]) -> bool:
    """Return True if the month exists and arXiv gave identifiers of this length in it."""
    yymm = match["yymm"] or match["old"][:4]
    year, month = int(yymm[:2]), int(yymm[2:])
    if not 1 <= month <= 12:
        return False
    if match["archive"]:
        return (year, month) >= (91, 8) or (year, month) <= (7, 3)
    digits = 4 if (year, month) <= (14, 12) else 5
    return (year, month) >= (7, 4) and len(match["number"]) == digits and int(match["number"]) > 0


def file_stem(paper_id: str, version: int) -> str:
    """Return a name for the files of a version that is safe on every file system: "hep-th_9901001v1".

    Raises:
        ValueError: `paper_id` is not a plain identifier, or `version` is not positive.
    """
    parsed = parse_arxiv_id(f"{paper_id}v{version}")
    if parsed.id != paper_id or parsed.version != version:
        raise ValueError(f"{_shorten(paper_id)} is not a plain arXiv identifier.")
    return f"{parsed.id.replace('/', '_')}v{version}"


def _shorten(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")
