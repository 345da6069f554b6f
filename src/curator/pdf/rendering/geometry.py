"""Rectangles on a page."""

from __future__ import annotations

from typing import Any

Rectangle = tuple[float, float, float, float]
"""The left, top, right and bottom edge, in points from the page's top left corner."""

EVERYWHERE: Rectangle = (-1e5, -1e5, 1e5, 1e5)
"""A rectangle that contains any page."""


def intersect(rectangle: Rectangle, other: Rectangle) -> Rectangle:
    """Return the part that two rectangles share; with its edges swapped if they do not meet."""
    return (
        max(rectangle[0], other[0]),
        max(rectangle[1], other[1]),
        min(rectangle[2], other[2]),
        min(rectangle[3], other[3]),
    )


def surround(rectangles: list[Rectangle]) -> Rectangle:
    """Return the smallest rectangle that contains all of these, of which there is at least one."""
    lefts, tops, rights, bottoms = zip(*rectangles, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def to_rectangle(rect: Any) -> Rectangle:
    """Convert MuPDF's rectangle."""
    return rect.x0, rect.y0, rect.x1, rect.y1
