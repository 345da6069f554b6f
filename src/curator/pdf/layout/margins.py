"""Heads and feet of pages with no others to be compared with: told by their place, their print and the white around.

Where a document has several pages, furniture is what comes again (`furniture`); that is safer, and goes first.
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


def heads_and_feet(page: RawPage, usual: float) -> set[int]:
    """Identities of the fragments of a page's head and foot. `usual`: the font size of most of it, points."""
    rows = _rows(page.fragments)
    if len(rows) < MARGINS.min_page_rows:
        return set()
    step = median(after[0].middle - before[0].middle for before, after in pairwise(rows))
    drop: set[int] = set()
    for inwards in (rows, rows[::-1]):
        outside = 0
        for at, (row, inner) in enumerate(pairwise(inwards[: MARGINS.max_rows + 1]), start=1):
            if not _may_be_furniture(row, page, usual):
                break
            apart = MARGINS.min_numbered_gap if _has_number(row) else MARGINS.min_gap
            if abs(inner[0].middle - row[0].middle) > apart * step:
                outside = at
        drop |= {id(f) for row in inwards[:outside] for f in row}
    return drop


def sideways(page: RawPage) -> set[int]:
    """Identities of the fragments that run up or down the edge of the sheet, as stamps of archives do."""
    left, right = MARGINS.edge * page.width, (1 - MARGINS.edge) * page.width
    return {id(f) for f in page.fragments if not f.upright and (f.x1 < left or f.x0 > right)}


def _rows(fragments: Sequence[Fragment]) -> list[list[Fragment]]:
    rows: list[list[Fragment]] = []
    for f in sorted((f for f in fragments if f.upright), key=lambda f: f.middle):
        if rows and f.middle - rows[-1][0].middle <= MARGINS.max_row_shift:
            rows[-1].append(f)
        else:
            rows.append([f])
    return rows


def _may_be_furniture(row: Sequence[Fragment], page: RawPage, usual: float) -> bool:
    """Whether a row stands at the rim of the sheet and is neither a title, nor a heading, a footnote or prose."""
    numbered = _has_number(row)
    rim = (
        MARGINS.depth
        if numbered or all(f.size <= MARGINS.max_small_size * usual for f in row)
        else MARGINS.body_size_depth
    )
    if rim < row[0].middle / page.height < 1 - rim:
        return False
    return numbered or not any(f.size > MARGINS.max_head_size * usual or f.bold or _is_said(f) for f in row)


def _is_said(fragment: Fragment) -> bool:
    """Whether this is prose or a footnote."""
    words = len(fragment.text.split())
    sentence = words >= MARGINS.min_sentence_words and fragment.text.endswith((".", "!", "?"))
    return sentence or words >= MARGINS.min_prose_words or bool(fragment.marker) or bool(_NOTE.match(fragment.text))


def _has_number(row: Sequence[Fragment]) -> bool:
    return len(row) <= MARGINS.max_numbered_parts and any(_NUMBER.match(f.text) for f in row)
