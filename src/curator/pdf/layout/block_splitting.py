"""Where a block's printed pieces may not be read as one sentence: cells of a table, boxes and labels side by side.

A sentence that two pieces of text were made into is a quote that nobody wrote, while a sentence in two halves only
looks odd. So pieces are put together where the page itself says so, and parted wherever there is doubt.
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


def runs(lines: Sequence[Line], stream: Sequence[Fragment]) -> list[list[Fragment]]:
    """The fragments of a block, parted where one of them may not go on with what the one before it says.

    `stream`: all fragments of the page as the file has them; empty where its order says nothing.
    """
    cells = [_cells(lines, at, stream) for at in range(len(lines))]
    found: list[list[Fragment]] = []
    for at, row in enumerate(cells):
        if at and len(row) == len(cells[at - 1]) == 1 and _goes_on(lines[at - 1], lines[at], stream):
            found[-1].extend(row[0])
        else:
            found.extend(row)
    return found


def rows(lines: Sequence[Line], stream: Sequence[Fragment]) -> list[list[Fragment]]:
    """The fragments of a table or a figure, row by row; running text in it is parted as `runs` parts it."""
    found: list[list[Fragment]] = []
    texts: list[Line] = []
    for line in lines:
        if any(_is_wordy(part.text) for part in line.parts):
            texts.append(line)
            continue
        found += runs(texts, stream)
        texts = []
        found.append(list(line.parts))
    return found + runs(texts, stream)


def _is_wordy(text: str) -> bool:
    return len(text) >= 3 * SPLITTING.min_running_words and len(_WORD.findall(text)) >= SPLITTING.min_running_words


def _cells(lines: Sequence[Line], at: int, stream: Sequence[Fragment]) -> list[list[Fragment]]:
    """A line's parts, wherever one may not go on with the one before it."""
    line = lines[at]
    found = [[line.parts[0]]]
    if len(line.parts) == 1:
        return found
    around = [
        *lines[max(0, at - SPLITTING.aligned_lines) : at],
        *lines[at + 1 : at + 1 + SPLITTING.aligned_lines],
    ]
    starts = [part.x0 for other in around for part in _after_white(other)]
    justified = bool(stream) and any(abs(o.x0 - line.x0) < 2 and abs(o.x1 - line.x1) < 2 for o in around)
    labelled = at == 0 or ends_sentence(lines[at - 1])
    for number, (before, part) in enumerate(pairwise(line.parts)):
        label = labelled and number == 0 and _is_label(before.text, part.text)
        if not label and (_is_apart(before, part, starts, justified) or _is_between(before, part, stream)):
            found.append([])
        found[-1].append(part)
    return found


def _is_label(text: str, after: str) -> bool:
    """Whether this is a bullet, or the number of what follows."""
    return len(text) <= SPLITTING.max_label_chars and not (text[0].isalnum() and after[0].islower())


def _is_apart(before: Fragment, part: Fragment, starts: Sequence[float], justified: bool) -> bool:
    """Whether the white between two parts of a line, or their sizes, show that they are cells or labels."""
    em = max(before.size, part.size)
    gap = part.x0 - before.x1
    if before.math or part.math:
        return gap > SPLITTING.max_formula_gap * em and not _EQUATION_NUMBER.match(part.text)
    if gap > 0.25 * em and min(before.size, part.size) < SPLITTING.max_label_size * em:
        return bool(_WORD.search(before.text) and _WORD.search(part.text))
    if gap < SPLITTING.min_aligned_gap * em or _EQUATION_NUMBER.match(part.text):
        return False
    in_prose = justified and part.order == before.order + 1
    return gap > (SPLITTING.max_justified_gap if in_prose else SPLITTING.min_cell_gap) * em or any(
        abs(part.x0 - x) < SPLITTING.max_alignment_shift for x in starts
    )


def _is_between(before: Fragment, part: Fragment, stream: Sequence[Fragment]) -> bool:
    """Whether the file has other words between two parts that stand side by side, as between two cells."""
    if before.math or part.math:
        return False
    return any(map(_has_words, stream[before.order + 1 : part.order]))


def _after_white(line: Line) -> list[Fragment]:
    return [b for a, b in pairwise(line.parts) if b.x0 - a.x1 >= SPLITTING.min_aligned_gap * max(a.size, b.size)]


def _goes_on(before: Line, line: Line, stream: Sequence[Fragment]) -> bool:
    """Whether a line is the next one of the same text: under the one before it, and after it in the file."""
    if stream:
        earliest, end = _stretch(before)
        start, latest = _stretch(line)
        if latest < earliest:
            return False
        if not line.joined and any(map(_has_words, stream[end + 1 : start])):
            return False
    if line.joined or any(part.math for part in (*before.parts, *line.parts)):
        return True
    across = min(before.x1, line.x1) - max(before.x0, line.x0)
    return across > 0 and line.y1 - before.y1 > SPLITTING.min_baseline_gap * min(
        before.y1 - before.y0, line.y1 - line.y0
    )


def _stretch(line: Line) -> tuple[int, int]:
    """Where the file has the first and the last of a line's parts."""
    orders = [part.order for part in line.parts]
    return min(orders), max(orders)


def _has_words(fragment: Fragment) -> bool:
    return fragment.upright and not fragment.math and bool(_WORD.search(fragment.text))
