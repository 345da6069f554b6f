"""Sources as a person names them: an arXiv id, a DOI, a web address, or a PDF on this machine.

Nothing is fetched: for a source outside arXiv, Curator knows only the details that the person gives.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from curator.arxiv_ids import ArxivId, file_stem, parse_arxiv_id
from curator.sanitize import single_line
from curator.types import Paper

MAX_SOURCE_CHARS = 2000  # characters of an address
_DOI = re.compile(r"(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:\s*)?(?P<doi>10\.\d{4,9}/\S+)", re.IGNORECASE)
_LOCAL = re.compile(r"file:[0-9a-f]{12}")
_KEY = re.compile(r"(?P<id>(?:(?:file|web|none):[0-9a-f]{12}|doi:\S{4,300}?))(?P<version>v1)?")
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|ref_src", re.IGNORECASE)


@dataclass(frozen=True)
class NamedSource:
    """A source as a person named it; exactly one of the three fields is set."""

    arxiv: ArxivId | None = None
    doi: str | None = None
    url: str | None = None


def parse_source(text: str) -> NamedSource:
    """Parse an arXiv id or the address of its page, a DOI, or another http(s) address.

    Raises:
        ValueError: The text is none of these; the message is a sentence for the person who typed it.
    """
    line = single_line(text)
    if not line or len(line) > MAX_SOURCE_CHARS:
        raise ValueError(f"A source is an arXiv id, a DOI or an address of at most {MAX_SOURCE_CHARS} characters.")
    try:
        return NamedSource(arxiv=parse_arxiv_id(line))
    except ValueError:
        pass
    if match := _DOI.fullmatch(line):
        return NamedSource(doi=unquote(match["doi"]).rstrip(".,;"))
    if _is_web_address(line):
        return NamedSource(url=line)
    raise ValueError(
        f"{line[:80]!r} is not a source. Name an arXiv id such as 2501.01234, a DOI such as 10.1000/182, or an address "
        "that begins with https://."
    )


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and " " not in text
    except ValueError:
        return False


def make_external_source(
    named: NamedSource, *, title: str = "", authors: Sequence[str] = (), issued: date | None = None
) -> Paper:
    """Return the record of a source that is not on arXiv; its id is the same however the DOI or address is written.

    Args:
        named: The source.
        title: Its title; the address if left out.
        authors: The names of its authors.
        issued: The date of publication.
    """
    if named.doi:
        id, url = f"doi:{named.doi.lower()}", None
    else:
        url = named.url or f"https://arxiv.org/abs/{named.arxiv}"
        id = f"web:{_digest(_normalize_url(url).encode())}"
    return _make_source(
        id,
        title or _fallback_title(named),
        authors,
        issued,
        place="doi" if named.doi else "web",
        url=url,
        doi=named.doi,
    )


def make_local_source(
    content: bytes, name: str, *, title: str = "", authors: Sequence[str] = (), issued: date | None = None,
    url: str | None = None,
) -> Paper:  # fmt: skip
    """Return the record of a PDF file; its id is a hash of the content.

    Args:
        content: The bytes of the file.
        name: The file's name, which serves as a title if `title` is left out.
        title: The title.
        authors: The names of the authors.
        issued: The date of publication.
        url: The address that the file was downloaded from.
    """
    return _make_source(f"file:{_digest(content)}", title or Path(name).stem, authors, issued, place="file", url=url)


def pdf_file_name(paper_id: str, version: int) -> str:
    """Return a file name for a source's PDF that is safe on every file system: "2501.01234v1.pdf", "file_3fa9…v1.pdf".

    Raises:
        ValueError: The source is neither an arXiv paper nor a PDF file.
    """
    if _LOCAL.fullmatch(paper_id) and version == 1:
        return f"{paper_id.replace(':', '_')}v1.pdf"
    return f"{file_stem(paper_id, version)}.pdf"


def parse_paper_key(text: str) -> tuple[str, int | None]:
    """Return the id and version in the written form of a source; the version is None if the text names none.

    Raises:
        ValueError: The text is not the id of a source.
    """
    if match := _KEY.fullmatch(text):
        return match["id"], 1 if match["version"] else None
    arxiv = parse_arxiv_id(text)
    return arxiv.id, arxiv.version


def make_unnamed_source(origin: str) -> Paper:
    """Return a placeholder for the source of a frame that has none yet.

    Args:
        origin: The origin of the frame in words, such as "Written by hand".
    """
    return _make_source(f"none:{_digest(origin.encode())}", origin, (), None, place="none")


def _make_source(id: str, title: str, authors: Sequence[str], issued: date | None, **rest: str | None) -> Paper:
    moment = datetime.combine(issued or date(1970, 1, 1), time(), UTC)
    return Paper(
        id, 1, single_line(title)[:300], "", tuple(filter(None, map(single_line, authors))), (), moment, moment,
        dated=issued is not None, **rest,  # type: ignore[arg-type]
    )  # fmt: skip


def _fallback_title(named: NamedSource) -> str:
    """Return a title for a source without one: its DOI, its arXiv id, or the host and path of its address."""
    if named.doi:
        return f"doi:{named.doi}"
    if named.arxiv:
        return f"arXiv:{named.arxiv}"
    parts = urlsplit(named.url or "")
    return f"{(parts.hostname or '').removeprefix('www.')}{unquote(parts.path).rstrip('/')}"


def _normalize_url(url: str) -> str:
    """Return the address with https, without "www.", fragment, tracking parameters and final slash."""
    parts = urlsplit(url)
    query = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(name)
    ]
    host = (parts.hostname or "").removeprefix("www.") + (f":{parts.port}" if parts.port else "")
    return urlunsplit(("https", host, parts.path.rstrip("/"), urlencode(query), ""))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
