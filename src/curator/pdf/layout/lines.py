"""Fragments of one column gathered into printed lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curator.pdf.layout.fragments import Fragment, Line, Region
from curator.pdf.layout.parameters import COLUMNS, LINES


def build_region(fragments: Sequence[Fragment]) -> Region:
    """Gather the fragments of one column, at least one, into lines from top to bottom."""
    lines = _gather_lines(fragments)
    return Region(lines, min([f.x0 for f in fragments]), max([f.x1 for f in fragments]))


@dataclass(slots=True)
class _LineDraft:
    """The fragments of a line while they are gathered."""

    parts: list[Fragment]
    top: float  # of its tallest fragment, points
    bottom: float
    largest: Fragment  # by its font

    def add(self, f: Fragment) -> None:
        self.parts.append(f)
        if f.y1 - f.y0 > self.bottom - self.top:
            self.top, self.bottom = f.y0, f.y1
        if f.size > self.largest.size:
            self.largest = f


def _gather_lines(fragments: Sequence[Fragment]) -> list[Line]:
    drafts: list[_LineDraft] = []
    long = [f for f in fragments if len(f.text) >= COLUMNS.min_prose_chars]
    column = (min(f.x0 for f in long), max(f.x1 for f in long)) if long else (0.0, 0.0)
    for f in sorted(fragments, key=lambda f: (f.y0 + f.y1, f.x0)):
        draft = _find_line(drafts[-3:], f, column)
        if draft is None:
            drafts.append(_LineDraft([f], f.y0, f.y1, f))
        else:
            draft.add(f)
    return [Line(d.parts if len(d.parts) == 1 else sorted(d.parts, key=lambda f: f.x0)) for d in drafts]


def _find_line(drafts: Sequence[_LineDraft], f: Fragment, column: tuple[float, float]) -> _LineDraft | None:
    """Return the line that shares most of its height with a fragment, and at least half; None if there is none."""
    best, best_share = None, 0.5
    for draft in drafts:
        common = (draft.bottom if draft.bottom < f.y1 else f.y1) - (draft.top if draft.top > f.y0 else f.y0)
        if common <= 0:
            continue
        share = common / max(0.1, min(draft.bottom - draft.top, f.y1 - f.y0))
        if share > best_share and not _is_note(draft, f, column) and not _overlaps(draft, f):
            best, best_share = draft, share
    return best


def _is_note(draft: _LineDraft, f: Fragment, column: tuple[float, float]) -> bool:
    """Return whether the line or the fragment is a note in the other's margin: much smaller, and away from it.

    Inside the column's margins (x, in points) such print is a symbol with large subscripts rather than a note, unless
    it is farther away.
    """
    smaller, larger = (f, draft.largest) if f.size < draft.largest.size else (draft.largest, f)
    if smaller.size >= 0.75 * larger.size:
        return False
    gap = min(abs(f.x0 - p.x1) if f.x0 > p.x0 else abs(p.x0 - f.x1) for p in draft.parts)
    inside = column[0] - 1 < smaller.x0 and smaller.x1 < column[1] + 1
    return gap > (LINES.min_inner_note_gap if inside else LINES.min_margin_note_gap) * larger.size


def _overlaps(draft: _LineDraft, f: Fragment) -> bool:
    """Return whether one of the line's last fragments is printed where this fragment is."""
    return any(
        (p.x1 if p.x1 < f.x1 else f.x1) - (p.x0 if p.x0 > f.x0 else f.x0) > 0.4 * min(p.x1 - p.x0, f.x1 - f.x0)
        for p in draft.parts[-8:]
    )
