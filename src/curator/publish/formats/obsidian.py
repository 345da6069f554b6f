"""The list as a vault for Obsidian: a note for each frame, linked with notes for its topics and papers.

File names consist of a frame's id, a paper's arXiv id or a topic's letters, so no untrusted text becomes a path. Each
value of the front matter is JSON on one line, which YAML reads as the same text.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from curator.publish.citations import (
    all_papers_of,
    citation_label,
    display_name,
    group_by_source,
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

_LINK_SYNTAX = re.compile(r"[\[\]|^#\\<>`]")


def render(snapshot: ListSnapshot) -> Iterator[tuple[PurePosixPath, str]]:
    """Yield the vault's notes: frames in `Frames/`, topics in `Topics/`, papers in `Papers/`, the list in `List.md`."""
    frames = snapshot.frames
    slugs = make_slugs((topic for listed in snapshot.outline for topic in listed.topics), " ")
    by_topic: dict[str, list[int]] = defaultdict(list)
    for listed in snapshot.outline:
        for topic in listed.topics:
            by_topic[topic].append(listed.frame_index)
    for frame in frames:
        yield PurePosixPath("Frames", f"{frame.id}.md"), _frame_note(frame, slugs)
    for topic, indices in by_topic.items():
        lines = _frame_links(FrameSubset(frames, indices))
        yield PurePosixPath("Topics", f"{slugs[topic]}.md"), _note({"topic": topic}, topic, lines)
    for source, indices in group_by_source(frames).items():
        citing = FrameSubset(frames, indices)
        paper = next(paper for paper in all_papers_of(citing[0]) if paper.versioned_id == source)
        yield PurePosixPath("Papers", f"{_paper_file(paper)}.md"), _paper_note(paper, citing)
    yield PurePosixPath("List.md"), _note({"frames": len(frames)}, snapshot.title, _list_lines(snapshot))


def _frame_note(frame: Frame, slugs: dict[str, str]) -> str:
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
            lines += [f"> {escape_markdown(quote.text)}", ">", f"> — {_quote_source(quote, frame)}", ""]
    if not papers:
        lines += ["**Source wanted.**", ""]
    if frame.question:
        lines += [f"**Open question:** {escape_markdown(frame.question)}", ""]
    links = [_link("Topics", slugs[topic], topic) for topic in frame.topics]
    links += [_paper_link(paper) for paper in papers]
    links += [f"contradicted by {_paper_link(paper)}" for paper in frame.contradicting]
    lines.append(" · ".join(links))
    return _note(front, frame.id, lines)


def _paper_note(paper: Paper, frames: Sequence[Frame]) -> str:
    authors = [*map(display_name, paper.authors)]
    front = {"paper": paper.versioned_id, "authors": authors, "url": paper_url(paper) or ""}
    byline = f"{', '.join(authors)} ({paper.issued:%Y})" if paper.issued else citation_label(paper)
    head = [escape_markdown(byline), ""]
    return _note(front | {"title": paper.title}, paper.title, [*head, *_frame_links(frames)])


def _list_lines(snapshot: ListSnapshot) -> list[str]:
    lines = []
    for kind in KINDS:
        lines += [f"## {kind.capitalize()} frames", ""]
        questions = [f"- {escape_markdown(question.text)}" for question in snapshot.questions if question.kind == kind]
        lines += ["### Open questions", "", *questions, ""] if questions else []
        for section, frames in snapshot.in_sections(kind):
            lines += [f"### {escape_markdown(section)}", ""] if section else []
            lines += [*_frame_links(frames), ""]
    return lines


def _note(front: Mapping[str, object], heading: str, lines: Sequence[str]) -> str:
    matter = [f"{name}: {_front_value(value)}" for name, value in front.items()]
    return "\n".join(["---", *matter, "---", "", f"# {escape_markdown(heading)}", "", *lines]).rstrip() + "\n"


def _front_value(value: object) -> str:
    """Return a value of the front matter as JSON: a quoted text on one line, a number, or a list of texts."""
    plain = [single_line(str(text)) for text in value] if isinstance(value, list) else value
    return json.dumps(single_line(plain) if isinstance(plain, str) else plain, ensure_ascii=False)


def _frame_links(frames: Iterable[Frame]) -> list[str]:
    return [f"- {_link('Frames', frame.id, frame.id)} {escape_markdown(frame.text)}" for frame in frames]


def _paper_link(paper: Paper) -> str:
    return _link("Papers", _paper_file(paper), citation_label(paper))


def _link(folder: str, name: str, label: str) -> str:
    """Return a link to a note of the vault, its label without characters that are syntax in a link."""
    plain = " ".join(_LINK_SYNTAX.sub(" ", single_line(label)).split())
    return f"[[{folder}/{name}|{plain or name}]]"


def _quote_source(quote: Quote, frame: Frame) -> str:
    paper, page = source_of(quote, frame), page_of(quote)
    url = page_url(paper, quote.page)
    stance = "contradicts this: " if quote.contradicts else ""
    return f"{stance}{escape_markdown(citation_label(paper))}, " + (f"[{page}]({url})" if url else page)


def _paper_file(paper: Paper) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "_", paper.versioned_id)
