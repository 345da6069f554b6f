"""Headings, and what kind of section each of them starts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from curator.pdf.layout.blocks import Block, Style
from curator.pdf.layout.headings import heading_title
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
    is_section_name,
    kind_of_title,
)
from curator.types import SectionKind

_LISTED = re.compile(r"(?:[^\d\W]|[.\s])\s\d{1,3}$")


@dataclass(slots=True)
class Heading:
    """A block that starts a section."""

    block: Block
    title: str
    kind: SectionKind
    run_in: bool = False  # the block is a paragraph that starts with its heading


def find_sections(blocks: Sequence[Block], style: Style) -> tuple[list[Heading], list[SectionKind]]:
    """The headings among a document's blocks in reading order, and each block's kind of section.

    Marks the blocks that are headings (`role`).
    """
    headings: list[Heading] = []
    kinds: list[SectionKind] = []
    outline = _Outline(_top_size(blocks, style))
    listed = _contents_pages(blocks)
    aside: SectionKind | None = None  # of paragraphs under a heading that only runs in
    for at, block in enumerate(blocks):
        after = blocks[at + 1] if at + 1 < len(blocks) and blocks[at + 1].page == block.page else None
        if outline.kind == "front" and block.page <= 2 and _starts_abstract(block):
            outline.kind = "abstract"
            headings.append(Heading(block, "Abstract", "abstract", run_in=True))
        elif (title := heading_title(block, style, after)) is not None and not (
            block.page in listed and _LISTED.search(title)
        ):
            found = outline.enter(title, block)
            if found is not None:
                aside = None
                block.role = "heading"
                headings.append(Heading(block, title, found))
        elif block.role == "text" and (lead := block.lines[0].parts[0].lead or _bold_start(block)):
            aside = kind_of_title(lead.rstrip(" .:—–"))
        kinds.append(_kind_of(block, outline.kind, aside))
    if not any(heading.kind == "abstract" for heading in headings):
        _guess_abstract(blocks, kinds)
    return headings, kinds


def _starts_abstract(block: Block) -> bool:
    return bool(RUN_IN_ABSTRACT.match(block.text[:40])) and len(block.text) > 60


def _bold_start(block: Block) -> str:
    """What the first line says in bold fragments of its own, before it goes on otherwise."""
    parts = block.lines[0].parts
    return parts[0].text if parts[0].bold and not block.lines[-1].bold else ""


def _kind_of(block: Block, kind: SectionKind, aside: SectionKind | None) -> SectionKind:
    """The kind of section that a block belongs to, in a section of this kind."""
    if kind == "abstract" and block.role == "footnote":
        return "front"
    if kind in ("body", "conclusion") and aside in ("related work", "limitations"):
        return aside
    return kind


def _contents_pages(blocks: Sequence[Block]) -> set[int]:
    """Pages with a table of contents: their lines look like headings with a number at the end."""
    listed = Counter(block.page for block in blocks for line in block.lines if _ends_in_number(line.text))
    return {page for page, count in listed.items() if count >= 4}


def _ends_in_number(text: str) -> bool:
    return text[-1:].isdecimal() and bool(_LISTED.search(text[-20:]))


def _top_size(blocks: Sequence[Block], style: Style) -> float:
    """The font size of top-level headings, in points: of those with whole numbers, else of those with known names."""
    numbered: Counter[float] = Counter()
    named: Counter[float] = Counter()
    for block in blocks:
        if (title := heading_title(block, style)) is None:
            continue
        number = NUMBER.match(title)
        if number and number["number"].isdigit():
            numbered[round(block.size, 1)] += 1
        elif is_section_name(title):
            named[round(block.size, 1)] += 1
    sizes = numbered or named
    return sizes.most_common(1)[0][0] if sizes else style.size * HEADINGS.min_size


class _Outline:
    """Which kind of section each heading starts, going by the headings that it stands under."""

    def __init__(self, top: float) -> None:
        self.kind: SectionKind = "front"
        self._top = top  # font size of top-level headings, points
        self._above: list[tuple[int, SectionKind]] = []  # depth and kind of the headings that are open
        self._references: tuple[float, bool] = (0.0, False)  # their heading's size, points, and whether it is bold

    def enter(self, title: str, block: Block) -> SectionKind | None:
        """The kind of section that this heading starts here; None where it is no heading here."""
        found = self._kind_after(title, block)
        if found is not None:
            self.kind = found
        if found == "references":
            self._references = (block.size, block.lines[0].bold)
        return found

    def _kind_after(self, title: str, block: Block) -> SectionKind | None:
        number = NUMBER.match(title)
        bare = title[number.end() :] if number else title
        if REFERENCES.match(bare) and self.kind != "front":
            return "references"
        if APPENDIX.match(title) and self.kind not in ("front", "abstract"):
            return "appendix"
        if self.kind == "appendix":
            return "appendix"
        if self.kind == "references":
            size, bold = self._references
            alike = abs(block.size - size) < 0.06 * size and block.lines[0].bold == bold
            larger = block.size > 1.05 * size
            return "appendix" if alike or larger or (LETTERED.match(title) and block.lines[0].bold) else None
        if self.kind in ("front", "abstract"):
            found = self._before_body(title, bare, bool(number), block)
            return found if found != "body" else self._in_body(bare, number, block)
        return self._in_body(bare, number, block)

    def _before_body(self, title: str, bare: str, numbered: bool, block: Block) -> SectionKind | None:
        if ABSTRACT.match(bare) and not numbered:
            return "abstract"
        if FRONT.match(bare):
            return "front"
        if (numbered and title[0] in "01I2") or any(name.match(bare) for name in (KNOWN, RELATED, LIMITATIONS)):
            return "body"
        if self.kind == "abstract" and block.size >= 0.97 * self._top:
            return "body"
        return None if self.kind == "front" else self.kind

    def _in_body(self, bare: str, number: re.Match[str] | None, block: Block) -> SectionKind:
        if number:
            lettered = re.match("[A-Z]", number["number"]) and not re.match(r"[IVX]+$", number["number"])
            depth = 1 + number["number"].count(".") + bool(lettered)
        else:
            depth = 1 if block.size >= 0.97 * self._top else 2
        while self._above and self._above[-1][0] >= depth:
            self._above.pop()
        under = self._above[-1][1] if self._above else "body"
        found = under if under in ("related work", "limitations") else kind_of_title(bare)
        says_nothing = found == "body" and (number or not KNOWN.match(bare))
        if says_nothing or (found == "conclusion" and number and depth > 1):
            found = under
        self._above.append((depth, found))
        return found


def _guess_abstract(blocks: Sequence[Block], kinds: list[SectionKind]) -> None:
    """Without a heading, the longest paragraph before the body on the first page is the abstract, with its like."""
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
    """Whether a block looks like another paragraph of the abstract: set alike, and prose."""
    alike = abs(block.size - abstract.size) < 0.3 and block.lines[0].bold == abstract.lines[0].bold
    return alike and len(block.text) > 80 and not FRONT.match(block.text)
