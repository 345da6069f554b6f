"""The role of each block: text, caption, formula, footnote or something else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from curator.pdf.layout.blocks import CAPTION, LOWER_CASE, TERMINAL, Block, Role, Style, count_letters
from curator.pdf.layout.parameters import BLOCKS

_FOOTNOTE = re.compile(r"^(?:\d{1,2}(?![\d.,)%])\s?\S|[*∗†‡§¶⋆♠♣♦♡]\s?)")


def assign_role(block: Block, style: Style) -> Role:
    """Tell a block's role from its text and print; headings and footnotes are found later."""
    if _is_caption(block, style):
        return "caption"
    text = block.text
    letters = count_letters(text)
    solid = len(text) - text.count(" ")
    if _is_formula(block, letters, solid):
        return "equation" if block.size > 0.8 * style.size else "other"
    if letters < 0.55 * solid or block.size < 0.8 * style.size:
        return "other"
    return "text" if _is_text(block, letters, style) else "other"


def mark_footnotes(blocks: Sequence[Block], style: Style) -> None:
    """Mark the run of small print at a column's bottom, from the first block with a footnote's mark on, in place."""
    small = style.size * BLOCKS.max_small_print
    start = len(blocks)
    while start and blocks[start - 1].size < small and blocks[start - 1].role in ("text", "other"):
        start -= 1
    if start == 0 and len(blocks) > 1:
        return
    tail = blocks[start:]
    for at, block in enumerate(tail):
        if block.lines[0].parts[0].marker or _FOOTNOTE.match(block.text):
            for note in tail[at:]:
                note.role = "footnote"
            return


def _is_caption(block: Block, style: Style) -> bool:
    """Return whether a block starts with a figure's or table's number that is set off by a stop, bold or small print.

    A paragraph of text may start with "Figure 3 shows" as well.
    """
    match = CAPTION.match(block.text)
    if not match:
        return False
    first = block.lines[0]
    if match["stop"].strip() or first.parts[0].lead or first.bold or not block.text[match.end() :].strip():
        return True
    return block.size < style.size * BLOCKS.max_small_print


def _is_formula(block: Block, letters: int, solid: int) -> bool:
    """Return whether a block is set in mathematics fonts, or is short, has a relation sign and few letters."""
    maths = sum(len(part.text) for line in block.lines for part in line.parts if part.math)
    if maths > 0.4 * solid:
        return True
    return ("=" in block.text or "≤" in block.text) and letters < 0.65 * solid and len(block.text) < 300


def _is_text(block: Block, letters: int, style: Style) -> bool:
    """Return whether a block is running text: wide and long, wide and in the body's size, or the end of a sentence."""
    text = block.text
    wide = max(line.x1 - line.x0 for line in block.lines) > 0.45 * (block.right - block.left)
    if len(text) >= 60 and wide:
        return True
    if letters >= 2 and wide and abs(block.size - style.size) < BLOCKS.max_size_change * style.size:
        return True
    return bool(LOWER_CASE.match(text) and TERMINAL.search(text[-12:])) and " " in text
