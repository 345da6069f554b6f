"""Reading order: where the columns are, and in which order a person's eye goes through them.

Works on printed line fragments and their rectangles only. Columns are found by the white gutters between
fragments that stand side by side; what crosses a gutter (title, wide figure, wide caption) parts the page into bands.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from curator.types import HiddenText

MIN_COLUMN = 50.0  # points; narrower are the numbers of headings, and of a table of contents' pages
MIN_GUTTER = 6.0  # points; the narrowest that journals print is about 10
PROSE_CHARS = 20  # a fragment with fewer characters says nothing about columns
PROSE_FILL = 0.66  # of the column's width that a line of prose fills
CROSSING = 0.12  # of the narrower side's width that a fragment must reach into both sides to part the page
SAME_GUTTER = 8.0  # points by which a gutter may move from page to page
CRUMBS = 14  # characters in an average fragment; with fewer, lines came in crumbs
TOUCHING = 0.1  # ems between fragments that are printed without a blank
NEAR = 0.7  # ems between fragments of one stretch; MuPDF starts a new one at 0.8
TALLEST = 60.0  # points; beside larger letters nobody looks for columns
MARGIN_NOTE = 0.6  # ems of white between a line and a note in the margin at least
INSIDE_NOTE = 1.5  # ems of white between a line and smaller print inside its column, to be no part of the line
MAX_DEPTH = 4
MAX_COLUMN_FRAGMENTS = 3000  # beyond it a page is a plot or a map, and is read top to bottom


@dataclass(slots=True)
class Fragment:
    """A stretch of one printed line, in displayed page coordinates (points, origin top left)."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float  # of the font, points
    bold: bool = False
    italic: bool = False
    math: bool = False  # mostly set in a mathematics font
    lead: str = ""  # bold or italic text at the start, where the rest is set differently
    marker: str = ""  # superscript at the start: a footnote's number
    families: tuple[str, ...] = ("",)  # starts of its fonts' names, the same for bold and italic cuts; most used first
    first_font: tuple[str, float] = ("", 0.0)  # what it starts in: family and size
    last_font: tuple[str, float] = ("", 0.0)  # what it ends in
    upright: bool = True  # reads from left to right as displayed
    order: int = 0  # among the page's fragments as the file has them

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


@dataclass(slots=True)
class RawPage:
    """What is printed on a page, in no particular order."""

    number: int
    width: float
    height: float
    fragments: list[Fragment] = field(default_factory=list)
    hidden: list[HiddenText] = field(default_factory=list)


@dataclass(slots=True)
class Line:
    """Fragments printed side by side, from left to right."""

    parts: list[Fragment]
    x0: float = 0.0
    x1: float = 0.0
    y0: float = 0.0
    y1: float = 0.0
    size: float = 0.0
    chars: int = field(default=0)
    joined: bool = False  # goes on with a paragraph that broke off elsewhere
    text: str = ""
    bold: bool = False  # all of it
    italic: bool = False

    def __post_init__(self) -> None:
        parts = self.parts
        if len(parts) == 1:
            only = parts[0]
            self.text, self.size, self.chars = only.text, only.size, len(only.text)
            self.x0, self.x1, self.y0, self.y1 = only.x0, only.x1, only.y0, only.y1
            self.bold, self.italic = only.bold, only.italic
            return
        self.text = " ".join([part.text for part in parts])
        self.bold, self.italic = all(part.bold for part in parts), all(part.italic for part in parts)
        widest = max(parts, key=lambda part: len(part.text))
        self.size, self.y0, self.y1 = widest.size, widest.y0, widest.y1
        self.x0, self.x1 = min(part.x0 for part in parts), max(part.x1 for part in parts)
        self.chars = sum(len(part.text) for part in parts)

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


@dataclass(slots=True)
class Region:
    """Lines of one column, from top to bottom."""

    lines: list[Line]
    x0: float
    x1: float


def read_order(
    fragments: Sequence[Fragment], gutters: Sequence[float] = (), candidates: Sequence[float] | None = None
) -> list[Region]:
    """The page's regions in reading order. `gutters`: where the document's other pages have theirs (x, points).

    `candidates`: what `gutter_candidates` says of these fragments, where that is known.
    """
    if not fragments:
        return []
    if len(fragments) > MAX_COLUMN_FRAGMENTS:
        return [_region(fragments)]
    return _split(list(fragments), gutters, MAX_DEPTH, candidates)


def glue(fragments: list[Fragment]) -> list[Fragment]:
    """Words and syllables that some programs place one by one, put together into stretches of lines."""
    if not fragments or sum(len(f.text) for f in fragments) > CRUMBS * len(fragments):
        return fragments
    glued: list[Fragment] = []
    for f in sorted(fragments, key=lambda f: (round(f.y1 / 2), f.x0)):
        last = glued[-1] if glued else None
        if last is None or not _follows(last, f):
            glued.append(f)
            continue
        blank = "" if f.x0 - last.x1 < TOUCHING * last.size else " "
        last.text = f"{last.text}{blank}{f.text}"
        last.x1, last.y0, last.y1 = max(last.x1, f.x1), min(last.y0, f.y0), max(last.y1, f.y1)
        last.bold, last.italic, last.math = last.bold and f.bold, last.italic and f.italic, last.math and f.math
    return glued


def _follows(last: Fragment, f: Fragment) -> bool:
    level = abs(last.y1 - f.y1) < 0.15 * last.size and abs(last.size - f.size) < 0.25 * last.size
    return level and last.upright == f.upright and -0.3 * last.size < f.x0 - last.x1 < NEAR * last.size


def page_gutter(fragments: Sequence[Fragment], candidates: Sequence[float]) -> float | None:
    """Where the page's main gutter is, if most of its prose stands in two columns."""
    if not 6 <= len(fragments) <= MAX_COLUMN_FRAGMENTS:
        return None
    for x in candidates:
        left, right, crossing = _sides(fragments, x)
        ones, others = len(_prose(left)), len(_prose(right))
        across = sum(len(f.text) >= PROSE_CHARS for f in crossing)
        if ones >= 5 and others >= 5 and ones + others > 2 * across:
            return x
    return None


def _split(
    fragments: list[Fragment], gutters: Sequence[float], depth: int, candidates: Sequence[float] | None = None
) -> list[Region]:
    fitting = _gutters(fragments, gutters, candidates) if depth and len(fragments) > 3 else []
    if not fitting:
        return [_region(fragments)]
    if len(fitting) > 1 and (parts := _stacked(fragments)):
        return [region for part in parts for region in _split(part, (), depth - 1)]
    gutter = fitting[0]
    left, right, crossing = _sides(fragments, gutter)
    known = any(abs(gutter - x) < SAME_GUTTER for x in gutters)
    regions: list[Region] = []
    for across, members in _bands(left + right, crossing):
        ones = [f for f in members if (f.x0 + f.x1) / 2 < gutter]
        others = [f for f in members if (f.x0 + f.x1) / 2 >= gutter]
        if across or not (known or len(_prose(ones)) >= 2 or len(_prose(others)) >= 2):
            regions.append(_region(members))
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
        high = _gutters(upper)
        low = _gutters(lower) if high else []
        if low and _is_crossed(upper, low[0]) and _is_crossed(lower, high[0]):
            return [upper, lower]
    return []


def _is_crossed(fragments: Sequence[Fragment], x: float) -> bool:
    return sum(len(f.text) >= PROSE_CHARS for f in _sides(fragments, x)[2]) >= 3


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


def _gutters(
    fragments: Sequence[Fragment], known: Sequence[float] = (), candidates: Sequence[float] | None = None
) -> list[float]:
    """Gutters that part prose of these fragments, the one that parts most first; none where they form one column."""
    if sum(len(f.text) >= PROSE_CHARS for f in fragments) < 2:
        return []
    found: list[tuple[int, float]] = []
    for x in [*known, *(gutter_candidates(fragments) if candidates is None else candidates)]:
        left, right, crossing = _sides(fragments, x)
        if not left or not right or min(_width(left), _width(right)) < MIN_COLUMN:
            continue
        ones, others = len(_prose(left)), len(_prose(right))
        fits = (
            (ones >= 3 and others >= 3)
            or (ones + others >= 2 and any(abs(x - k) < SAME_GUTTER for k in known))
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
    if not 0 < len(fragments) <= MAX_COLUMN_FRAGMENTS:
        return []
    last_start, first_end = max([f.x0 for f in fragments]), min([f.x1 for f in fragments])
    parted = [
        f
        for f in fragments
        if (f.x1 + MIN_GUTTER <= last_start or f.x0 - MIN_GUTTER >= first_end) and len(f.text) >= PROSE_CHARS
    ]
    if len(parted) < 2:
        return []
    by_top = sorted(fragments, key=lambda f: f.y0)
    tops = [f.y0 for f in by_top]
    tallest = min(TALLEST, max([f.y1 - f.y0 for f in fragments]))
    gaps: list[tuple[float, float]] = []
    for f in parted:
        right, left = f.x1 + MIN_GUTTER, f.x0 - MIN_GUTTER
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
        if all(abs(middle - other) > MIN_COLUMN for other in found):
            found.append(middle)
        if len(found) == wanted:
            break
    return found


def _sides(fragments: Sequence[Fragment], x: float) -> tuple[list[Fragment], list[Fragment], list[Fragment]]:
    """What is left of x, what is right of it, and what really crosses it."""
    reach = CROSSING * max(20.0, min(x - min([f.x0 for f in fragments]), max([f.x1 for f in fragments]) - x))
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


def _prose(fragments: Sequence[Fragment]) -> list[Fragment]:
    """The fragments that are lines which fill their column."""
    if not fragments:
        return []
    full = PROSE_FILL * _width(fragments)
    return [f for f in fragments if f.x1 - f.x0 >= full and len(f.text) >= PROSE_CHARS]


def _justified(fragments: Sequence[Fragment]) -> bool:
    prose = _prose(fragments)
    if not prose:
        return False
    left, right = median(f.x0 for f in prose), median(f.x1 for f in prose)
    flush = sum(abs(f.x0 - left) < 2 and abs(f.x1 - right) < 2 for f in prose)
    return flush >= 0.6 * len(prose) and sum(len(f.text) for f in prose) >= 30 * len(prose)


def _region(fragments: Sequence[Fragment]) -> Region:
    lines = _lines(fragments)
    return Region(lines, min([f.x0 for f in fragments]), max([f.x1 for f in fragments]))


@dataclass(slots=True)
class _Row:
    """Fragments that stand side by side, while a column's lines are gathered."""

    parts: list[Fragment]
    top: float  # of its tallest fragment
    bottom: float
    largest: Fragment  # by its font

    def add(self, f: Fragment) -> None:
        self.parts.append(f)
        if f.y1 - f.y0 > self.bottom - self.top:
            self.top, self.bottom = f.y0, f.y1
        if f.size > self.largest.size:
            self.largest = f


def _beside_text(row: _Row, f: Fragment, column: tuple[float, float]) -> bool:
    """Whether one is a note in the margin of the other: much smaller, and away from it.

    Inside the column's margins (x, points) stand symbols with large subscripts; they are no notes.
    """
    smaller, larger = (f, row.largest) if f.size < row.largest.size else (row.largest, f)
    if smaller.size >= 0.75 * larger.size:
        return False
    apart = min(abs(f.x0 - p.x1) if f.x0 > p.x0 else abs(p.x0 - f.x1) for p in row.parts)
    inside = column[0] - 1 < smaller.x0 and smaller.x1 < column[1] + 1
    return apart > (INSIDE_NOTE if inside else MARGIN_NOTE) * larger.size


def _covers(row: _Row, f: Fragment) -> bool:
    """Whether one of the row's last fragments stands where this one does."""
    return any(
        (p.x1 if p.x1 < f.x1 else f.x1) - (p.x0 if p.x0 > f.x0 else f.x0) > 0.4 * min(p.x1 - p.x0, f.x1 - f.x0)
        for p in row.parts[-8:]
    )


def _lines(fragments: Sequence[Fragment]) -> list[Line]:
    """Fragments of one column gathered into printed lines, from top to bottom."""
    rows: list[_Row] = []
    long = [f for f in fragments if len(f.text) >= PROSE_CHARS]
    column = (min(f.x0 for f in long), max(f.x1 for f in long)) if long else (0.0, 0.0)
    for f in sorted(fragments, key=lambda f: (f.y0 + f.y1, f.x0)):
        best, most = None, 0.5
        for row in rows[-3:]:
            common = (row.bottom if row.bottom < f.y1 else f.y1) - (row.top if row.top > f.y0 else f.y0)
            if common <= 0:
                continue
            share = common / max(0.1, min(row.bottom - row.top, f.y1 - f.y0))
            if share > most and not _beside_text(row, f, column) and not _covers(row, f):
                best, most = row, share
        if best is None:
            rows.append(_Row([f], f.y0, f.y1, f))
        else:
            best.add(f)
    return [Line(row.parts if len(row.parts) == 1 else sorted(row.parts, key=lambda f: f.x0)) for row in rows]
