"""How a frame's sources are named and linked, so that list, exports and bibliography say the same.

Names follow BibTeX's model of a person (first, particle with last, suffix): Markey, "Tame the BeaST", section 11.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote as percent_encode
from uuid import NAMESPACE_URL, UUID, uuid5

from curator.sanitize import single_line, word_set
from curator.types import Frame, Paper, Quote
from curator.warehouse.database import to_naive_utc

LONGEST_LABEL = 80  # characters
_SAFE_IN_URL = ":/?#@!$&'*+,;=%~-._"
_ARXIV_ID = re.compile(r"\d{4}\.\d{4,5}|[a-z]+(?:-[a-z]+)*(?:\.[A-Z]{2})?/\d{7}", re.ASCII)


_PARTICLES = word_set(
    "af al av bin da das de degli dei del della den der di do dos du el ibn la las le los op 't "
    "ten ter van vande vanden vander vom von zu zum zur"
)
_SUFFIXES = word_set("jr jr. sr sr. ii iii iv")
_GROUP_WORDS = word_set("collaboration consortium group initiative lab team")


@dataclass(frozen=True)
class PersonName:
    """An author. A group has only a `last` name."""

    last: str  # with its particle: "van der Berg"
    first: str = ""
    suffix: str = ""  # "Jr."


def split_name(name: str) -> PersonName:
    """Split a name as arXiv writes it ("Ludwig van Beethoven", "John Smith Jr.", "Gemini Team")."""
    body, _, suffix = map(str.strip, single_line(name).partition(","))
    words = body.split()
    if not suffix and len(words) > 1 and words[-1].lower() in _SUFFIXES:
        suffix = words.pop()
    lowered = [word.lower() for word in words]
    is_group = "and" in lowered or lowered[:1] == ["the"] or not _GROUP_WORDS.isdisjoint(lowered[-1:])
    if is_group or len(words) < 2 or (suffix and suffix.lower() not in _SUFFIXES):
        return PersonName(single_line(name))
    particles = (index for index, word in enumerate(words[:-1]) if word in _PARTICLES)
    start = next(particles, len(words) - 1)
    return PersonName(last=" ".join(words[start:]), first=" ".join(words[:start]), suffix=suffix)


def citation_label(paper: Paper) -> str:
    """The short citation: "Lindqvist et al. 2026", with the year of the first version; of a page or file its title."""
    year = f"{paper.issued.year}" if paper.issued else "n.d." if paper.authors else ""
    names = [split_name(author).last for author in paper.authors[:3]]
    who = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
    if not names and paper.place != "arxiv":
        who = _shortened(single_line(paper.title)) or paper.id
    return f"{who or 'Anonymous'} {year}".strip()


def _shortened(title: str) -> str:
    return title if len(title) <= LONGEST_LABEL else title[:LONGEST_LABEL].rsplit(" ", 1)[0] + " …"


def is_on_arxiv(paper: Paper) -> bool:
    return paper.place == "arxiv" and _ARXIV_ID.fullmatch(paper.id) is not None


def paper_name(paper: Paper) -> str:
    """What to call it in an id's place: "arXiv:2501.01234v2", a DOI, or else the short citation."""
    if is_on_arxiv(paper):
        return f"arXiv:{paper.versioned_id}"
    return f"doi:{single_line(paper.doi)}" if paper.doi else citation_label(paper)


def paper_url(paper: Paper) -> str | None:
    """Where this very version is described: its arXiv page, else its own address or its DOI's; None where it has none.

    What Markdown would take for the end of a link is percent-encoded.
    """
    if is_on_arxiv(paper):
        return f"https://arxiv.org/abs/{paper.versioned_id}"
    if paper.url and paper.url.startswith(("https://", "http://")):
        return percent_encode(single_line(paper.url), safe=_SAFE_IN_URL, errors="replace")
    return f"https://doi.org/{percent_encode(single_line(paper.doi), errors='replace')}" if paper.doi else None


def page_url(paper: Paper, page: int | None) -> str | None:
    """This page of this version's PDF; None where the page is not known, or the paper not on arXiv."""
    return f"https://arxiv.org/pdf/{paper.versioned_id}#page={page}" if page and is_on_arxiv(paper) else None


def papers_of(frame: Frame) -> list[Paper]:
    """What the frame rests on: its own paper, then those merged into it; each version once, and none that is wanted."""
    return list({paper.versioned_id: paper for paper in (frame.paper, *frame.sources) if paper.is_named}.values())


def source_of(quote: Quote, frame: Frame) -> Paper:
    """The paper that a quote of the frame's stands in."""
    every = (frame.paper, *frame.sources, *frame.contradicting)
    return next((paper for paper in every if paper.versioned_id == quote.paper), frame.paper)


def page_of(quote: Quote) -> str:
    return f"p. {quote.page}" if quote.page else "page unknown"


def iterate_papers(frame: Frame) -> list[Paper]:
    """What speaks for a frame, then what speaks against it."""
    return [*papers_of(frame), *frame.contradicting]


def group_by_source(frames: Iterable[Frame]) -> dict[str, list[int]]:
    """By paper version, in the order of the frames, the places of the frames that it speaks for or against."""
    found: dict[str, list[int]] = {}
    for at, frame in enumerate(frames):
        for paper in iterate_papers(frame):
            found.setdefault(paper.versioned_id, []).append(at)
    return {source: list(dict.fromkeys(places)) for source, places in found.items()}


def sources(frames: Sequence[Frame]) -> Iterator[tuple[Paper, list[str]]]:
    """Every paper version that speaks for or against the frames, once, with their ids; by the frames' numbers."""
    ids = [frame.id for frame in frames]
    order = sorted(range(len(ids)), key=lambda at: id_number(ids[at]))
    for source, places in group_by_source(frames[at] for at in order).items():
        its = [order[place] for place in places]
        paper = next(one for one in iterate_papers(frames[its[0]]) if one.versioned_id == source)
        yield paper, [ids[at] for at in its]


def quoted_page(frame: Frame) -> int | None:
    """The page of the first quote that holds of the frame's first source."""
    first = next(iter(papers_of(frame)), None)
    return next((quote.page for quote in frame.quotes if quote.holds and source_of(quote, frame) == first), None)


def iso_time(when: datetime) -> str:
    """A time as ISO 8601 in UTC; those without a zone are UTC already."""
    return f"{to_naive_utc(when):%Y-%m-%dT%H:%M:%SZ}"


def list_uuid(identity: str) -> UUID:
    """What names this list, and below it its frames, for good."""
    return uuid5(NAMESPACE_URL, f"curator:{identity}")


def id_number(id: str) -> int:
    """12 for "F12" or "Q12": they are ordered by number, not by spelling."""
    return int(id[1:])
