"""The grid over a page finds whatever shares a place, on the page and off it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curator.pdf.rendering.geometry import Rectangle, intersect
from curator.pdf.rendering.page_grid import PageGrid, RowIndex

WIDTH, HEIGHT = 612.0, 792.0


def boxes() -> st.SearchStrategy[Rectangle]:
    place = st.floats(-200, 1000)
    length = st.floats(0.1, 400)
    return st.builds(lambda x, y, across, down: (x, y, x + across, y + down), place, place, length, length)


@given(boxes(), boxes())
def test_rectangles_that_overlap_share_a_cell_and_are_found(box: Rectangle, other: Rectangle) -> None:
    left, top, right, bottom = intersect(box, other)
    grid = PageGrid(WIDTH, HEIGHT)
    index: RowIndex[str] = RowIndex(HEIGHT)
    index.add(other, "other")
    if left <= right and top <= bottom:
        assert grid.get_cells(box) & grid.get_cells(other)
        assert "other" in index.find(box)
    assert index.count == 1


def test_rectangles_far_apart_share_no_cell() -> None:
    grid = PageGrid(WIDTH, HEIGHT)
    assert not grid.get_cells((10, 10, 100, 100)) & grid.get_cells((300, 10, 400, 100))
    assert not grid.get_cells((10, 10, 100, 100)) & grid.get_cells((10, 300, 100, 400))
    index: RowIndex[str] = RowIndex(HEIGHT)
    index.add((10, 10, 100, 100), "above")
    assert list(index.find((10, 300, 100, 400))) == []
