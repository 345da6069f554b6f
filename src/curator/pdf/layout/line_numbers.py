"""Line numbers beside the text, as papers under review carry them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from curator.pdf.layout.fragments import Fragment, RawPage
from curator.pdf.layout.parameters import LINE_NUMBERS

INTEGER = re.compile(r"^\d{1,4}$")


def line_numbers(page: RawPage, before: Sequence[Fragment]) -> list[Fragment]:
    """Columns of integers that rise steadily from top to bottom beside the text, as in papers under review.

    `before`: those of the pages before. Where they go on, a few are enough.
    """
    integers = [f for f in page.fragments if f.upright and INTEGER.match(f.text)]
    if len(integers) < (LINE_NUMBERS.min_continued_numbers if before else LINE_NUMBERS.min_numbers):
        return []
    columns: dict[int, list[Fragment]] = defaultdict(list)
    for f in integers:
        columns[round(f.x1 / LINE_NUMBERS.max_column_shift)].append(f)
    found: dict[int, Fragment] = {}
    for at in list(columns):
        column = sorted(columns[at] + columns.get(at + 1, []), key=lambda f: f.middle)
        if _rises(column) and (_spans(column, page) or _goes_on(before, column)) and _beside(column, page):
            found |= {id(f): f for f in column}
    return list(found.values())


def _rises(column: Sequence[Fragment]) -> bool:
    steps = Counter(int(after.text) - int(before.text) for before, after in pairwise(column))
    if not steps:
        return False
    step, count = steps.most_common(1)[0]
    return step in (1, 2, 5) and count >= 0.9 * (len(column) - 1)


def _spans(column: Sequence[Fragment], page: RawPage) -> bool:
    tall = column[-1].middle - column[0].middle > 0.4 * page.height
    return len(column) >= LINE_NUMBERS.min_numbers and (tall or len(column) >= 25)


def _goes_on(before: Sequence[Fragment], column: Sequence[Fragment]) -> bool:
    """Whether a column of numbers starts where the page before left off, and stands in the same place."""
    if len(column) < LINE_NUMBERS.min_continued_numbers:
        return False
    step = int(column[1].text) - int(column[0].text)
    return any(
        int(column[0].text) - int(f.text) == step and abs(column[0].x1 - f.x1) < LINE_NUMBERS.max_column_shift
        for f in before
    )


def _beside(column: Sequence[Fragment], page: RawPage) -> bool:
    """No line of text runs through the column of numbers."""
    x0, x1 = min(f.x0 for f in column), max(f.x1 for f in column)
    through = sum(f.x0 < x0 - 5 and f.x1 > x1 + 5 for f in page.fragments)
    return through <= 0.1 * len(column)
