"""Whether a block is a heading, by its print, its place and its words."""

from __future__ import annotations

import re
from itertools import pairwise

from curator.pdf.layout.blocks import Block, Style, letters
from curator.pdf.layout.parameters import HEADINGS
from curator.pdf.layout.section_titles import NUMBER, is_section_name

_NO_TITLE = re.compile(
    r"^(?:definition|theorem|lemma|proposition|corollary|remark|proof|figure|table|algorithm|input|output|note)\b", re.I
)
_DANGLING = re.compile(r"\b(?:a|an|and|are|as|at|by|for|in|is|of|on|or|that|the|to|we|with)$")


def heading_title(block: Block, style: Style, after: Block | None = None) -> str | None:
    """The block's text as a title, if it looks like a heading at all."""
    if block.role in ("caption", "footnote") or len(block.lines) > 3:
        return None
    text = block.text
    if not 3 <= len(text) <= HEADINGS.max_title or block.size < 0.85 * style.size:
        return None
    number = NUMBER.match(text)
    bare = (text[number.end() :] if number else text).rstrip(" .:")
    if letters(bare) < max(3, 0.6 * len(bare.replace(" ", ""))):
        return None
    if len(bare.split()) > 16 or not (bare[0].isupper() or bare[0].isdigit()):
        return None
    bold = all(line.bold for line in block.lines)
    italic = all(line.italic for line in block.lines)
    capitals = bare.isupper() and len(bare) > 4
    larger = block.size >= style.size * HEADINGS.min_size
    named = is_section_name(bare)
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
    if beneath and beneath.role not in ("text", "caption") and not NUMBER.match(beneath.text):
        return False
    first = block.lines[0]
    centred = abs((first.x0 + first.x1) - (block.left + block.right)) < 2 * block.size
    return first.x0 - block.left < 0.5 * block.size or centred
