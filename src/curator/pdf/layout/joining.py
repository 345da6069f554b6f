"""Paragraphs made whole again where a column, a float or a page interrupts them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from curator.pdf.layout.blocks import BULLET, CONTINUABLE, LOWER_CASE, REFERENCE, Block
from curator.pdf.layout.parameters import BLOCKS, COLUMNS, JOINING


def join_paragraphs(blocks: Sequence[Block]) -> list[Block]:
    """Join the paragraphs of one page that are interrupted.

    Returns:
        The page's blocks; those that interrupt a paragraph come after it, and footnotes at the end.
    """
    joined: list[Block] = []
    footnotes: list[Block] = []
    current: Block | None = None  # a paragraph that may continue
    between: list[Block] = []  # blocks after it
    for block in blocks:
        if block.role == "footnote":
            _add_footnote(footnotes, block)
            continue
        if block.role == "heading":
            current = None
        elif current is not None and _is_display(current, block, between):
            current.extend(block.lines)
            continue
        elif joined and belongs_to_caption(joined[-1], block):
            if not joined[-1].is_complete and LOWER_CASE.match(block.text):
                joined[-1].extend(block.lines)
                continue
            block.role = block.form = "caption"
        elif block.role in CONTINUABLE:
            if current is not None and may_interrupt(between, current) and continues(current, block):
                _continue_paragraph(current, block, bool(between))
                continue
            current, between = block, []
            joined.append(block)
            continue
        between.append(block)
        joined.append(block)
    return joined + footnotes


def may_interrupt(blocks: Sequence[Block], before: Block) -> bool:
    """Return whether these blocks may be printed inside a sentence of the block before them.

    A float with its caption may, and so may notes in the margin. A formula or a table without a caption belongs to the
    sentence, which would have another meaning without it.
    """
    if any(block.role == "caption" for block in blocks):
        return True
    left, right = before.extent
    return all(line.x0 > right or line.x1 < left for block in blocks for line in block.lines)


def belongs_to_caption(caption: Block, block: Block) -> bool:
    """Return whether a block is set right below a caption as its next line is, though in another weight or font."""
    if caption.role != "caption" or block.role not in ("text", "other") or caption.column != block.column:
        return False
    if block.form != "prose":
        return False
    if abs(caption.size - block.size) > BLOCKS.max_size_change * block.size:
        return False
    return 0 < block.lines[0].y1 - caption.lines[-1].y1 < JOINING.max_caption_leading * caption.size


def continues(before: Block, block: Block) -> bool:
    """Return whether a block certainly continues the sentence in which an earlier block breaks off."""
    if before.is_complete or before.role not in CONTINUABLE or block.role != before.role:
        return False
    if abs(before.size - block.size) > BLOCKS.max_size_change * before.size:
        return False
    last, first = before.lines[-1], block.lines[0]
    text = first.text
    next_line = (before.page, before.column) == (block.page, block.column) and first.y0 - last.y1 < last.size
    if last.text.endswith("-") or (LOWER_CASE.match(text) and not BULLET.match(text)):
        return next_line or (_is_prose(before) and _share_a_font(before, block))
    if not next_line or BULLET.match(text) or REFERENCE.match(text) or first.bold or first.parts[0].lead:
        return False
    full = last.x1 > before.right - 1.5 * last.size
    flush = first.x0 < block.left + 0.5 * first.size
    return full and flush and last.chars > 20


def _add_footnote(footnotes: list[Block], block: Block) -> None:
    """Add a footnote, or the rest of the last one."""
    if footnotes and not footnotes[-1].is_complete and not block.lines[0].parts[0].marker:
        footnotes[-1].extend(block.lines)
    else:
        footnotes.append(block)


def _continue_paragraph(current: Block, block: Block, interrupted: bool) -> None:
    block.lines[0].joined = interrupted or current.column != block.column
    current.extend(block.lines)
    current.left, current.right, current.column = block.left, block.right, block.column


def _is_display(current: Block, block: Block, between: Sequence[Block]) -> bool:
    """Return whether a block is a formula inside the sentence that the current paragraph breaks off in."""
    if block.role != "equation" or between:
        return False
    return not current.is_complete and current.column == block.column


def _share_a_font(before: Block, block: Block) -> bool:
    """Return whether the main font of one block occurs in the other; a list of web addresses has several fonts."""
    families, others = before.families, block.families
    return families.most_common(1)[0][0] in others or others.most_common(1)[0][0] in families


def _is_prose(block: Block) -> bool:
    """Return whether a block's lines fill their column, unlike those of an algorithm, a poem or a table."""
    lines = block.lines[:-1]
    full = sum(line.x1 - line.x0 > COLUMNS.min_prose_fill * (block.right - block.left) for line in lines)
    cells = any(b.x0 - a.x1 > 2 * line.size for line in block.lines for a, b in pairwise(line.parts) if not b.math)
    return not cells and full >= 0.5 * len(lines)
