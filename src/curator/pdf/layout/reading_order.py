"""Reading order: the sequence in which a person's eye passes through the columns of a page.

It is found from the rectangles of printed fragments alone. Print that crosses a gutter (a title, a wide figure, a wide
caption) divides the page into bands.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from curator.pdf.layout.columns import find_gutter_candidates, find_gutters, find_page_gutter, find_prose, split_at
from curator.pdf.layout.fragments import Fragment, RawPage, Region
from curator.pdf.layout.lines import build_region
from curator.pdf.layout.parameters import COLUMNS, READING_ORDER


def order_pages(pages: Sequence[RawPage]) -> tuple[list[list[Region]], list[list[Fragment]]]:
    """Order the print of a document's pages.

    Returns:
        For each page, its regions in reading order; and for each page, the fragments printed sideways.
    """
    upright: list[list[Fragment]] = []
    sideways: list[list[Fragment]] = []
    for page in pages:
        turned = [f for f in page.fragments if not f.upright]
        if sum(len(f.text) for f in turned) > 0.7 * sum(len(f.text) for f in page.fragments):
            upright.append([])  # a table printed sideways: MuPDF's own order serves
        else:
            upright.append([f for f in page.fragments if f.upright])
        sideways.append(turned if upright[-1] else list(page.fragments))
    candidates = [find_gutter_candidates(fragments) for fragments in upright]
    page_gutters = [find_page_gutter(fragments, places) for fragments, places in zip(upright, candidates, strict=True)]
    gutters = [x for x in page_gutters if x is not None]
    known = _find_shared_gutter(gutters) if len(gutters) >= max(1, 0.2 * len(pages)) else []
    return [_order_page(page, known, places) for page, places in zip(upright, candidates, strict=True)], sideways


def _find_shared_gutter(gutters: list[float]) -> list[float]:
    """Return the gutter that at least half of the pages with gutters share, if there is one."""
    shift = COLUMNS.max_gutter_shift
    best = max(gutters, key=lambda x: sum(abs(x - other) < shift for other in gutters), default=0.0)
    alike = [x for x in gutters if abs(x - best) < shift]
    return [sorted(alike)[len(alike) // 2]] if len(alike) >= 0.5 * len(gutters) else []


def _order_page(fragments: list[Fragment], gutters: Sequence[float], candidates: Sequence[float]) -> list[Region]:
    """Return a page's regions in reading order. `gutters`: those of the document's other pages (x, points)."""
    if not fragments:
        return []
    if len(fragments) > COLUMNS.max_fragments:
        return [build_region(fragments)]
    return _order_columns(fragments, gutters, READING_ORDER.max_depth, candidates)


def _order_columns(
    fragments: list[Fragment], known: Sequence[float], depth: int, candidates: Sequence[float] | None = None
) -> list[Region]:
    """Divide fragments into columns, and these again, down to this depth."""
    gutters = find_gutters(fragments, known, candidates) if depth and len(fragments) > 3 else []
    if not gutters:
        return [build_region(fragments)]
    if len(gutters) > 1 and (halves := _split_stacked(fragments)):
        return [region for half in halves for region in _order_columns(half, (), depth - 1)]
    gutter = gutters[0]
    sides = split_at(fragments, gutter)
    is_known = any(abs(gutter - x) < COLUMNS.max_gutter_shift for x in known)
    regions: list[Region] = []
    for crosses, band in _split_bands(sides.left + sides.right, sides.crossing):
        left = [f for f in band if (f.x0 + f.x1) / 2 < gutter]
        right = [f for f in band if (f.x0 + f.x1) / 2 >= gutter]
        if crosses or not (is_known or len(find_prose(left)) >= 2 or len(find_prose(right)) >= 2):
            regions.append(build_region(band))
            continue
        for side in (left, right):
            if side:
                regions.extend(_order_columns(side, (), depth - 1))
    return regions


def _split_stacked(fragments: Sequence[Fragment]) -> list[list[Fragment]]:
    """Divide a page into an upper and a lower half with gutters of their own, as on the first pages of journals.

    Returns none if the page has no such halves.
    """
    ordered = sorted(fragments, key=lambda f: f.y0)
    cuts: list[tuple[float, int]] = []
    bottom = ordered[0].y1
    for at, f in enumerate(ordered):
        if f.y0 - bottom > f.size:
            cuts.append((f.y0 - bottom, at))
        bottom = max(bottom, f.y1)
    for _, at in sorted(cuts, reverse=True)[:3]:
        upper, lower = ordered[:at], ordered[at:]
        upper_gutters = find_gutters(upper)
        lower_gutters = find_gutters(lower) if upper_gutters else []
        if lower_gutters and _is_crossed(upper, lower_gutters[0]) and _is_crossed(lower, upper_gutters[0]):
            return [upper, lower]
    return []


def _is_crossed(fragments: Sequence[Fragment], x: float) -> bool:
    return sum(len(f.text) >= COLUMNS.min_prose_chars for f in split_at(fragments, x).crossing) >= 3


def _split_bands(beside: list[Fragment], crossing: list[Fragment]) -> list[tuple[bool, list[Fragment]]]:
    """Divide a page from top to bottom into bands: whether each crosses the gutter, and its fragments."""
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
        if at < len(beside) and _is_last_line(beside[at : at + 4], wide):
            bands[-1][1].append(beside[at])
            at += 1
    if at < len(beside):
        bands.append((False, beside[at:]))
    return bands


def _is_last_line(below: Sequence[Fragment], wide: Fragment) -> bool:
    """Return whether the first of these fragments is the short last line of a wide caption or title above it.

    Otherwise it is the first line of a column.
    """
    last = below[0]
    aligned = abs(last.x0 - wide.x0) < 2 or abs(last.x0 + last.x1 - wide.x0 - wide.x1) < 4
    alike = abs(last.size - wide.size) < 0.5 and last.families[0] == wide.families[0]
    near = last.y0 - wide.y1 < 0.6 * wide.size
    return aligned and alike and near and all(f.y0 > last.y0 + 0.5 * last.size for f in below[1:])
