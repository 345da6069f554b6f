"""Line numbers beside the text, as papers under review carry them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from curator.pdf.layout.fragments import Fragment, RawPage
from curator.pdf.layout.parameters import LINE_NUMBERS

INTEGER = re.compile(r"^\d{1,4}$")


def find_line_numbers(page: RawPage, before: Sequence[Fragment]) -> list[Fragment]:
    """Find columns of integers that rise steadily from top to bottom beside the text.

    Args:
        page: The page.
        before: Line numbers of the pages before. If the page continues them, a few are enough.

    Returns:
        The page's line numbers.
    """
    integers = [f for f in page.fragments if f.upright and INTEGER.match(f.text)]
    if len(integers) < (LINE_NUMBERS.min_continued_numbers if before else LINE_NUMBERS.min_numbers):
        return []
    columns: dict[int, list[Fragment]] = defaultdict(list)
    for f in integers:
        columns[round(f.x1 / LINE_NUMBERS.max_column_shift)].append(f)
    numbers: dict[int, Fragment] = {}
    for at in list(columns):
        column = sorted(columns[at] + columns.get(at + 1, []), key=lambda f: f.middle)
        if _rises(column) and (_spans_page(column, page) or _continues(before, column)) and _is_beside(column, page):
            numbers |= {id(f): f for f in column}
    return list(numbers.values())


def _rises(column: Sequence[Fragment]) -> bool:
    """Return whether nearly all numbers rise by the same step, as printed by common review styles."""
    steps = Counter(int(after.text) - int(before.text) for before, after in pairwise(column))
    if not steps:
        return False
    step, count = steps.most_common(1)[0]
    return step in (1, 2, 5) and count >= 0.9 * (len(column) - 1)


def _spans_page(column: Sequence[Fragment], page: RawPage) -> bool:
    tall = column[-1].middle - column[0].middle > 0.4 * page.height
    return len(column) >= LINE_NUMBERS.min_numbers and (tall or len(column) >= 25)


def _continues(before: Sequence[Fragment], column: Sequence[Fragment]) -> bool:
    """Return whether a column starts with the number after one of the page before, in the same place."""
    if len(column) < LINE_NUMBERS.min_continued_numbers:
        return False
    first = column[0]
    step = int(column[1].text) - int(first.text)
    return any(
        int(first.text) - int(f.text) == step and abs(first.x1 - f.x1) < LINE_NUMBERS.max_column_shift for f in before
    )


def _is_beside(column: Sequence[Fragment], page: RawPage) -> bool:
    """Return whether hardly any line of text runs through the column, as rows of a table would."""
    x0, x1 = min(f.x0 for f in column), max(f.x1 for f in column)
    through = sum(f.x0 < x0 - 5 and f.x1 > x1 + 5 for f in page.fragments)
    return through <= 0.1 * len(column)
