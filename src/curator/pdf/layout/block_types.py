"""What form each block is set in: prose, or a table's cells and a figure's labels, a formula, a note, a caption.

Cells and labels are told by where they stand (next to a caption, with no prose between) and by how they look; in doubt
a block is prose, since prose that is called a table is lost to whoever reads the paper.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise

from curator.pdf.layout.blocks import BULLET, Block, Style, ends_sentence, letters
from curator.pdf.layout.fragments import Fragment
from curator.pdf.layout.joining import belongs_to_caption
from curator.pdf.layout.parameters import BLOCK_TYPES, BLOCKS
from curator.types import Form, SectionKind

UNFORMED: frozenset[SectionKind] = frozenset({"front", "abstract", "references"})  # where short lines are no cells

_WORD = re.compile(r"[^\W\d_]{2,}")
_PART = re.compile(r"^\([a-z]\) ?[A-Z]")  # what is said of one part of a figure
_BY_ROLE: dict[str, Form] = {
    "heading": "heading",
    "caption": "caption",
    "footnote": "footnote",
    "equation": "formula",
    "quotation": "quotation",
}


def mark(blocks: Sequence[Block], kinds: Sequence[SectionKind], style: Style) -> None:
    """Give each block of one page its form, in place. `kinds`: of their sections."""
    captions = [block for block in blocks if block.role == "caption"][: BLOCK_TYPES.max_captions]
    body = [block for block in blocks if _is_body(block, style)]
    of_body = {id(block) for block in body}
    formulas = [block for block in blocks if block.role == "equation"]
    for block, kind in zip(blocks, kinds, strict=True):
        block.form = _BY_ROLE.get(block.role, "prose")
        if block.role not in ("text", "other", "equation") or kind in UNFORMED:
            continue
        if id(block) in of_body:
            continue
        beneath = any(belongs_to_caption(caption, block) for caption in captions)
        if beneath and _is_written(block.text) and not _has_cells(block):
            continue
        floating = any(_belongs(block, caption, body) for caption in captions)
        if block.role == "equation" or (block.role == "other" and not floating and _is_piece(block, formulas)):
            block.form = "formula"
        elif floating and _PART.match(block.text) and _is_written(block.text):
            block.form = "caption"
        elif _is_table(block, floating, style):
            block.role, block.form = "other", "table"


def _is_table(block: Block, floating: bool, style: Style) -> bool:
    """Whether a block that is neither body text nor formula is made of cells or labels."""
    if block.size < BLOCK_TYPES.max_label_size * style.size or _has_cells(block):
        return True
    if floating:
        return block.size < BLOCKS.max_small_print * style.size or not _is_written(block.text)
    return block.role == "other" and not _is_written(block.text) and not BULLET.match(block.text)


def _is_body(block: Block, style: Style) -> bool:
    if block.role == "heading":
        return True
    if block.role != "text" or block.size < BLOCKS.max_small_print * style.size or _has_cells(block):
        return False
    return _is_written(block.text) and (len(block.text) > 80 or ends_sentence(block.lines[-1]))


def of_piece(fragments: Sequence[Fragment], kind: SectionKind) -> Form:
    """The form of a piece that was parted from the prose around it, in a section of this kind."""
    if kind in UNFORMED:
        return "prose"
    text = " ".join(f.text for f in fragments)
    if len(_WORD.findall(text)) >= BLOCK_TYPES.min_piece_words:
        return "prose"
    return "formula" if any(f.math for f in fragments) or "=" in text else "table"


def _is_written(text: str) -> bool:
    """Whether words outweigh numbers and symbols, and there are enough of them to say something."""
    solid = len(text) - text.count(" ")
    words = sum(1 for _ in islice(_WORD.finditer(text), BLOCK_TYPES.min_prose_words))
    return words >= BLOCK_TYPES.min_prose_words and letters(text) >= BLOCK_TYPES.min_letters * solid


def _has_cells(block: Block) -> bool:
    """Whether white parts the lines into columns: many of them, or some at the same place."""
    parted = 0
    starts: Counter[int] = Counter()  # of what stands behind much white, points
    for line in block.lines:
        if len(line.parts) == 1:
            continue
        gaps = [(b.x0 - a.x1, b.x0) for a, b in pairwise(line.parts) if not (a.math or b.math)]
        parted += any(gap > BLOCK_TYPES.min_cell_gap * line.size for gap, _ in gaps)
        starts.update({round(x / 2) for gap, x in gaps if gap > BLOCK_TYPES.min_column_gap * line.size})
    return parted >= max(1.0, BLOCK_TYPES.min_cell_lines * len(block.lines)) or max(starts.values(), default=0) > 1


def _belongs(block: Block, caption: Block, body: Sequence[Block]) -> bool:
    """Whether a block stands above or below a caption with no body text between them."""
    if not _overlap(block, caption):
        return False
    top, bottom = block.lines[0].middle, block.lines[-1].middle
    above = bottom < caption.lines[0].middle
    low, high = (bottom, caption.lines[0].middle) if above else (caption.lines[-1].middle, top)
    between = (other for other in body if low - 1 < other.lines[0].middle and other.lines[-1].middle < high + 1)
    return not any(_overlap(other, block) and _overlap(other, caption) for other in between)


def _is_piece(block: Block, formulas: Sequence[Block]) -> bool:
    """Whether a block is a limit, a numerator or the like of a formula that it touches."""
    reach = BLOCK_TYPES.max_formula_gap * block.size
    return any(
        _overlap(block, formula)
        and block.lines[0].y0 < formula.lines[-1].y1 + reach
        and block.lines[-1].y1 > formula.lines[0].y0 - reach
        for formula in formulas
    )


def _overlap(one: Block, other: Block) -> bool:
    """Whether two blocks stand above one another."""
    (left, right), (x0, x1) = one.extent, other.extent
    return min(right, x1) > max(left, x0)
