"""The form of each block: prose, cells of a table or labels of a figure, a formula, a note, a caption.

Cells and labels are recognised by their place (next to a caption, with no prose between) and by their look. In doubt
a block is prose, because prose that is taken for a table is lost to the reader of the paper.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise

from curator.pdf.layout.blocks import BULLET, Block, Style, count_letters, ends_sentence
from curator.pdf.layout.fragments import Fragment
from curator.pdf.layout.joining import belongs_to_caption
from curator.pdf.layout.parameters import BLOCK_TYPES, BLOCKS
from curator.types import Form, SectionKind

_NO_TABLES: frozenset[SectionKind] = frozenset({"front", "abstract", "references"})  # their short lines are not cells

_WORD = re.compile(r"[^\W\d_]{2,}")
_FIGURE_PART = re.compile(r"^\([a-z]\) ?[A-Z]")  # description of one part of a figure
_FORM_OF_ROLE: dict[str, Form] = {
    "heading": "heading",
    "caption": "caption",
    "footnote": "footnote",
    "equation": "formula",
    "quotation": "quotation",
}


def classify_blocks(blocks: Sequence[Block], kinds: Sequence[SectionKind], style: Style) -> None:
    """Set the form of each block of one page, in place.

    Args:
        blocks: Of the page, with their roles.
        kinds: The kind of section of each block.
        style: The document's body text.
    """
    captions = [block for block in blocks if block.role == "caption"][: BLOCK_TYPES.max_captions]
    body = [block for block in blocks if _is_body(block, style)]
    body_ids = {id(block) for block in body}
    formulas = [block for block in blocks if block.role == "equation"]
    for block, kind in zip(blocks, kinds, strict=True):
        block.form = _FORM_OF_ROLE.get(block.role, "prose")
        if block.role not in ("text", "other", "equation") or kind in _NO_TABLES or id(block) in body_ids:
            continue
        _classify_block(block, captions, body, formulas, style)


def classify_piece(fragments: Sequence[Fragment], kind: SectionKind) -> Form:
    """Return the form of a piece that was split from the prose around it, in a section of this kind."""
    if kind in _NO_TABLES:
        return "prose"
    text = " ".join(f.text for f in fragments)
    if len(_WORD.findall(text)) >= BLOCK_TYPES.min_piece_words:
        return "prose"
    return "formula" if any(f.math for f in fragments) or "=" in text else "table"


def _classify_block(
    block: Block, captions: Sequence[Block], body: Sequence[Block], formulas: Sequence[Block], style: Style
) -> None:
    beneath = any(belongs_to_caption(caption, block) for caption in captions)
    if beneath and _is_written(block.text) and not _has_cells(block):
        return
    floating = any(_is_in_float(block, caption, body) for caption in captions)
    if block.role == "equation" or (block.role == "other" and not floating and _is_formula_piece(block, formulas)):
        block.form = "formula"
    elif floating and _FIGURE_PART.match(block.text) and _is_written(block.text):
        block.form = "caption"
    elif _is_table(block, floating, style):
        block.role, block.form = "other", "table"


def _is_table(block: Block, floating: bool, style: Style) -> bool:
    """Return whether a block that is neither body text nor formula is made of cells or labels."""
    if block.size < BLOCK_TYPES.max_label_size * style.size or _has_cells(block):
        return True
    if floating:
        return block.size < BLOCKS.max_small_print * style.size or not _is_written(block.text)
    return block.role == "other" and not _is_written(block.text) and not BULLET.match(block.text)


def _is_body(block: Block, style: Style) -> bool:
    """Return whether a block is certainly body text, which separates a float from the blocks beyond it."""
    if block.role == "heading":
        return True
    if block.role != "text" or block.size < BLOCKS.max_small_print * style.size or _has_cells(block):
        return False
    return _is_written(block.text) and (len(block.text) > 80 or ends_sentence(block.lines[-1]))


def _is_written(text: str) -> bool:
    """Return whether a text has enough words to be prose, and few numbers and symbols."""
    solid = len(text) - text.count(" ")
    words = sum(1 for _ in islice(_WORD.finditer(text), BLOCK_TYPES.min_prose_words))
    return words >= BLOCK_TYPES.min_prose_words and count_letters(text) >= BLOCK_TYPES.min_letters * solid


def _has_cells(block: Block) -> bool:
    """Return whether white divides the lines into columns: many of them, or some at the same place."""
    divided = 0
    starts: Counter[int] = Counter()  # of print after much white, in steps of 2 points
    for line in block.lines:
        if len(line.parts) == 1:
            continue
        gaps = [(b.x0 - a.x1, b.x0) for a, b in pairwise(line.parts) if not (a.math or b.math)]
        divided += any(gap > BLOCK_TYPES.min_cell_gap * line.size for gap, _ in gaps)
        starts.update({round(x / 2) for gap, x in gaps if gap > BLOCK_TYPES.min_column_gap * line.size})
    return divided >= max(1.0, BLOCK_TYPES.min_cell_lines * len(block.lines)) or max(starts.values(), default=0) > 1


def _is_in_float(block: Block, caption: Block, body: Sequence[Block]) -> bool:
    """Return whether a block is above or below a caption with no body text between them."""
    if not _share_column(block, caption):
        return False
    top, bottom = block.lines[0].middle, block.lines[-1].middle
    above = bottom < caption.lines[0].middle
    low, high = (bottom, caption.lines[0].middle) if above else (caption.lines[-1].middle, top)
    between = (other for other in body if low - 1 < other.lines[0].middle and other.lines[-1].middle < high + 1)
    return not any(_share_column(other, block) and _share_column(other, caption) for other in between)


def _is_formula_piece(block: Block, formulas: Sequence[Block]) -> bool:
    """Return whether a block is a limit, a numerator or the like of a formula that it touches."""
    reach = BLOCK_TYPES.max_formula_gap * block.size
    return any(
        _share_column(block, formula)
        and block.lines[0].y0 < formula.lines[-1].y1 + reach
        and block.lines[-1].y1 > formula.lines[0].y0 - reach
        for formula in formulas
    )


def _share_column(block: Block, other: Block) -> bool:
    """Return whether two blocks overlap from left to right, so that one may be above the other."""
    (left, right), (x0, x1) = block.extent, other.extent
    return min(right, x1) > max(left, x0)
