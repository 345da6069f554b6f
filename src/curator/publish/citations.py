"""Name and link a frame's sources, so that the list, the exports and the bibliographies agree.

Names follow BibTeX's model of a person (first, particle with last, suffix): Markey, "Tame the BeaST", section 11.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote as percent_encode
from uuid import NAMESPACE_URL, UUID, uuid5

from curator.sanitize import single_line
from curator.types import Frame, Paper, Quote
from curator.warehouse.rows import to_naive_utc

MAX_LABEL = 80
"""Characters of a title that serves as a citation."""
_SAFE_IN_URL = ":/?#@!$&'*+,;=%~-._"
_ARXIV_ID = re.compile(r"\d{4}\.\d{4,5}|[a-z]+(?:-[a-z]+)*(?:\.[A-Z]{2})?/\d{7}", re.ASCII)


_PARTICLES = frozenset({
    "af", "al", "av", "bin", "da", "das", "de", "degli", "dei", "del", "della", "den", "der", "di", "do", "dos",
    "du", "el", "ibn", "la", "las", "le", "los", "op", "'t", "ten", "ter", "van", "vande", "vanden", "vander",
    "vom", "von", "zu", "zum", "zur",
})  # fmt: skip
_GIVEN_NAMES_TOO = frozenset({"bin", "do", "van"})
_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
_GROUP_WORDS = frozenset({"collaboration", "consortium", "group", "initiative", "lab", "team"})


@dataclass(frozen=True)
class PersonName:
    """An author's name. A group has only a `last` name."""

    last: str  # with its particle: "van der Berg"
    first: str = ""
    suffix: str = ""  # "Jr."


def split_name(name: str) -> PersonName:
    """Split a name as arXiv writes it ("Ludwig van Beethoven", "John Smith Jr.", "Gemini Team").

    A name in braces is a collective's; see `readable_metadata.list_authors`.
    """
    if name.startswith("{") and name.endswith("}"):
        return PersonName(single_line(name[1:-1]))
    body, _, suffix = map(str.strip, single_line(name).partition(","))
    words = body.split()
    if not suffix and len(words) > 1 and words[-1].lower() in _SUFFIXES:
        suffix = words.pop()
    lowered = [word.lower() for word in words]
    is_group = "and" in lowered or lowered[:1] == ["the"] or not _GROUP_WORDS.isdisjoint(lowered[-1:])
    if is_group or len(words) < 2 or (suffix and suffix.lower() not in _SUFFIXES):
        return PersonName(single_line(name))
    start = next((index for index in range(len(words) - 1) if _is_particle(words, index)), len(words) - 1)
    return PersonName(last=" ".join(words[start:]), first=" ".join(words[:start]), suffix=suffix)


def _is_particle(words: Sequence[str], index: int) -> bool:
    """Return whether a word begins the family name: "van", or "Van" and "De" behind a given name.

    "Van", "Do" and "Bin" are given names as well, so that in capitals they count only before another particle.
    """
    word = words[index]
    if word in _PARTICLES:
        return True
    if index == 0 or word.lower() not in _PARTICLES:
        return False
    return word.lower() not in _GIVEN_NAMES_TOO or words[index + 1].lower() in _PARTICLES


def display_name(name: str) -> str:
    """Return an author's name as it is shown; a collective's without its braces."""
    return name[1:-1] if name.startswith("{") and name.endswith("}") else name


def citation_label(paper: Paper) -> str:
    """Return the short citation: "Lindqvist et al. 2026", with the year of the first version.

    A web page or file without authors is cited by its title.
    """
    year = f"{paper.issued.year}" if paper.issued else "n.d." if paper.authors else ""
    names = [split_name(author).last for author in paper.authors[:3]]
    authors = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
    if not names and paper.place != "arxiv":
        authors = _shorten(single_line(paper.title)) or paper.id
    return f"{authors or 'Anonymous'} {year}".strip()


def _shorten(title: str) -> str:
    return title if len(title) <= MAX_LABEL else title[:MAX_LABEL].rsplit(" ", 1)[0] + " …"


def is_on_arxiv(paper: Paper) -> bool:
    """Return True if the paper's id is an arXiv id."""
    return paper.place == "arxiv" and _ARXIV_ID.fullmatch(paper.id) is not None


def paper_name(paper: Paper) -> str:
    """Return the paper's identifier: "arXiv:2501.01234v2", a DOI or, without either, the short citation."""
    if is_on_arxiv(paper):
        return f"arXiv:{paper.versioned_id}"
    return f"doi:{single_line(paper.doi)}" if paper.doi else citation_label(paper)


def paper_url(paper: Paper) -> str | None:
    """Return the address of this version: its arXiv page, else its own address, else its DOI's; None without any.

    Characters that would end a link in Markdown are percent-encoded.
    """
    if is_on_arxiv(paper):
        return f"https://arxiv.org/abs/{paper.versioned_id}"
    if paper.url and paper.url.startswith(("https://", "http://")):
        return percent_encode(single_line(paper.url), safe=_SAFE_IN_URL, errors="replace")
    return f"https://doi.org/{percent_encode(single_line(paper.doi), errors='replace')}" if paper.doi else None


def page_url(paper: Paper, page: int | None) -> str | None:
    """Return the address of a page of this version's PDF; None if the page is unknown or the paper is not on arXiv."""
    return f"https://arxiv.org/pdf/{paper.versioned_id}#page={page}" if page and is_on_arxiv(paper) else None


def papers_of(frame: Frame) -> list[Paper]:
    """Return the papers that support a frame: its own, then merged ones; each version once, without unnamed sources."""
    return list({paper.versioned_id: paper for paper in (frame.paper, *frame.sources) if paper.is_named}.values())


def source_of(quote: Quote, frame: Frame) -> Paper:
    """Return the paper that contains a quote of the frame."""
    papers = (frame.paper, *frame.sources, *frame.contradicting)
    return next((paper for paper in papers if paper.versioned_id == quote.paper), frame.paper)


def page_of(quote: Quote) -> str:
    """Return the quote's page as text: "p. 3"."""
    return f"p. {quote.page}" if quote.page else "page unknown"


def all_papers_of(frame: Frame) -> list[Paper]:
    """Return the papers that support a frame, then those that contradict it."""
    return [*papers_of(frame), *frame.contradicting]


def group_by_source(frames: Iterable[Frame]) -> dict[str, list[int]]:
    """Return the indices of the frames that cite each paper version, in support or in contradiction.

    The versions are in the order in which the frames first cite them.
    """
    citing: dict[str, list[int]] = {}
    for index, frame in enumerate(frames):
        for paper in all_papers_of(frame):
            citing.setdefault(paper.versioned_id, []).append(index)
    return {source: list(dict.fromkeys(indices)) for source, indices in citing.items()}


def cited_papers(frames: Sequence[Frame]) -> Iterator[tuple[Paper, list[str]]]:
    """Yield each paper version that the frames cite, once, with the ids of those frames; in order of their numbers."""
    ids = [frame.id for frame in frames]
    order = sorted(range(len(ids)), key=lambda index: id_number(ids[index]))
    for source, places in group_by_source(frames[index] for index in order).items():
        citing = [order[place] for place in places]
        paper = next(paper for paper in all_papers_of(frames[citing[0]]) if paper.versioned_id == source)
        yield paper, [ids[index] for index in citing]


def quoted_page(frame: Frame) -> int | None:
    """Return the page of the first proved quote from the frame's first source."""
    first = next(iter(papers_of(frame)), None)
    return next((quote.page for quote in frame.quotes if quote.holds and source_of(quote, frame) == first), None)


def iso_time(when: datetime) -> str:
    """Return a time as ISO 8601 in UTC. A time without a zone is UTC."""
    return f"{to_naive_utc(when):%Y-%m-%dT%H:%M:%SZ}"


def list_uuid(identity: str) -> UUID:
    """Return the permanent identifier of a list, from which those of its frames are derived."""
    return uuid5(NAMESPACE_URL, f"curator:{identity}")


def id_number(id: str) -> int:
    """Return the number in an id, 12 for "F12" or "Q12". Ids are ordered by number, not alphabetically."""
    return int(id[1:])
