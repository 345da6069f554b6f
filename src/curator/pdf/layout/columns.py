"""Columns, found by the white gutters between fragments that stand side by side."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Sequence
from statistics import median

from curator.pdf.layout.fragments import Fragment
from curator.pdf.layout.parameters import COLUMNS


def page_gutter(fragments: Sequence[Fragment], candidates: Sequence[float]) -> float | None:
    """Where the page's main gutter is, if most of its prose stands in two columns."""
    if not 6 <= len(fragments) <= COLUMNS.max_fragments:
        return None
    for x in candidates:
        left, right, crossing = split_at(fragments, x)
        ones, others = len(prose_lines(left)), len(prose_lines(right))
        across = sum(len(f.text) >= COLUMNS.min_prose_chars for f in crossing)
        if ones >= 5 and others >= 5 and ones + others > 2 * across:
            return x
    return None


def find_gutters(
    fragments: Sequence[Fragment], known: Sequence[float] = (), candidates: Sequence[float] | None = None
) -> list[float]:
    """Gutters that part prose of these fragments, the one that parts most first; none where they form one column."""
    if sum(len(f.text) >= COLUMNS.min_prose_chars for f in fragments) < 2:
        return []
    found: list[tuple[int, float]] = []
    for x in [*known, *(gutter_candidates(fragments) if candidates is None else candidates)]:
        left, right, crossing = split_at(fragments, x)
        if not left or not right or min(_width(left), _width(right)) < COLUMNS.min_width:
            continue
        ones, others = len(prose_lines(left)), len(prose_lines(right))
        fits = (
            (ones >= 3 and others >= 3)
            or (ones + others >= 2 and any(abs(x - k) < COLUMNS.max_gutter_shift for k in known))
            or (ones >= 4 and _justified(left))
            or (others >= 4 and _justified(right))
        )
        if fits:
            found.append((ones + others - len(crossing), x))
    found.sort(key=lambda gutter: -gutter[0])
    return [x for _, x in found]


def _width(fragments: Sequence[Fragment]) -> float:
    return max([f.x1 for f in fragments]) - min([f.x0 for f in fragments])


def gutter_candidates(fragments: Sequence[Fragment]) -> list[float]:
    """Middles of the white gaps that prose has beside it, the most voted first; none on a page that is a plot."""
    if not 0 < len(fragments) <= COLUMNS.max_fragments:
        return []
    last_start, first_end = max([f.x0 for f in fragments]), min([f.x1 for f in fragments])
    parted = [
        f
        for f in fragments
        if (f.x1 + COLUMNS.min_gutter <= last_start or f.x0 - COLUMNS.min_gutter >= first_end)
        and len(f.text) >= COLUMNS.min_prose_chars
    ]
    if len(parted) < 2:
        return []
    by_top = sorted(fragments, key=lambda f: f.y0)
    tops = [f.y0 for f in by_top]
    tallest = min(COLUMNS.max_letter_height, max([f.y1 - f.y0 for f in fragments]))
    gaps: list[tuple[float, float]] = []
    for f in parted:
        right, left = f.x1 + COLUMNS.min_gutter, f.x0 - COLUMNS.min_gutter
        near = by_top[bisect_left(tops, f.y0 - tallest) : bisect_left(tops, f.y1)]
        level = [g for g in near if (g.x0 >= right or g.x1 <= left) and _are_level(f, g)]
        if after := [g.x0 for g in level if g.x0 >= right]:
            gaps.append((f.x1, min(after)))
        if before := [g.x1 for g in level if g.x1 <= left]:
            gaps.append((max(before), f.x0))
    return _most_covered(gaps)


def _are_level(f: Fragment, g: Fragment) -> bool:
    common = (f.y1 if f.y1 < g.y1 else g.y1) - (f.y0 if f.y0 > g.y0 else g.y0)
    return common > 0.3 * (f.y1 - f.y0) or common > 0.3 * (g.y1 - g.y0)


def _most_covered(gaps: list[tuple[float, float]], wanted: int = 4) -> list[float]:
    """Middles of the stretches that most of these intervals share, at most `wanted`, with at least three votes each."""
    edges = sorted([(start, 1) for start, _ in gaps] + [(end, -1) for _, end in gaps], key=lambda e: (e[0], e[1]))
    stretches: list[tuple[int, float, float]] = []
    votes = 0
    for (x, step), (following, _) in itertools.pairwise(edges):
        votes += step
        if votes >= 3 and following - x > 0.5:
            stretches.append((votes, x, following))
    found: list[float] = []
    for _, start, end in sorted(stretches, key=lambda s: (-s[0], s[1])):
        middle = (start + end) / 2
        if all(abs(middle - other) > COLUMNS.min_width for other in found):
            found.append(middle)
        if len(found) == wanted:
            break
    return found


def split_at(fragments: Sequence[Fragment], x: float) -> tuple[list[Fragment], list[Fragment], list[Fragment]]:
    """What is left of x, what is right of it, and what really crosses it."""
    reach = COLUMNS.min_crossing * max(
        20.0, min(x - min([f.x0 for f in fragments]), max([f.x1 for f in fragments]) - x)
    )
    left: list[Fragment] = []
    right: list[Fragment] = []
    crossing: list[Fragment] = []
    for f in fragments:
        if f.x0 < x - reach and f.x1 > x + reach:
            crossing.append(f)
        elif (f.x0 + f.x1) / 2 < x:
            left.append(f)
        else:
            right.append(f)
    return left, right, crossing


def prose_lines(fragments: Sequence[Fragment]) -> list[Fragment]:
    """The fragments that are lines which fill their column."""
    if not fragments:
        return []
    full = COLUMNS.min_prose_fill * _width(fragments)
    return [f for f in fragments if f.x1 - f.x0 >= full and len(f.text) >= COLUMNS.min_prose_chars]


def _justified(fragments: Sequence[Fragment]) -> bool:
    prose = prose_lines(fragments)
    if not prose:
        return False
    left, right = median(f.x0 for f in prose), median(f.x1 for f in prose)
    flush = sum(abs(f.x0 - left) < 2 and abs(f.x1 - right) < 2 for f in prose)
    return flush >= 0.6 * len(prose) and sum(len(f.text) for f in prose) >= 30 * len(prose)
