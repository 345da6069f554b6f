"""Columns, found by the white gutters between fragments that are printed side by side."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from curator.pdf.layout.fragments import Fragment
from curator.pdf.layout.parameters import COLUMNS


class Sides(NamedTuple):
    """Fragments by their place relative to a gutter."""

    left: list[Fragment]
    right: list[Fragment]
    crossing: list[Fragment]


def find_page_gutter(fragments: Sequence[Fragment], candidates: Sequence[float]) -> float | None:
    """Find the page's main gutter.

    Args:
        fragments: Of one page.
        candidates: Places of possible gutters (x, points), the best first.

    Returns:
        The first candidate with most of the page's prose on its two sides, or None.
    """
    if not 6 <= len(fragments) <= COLUMNS.max_fragments:
        return None
    for x in candidates:
        sides = split_at(fragments, x)
        left, right = len(find_prose(sides.left)), len(find_prose(sides.right))
        across = sum(len(f.text) >= COLUMNS.min_prose_chars for f in sides.crossing)
        if left >= 5 and right >= 5 and left + right > 2 * across:
            return x
    return None


def find_gutters(
    fragments: Sequence[Fragment], known: Sequence[float] = (), candidates: Sequence[float] | None = None
) -> list[float]:
    """Find the gutters that separate prose of these fragments.

    Args:
        fragments: At least one.
        known: Places of the gutters on the document's other pages (x, points).
        candidates: Result of `find_gutter_candidates` for these fragments, if it is known.

    Returns:
        Places of the gutters (x, points), the one that separates most first; none if there is only one column.
    """
    if sum(len(f.text) >= COLUMNS.min_prose_chars for f in fragments) < 2:
        return []
    gutters: list[tuple[int, float]] = []
    for x in [*known, *(find_gutter_candidates(fragments) if candidates is None else candidates)]:
        sides = split_at(fragments, x)
        if not sides.left or not sides.right or min(_width(sides.left), _width(sides.right)) < COLUMNS.min_width:
            continue
        left, right = len(find_prose(sides.left)), len(find_prose(sides.right))
        fits = (
            (left >= 3 and right >= 3)
            or (left + right >= 2 and any(abs(x - k) < COLUMNS.max_gutter_shift for k in known))
            or (left >= 4 and _is_justified(sides.left))
            or (right >= 4 and _is_justified(sides.right))
        )
        if fits:
            gutters.append((left + right - len(sides.crossing), x))
    gutters.sort(key=lambda gutter: -gutter[0])
    return [x for _, x in gutters]


def find_gutter_candidates(fragments: Sequence[Fragment]) -> list[float]:
    """Find the middles of the white gaps beside prose (x, points), the most frequent first.

    Returns none for a page with more fragments than columns are looked for in (`COLUMNS.max_fragments`).
    """
    if not 0 < len(fragments) <= COLUMNS.max_fragments:
        return []
    last_start, first_end = max([f.x0 for f in fragments]), min([f.x1 for f in fragments])
    prose = [
        f
        for f in fragments
        if (f.x1 + COLUMNS.min_gutter <= last_start or f.x0 - COLUMNS.min_gutter >= first_end)
        and len(f.text) >= COLUMNS.min_prose_chars
    ]
    if len(prose) < 2:
        return []
    by_top = sorted(fragments, key=lambda f: f.y0)
    tops = [f.y0 for f in by_top]
    tallest = min(COLUMNS.max_letter_height, max([f.y1 - f.y0 for f in fragments]))
    gaps: list[tuple[float, float]] = []
    for f in prose:
        right, left = f.x1 + COLUMNS.min_gutter, f.x0 - COLUMNS.min_gutter
        near = by_top[bisect_left(tops, f.y0 - tallest) : bisect_left(tops, f.y1)]
        level = [g for g in near if (g.x0 >= right or g.x1 <= left) and _are_level(f, g)]
        if after := [g.x0 for g in level if g.x0 >= right]:
            gaps.append((f.x1, min(after)))
        if before := [g.x1 for g in level if g.x1 <= left]:
            gaps.append((max(before), f.x0))
    return _find_common_middles(gaps)


def split_at(fragments: Sequence[Fragment], x: float) -> Sides:
    """Divide fragments into those left of x (points), those right of it, and those that clearly cross it."""
    narrower = min(x - min([f.x0 for f in fragments]), max([f.x1 for f in fragments]) - x)
    reach = COLUMNS.min_crossing * max(20.0, narrower)
    sides = Sides([], [], [])
    for f in fragments:
        if f.x0 < x - reach and f.x1 > x + reach:
            sides.crossing.append(f)
        elif (f.x0 + f.x1) / 2 < x:
            sides.left.append(f)
        else:
            sides.right.append(f)
    return sides


def find_prose(fragments: Sequence[Fragment]) -> list[Fragment]:
    """Select the fragments that are lines of prose: long, and as wide as their column."""
    if not fragments:
        return []
    full = COLUMNS.min_prose_fill * _width(fragments)
    return [f for f in fragments if f.x1 - f.x0 >= full and len(f.text) >= COLUMNS.min_prose_chars]


def _width(fragments: Sequence[Fragment]) -> float:
    return max([f.x1 for f in fragments]) - min([f.x0 for f in fragments])


def _are_level(f: Fragment, g: Fragment) -> bool:
    common = (f.y1 if f.y1 < g.y1 else g.y1) - (f.y0 if f.y0 > g.y0 else g.y0)
    return common > 0.3 * (f.y1 - f.y0) or common > 0.3 * (g.y1 - g.y0)


def _find_common_middles(gaps: list[tuple[float, float]], limit: int = 4) -> list[float]:
    """Return middles of the stretches shared by most of these intervals, at most `limit`, each by three or more."""
    edges = sorted([(start, 1) for start, _ in gaps] + [(end, -1) for _, end in gaps], key=lambda e: (e[0], e[1]))
    stretches: list[tuple[int, float, float]] = []
    votes = 0
    for (x, step), (following, _) in pairwise(edges):
        votes += step
        if votes >= 3 and following - x > 0.5:
            stretches.append((votes, x, following))
    middles: list[float] = []
    for _, start, end in sorted(stretches, key=lambda s: (-s[0], s[1])):
        middle = (start + end) / 2
        if all(abs(middle - other) > COLUMNS.min_width for other in middles):
            middles.append(middle)
        if len(middles) == limit:
            break
    return middles


def _is_justified(fragments: Sequence[Fragment]) -> bool:
    """Return whether most lines of prose are flush left and right: one column of text beside a figure has few lines."""
    prose = find_prose(fragments)
    if not prose:
        return False
    left, right = median(f.x0 for f in prose), median(f.x1 for f in prose)
    flush = sum(abs(f.x0 - left) < 2 and abs(f.x1 - right) < 2 for f in prose)
    return flush >= 0.6 * len(prose) and sum(len(f.text) for f in prose) >= 30 * len(prose)
