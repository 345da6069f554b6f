"""A grid over a page, by which texts and shapes in one place are found without comparing each with each."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Generic, TypeVar

from curator.pdf.rendering.geometry import Rectangle
from curator.pdf.rendering.parameters import OCCLUSION

_CELLS = OCCLUSION.grid_cells
_FULL_ROW = (1 << _CELLS) - 1
_COLUMNS = [sum(1 << (_CELLS * row) for row in range(height)) for height in range(_CELLS + 1)]

T = TypeVar("T")


class PageGrid:
    """The cells of a page's grid. A set of cells is a number with one bit per cell."""

    def __init__(self, width: float, height: float) -> None:
        """Lay a grid over a page of this width and height in points."""
        self._cells_across = _CELLS / max(1.0, width)  # per point
        self._cells_down = _CELLS / max(1.0, height)

    def get_cells(self, box: Rectangle) -> int:
        """Return the set of cells that a rectangle touches."""
        left, right = _clamp(box[0] * self._cells_across), _clamp(box[2] * self._cells_across)
        top, bottom = _clamp(box[1] * self._cells_down), _clamp(box[3] * self._cells_down)
        row = (_FULL_ROW >> (_CELLS - 1 - right + left)) << left
        return (row * _COLUMNS[bottom - top + 1]) << (_CELLS * top)


class RowIndex(Generic[T]):
    """Items by the rows of the grid that their rectangles touch."""

    def __init__(self, height: float) -> None:
        """Make an empty index for a page of this height in points."""
        self.count = 0
        self._cells_down = _CELLS / max(1.0, height)
        self._rows: list[list[T]] = [[] for _ in range(_CELLS)]

    def add(self, box: Rectangle, item: T) -> None:
        """Add an item that fills this rectangle."""
        self.count += 1
        for row in self._get_rows(box):
            self._rows[row].append(item)

    def find(self, box: Rectangle) -> Iterable[T]:
        """Return the items in the rows that a rectangle touches, some of them more than once."""
        rows = self._get_rows(box)
        return chain.from_iterable(self._rows[rows.start : rows.stop])

    def _get_rows(self, box: Rectangle) -> range:
        return range(_clamp(box[1] * self._cells_down), _clamp(box[3] * self._cells_down) + 1)


def _clamp(position: float) -> int:
    """Return the row or column of a position in cells; outside the page, the one at its edge."""
    return 0 if position <= 0 else int(position) if position < _CELLS else _CELLS - 1
