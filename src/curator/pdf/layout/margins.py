"""Heads and feet of papers too short for anything to repeat: told by place, print and surrounding white.

In longer papers, furniture is print that repeats from page to page (see `furniture`), which is safer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from curator.pdf.layout.fragments import Fragment, RawPage
from curator.pdf.layout.parameters import MARGINS

_NOTE = re.compile(r"(?:\d{1,3}|[*∗†‡§¶])\s*[A-Za-z]")
_NUMBER = re.compile(r"^[-–—|\[( ]*(?:page )?(?:\d{1,4}|[ivxl]{1,7})[-–—|\]) ]*(?:(?:of|/) ?\d{1,4})?$", re.I)


def find_heads_and_feet(page: RawPage, body_size: float) -> set[int]:
    """Find the head and the foot of a page.

    Args:
        page: The page.
        body_size: Font size of most of its characters, in points.

    Returns:
        The `id` of each of their fragments.
    """
    rows = _group_rows(page.fragments)
    if len(rows) < MARGINS.min_page_rows:
        return set()
    step = median(after[0].middle - before[0].middle for before, after in pairwise(rows))
    furniture: set[int] = set()
    for inwards in (rows, rows[::-1]):
        outside = 0
        for at, (row, inner) in enumerate(pairwise(inwards[: MARGINS.max_rows + 1]), start=1):
            if not _may_be_furniture(row, page, body_size):
                break
            gap = MARGINS.min_numbered_gap if _has_number(row) else MARGINS.min_gap
            if abs(inner[0].middle - row[0].middle) > gap * step:
                outside = at
        furniture |= {id(f) for row in inwards[:outside] for f in row}
    return furniture


def find_sideways_print(page: RawPage) -> set[int]:
    """Find the print that runs up or down the edge of the sheet, as stamps of archives do.

    Returns:
        The `id` of each of its fragments.
    """
    left, right = MARGINS.edge * page.width, (1 - MARGINS.edge) * page.width
    return {id(f) for f in page.fragments if not f.upright and (f.x1 < left or f.x0 > right)}


def _group_rows(fragments: Sequence[Fragment]) -> list[list[Fragment]]:
    rows: list[list[Fragment]] = []
    for f in sorted((f for f in fragments if f.upright), key=lambda f: f.middle):
        if rows and f.middle - rows[-1][0].middle <= MARGINS.max_row_shift:
            rows[-1].append(f)
        else:
            rows.append([f])
    return rows


def _may_be_furniture(row: Sequence[Fragment], page: RawPage, body_size: float) -> bool:
    """Return whether a row is near the edge of the sheet and is not a title, a heading, a footnote or prose."""
    numbered = _has_number(row)
    small = all(f.size <= MARGINS.max_small_size * body_size for f in row)
    depth = MARGINS.depth if numbered or small else MARGINS.body_size_depth
    if depth < row[0].middle / page.height < 1 - depth:
        return False
    return numbered or not any(f.size > MARGINS.max_head_size * body_size or f.bold or _is_written(f) for f in row)


def _is_written(fragment: Fragment) -> bool:
    """Return whether a fragment is prose or a footnote."""
    words = len(fragment.text.split())
    sentence = words >= MARGINS.min_sentence_words and fragment.text.endswith((".", "!", "?"))
    return sentence or words >= MARGINS.min_prose_words or bool(fragment.marker) or bool(_NOTE.match(fragment.text))


def _has_number(row: Sequence[Fragment]) -> bool:
    """Return whether a row of few fragments contains a page number."""
    return len(row) <= MARGINS.max_numbered_parts and any(_NUMBER.match(f.text) for f in row)
