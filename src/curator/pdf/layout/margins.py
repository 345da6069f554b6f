"""Heads and feet of pages with no others to be compared with: told by their place, their print and the white around.

Where a document has several pages, furniture is what comes again (`furniture`); that is safer, and goes first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from curator.pdf.layout.fragments import Fragment, RawPage

SHORT = 2  # pages of a document in which nothing need come again
RIM = 0.12  # of the page's height, at the top and at the bottom, for small print and page numbers
NEAR_RIM = 0.065  # the same, for print as large as the text's, which may be a title
SMALL = 0.9  # times the text's font size
EDGE = 0.045  # of the page's width, where sideways print is a stamp or a page number; a figure is farther in
ROWS = 3  # of a head or a foot
SAME_ROW = 4.0  # points between the middles of fragments in one row
APART = 2.0  # times the distance between the page's rows, from a head or a foot to the text
NUMBERED_APART = 1.4  # the same, for one with a page number in it
LARGEST = 1.3  # times the text's font size; what is larger is a title
MANY_WORDS = 16  # of prose; a head or a foot has fewer
SENTENCE = 6  # words before a full stop, of a footnote, say
FEW_ROWS = 6  # on a page with fewer, no distance between rows is usual

_NOTE = re.compile(r"(?:\d{1,3}|[*∗†‡§¶])\s*[A-Za-z]")
_NUMBER = re.compile(r"^[-–—|\[( ]*(?:page )?(?:\d{1,4}|[ivxl]{1,7})[-–—|\]) ]*(?:(?:of|/) ?\d{1,4})?$", re.I)


def heads_and_feet(page: RawPage, usual: float) -> set[int]:
    """Identities of the fragments of a page's head and foot. `usual`: the font size of most of it, points."""
    rows = _rows(page.fragments)
    if len(rows) < FEW_ROWS:
        return set()
    step = median(after[0].middle - before[0].middle for before, after in pairwise(rows))
    drop: set[int] = set()
    for inwards in (rows, rows[::-1]):
        outside = 0
        for at, (row, inner) in enumerate(pairwise(inwards[: ROWS + 1]), start=1):
            if not _may_be_furniture(row, page, usual):
                break
            apart = NUMBERED_APART if _has_number(row) else APART
            if abs(inner[0].middle - row[0].middle) > apart * step:
                outside = at
        drop |= {id(f) for row in inwards[:outside] for f in row}
    return drop


def sideways(page: RawPage) -> set[int]:
    """Identities of the fragments that run up or down the edge of the sheet, as stamps of archives do."""
    left, right = EDGE * page.width, (1 - EDGE) * page.width
    return {id(f) for f in page.fragments if not f.upright and (f.x1 < left or f.x0 > right)}


def _rows(fragments: Sequence[Fragment]) -> list[list[Fragment]]:
    rows: list[list[Fragment]] = []
    for f in sorted((f for f in fragments if f.upright), key=lambda f: f.middle):
        if rows and f.middle - rows[-1][0].middle <= SAME_ROW:
            rows[-1].append(f)
        else:
            rows.append([f])
    return rows


def _may_be_furniture(row: Sequence[Fragment], page: RawPage, usual: float) -> bool:
    """Whether a row stands at the rim of the sheet and is neither a title, nor a heading, a footnote or prose."""
    numbered = _has_number(row)
    rim = RIM if numbered or all(f.size <= SMALL * usual for f in row) else NEAR_RIM
    if rim < row[0].middle / page.height < 1 - rim:
        return False
    return numbered or not any(f.size > LARGEST * usual or f.bold or _is_said(f) for f in row)


def _is_said(fragment: Fragment) -> bool:
    """Whether this is prose or a footnote."""
    words = len(fragment.text.split())
    sentence = words >= SENTENCE and fragment.text.endswith((".", "!", "?"))
    return sentence or words >= MANY_WORDS or bool(fragment.marker) or bool(_NOTE.match(fragment.text))


def _has_number(row: Sequence[Fragment]) -> bool:
    return len(row) <= ROWS and any(_NUMBER.match(f.text) for f in row)
