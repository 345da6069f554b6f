"""Find the rectangles to draw over the picture of a page, so that a person sees a quote in its place.

The PDF reader keeps one box for each fragment of a printed line. If a passage begins or ends within a fragment, the
rectangle is cut by the usual widths of its letters. That is accurate to about one letter, and needs no PDF.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from curator.types import Box, Page, Span

Highlight = tuple[int, float, float, float, float]
"""Page (from 1), x0, y0, x1, y1 in PDF points, with the origin at the top left of the page."""

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
_USUAL_WIDTH, _FULL_WIDTH = 500, 1000
MIN_LINE_OVERLAP = 0.5
"""Share of the smaller height by which two fragments on one printed line overlap, at least."""


def find_highlights(pages: Iterable[Page], spans: Iterable[Span]) -> list[Highlight]:
    """Find the rectangles that cover spans of text.

    Args:
        pages: The document's pages.
        spans: The spans to cover, which may run over lines, columns and pages.

    Returns:
        One rectangle for each printed line, in the order of the spans. Each is within the boxes of its fragments, and
        a longer span never gives rectangles that cover less.
    """
    by_number = {page.number: page for page in pages}
    highlights: list[Highlight] = []
    for span in spans:
        page = by_number.get(span.page)
        if page is not None:
            highlights += [(span.page, *piece) for piece in _cover_lines(page.text, page.boxes, span)]
    return highlights


def _cover_lines(text: str, boxes: Sequence[Box], span: Span) -> Iterator[tuple[float, float, float, float]]:
    """Yield the covered part of each fragment, merged for the fragments of one printed line.

    Whether fragments are merged does not depend on where the passage cuts them.
    """
    line: tuple[float, float, float, float] | None = None
    last: Box | None = None
    for box in boxes:
        piece = _cover_fragment(text, box, span)
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


def _cover_fragment(text: str, box: Box, span: Span) -> tuple[float, float, float, float] | None:
    """Return the part of a fragment's box that a passage covers; None if it prints nothing there."""
    start, end = max(box.start, span.start), min(box.end, span.end)
    if start >= end or not text[start:end].strip():
        return None
    if box.y1 - box.y0 > 2 * (box.x1 - box.x0) and box.end - box.start > 2:
        return box.x0, box.y0, box.x1, box.y1  # printed upwards or downwards: never cut
    fragment = text[box.start : box.end].rstrip()
    whole = _measure(fragment)
    if not whole:
        return box.x0, box.y0, box.x1, box.y1
    width = box.x1 - box.x0
    left = box.x0 + width * _measure(fragment[: start - box.start]) / whole
    right = box.x0 + width * _measure(fragment[: end - box.start]) / whole
    return left, box.y0, min(right, box.x1), box.y1


def _on_one_line(left: Box, right: Box) -> bool:
    """Return True if two fragments are side by side, with less than a line's height between them."""
    height = min(left.y1 - left.y0, right.y1 - right.y0)
    shared = min(left.y1, right.y1) - max(left.y0, right.y0)
    gap = right.x0 - left.x1
    return shared >= MIN_LINE_OVERLAP * height and -height <= gap <= height


def _measure(text: str) -> int:
    return sum(map(_get_width, text))


@lru_cache(maxsize=4096)
def _get_width(character: str) -> int:
    """Return the usual advance width of a character, in thousandths of the font size."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Cc"):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return _FULL_WIDTH
    plain = unicodedata.normalize("NFKD", character)[:1]
    return _WIDTHS.get(character, _WIDTHS.get(plain, _USUAL_WIDTH))
