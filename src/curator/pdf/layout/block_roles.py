"""The role of each block: text, caption, formula, footnote or something else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from curator.pdf.layout.blocks import CAPTION, LOWER, TERMINAL, Block, Role, Style, letters
from curator.pdf.layout.parameters import BLOCKS

_FOOTNOTE = re.compile(r"^(?:\d{1,2}(?![\d.,)%])\s?\S|[*∗†‡§¶⋆♠♣♦♡]\s?)")


def assign_role(block: Block, style: Style) -> Role:
    text = block.text
    first = block.lines[0]
    if match := CAPTION.match(text):
        if match["stop"].strip() or first.parts[0].lead or first.bold or not text[match.end() :].strip():
            return "caption"
        if block.size < style.size * BLOCKS.max_small_print:
            return "caption"
    alphabetic = letters(text)
    solid = len(text) - text.count(" ")
    maths = sum(len(part.text) for line in block.lines for part in line.parts if part.math)
    if maths > 0.4 * solid or (("=" in text or "≤" in text) and alphabetic < 0.65 * solid and len(text) < 300):
        return "equation" if block.size > 0.8 * style.size else "other"
    if alphabetic < 0.55 * solid or block.size < 0.8 * style.size:
        return "other"
    wide = max(line.x1 - line.x0 for line in block.lines) > 0.45 * (block.right - block.left)
    if len(text) >= 60 and wide:
        return "text"
    return (
        "text"
        if alphabetic >= 2 and wide and abs(block.size - style.size) < BLOCKS.max_size_change * style.size
        else ("text" if LOWER.match(text) and TERMINAL.search(text[-12:]) and " " in text else "other")
    )


def mark_footnotes(blocks: Sequence[Block], style: Style) -> None:
    """The run of small print at a column's bottom, from the first block with a footnote's mark on."""
    start = len(blocks)
    while (
        start
        and blocks[start - 1].size < style.size * BLOCKS.max_small_print
        and blocks[start - 1].role in ("text", "other")
    ):
        start -= 1
    if start == 0 and len(blocks) > 1:
        return
    tail = blocks[start:]
    for at, block in enumerate(tail):
        if block.lines[0].parts[0].marker or _FOOTNOTE.match(block.text):
            for note in tail[at:]:
                note.role = "footnote"
            return
