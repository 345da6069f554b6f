"""How a frame's sources are named and linked, so that list, exports and bibliography say the same.

Names follow BibTeX's model of a person (first, particle with last, suffix): Markey, "Tame the BeaST", section 11.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote as percent_encode

from curator.records import Frame, Paper
from curator.text import one_line, word_set

_ARXIV_ID = re.compile(r"\d{4}\.\d{4,5}|[a-z]+(?:-[a-z]+)*(?:\.[A-Z]{2})?/\d{7}", re.ASCII)


_PARTICLES = word_set(
    "af al av bin da das de degli dei del della den der di do dos du el ibn la las le los op 't "
    "ten ter van vande vanden vander vom von zu zum zur"
)
_SUFFIXES = word_set("jr jr. sr sr. ii iii iv")
_GROUP_WORDS = word_set("collaboration consortium group initiative lab team")


@dataclass(frozen=True)
class Name:
    """An author. A group has only a `last` name."""

    last: str  # with its particle: "van der Berg"
    first: str = ""
    suffix: str = ""  # "Jr."


def split_name(name: str) -> Name:
    """Split a name as arXiv writes it ("Ludwig van Beethoven", "John Smith Jr.", "Gemini Team")."""
    body, _, suffix = map(str.strip, one_line(name).partition(","))
    words = body.split()
    if not suffix and len(words) > 1 and words[-1].lower() in _SUFFIXES:
        suffix = words.pop()
    lowered = [word.lower() for word in words]
    is_group = "and" in lowered or lowered[:1] == ["the"] or not _GROUP_WORDS.isdisjoint(lowered[-1:])
    if is_group or len(words) < 2 or (suffix and suffix.lower() not in _SUFFIXES):
        return Name(one_line(name))
    particles = (index for index, word in enumerate(words[:-1]) if word in _PARTICLES)
    start = next(particles, len(words) - 1)
    return Name(last=" ".join(words[start:]), first=" ".join(words[:start]), suffix=suffix)


def label(paper: Paper) -> str:
    """The short citation: "Lindqvist et al. 2026", with the year of the paper's first version."""
    names = [split_name(author).last for author in paper.authors[:3]]
    who = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
    return f"{who or 'Anonymous'} {paper.published.year}"


def is_on_arxiv(paper: Paper) -> bool:
    return _ARXIV_ID.fullmatch(paper.id) is not None


def paper_url(paper: Paper) -> str | None:
    """Where this very version is described: its arXiv page, else its DOI's; None for a paper with neither."""
    if is_on_arxiv(paper):
        return f"https://arxiv.org/abs/{paper.versioned_id}"
    return f"https://doi.org/{percent_encode(one_line(paper.doi), errors='replace')}" if paper.doi else None


def page_url(paper: Paper, page: int) -> str | None:
    """This page of this version's PDF; None where the paper is not on arXiv."""
    return f"https://arxiv.org/pdf/{paper.versioned_id}#page={page}" if is_on_arxiv(paper) else None


def papers_of(frame: Frame) -> list[Paper]:
    """The frame's own paper, then those merged into it; each version once."""
    return list({paper.versioned_id: paper for paper in (frame.paper, *frame.sources)}.values())


def sources(frames: Iterable[Frame]) -> list[tuple[Paper, list[str]]]:
    """Every paper version that the frames rest on, once, with their ids; in the order of the frames' numbers."""
    papers: dict[str, Paper] = {}
    frame_ids: dict[str, list[str]] = {}
    for frame in sorted(frames, key=lambda frame: id_number(frame.id)):
        for paper in papers_of(frame):
            papers.setdefault(paper.versioned_id, paper)
            frame_ids.setdefault(paper.versioned_id, []).append(frame.id)
    return [(paper, frame_ids[versioned_id]) for versioned_id, paper in papers.items()]


def quoted_page(frame: Frame) -> int | None:
    """The page of the first quote that holds; it is of the frame's own paper."""
    return next((quote.page for quote in frame.quotes if quote.holds), None)


def id_number(frame_id: str) -> int:
    """12 for "F12": frames are ordered by number, not by spelling."""
    return int(frame_id.removeprefix("F"))
