"""Where a passage is printed: the rectangles to draw over a page's picture so that a person sees the quote in place.

The reader keeps one box for each printed line fragment. A passage that begins or ends within one is cut off there by
the usual widths of its letters, which is right to about a letter; nothing is measured again in the PDF.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from curator.types import Box, Page, Span

Highlight = tuple[int, float, float, float, float]
"""Page (from 1), x0, y0, x1, y1 in PDF points, origin at the page's top left."""

_WIDTHS = {
    **dict.fromkeys(" .,", 250),
    **dict.fromkeys("ijlt:;/\\'|", 278),
    **dict.fromkeys("fr()[]-!I`", 333),
    **dict.fromkeys('sJ"', 400),
    **dict.fromkeys("acez?", 444),
    **dict.fromkeys("FPS", 556),
    **dict.fromkeys("ELTZ", 611),
    **dict.fromkeys("BCR", 667),
    **dict.fromkeys("wADGHKNOQUVXY", 722),
    **dict.fromkeys("m&%", 778),
    **dict.fromkeys("MW—@", 917),
}
"""Thousandths of the font size: Times Roman's advance widths (Adobe's font metrics), rounded within each group."""
_OTHER, _WIDE = 500, 1000
SAME_LINE = 0.5
"""Of the lower of two fragments' heights, the part by which they must overlap to stand on one printed line."""


def find_highlights(pages: Iterable[Page], spans: Iterable[Span]) -> list[Highlight]:
    """The rectangles that cover `spans`, in their order: one for each printed line, across lines, columns and pages.

    Each lies within the boxes of the fragments that it runs through; a longer span gives rectangles that cover more.
    """
    by_number = {page.number: page for page in pages}
    found: list[Highlight] = []
    for span in spans:
        page = by_number.get(span.page)
        if page is not None:
            found += [(span.page, *piece) for piece in _lines(page.text, page.boxes, span)]
    return found


def _lines(text: str, boxes: Sequence[Box], span: Span) -> Iterator[tuple[float, float, float, float]]:
    """What is covered of each fragment; neighbours on one printed line are drawn together.

    Which fragments are drawn together does not depend on where the passage cuts them.
    """
    line: tuple[float, float, float, float] | None = None
    last: Box | None = None
    for box in boxes:
        piece = _covered(text, box, span)
        if piece is None:
            continue
        if line is not None and last is not None and _on_one_line(last, box):
            line = min(line[0], piece[0]), min(line[1], piece[1]), max(line[2], piece[2]), max(line[3], piece[3])
        else:
            if line is not None:
                yield line
            line = piece
        last = box
    if line is not None:
        yield line


def _covered(text: str, box: Box, span: Span) -> tuple[float, float, float, float] | None:
    """The part of a fragment's box that a passage runs over; None where it has no ink there."""
    start, end = max(box.start, span.start), min(box.end, span.end)
    if start >= end or not text[start:end].strip():
        return None
    if box.y1 - box.y0 > 2 * (box.x1 - box.x0) and box.end - box.start > 2:
        return box.x0, box.y0, box.x1, box.y1  # printed upwards or downwards: not cut
    fragment = text[box.start : box.end].rstrip()
    whole = _advance(fragment)
    if not whole:
        return box.x0, box.y0, box.x1, box.y1
    width = box.x1 - box.x0
    left = box.x0 + width * _advance(fragment[: start - box.start]) / whole
    right = box.x0 + width * _advance(fragment[: end - box.start]) / whole
    return left, box.y0, min(right, box.x1), box.y1


def _on_one_line(left: Box, right: Box) -> bool:
    """Whether `right` goes on where `left` ends: side by side, with less than a line's height between them."""
    height = min(left.y1 - left.y0, right.y1 - right.y0)
    shared = min(left.y1, right.y1) - max(left.y0, right.y0)
    gap = right.x0 - left.x1
    return shared >= SAME_LINE * height and -height <= gap <= height


def _advance(text: str) -> int:
    return sum(map(_width, text))


@lru_cache(maxsize=4096)
def _width(character: str) -> int:
    """The usual advance width of a character, in thousandths of the font size."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Cc"):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    plain = unicodedata.normalize("NFKD", character)[:1]
    return _WIDTHS.get(character, _WIDTHS.get(plain, _OTHER))
