"""The invisible text of a scanned page: an honest layer repeats what the scan's picture shows, word for word.

Invisible words are the page's text where the page is a picture, its ink lies where the words lie, and the gaps between
words are gaps in the ink too. A sentence that somebody slipped onto a scan lies on blank paper, across other words'
gaps or upon words of the layer; a page with a decorative picture has no ink where it matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from curator.pdf.rendering.display_list import picture
from curator.pdf.rendering.paint_trace import Rectangle

PICTURE = 0.6  # of the page that the scan's pictures cover at least
ZOOM = 1.5  # pixels a point
MAX_PIXELS = 2_000_000
DARKER = 48  # of 255: ink is darker than its paper by so much
INKED = 0.45  # of a word's columns that have ink, at least
GAP_INK = 0.6  # of the share in words: gaps between words have less
HONEST = 0.6  # of the letters of a layer that lie on ink
EXPLAINED = 0.2  # of the picture's inked cells that lie under words
OVERLAP = 0.5  # of a word that another word may share
CELL = 8  # pixels
MIN_SHIFTED = 30  # words of a layer for which a shift is tried: with fewer, any text would fit somewhere
SHIFTED_GAP_INK = 0.35  # as GAP_INK, where the best of many shifts was taken
SHIFT_SAMPLE = 40  # words, and gaps, by which shifts are compared
SHIFTS = [(float(across), 1.5 * down) for across in range(-5, 6) for down in range(-3, 4)]  # points


def is_picture(pictures: Sequence[Rectangle], page: Rectangle) -> bool:
    """Whether pictures, perhaps in strips, cover most of the page."""
    area = (page[2] - page[0]) * (page[3] - page[1])
    covered = sum(
        max(0.0, min(box[2], page[2]) - max(box[0], page[0])) * max(0.0, min(box[3], page[3]) - max(box[1], page[1]))
        for box in pictures
    )
    return bool(area) and covered > PICTURE * area


class Scan:
    """The picture of a page without its text, in grey."""

    def __init__(self, shown: Any, page: Rectangle) -> None:
        points = max(1.0, (page[2] - page[0]) * (page[3] - page[1]))
        self._zoom = min(ZOOM, (MAX_PIXELS / points) ** 0.5)
        pixmap = picture(shown, page, self._zoom, lambda _: False)
        grey = pixmap.samples[1::3]  # the green channel: most of what the eye takes for brightness
        self._width, self._height = pixmap.width, pixmap.height
        paper = sorted(grey[:: max(1, len(grey) // 10_000)])
        level = max(0, paper[int(0.8 * (len(paper) - 1))] - DARKER) if paper else 0
        self._ink = grey.translate(bytes(1 if shade <= level else 0 for shade in range(256)))

    def inked(self, box: Rectangle) -> float:
        """The share of a box's columns that have ink."""
        x0, y0, x1, y1 = self._pixels(box)
        if x1 <= x0 or y1 <= y0:
            return 0.0
        rows = [self._ink[y * self._width + x0 : y * self._width + x1] for y in range(y0, y1)]
        merged = 0
        for row in rows:
            merged |= int.from_bytes(row, "big")
        return merged.bit_count() / (x1 - x0)

    def explained(self, boxes: Sequence[Rectangle]) -> float:
        """The share of the cells with ink that lie under these boxes."""
        under: set[tuple[int, int]] = set()
        for box in boxes:
            x0, y0, x1, y1 = (at // CELL for at in self._pixels(box))
            under.update((x, y) for y in range(y0, y1 + 1) for x in range(x0, x1 + 1))
        inked = {
            (x, y)
            for y in range(self._height // CELL)
            for x in range(self._width // CELL)
            if any(
                1 in self._ink[row * self._width + x * CELL : row * self._width + (x + 1) * CELL]
                for row in range(y * CELL, (y + 1) * CELL)
            )
        }
        return len(inked & under) / len(inked) if inked else 0.0

    def _pixels(self, box: Rectangle) -> tuple[int, int, int, int]:
        zoom = self._zoom
        return (
            min(self._width, max(0, int(box[0] * zoom))),
            min(self._height, max(0, int(box[1] * zoom))),
            min(self._width, max(0, int(box[2] * zoom) + 1)),
            min(self._height, max(0, int(box[3] * zoom) + 1)),
        )


def honest_words(scan: Scan, lines: Sequence[Sequence[Rectangle]]) -> list[list[bool]]:
    """Which of these invisible words, line by line, repeat what the scan shows; all False if there is no layer.

    A whole layer may lie a few points beside its picture.
    """
    found = _repeated_words(scan, lines, GAP_INK)
    if any(map(any, found)) or sum(len(line) for line in lines) < MIN_SHIFTED:
        return found
    return _repeated_words(scan, _shifted(lines, *_best_shift(scan, lines)), SHIFTED_GAP_INK)


def _best_shift(scan: Scan, lines: Sequence[Sequence[Rectangle]]) -> tuple[float, float]:
    """The shift, in points, with which words lie best on ink and their gaps on paper."""
    words = _sample([box for line in lines for box in line])
    gaps = _sample([gap for line in lines for gap in _gaps(line)])

    def fit(shift: tuple[float, float]) -> float:
        return _mean_ink(scan, _shifted([words], *shift)[0]) - _mean_ink(scan, _shifted([gaps], *shift)[0])

    return max(SHIFTS, key=fit)


def _sample(boxes: list[Rectangle]) -> list[Rectangle]:
    return boxes[:: 1 + len(boxes) // SHIFT_SAMPLE]


def _mean_ink(scan: Scan, boxes: Sequence[Rectangle]) -> float:
    return sum(map(scan.inked, boxes)) / max(1, len(boxes))


def _shifted(lines: Sequence[Sequence[Rectangle]], across: float, down: float) -> list[list[Rectangle]]:
    return [[(x0 + across, y0 + down, x1 + across, y1 + down) for x0, y0, x1, y1 in line] for line in lines]


def _repeated_words(scan: Scan, lines: Sequence[Sequence[Rectangle]], gap_ink: float) -> list[list[bool]]:
    nothing = [[False] * len(line) for line in lines]
    shares = [[scan.inked(box) for box in line] for line in lines]
    flat = [share for line in shares for share in line]
    if not flat or sum(share >= INKED for share in flat) < HONEST * len(flat):
        return nothing
    gaps = [scan.inked(gap) for line in lines for gap in _gaps(line)]
    if gaps and sum(gaps) / len(gaps) > gap_ink * sum(flat) / len(flat):
        return nothing
    if scan.explained([box for line in lines for box in line]) < EXPLAINED:
        return nothing
    taken = _Taken()
    return [
        [share > 0 and taken.take(box) for box, share in zip(line, inked, strict=True)]
        if sum(share >= INKED for share in inked) >= INKED * len(inked)
        else [False] * len(line)
        for line, inked in zip(lines, shares, strict=True)
    ]


def _gaps(line: Sequence[Rectangle]) -> list[Rectangle]:
    """The middles of the gaps between a line's words."""
    found: list[Rectangle] = []
    for one, other in pairwise(line):
        gap = other[0] - one[2]
        if 1 < gap < 2 * (one[3] - one[1]):
            found.append((one[2] + 0.25 * gap, max(one[1], other[1]), other[0] - 0.25 * gap, min(one[3], other[3])))
    return found


class _Taken:
    """Places where words stand already, by the height of a line."""

    def __init__(self) -> None:
        self._rows: dict[int, list[Rectangle]] = {}

    def take(self, box: Rectangle) -> bool:
        """Whether a word's place is still free; it is not any more."""
        middle = int((box[1] + box[3]) / 2) // 4
        for row in (middle - 1, middle, middle + 1):
            for other in self._rows.get(row, ()):
                shared = min(box[2], other[2]) - max(box[0], other[0])
                if shared > OVERLAP * min(box[2] - box[0], other[2] - other[0]) and _level(box, other):
                    return False
        self._rows.setdefault(middle, []).append(box)
        return True


def _level(one: Rectangle, other: Rectangle) -> bool:
    return min(one[3], other[3]) - max(one[1], other[1]) > OVERLAP * min(one[3] - one[1], other[3] - other[1])
