"""Headings, and what kind of section each of them starts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from curator.read.paragraphs import Block, Style
from curator.records import SectionKind

MIN_ABSTRACT = 300  # characters, for a paragraph without a heading
MAX_TITLE = 150  # characters
LARGER = 1.07  # times the body's font size

_NUMBER = re.compile(
    r"^(?:(?:Section|Chapter) )?"
    r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,3}|[IVX]{1,5}(?=\.\s)|[A-Z](?:\.\d{1,2}){0,3})\.?[\s:]+(?=\S)"
)
_APPENDIX = re.compile(
    r"^(?:(?:technical |online |supplementary |supplemental |supporting )+"
    r"(?:appendix|appendices|materials?|information|data)?|appendix|appendices)\b[\s:.]*(?P<letter>[A-Z]\b)?",
    re.I,
)
_LETTERED = re.compile(r"^[A-Z](?:\.\d{1,2})*\.?[\s:]+\S")
_REFERENCES = re.compile(r"^(?:references?|bibliography|literature cited|works cited|references and notes)$", re.I)
_ABSTRACT = re.compile(r"^(?:abstract|summary|executive summary)$", re.I)
_RUN_IN_ABSTRACT = re.compile(r"^(?:abstract|ABSTRACT|Abstract|A ?BSTRACT)\s*(?:[—–:.-]+\s*|(?=[A-Z][a-z]))\S")
_CONCLUSION = re.compile(
    r"^(?:(?:summary|discussions?|limitations|future work|implications|outlook)(?:,| and| &)+ )*"
    r"(?:general |final )?(?:conclusions?|concluding remarks?|closing remarks|closing thoughts)\b",
    re.I,
)
_FRONT = re.compile(
    r"^(?:keywords?|key words|index terms|ccs concepts|acm reference format|jel classification|contents|"
    r"additional key words|table of contents)\b",
    re.I,
)
_KNOWN = re.compile(
    r"^(?:introduction|related works?|background|preliminaries|methods?|methodology|approach|experiments?|"
    r"experimental setup|results?|"
    r"evaluation|discussion|limitations?|analysis|future work|acknowledge?ments?|ethics statement|"
    r"ethical considerations?|"
    r"broader impacts?(?: statement)?|impact statement|reproducibility statement|author contributions|"
    r"data availability|code availability|funding|conflicts? of interest|competing interests)$",
    re.I,
)
_LISTED = re.compile(r"(?:[^\d\W]|[.\s])\s\d{1,3}$")
_NO_TITLE = re.compile(
    r"^(?:definition|theorem|lemma|proposition|corollary|remark|proof|figure|table|algorithm|input|output|note)\b", re.I
)
_DANGLING = re.compile(r"\b(?:a|an|and|are|as|at|by|for|in|is|of|on|or|that|the|to|we|with)$")


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
    kind: SectionKind = "front"
    reference_style: tuple[float, bool] | None = None
    numbered_size = _top_size(blocks, style)
    listed = _contents_pages(blocks)
    for at, block in enumerate(blocks):
        after = blocks[at + 1] if at + 1 < len(blocks) and blocks[at + 1].page == block.page else None
        if kind == "front" and block.page <= 2 and _RUN_IN_ABSTRACT.match(block.text[:40]) and len(block.text) > 60:
            kind = "abstract"
            headings.append(Heading(block, "Abstract", kind, run_in=True))
        elif (title := heading_title(block, style, after)) is not None and not (
            block.page in listed and _LISTED.search(title)
        ):
            found = _kind_after(title, kind, block, style, reference_style, numbered_size)
            if found is not None:
                kind = found
                if kind == "references":
                    reference_style = (block.size, block.lines[0].bold)
                block.role = "heading"
                headings.append(Heading(block, title, kind))
        kinds.append("front" if kind == "abstract" and block.role == "footnote" else kind)
    if not any(heading.kind == "abstract" for heading in headings):
        _guess_abstract(blocks, kinds)
    return headings, kinds


def _contents_pages(blocks: Sequence[Block]) -> set[int]:
    """Pages with a table of contents: their lines look like headings with a number at the end."""
    listed = Counter(block.page for block in blocks for line in block.lines if _LISTED.search(line.text[-20:]))
    return {page for page, count in listed.items() if count >= 4}


def heading_title(block: Block, style: Style, after: Block | None = None) -> str | None:
    """The block's text as a title, if it looks like a heading at all."""
    if block.role in ("caption", "footnote") or len(block.lines) > 3:
        return None
    text = block.text
    if not 3 <= len(text) <= MAX_TITLE or block.size < 0.85 * style.size:
        return None
    number = _NUMBER.match(text)
    bare = (text[number.end() :] if number else text).rstrip(" .:")
    if sum(map(str.isalpha, bare)) < max(3, 0.6 * len(bare.replace(" ", ""))):
        return None
    if len(bare.split()) > 16 or not (bare[0].isupper() or bare[0].isdigit()):
        return None
    bold = all(line.bold for line in block.lines)
    italic = all(line.italic for line in block.lines)
    capitals = bare.isupper() and len(bare) > 4
    larger = block.size >= style.size * LARGER
    named = _is_named(bare)
    if named and (bold or larger or capitals or number or len(block.lines) == 1):
        return text.rstrip(" .:") if number or not text.endswith("-") else None
    if text.endswith((".", ",", ";", "-")) and not (number and bold):
        return None
    if text.endswith("?") and not (number or (bold and larger)):
        return None
    if number and (bold or larger or capitals or italic):
        return text.rstrip(" .:")
    if not (bold or larger) or block.size < 0.95 * style.size or len(block.lines) > 2:
        return None
    return text.rstrip(" .:") if _stands_alone(block, bare, after) else None


def _stands_alone(block: Block, bare: str, after: Block | None) -> bool:
    """Whether an unnumbered, unknown title is one: at its column's margin or centred, and no row of a table."""
    if _NO_TITLE.match(bare) or _DANGLING.search(bare) or len(bare) < 4:
        return False
    if any(b.x0 - a.x1 > block.size for line in block.lines for a, b in pairwise(line.parts)):
        return False
    beneath = after if after is not None and after.column == block.column else None
    if beneath and beneath.role not in ("text", "caption") and not _NUMBER.match(beneath.text):
        return False
    first = block.lines[0]
    centred = abs((first.x0 + first.x1) - (block.left + block.right)) < 2 * block.size
    return first.x0 - block.left < 0.5 * block.size or centred


def _is_named(bare: str) -> bool:
    names = (_REFERENCES, _ABSTRACT, _CONCLUSION, _FRONT, _KNOWN)
    return any(name.match(bare) for name in names) or bool(_APPENDIX.match(bare) and len(bare.split()) <= 4)


def _top_size(blocks: Sequence[Block], style: Style) -> float:
    """The font size of top-level headings, in points."""
    sizes = [
        round(block.size, 1)
        for block in blocks
        if (title := heading_title(block, style)) and (m := _NUMBER.match(title)) and m["number"].isdigit()
    ]
    return Counter(sizes).most_common(1)[0][0] if sizes else style.size * LARGER


def _kind_after(
    title: str, kind: SectionKind, block: Block, style: Style, references: tuple[float, bool] | None, top: float
) -> SectionKind | None:
    """The kind of section that this heading starts in a section of `kind`; None where it is no heading there."""
    number = _NUMBER.match(title)
    bare = title[number.end() :] if number else title
    if _REFERENCES.match(bare) and kind != "front":
        return "references"
    if _APPENDIX.match(title) and kind not in ("front", "abstract"):
        return "appendix"
    if kind == "appendix":
        return "appendix"
    if kind == "references":
        assert references is not None
        alike = abs(block.size - references[0]) < 0.06 * references[0] and block.lines[0].bold == references[1]
        larger = block.size > 1.05 * references[0]
        return "appendix" if alike or larger or (_LETTERED.match(title) and block.lines[0].bold) else None
    if kind in ("front", "abstract"):
        return _kind_before_body(title, bare, kind, bool(number), block, top)
    if number and "." in number["number"]:
        return kind
    if _CONCLUSION.match(bare):
        return "conclusion"
    is_top = bool(number) or bool(_KNOWN.match(bare)) or block.size >= 0.97 * top
    return "body" if is_top or kind == "body" else kind


def _kind_before_body(
    title: str, bare: str, kind: SectionKind, numbered: bool, block: Block, top: float
) -> SectionKind | None:
    if _ABSTRACT.match(bare) and not numbered:
        return "abstract"
    if _FRONT.match(bare):
        return "front"
    if (numbered and title[0] in "01I2") or _KNOWN.match(bare):
        return "body"
    if kind == "abstract" and block.size >= 0.97 * top:
        return "body"
    return None if kind == "front" else kind


def _guess_abstract(blocks: Sequence[Block], kinds: list[SectionKind]) -> None:
    """Without a heading, the longest paragraph before the body on the first page is the abstract, with its like."""
    front = [
        at for at, kind in enumerate(kinds) if kind == "front" and blocks[at].page == 1 and blocks[at].role == "text"
    ]
    if "body" not in kinds or not front:
        return
    longest = max(front, key=lambda at: len(blocks[at].text))
    if len(blocks[longest].text) < MIN_ABSTRACT:
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
    return alike and len(block.text) > 80 and not _FRONT.match(block.text)
