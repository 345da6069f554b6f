"""Reading order: in which order a person's eye goes through the columns of a page.

Works on printed line fragments and their rectangles only. What crosses a gutter (title, wide figure, wide caption)
parts the page into bands.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from curator.pdf.layout.columns import find_gutters, gutter_candidates, page_gutter, prose_lines, split_at
from curator.pdf.layout.fragments import Fragment, RawPage, Region
from curator.pdf.layout.lines import build_region
from curator.pdf.layout.parameters import COLUMNS, READING_ORDER


def read_order(
    fragments: Sequence[Fragment], gutters: Sequence[float] = (), candidates: Sequence[float] | None = None
) -> list[Region]:
    """The page's regions in reading order. `gutters`: where the document's other pages have theirs (x, points).

    `candidates`: what `gutter_candidates` says of these fragments, where that is known.
    """
    if not fragments:
        return []
    if len(fragments) > COLUMNS.max_fragments:
        return [build_region(fragments)]
    return _split(list(fragments), gutters, READING_ORDER.max_depth, candidates)


def _split(
    fragments: list[Fragment], gutters: Sequence[float], depth: int, candidates: Sequence[float] | None = None
) -> list[Region]:
    fitting = find_gutters(fragments, gutters, candidates) if depth and len(fragments) > 3 else []
    if not fitting:
        return [build_region(fragments)]
    if len(fitting) > 1 and (parts := _stacked(fragments)):
        return [region for part in parts for region in _split(part, (), depth - 1)]
    gutter = fitting[0]
    left, right, crossing = split_at(fragments, gutter)
    known = any(abs(gutter - x) < COLUMNS.max_gutter_shift for x in gutters)
    regions: list[Region] = []
    for across, members in _bands(left + right, crossing):
        ones = [f for f in members if (f.x0 + f.x1) / 2 < gutter]
        others = [f for f in members if (f.x0 + f.x1) / 2 >= gutter]
        if across or not (known or len(prose_lines(ones)) >= 2 or len(prose_lines(others)) >= 2):
            regions.append(build_region(members))
            continue
        for side in (ones, others):
            if side:
                regions.extend(_split(side, (), depth - 1))
    return regions


def _stacked(fragments: Sequence[Fragment]) -> list[list[Fragment]]:
    """The upper and the lower part of a page whose parts have gutters of their own, as journals' first pages do."""
    ordered = sorted(fragments, key=lambda f: f.y0)
    cuts: list[tuple[float, int]] = []
    bottom = ordered[0].y1
    for at, f in enumerate(ordered):
        if f.y0 - bottom > f.size:
            cuts.append((f.y0 - bottom, at))
        bottom = max(bottom, f.y1)
    for _, at in sorted(cuts, reverse=True)[:3]:
        upper, lower = ordered[:at], ordered[at:]
        high = find_gutters(upper)
        low = find_gutters(lower) if high else []
        if low and _is_crossed(upper, low[0]) and _is_crossed(lower, high[0]):
            return [upper, lower]
    return []


def _is_crossed(fragments: Sequence[Fragment], x: float) -> bool:
    return sum(len(f.text) >= COLUMNS.min_prose_chars for f in split_at(fragments, x)[2]) >= 3


def _bands(beside: list[Fragment], crossing: list[Fragment]) -> list[tuple[bool, list[Fragment]]]:
    """The page from top to bottom as runs of fragments: (whether they cross the gutter, the fragments)."""
    beside = sorted(beside, key=lambda f: f.middle)
    middles = [f.middle for f in beside]
    bands: list[tuple[bool, list[Fragment]]] = []
    at = 0
    for wide in sorted(crossing, key=lambda f: f.middle):
        above = max(at, bisect_left(middles, wide.y0 + 0.2 * (wide.y1 - wide.y0)))
        if above > at:
            bands.append((False, beside[at:above]))
            at = above
        level = max(at, bisect_left(middles, wide.y1 - 0.2 * (wide.y1 - wide.y0)))
        if not bands or not bands[-1][0]:
            bands.append((True, []))
        bands[-1][1].extend([wide, *beside[at:level]])
        at = level
        if at < len(beside) and _ends_paragraph(wide, beside[at : at + 4]):
            bands[-1][1].append(beside[at])
            at += 1
    if at < len(beside):
        bands.append((False, beside[at:]))
    return bands


def _ends_paragraph(wide: Fragment, below: Sequence[Fragment]) -> bool:
    """Whether the first of these fragments is the short last line of a wide caption or title, and not a column's."""
    last = below[0]
    aligned = abs(last.x0 - wide.x0) < 2 or abs(last.x0 + last.x1 - wide.x0 - wide.x1) < 4
    alike = abs(last.size - wide.size) < 0.5 and last.families[0] == wide.families[0]
    near = last.y0 - wide.y1 < 0.6 * wide.size
    return aligned and alike and near and all(f.y0 > last.y0 + 0.5 * last.size for f in below[1:])


def regions_of(raw_pages: Sequence[RawPage]) -> tuple[list[list[Region]], list[list[Fragment]]]:
    """Each page's regions in reading order, and what is printed sideways on it."""
    upright: list[list[Fragment]] = []
    sideways: list[list[Fragment]] = []
    for raw in raw_pages:
        turned = [f for f in raw.fragments if not f.upright]
        if sum(len(f.text) for f in turned) > 0.7 * sum(len(f.text) for f in raw.fragments):
            upright.append([])  # a table printed sideways: MuPDF's own order serves
        else:
            upright.append([f for f in raw.fragments if f.upright])
        sideways.append(turned if upright[-1] else list(raw.fragments))
    candidates = [gutter_candidates(fragments) for fragments in upright]
    found = [page_gutter(fragments, near) for fragments, near in zip(upright, candidates, strict=True)]
    gutters = [x for x in found if x is not None]
    known = _agreed(gutters) if len(gutters) >= max(1, 0.2 * len(raw_pages)) else []
    return [read_order(page, known, near) for page, near in zip(upright, candidates, strict=True)], sideways


def _agreed(gutters: list[float]) -> list[float]:
    """The gutter that most pages share, if any does."""
    best = max(gutters, key=lambda x: sum(abs(x - other) < COLUMNS.max_gutter_shift for other in gutters), default=0.0)
    alike = [x for x in gutters if abs(x - best) < COLUMNS.max_gutter_shift]
    return [sorted(alike)[len(alike) // 2]] if len(alike) >= 0.5 * len(gutters) else []
