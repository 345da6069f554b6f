"""Recognise the headings of a list, and find headings that are only a line of a paragraph or of a list item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal, TypeVar

from curator.list_import.addresses import Link
from curator.list_import.markdown_blocks import MarkdownBlock, split_lines
from curator.sanitize import single_line

ListPart = Literal["topics", "representational", "functional", "changelog"]
"""A part of the list that has a heading of its own."""
Subsection = Literal["frames", "questions", "todos"]
"""A section below a kind of frame."""

Name = TypeVar("Name", bound=str)

MAX_HEADING_WORDS = 12
"""Words of a heading; a longer text is a paragraph. Our own choice."""

_PARTS: tuple[tuple[ListPart, str], ...] = (
    ("topics", r"topics|(?:things|what) we(?:re| are|d| would)?\b.*\bunderstand\w*"),
    ("representational", r"representational(?: frames?)?"),
    ("functional", r"functional(?: frames?)?"),
    ("changelog", r"change ?log|changes|updates|history"),
)
_SUBSECTIONS: tuple[tuple[Subsection, str], ...] = (
    ("questions", r"(?:open )?(?:questions|problems)"),
    ("frames", r"(?:the )?frames"),
    ("todos", r"to ?dos?"),
)


def match_part(heading: str) -> ListPart | None:
    """Return the part of a list that a heading opens; None for any other heading."""
    return _match(heading, _PARTS)


def match_subsection(heading: str) -> Subsection | None:
    """Return the section below a kind of frame that a heading opens; None for any other heading."""
    return _match(heading, _SUBSECTIONS)


def is_known_heading(text: str) -> bool:
    """Return True if a text opens a part of a list or a section."""
    return match_part(text) is not None or match_subsection(text) is not None


def _match(heading: str, patterns: Iterable[tuple[Name, str]]) -> Name | None:
    words = re.sub(r"[^\w\s]|_", "", single_line(heading).casefold()).split()
    if len(words) > MAX_HEADING_WORDS:
        return None
    return next((name for name, pattern in patterns if re.fullmatch(pattern, " ".join(words))), None)


def mark_headings(blocks: Iterable[MarkdownBlock]) -> Iterator[MarkdownBlock]:
    """Yield the blocks, with each known heading as a separate block."""
    for block in blocks:
        is_long = "\n" in block.text.strip() or len(block.text.split()) > MAX_HEADING_WORDS
        if block.kind == "heading" and is_long:
            block = replace(block, kind="paragraph")  # Markdown reads a paragraph above a row of hyphens as a heading
        if block.kind != "heading" and "\n" in block.text.strip():
            yield from _split_at_headings(block)
        elif block.kind == "paragraph" and not block.anchors and is_known_heading(block.text):
            yield replace(block, kind="heading")
        else:
            yield block


def _split_at_headings(block: MarkdownBlock) -> Iterator[MarkdownBlock]:
    """Split a block of several lines where one of them is a known heading."""
    open_block, has_heading = block, False
    lines: list[str] = []
    links: list[Link] = []
    length = 0
    for line in split_lines(block):
        if line.text.strip() and is_known_heading(line.text) and block.kind != "quotation":
            if any(map(str.strip, lines)):
                yield _join_lines(open_block, lines, links)
            yield replace(line, kind="heading", anchors=[])
            open_block, has_heading = MarkdownBlock("paragraph"), True
            lines, links, length = [], [], 0
            continue
        shift = length + 1
        links += [replace(link, start=link.start + shift, end=link.end + shift) for link in line.links]
        lines.append(line.text)
        length += len(line.text) + 1
    if any(map(str.strip, lines)) or (not has_heading and links):
        yield _join_lines(open_block, lines, links)


def _join_lines(block: MarkdownBlock, lines: Iterable[str], links: list[Link]) -> MarkdownBlock:
    return replace(block, text="".join(f"\n{line}" for line in lines), links=links)
