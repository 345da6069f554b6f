"""Places where a block's fragments may not be read as one sentence: between cells, boxes and labels side by side.

A sentence made of two unrelated pieces would be a quote that nobody wrote, while a sentence in two halves only looks
odd. So fragments are joined where the page itself shows that they belong together, and split wherever there is doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from curator.pdf.layout.blocks import ends_sentence
from curator.pdf.layout.fragments import Fragment, Line
from curator.pdf.layout.parameters import SPLITTING

_EQUATION_NUMBER = re.compile(r"^\([A-Z]?\.?\d{1,3}(?:\.\d{1,3})?[a-z]?\)$")
_WORD = re.compile(r"[^\W\d_]{3}")


def split_runs(lines: Sequence[Line], file_order: Sequence[Fragment]) -> list[list[Fragment]]:
    """Split a block wherever a fragment may not continue the one before it.

    Args:
        lines: Of the block.
        file_order: All fragments of the page in the order of the file; empty if that order means nothing.

    Returns:
        The runs of fragments that may be read as one text.
    """
    cells = [_split_line(lines, at, file_order) for at in range(len(lines))]
    runs: list[list[Fragment]] = []
    for at, row in enumerate(cells):
        if at and len(row) == len(cells[at - 1]) == 1 and _continues(lines[at - 1], lines[at], file_order):
            runs[-1].extend(row[0])
        else:
            runs.extend(row)
    return runs


def split_rows(lines: Sequence[Line], file_order: Sequence[Fragment]) -> list[list[Fragment]]:
    """Split a table or a figure into rows; running text inside it is split as `split_runs` does."""
    rows: list[list[Fragment]] = []
    running: list[Line] = []
    for line in lines:
        if any(_is_running_text(part.text) for part in line.parts):
            running.append(line)
            continue
        rows += split_runs(running, file_order)
        running = []
        rows.append(list(line.parts))
    return rows + split_runs(running, file_order)


def _is_running_text(text: str) -> bool:
    needed = SPLITTING.min_running_words
    return len(text) >= 3 * needed and len(_WORD.findall(text)) >= needed


def _split_line(lines: Sequence[Line], at: int, file_order: Sequence[Fragment]) -> list[list[Fragment]]:
    """Split a line's parts wherever one may not continue the one before it."""
    line = lines[at]
    cells = [[line.parts[0]]]
    if len(line.parts) == 1:
        return cells
    reach = SPLITTING.aligned_lines
    around = [*lines[max(0, at - reach) : at], *lines[at + 1 : at + 1 + reach]]
    starts = [part.x0 for other in around for part in _find_cell_starts(other)]
    justified = bool(file_order) and any(abs(o.x0 - line.x0) < 2 and abs(o.x1 - line.x1) < 2 for o in around)
    may_be_labelled = at == 0 or ends_sentence(lines[at - 1])
    for number, (before, part) in enumerate(pairwise(line.parts)):
        label = may_be_labelled and number == 0 and _is_label(before.text, part.text)
        if not label and (_are_cells(before, part, starts, justified) or _are_interrupted(before, part, file_order)):
            cells.append([])
        cells[-1].append(part)
    return cells


def _is_label(text: str, after: str) -> bool:
    """Return whether a text is a bullet, or the number of the text after it."""
    return len(text) <= SPLITTING.max_label_chars and not (text[0].isalnum() and after[0].islower())


def _are_cells(before: Fragment, part: Fragment, starts: Sequence[float], justified: bool) -> bool:
    """Return whether the white between two parts of a line, or their sizes, show that they are cells or labels."""
    em = max(before.size, part.size)
    gap = part.x0 - before.x1
    if before.math or part.math:
        return gap > SPLITTING.max_formula_gap * em and not _EQUATION_NUMBER.match(part.text)
    if gap > 0.25 * em and min(before.size, part.size) < SPLITTING.max_label_size * em:
        return bool(_WORD.search(before.text) and _WORD.search(part.text))
    if gap < SPLITTING.min_aligned_gap * em or _EQUATION_NUMBER.match(part.text):
        return False
    in_prose = justified and part.order == before.order + 1
    if gap > (SPLITTING.max_justified_gap if in_prose else SPLITTING.min_cell_gap) * em:
        return True
    return any(abs(part.x0 - x) < SPLITTING.max_alignment_shift for x in starts)


def _are_interrupted(before: Fragment, part: Fragment, file_order: Sequence[Fragment]) -> bool:
    """Return whether the file has other words between two parts that are side by side, as between two cells."""
    if before.math or part.math:
        return False
    return any(map(_has_words, file_order[before.order + 1 : part.order]))


def _find_cell_starts(line: Line) -> list[Fragment]:
    """Return the parts of a line that have enough white before them to be cells."""
    return [b for a, b in pairwise(line.parts) if b.x0 - a.x1 >= SPLITTING.min_aligned_gap * max(a.size, b.size)]


def _continues(before: Line, line: Line, file_order: Sequence[Fragment]) -> bool:
    """Return whether a line is the next one of the same text: beneath the line before it, and after it in the file."""
    if file_order:
        earliest, end = _get_extent(before)
        start, latest = _get_extent(line)
        if latest < earliest:
            return False
        if not line.joined and any(map(_has_words, file_order[end + 1 : start])):
            return False
    if line.joined or any(part.math for part in (*before.parts, *line.parts)):
        return True
    overlap = min(before.x1, line.x1) - max(before.x0, line.x0)
    height = min(before.y1 - before.y0, line.y1 - line.y0)
    return overlap > 0 and line.y1 - before.y1 > SPLITTING.min_baseline_gap * height


def _get_extent(line: Line) -> tuple[int, int]:
    """Return the places in the file of the first and the last of a line's parts."""
    orders = [part.order for part in line.parts]
    return min(orders), max(orders)


def _has_words(fragment: Fragment) -> bool:
    return fragment.upright and not fragment.math and bool(_WORD.search(fragment.text))
