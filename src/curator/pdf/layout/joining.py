"""Paragraphs made whole again where a column, a float or a page interrupts them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from curator.pdf.layout.blocks import BULLET, LOWER, REFERENCE, RUNNING, Block, Style
from curator.pdf.layout.parameters import BLOCKS, COLUMNS, JOINING


def join(blocks: Sequence[Block], style: Style) -> list[Block]:
    """The page's blocks with paragraphs whole: what interrupts one comes after it, footnotes at the end."""
    out: list[Block] = []
    notes: list[Block] = []
    current: Block | None = None  # a paragraph that may go on
    between: list[Block] = []  # what came after it
    for block in blocks:
        if block.role == "footnote":
            if notes and not notes[-1].ends and not block.lines[0].parts[0].marker:
                notes[-1].go_on(block.lines)
            else:
                notes.append(block)
            continue
        if block.role == "heading":
            current = None
        elif _is_display(current, block, between):
            assert current is not None
            current.go_on(block.lines)
            continue
        elif out and belongs_to_caption(out[-1], block):
            if not out[-1].ends and LOWER.match(block.text):
                out[-1].go_on(block.lines)
                continue
            block.role = block.form = "caption"
        elif block.role in RUNNING:
            if current is not None and may_interrupt(between, current) and continues(current, block):
                block.lines[0].joined = bool(between) or current.column != block.column
                current.go_on(block.lines)
                current.left, current.right, current.column = block.left, block.right, block.column
                continue
            current, between = block, []
            out.append(block)
            continue
        between.append(block)
        out.append(block)
    return out + notes


def may_interrupt(blocks: Sequence[Block], before: Block) -> bool:
    """Whether these blocks may stand inside a sentence of `before`: a float with its caption, notes in the margin.

    A formula or a table without a caption is part of what is said: without it a sentence would say something else.
    """
    if any(block.role == "caption" for block in blocks):
        return True
    left, right = before.extent
    return all(line.x0 > right or line.x1 < left for block in blocks for line in block.lines)


def _is_display(current: Block | None, block: Block, between: Sequence[Block]) -> bool:
    """Whether a block is a formula that a sentence goes on with."""
    if block.role != "equation" or current is None or between:
        return False
    return not current.ends and current.column == block.column


def belongs_to_caption(caption: Block, block: Block) -> bool:
    """Whether a block is set right below a caption as its next line is, though in another weight or font."""
    if caption.role != "caption" or block.role not in ("text", "other") or caption.column != block.column:
        return False
    if block.form != "prose":
        return False
    if abs(caption.size - block.size) > BLOCKS.max_size_change * block.size:
        return False
    return 0 < block.lines[0].y1 - caption.lines[-1].y1 < JOINING.max_caption_leading * caption.size


def continues(before: Block, block: Block) -> bool:
    """Whether `block` surely goes on with the sentence that `before` breaks off in."""
    if before.ends or before.role not in RUNNING or block.role != before.role:
        return False
    if abs(before.size - block.size) > BLOCKS.max_size_change * before.size:
        return False
    last, first = before.lines[-1], block.lines[0]
    text = first.text
    next_line = (before.page, before.column) == (block.page, block.column) and first.y0 - last.y1 < last.size
    if last.text.endswith("-") or (LOWER.match(text) and not BULLET.match(text)):
        return next_line or (_is_prose(before) and _share_a_font(before, block))
    if not next_line or BULLET.match(text) or REFERENCE.match(text) or first.bold or first.parts[0].lead:
        return False
    full = last.x1 > before.right - 1.5 * last.size
    flush = first.x0 < block.left + 0.5 * first.size
    return full and flush and last.chars > 20


def _share_a_font(before: Block, block: Block) -> bool:
    """Whether the main font of one stands in the other too: a list of web addresses has several."""
    ours, theirs = before.families, block.families
    return ours.most_common(1)[0][0] in theirs or theirs.most_common(1)[0][0] in ours


def _is_prose(block: Block) -> bool:
    """Whether a block's lines fill their column, as those of an algorithm, a poem or a table do not."""
    lines = block.lines[:-1]
    full = sum(line.x1 - line.x0 > COLUMNS.min_prose_fill * (block.right - block.left) for line in lines)
    cells = any(b.x0 - a.x1 > 2 * line.size for line in block.lines for a, b in pairwise(line.parts) if not b.math)
    return not cells and full >= 0.5 * len(lines)
