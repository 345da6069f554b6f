"""The list as a vault for Obsidian: one note a frame, linked with notes for its topics and papers.

File names are ours (a frame's id, a paper's arXiv id, a topic's letters), never a stranger's text; front matter is
written as JSON values of one line each, which YAML reads as the same text.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from curator.publish.citations import (
    citation_label,
    group_by_source,
    iterate_papers,
    page_of,
    page_url,
    paper_url,
    papers_of,
    source_of,
)
from curator.publish.slugs import make_slugs
from curator.publish.snapshot import ListSnapshot
from curator.publish.spooled_frames import FrameSubset
from curator.sanitize import escape_markdown, single_line
from curator.types import KINDS, Frame, Paper, Quote

Note = tuple[PurePosixPath, str]
"""A file in the vault, and what it says."""
_NOT_IN_A_LINK = re.compile(r"[\[\]|^#\\<>`]")


def vault_notes(contents: ListSnapshot) -> Iterator[Note]:
    """The vault's files: frames in `Frames/`, topics in `Topics/`, papers in `Papers/`, the whole in `List.md`."""
    told = contents.frames
    topics = make_slugs((topic for one in contents.outline for topic in one.topics), " ")
    by_topic: dict[str, list[int]] = defaultdict(list)
    for one in contents.outline:
        for topic in one.topics:
            by_topic[topic].append(one.at)
    for frame in told:
        yield PurePosixPath("Frames", f"{frame.id}.md"), _frame_note(frame, topics)
    for topic, places in by_topic.items():
        lines = _links(FrameSubset(told, places))
        yield PurePosixPath("Topics", f"{topics[topic]}.md"), _note({"topic": topic}, topic, lines)
    for source, places in group_by_source(told).items():
        its = FrameSubset(told, places)
        paper = next(one for one in iterate_papers(its[0]) if one.versioned_id == source)
        yield PurePosixPath("Papers", f"{_paper_name(paper)}.md"), _paper_note(paper, its)
    yield PurePosixPath("List.md"), _note({"frames": len(told)}, contents.title, _by_kind(contents))


def _frame_note(frame: Frame, topics: dict[str, str]) -> str:
    papers = papers_of(frame)
    front = {
        "id": frame.id,
        "kind": frame.kind,
        "topics": list(frame.topics),
        "papers": [paper.versioned_id for paper in papers],
        "url": (paper_url(papers[0]) if papers else None) or "",
        "scope": frame.scope,
        "accepted": f"{frame.accepted:%Y-%m-%d}",
        "reviewer": frame.reviewer,
    }
    lines = [escape_markdown(frame.text), ""]
    for quote in frame.quotes:
        if quote.holds:
            lines += [f"> {escape_markdown(quote.text)}", ">", f"> — {_place(quote, frame)}", ""]
    if not papers:
        lines += ["**Source wanted.**", ""]
    if frame.question:
        lines += [f"**Open question:** {escape_markdown(frame.question)}", ""]
    linked = [_link("Topics", topics[topic], topic) for topic in frame.topics]
    linked += [_link("Papers", _paper_name(one), citation_label(one)) for one in papers]
    linked += [
        "contradicted by " + _link("Papers", _paper_name(one), citation_label(one)) for one in frame.contradicting
    ]
    lines.append(" · ".join(linked))
    return _note(front, frame.id, lines)


def _paper_note(paper: Paper, frames: Sequence[Frame]) -> str:
    front = {"paper": paper.versioned_id, "authors": list(paper.authors), "url": paper_url(paper) or ""}
    who = f"{', '.join(paper.authors)} ({paper.issued:%Y})" if paper.issued else citation_label(paper)
    head = [escape_markdown(who), ""]
    return _note(front | {"title": paper.title}, paper.title, [*head, *_links(frames)])


def _by_kind(told: ListSnapshot) -> list[str]:
    lines = []
    for kind in KINDS:
        lines += [f"## {kind.capitalize()} frames", ""]
        questions = [f"- {escape_markdown(one.text)}" for one in told.questions if one.kind == kind]
        lines += ["### Open questions", "", *questions, ""] if questions else []
        for section, its in told.in_sections(kind):
            lines += [f"### {escape_markdown(section)}", ""] if section else []
            lines += [*_links(its), ""]
    return lines


def _note(front: Mapping[str, object], heading: str, lines: Sequence[str]) -> str:
    matter = [f"{name}: {_value(value)}" for name, value in front.items()]
    return "\n".join(["---", *matter, "---", "", f"# {escape_markdown(heading)}", "", *lines]).rstrip() + "\n"


def _value(value: object) -> str:
    """A value of the front matter: text on one line, in quotes; a number; or a list of texts."""
    plain = [single_line(str(one)) for one in value] if isinstance(value, list) else value
    return json.dumps(single_line(plain) if isinstance(plain, str) else plain, ensure_ascii=False)


def _links(frames: Iterable[Frame]) -> list[str]:
    return [f"- {_link('Frames', frame.id, frame.id)} {escape_markdown(frame.text)}" for frame in frames]


def _link(folder: str, name: str, shown: str) -> str:
    """A link within the vault; what would end it, or part it, is taken out of the text that is shown."""
    plain = " ".join(_NOT_IN_A_LINK.sub(" ", single_line(shown)).split())
    return f"[[{folder}/{name}|{plain or name}]]"


def _place(quote: Quote, frame: Frame) -> str:
    paper, place = source_of(quote, frame), page_of(quote)
    url = page_url(paper, quote.page)
    said = "contradicts this: " if quote.contradicts else ""
    return f"{said}{escape_markdown(citation_label(paper))}, " + (f"[{place}]({url})" if url else place)


def _paper_name(paper: Paper) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "_", paper.versioned_id)
