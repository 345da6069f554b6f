"""Headings, recognised by their print, their place and their words."""

from __future__ import annotations

import re
from itertools import pairwise

from curator.pdf.layout.blocks import Block, Style, count_letters
from curator.pdf.layout.parameters import HEADINGS
from curator.pdf.layout.section_titles import NUMBER, is_section_name

_NO_TITLE = re.compile(
    r"^(?:definition|theorem|lemma|proposition|corollary|remark|proof|figure|table|algorithm|input|output|note)\b", re.I
)
_DANGLING = re.compile(r"\b(?:a|an|and|are|as|at|by|for|in|is|of|on|or|that|the|to|we|with)$")


def find_title(block: Block, style: Style, after: Block | None = None) -> str | None:
    """Return a block's text as a title, if the block looks like a heading.

    Args:
        block: Of the document.
        style: The document's body text.
        after: The next block of the page.

    Returns:
        The title without a stop at its end, or None.
    """
    text = block.text
    if not _has_size_of_heading(block, style):
        return None
    number = NUMBER.match(text)
    bare = (text[number.end() :] if number else text).rstrip(" .:")
    if not _has_words_of_title(bare):
        return None
    bold = all(line.bold for line in block.lines)
    italic = all(line.italic for line in block.lines)
    capitals = bare.isupper() and len(bare) > 4
    larger = block.size >= style.size * HEADINGS.min_size
    title = text.rstrip(" .:")
    if is_section_name(bare) and (bold or larger or capitals or number or len(block.lines) == 1):
        return title if number or not text.endswith("-") else None
    if _ends_like_sentence(text, numbered=bool(number), bold=bold, larger=larger):
        return None
    if number and (bold or larger or capitals or italic):
        return title
    if not (bold or larger) or block.size < 0.95 * style.size or len(block.lines) > 2:
        return None
    return title if _is_set_apart(block, bare, after) else None


def _has_size_of_heading(block: Block, style: Style) -> bool:
    """Return whether a block is neither a caption nor a note, has few lines, and is not smaller than the text."""
    if block.role in ("caption", "footnote") or len(block.lines) > 3:
        return False
    return 3 <= len(block.text) <= HEADINGS.max_title and block.size >= 0.85 * style.size


def _has_words_of_title(bare: str) -> bool:
    """Return whether a text without its number starts with a capital or a digit, and is mostly letters and short."""
    if count_letters(bare) < max(3, 0.6 * len(bare.replace(" ", ""))):
        return False
    return len(bare.split()) <= 16 and (bare[0].isupper() or bare[0].isdigit())


def _ends_like_sentence(text: str, *, numbered: bool, bold: bool, larger: bool) -> bool:
    """Return whether a text ends as a sentence does, or breaks off.

    A numbered bold heading may end in a stop; a question is a heading if it is numbered, or both bold and larger.
    """
    if text.endswith((".", ",", ";", "-")):
        return not (numbered and bold)
    return text.endswith("?") and not (numbered or (bold and larger))


def _is_set_apart(block: Block, bare: str, after: Block | None) -> bool:
    """Return whether an unnumbered, unknown title is at its column's margin or centred, and is not a table's row."""
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
