"""Sections: the headings of a document, and the kind of section that each of them starts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from curator.pdf.layout.blocks import Block, Style
from curator.pdf.layout.headings import find_title
from curator.pdf.layout.parameters import HEADINGS, SECTIONS
from curator.pdf.layout.section_titles import (
    ABSTRACT,
    APPENDIX,
    FRONT,
    KNOWN,
    LETTERED,
    LIMITATIONS,
    NUMBER,
    REFERENCES,
    RELATED,
    RUN_IN_ABSTRACT,
    classify_title,
    is_section_name,
)
from curator.types import SectionKind

_LISTED = re.compile(r"(?:[^\d\W]|[.\s])\s\d{1,3}$")  # an entry of a table of contents


@dataclass(slots=True)
class Heading:
    """A block that starts a section."""

    block: Block
    title: str
    kind: SectionKind


def find_sections(blocks: Sequence[Block], style: Style) -> tuple[list[Heading], list[SectionKind]]:
    """Find the headings of a document, and give their blocks the role "heading", in place.

    Args:
        blocks: Of the document, in reading order.
        style: The document's body text.

    Returns:
        The headings in reading order, and the kind of section of each block.
    """
    headings: list[Heading] = []
    kinds: list[SectionKind] = []
    outline = _Outline(_find_top_size(blocks, style))
    contents_pages = _find_contents_pages(blocks)
    run_in: SectionKind | None = None  # of the paragraphs under a heading that runs into its paragraph
    for at, block in enumerate(blocks):
        after = blocks[at + 1] if at + 1 < len(blocks) and blocks[at + 1].page == block.page else None
        if outline.kind == "front" and block.page <= 2 and _starts_abstract(block):
            outline.kind = "abstract"
            headings.append(Heading(block, "Abstract", "abstract"))
        elif (title := find_title(block, style, after)) is not None and not (
            block.page in contents_pages and _LISTED.search(title)
        ):
            kind = outline.enter(title, block)
            if kind is not None:
                run_in = None
                block.role = "heading"
                headings.append(Heading(block, title, kind))
        elif block.role == "text" and (lead := block.lines[0].parts[0].lead or _find_bold_start(block)):
            run_in = classify_title(lead.rstrip(" .:—–"))
        kinds.append(_choose_kind(block, outline.kind, run_in))
    if not any(heading.kind == "abstract" for heading in headings):
        _guess_abstract(blocks, kinds)
    return headings, kinds


def _starts_abstract(block: Block) -> bool:
    """Return whether a block starts with the word "Abstract" and continues with the abstract itself."""
    return bool(RUN_IN_ABSTRACT.match(block.text[:40])) and len(block.text) > 60


def _find_bold_start(block: Block) -> str:
    """Return the bold fragment that starts a block's first line, if the block does not end in bold."""
    parts = block.lines[0].parts
    return parts[0].text if parts[0].bold and not block.lines[-1].bold else ""


def _choose_kind(block: Block, kind: SectionKind, run_in: SectionKind | None) -> SectionKind:
    """Return the kind of section that a block belongs to, by the heading above it and one that runs in."""
    if kind == "abstract" and block.role == "footnote":
        return "front"
    if kind in ("body", "conclusion") and run_in in ("related work", "limitations"):
        return run_in
    return kind


def _find_contents_pages(blocks: Sequence[Block]) -> set[int]:
    """Return the pages with a table of contents, whose lines look like headings with a number at the end."""
    entries = Counter(block.page for block in blocks for line in block.lines if _ends_in_number(line.text))
    return {page for page, count in entries.items() if count >= 4}


def _ends_in_number(text: str) -> bool:
    return text[-1:].isdecimal() and bool(_LISTED.search(text[-20:]))


def _find_top_size(blocks: Sequence[Block], style: Style) -> float:
    """Return the font size of top-level headings in points: of those with whole numbers, else with known names."""
    numbered: Counter[float] = Counter()
    named: Counter[float] = Counter()
    for block in blocks:
        if (title := find_title(block, style)) is None:
            continue
        number = NUMBER.match(title)
        if number and number["number"].isdigit():
            numbered[round(block.size, 1)] += 1
        elif is_section_name(title):
            named[round(block.size, 1)] += 1
    sizes = numbered or named
    return sizes.most_common(1)[0][0] if sizes else style.size * HEADINGS.min_size


class _Outline:
    """The headings that are open at one point of the document, and the kind of its current section."""

    def __init__(self, top_size: float) -> None:
        self.kind: SectionKind = "front"
        self._top_size = top_size  # font size of top-level headings, points
        self._open: list[tuple[int, SectionKind]] = []  # depth and kind of the headings above
        self._references: tuple[float, bool] = (0.0, False)  # size of their heading in points, and whether it is bold

    def enter(self, title: str, block: Block) -> SectionKind | None:
        """Enter the section that a heading starts, and return its kind; None if the block is not a heading here."""
        kind = self._classify(title, block)
        if kind is not None:
            self.kind = kind
        if kind == "references":
            self._references = (block.size, block.lines[0].bold)
        return kind

    def _classify(self, title: str, block: Block) -> SectionKind | None:
        number = NUMBER.match(title)
        bare = title[number.end() :] if number else title
        if REFERENCES.match(bare) and self.kind != "front":
            return "references"
        if APPENDIX.match(title) and self.kind not in ("front", "abstract"):
            return "appendix"
        if self.kind == "appendix":
            return "appendix"
        if self.kind == "references":
            return self._classify_after_references(title, block)
        if self.kind in ("front", "abstract"):
            kind = self._classify_before_body(title, bare, bool(number), block)
            return kind if kind != "body" else self._classify_in_body(bare, number, block)
        return self._classify_in_body(bare, number, block)

    def _classify_after_references(self, title: str, block: Block) -> SectionKind | None:
        """A heading like that of the references, a larger one, or a bold one with a letter starts an appendix.

        Other bold print belongs to an entry of the references.
        """
        size, bold = self._references
        alike = abs(block.size - size) < 0.06 * size and block.lines[0].bold == bold
        larger = block.size > 1.05 * size
        return "appendix" if alike or larger or (LETTERED.match(title) and block.lines[0].bold) else None

    def _classify_before_body(self, title: str, bare: str, numbered: bool, block: Block) -> SectionKind | None:
        """The body starts with the first number, a known title or, after the abstract, a top-level heading.

        Before the abstract, other large print is the paper's title or its authors.
        """
        if ABSTRACT.match(bare) and not numbered:
            return "abstract"
        if FRONT.match(bare):
            return "front"
        if (numbered and title[0] in "01I2") or any(name.match(bare) for name in (KNOWN, RELATED, LIMITATIONS)):
            return "body"
        if self.kind == "abstract" and block.size >= 0.97 * self._top_size:
            return "body"
        return None if self.kind == "front" else self.kind

    def _classify_in_body(self, bare: str, number: re.Match[str] | None, block: Block) -> SectionKind:
        """A subsection whose title names no kind has the kind of the section that it is in."""
        depth = self._find_depth(number, block)
        while self._open and self._open[-1][0] >= depth:
            self._open.pop()
        parent = self._open[-1][1] if self._open else "body"
        kind = parent if parent in ("related work", "limitations") else classify_title(bare)
        names_no_kind = kind == "body" and (number or not KNOWN.match(bare))
        if names_no_kind or (kind == "conclusion" and number and depth > 1):
            kind = parent
        self._open.append((depth, kind))
        return kind

    def _find_depth(self, number: re.Match[str] | None, block: Block) -> int:
        """Return a heading's level, from 1: by its number or, without one, by its size."""
        if not number:
            return 1 if block.size >= 0.97 * self._top_size else 2
        lettered = re.match("[A-Z]", number["number"]) and not re.match(r"[IVX]+$", number["number"])
        return 1 + number["number"].count(".") + bool(lettered)


def _guess_abstract(blocks: Sequence[Block], kinds: list[SectionKind]) -> None:
    """Make the longest paragraph before the body on page 1 the abstract, in place, with paragraphs like it around."""
    front = [
        at for at, kind in enumerate(kinds) if kind == "front" and blocks[at].page == 1 and blocks[at].role == "text"
    ]
    if "body" not in kinds or not front:
        return
    longest = max(front, key=lambda at: len(blocks[at].text))
    if len(blocks[longest].text) < SECTIONS.min_abstract:
        return
    at = front.index(longest)
    kinds[longest] = "abstract"
    for neighbours in (front[at + 1 :], reversed(front[:at])):
        for other in neighbours:
            if not _is_alike(blocks[longest], blocks[other]):
                break
            kinds[other] = "abstract"


def _is_alike(abstract: Block, block: Block) -> bool:
    """Return whether a block looks like another paragraph of the abstract: set alike, and prose."""
    alike = abs(block.size - abstract.size) < 0.3 and block.lines[0].bold == abstract.lines[0].bold
    return alike and len(block.text) > 80 and not FRONT.match(block.text)
