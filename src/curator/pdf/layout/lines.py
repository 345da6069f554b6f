"""Fragments of one column gathered into printed lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curator.pdf.layout.fragments import Fragment, Line, Region
from curator.pdf.layout.parameters import COLUMNS, LINES


def build_region(fragments: Sequence[Fragment]) -> Region:
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
    return apart > (LINES.min_inner_note_gap if inside else LINES.min_margin_note_gap) * larger.size


def _covers(row: _Row, f: Fragment) -> bool:
    """Whether one of the row's last fragments stands where this one does."""
    return any(
        (p.x1 if p.x1 < f.x1 else f.x1) - (p.x0 if p.x0 > f.x0 else f.x0) > 0.4 * min(p.x1 - p.x0, f.x1 - f.x0)
        for p in row.parts[-8:]
    )


def _lines(fragments: Sequence[Fragment]) -> list[Line]:
    """Fragments of one column gathered into printed lines, from top to bottom."""
    rows: list[_Row] = []
    long = [f for f in fragments if len(f.text) >= COLUMNS.min_prose_chars]
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
