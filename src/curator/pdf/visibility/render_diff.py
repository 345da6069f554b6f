"""Whether a person sees a word: the page is painted with and without it, and the two pictures are compared.

So it is the page's own picture that decides, whatever trick may hide a text: its colour, what lies over it, a mask, a
clipping path, a blend mode. Asked for suspicious words only (see paint.py), since painting costs more than reading.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from curator.pdf.rendering.contrast import WEIGHTS, Colour
from curator.pdf.rendering.display_list import picture
from curator.pdf.rendering.paint_trace import Rectangle, meet

ZOOM = 1.5  # pixels a point, at most for a first look and at least for a closer one
MAX_ZOOM = 6.0
LINE_PIXELS = 16  # of the lowest line's height
MAX_PIXELS = 3_000_000  # of one picture
LEAST = 18.0  # of 255, channels weighted by the eye's: a fainter difference is not seen as letters
BIG = 24.0  # points: letters so high are seen at half that difference
CLEAR = 30.0  # of 255, weighted: a difference that nobody misses
CLEAR_SHARE = 0.4  # of a word's box that letters leave free; they fill a quarter
WINDOW = 2  # heights of a line
APART = 30.0  # points between words that are not painted in one picture
SAMPLES = 12  # of a box, either way
ALONG = 0.33  # of a word's pixels along its line that show it
LARGE = 30  # pixels of height: of letters twice as large every other pixel is looked at, and so on
ACROSS = 0.25  # and across it; letters without ascenders take half of the height of capitals and more


def together(words: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Words that stand near one another, to be painted in one picture: bands of a page, parted into their columns."""
    return [near for band in _parted(words, 1) for near in _parted(band, 0)]


def _parted(words: Iterable[dict[str, Any]], axis: int) -> list[list[dict[str, Any]]]:
    parts: list[list[dict[str, Any]]] = []
    end = -math.inf
    for word in sorted(words, key=lambda word: float(word["bbox"][axis])):
        if word["bbox"][axis] > end + APART:
            parts.append([])
        parts[-1].append(word)
        end = max(end, word["bbox"][axis + 2])
    return parts


class View:
    """A picture of the part of the page where some words stand."""

    def __init__(self, shown: Any, boxes: Sequence[Rectangle], page: Rectangle, zoom: float = 1.0) -> None:
        inside = [meet(box, page) for box in boxes]
        inside = [box for box in inside if box[0] < box[2] and box[1] < box[3]]
        self.empty = not inside
        if self.empty:
            return
        self._area = (
            min(box[0] for box in inside) - 1,
            min(box[1] for box in inside) - 1,
            max(box[2] for box in inside) + 1,
            max(box[3] for box in inside) + 1,
        )
        points = (self._area[2] - self._area[0]) * (self._area[3] - self._area[1])
        self._zoom = min(zoom, (MAX_PIXELS / points) ** 0.5)
        pixmap = picture(shown, self._area, self._zoom)
        self._one = pixmap.samples
        self._stride = int(pixmap.stride)
        self._corner = int(pixmap.x), int(pixmap.y)
        self._size = int(pixmap.width), int(pixmap.height)

    def contrasts(self, box: Rectangle, colour: Colour) -> bool:
        """Whether much of a box, everywhere along it, is of quite another colour than this."""
        x0, y0, x1, y1 = self._pixels(box)
        if self.empty or x1 <= x0 or y1 <= y0:
            return False
        if x1 - x0 > 2 * WINDOW * (y1 - y0):  # a stretch of words: each part by itself
            part = (box[2] - box[0]) / ((x1 - x0) // (WINDOW * (y1 - y0)))
            starts = [box[0] + part * at for at in range((x1 - x0) // (WINDOW * (y1 - y0)))]
            return all(self.contrasts((start, box[1], start + part, box[3]), colour) for start in starts)
        across, down = max(1, (x1 - x0) // SAMPLES), max(1, (y1 - y0) // SAMPLES)
        ink = bytes(round(255 * min(1.0, max(0.0, channel))) for channel in colour)
        rows = [y * self._stride for y in range(y0, y1, down)]
        enough = CLEAR_SHARE * len(rows) * len(range(x0, x1, across))
        far = _far_from(ink[1])
        by_green = sum(self._one[row + 3 * x0 + 1 : row + 3 * x1 : 3 * across].translate(far).count(1) for row in rows)
        if by_green > enough:
            return True
        places = (at for row in rows for at in range(row + 3 * x0, row + 3 * x1, 3 * across))
        return sum(_difference(self._one, at, ink, 0) > CLEAR for at in places) > enough

    def _pixels(self, box: Rectangle) -> tuple[int, int, int, int]:
        if self.empty:
            return 0, 0, 0, 0
        zoom = self._zoom
        (left, top), (width, height) = self._corner, self._size
        return (
            max(0, int(box[0] * zoom) - left),
            max(0, int(box[1] * zoom) - top),
            min(width, int(box[2] * zoom) + 1 - left),
            min(height, int(box[3] * zoom) + 1 - top),
        )


class Comparison(View):
    """The page with and without some of its text."""

    def __init__(
        self, shown: Any, boxes: Sequence[Rectangle], page: Rectangle, wanted: Callable[[int], bool], fine: bool
    ) -> None:
        lowest = min((min(box[2] - box[0], box[3] - box[1]) for box in boxes), default=LINE_PIXELS)
        wished = LINE_PIXELS / max(1.0, lowest)
        zoom = min(MAX_ZOOM, max(ZOOM, wished)) if fine else min(ZOOM, max(ZOOM / 2, wished))
        super().__init__(shown, boxes, page, zoom)
        if not self.empty:
            self._other = picture(shown, self._area, self._zoom, wanted).samples

    def shows(self, box: Rectangle, colour: Colour | None, letters: bool) -> bool:
        """Whether a word stands out in its box. `colour`: of its ink, if known: what pixels must turn towards."""
        if self.empty:
            return False
        x0, y0, x1, y1 = self._pixels(box)
        if x1 <= x0 or y1 <= y0:
            return False
        along, across = (
            (ALONG, ACROSS) if x1 - x0 >= y1 - y0 else (ACROSS, ALONG)
        )  # vertical words have it the other way
        step = max(1, min(x1 - x0, y1 - y0) // LARGE)
        need_columns = max(1.0, along * (x1 - x0) / step) if letters else 1
        need_rows = max(1.0, across * (y1 - y0) / step) if letters else 1
        least = LEAST if min(x1 - x0, y1 - y0) < BIG * self._zoom else LEAST / 2
        columns: set[int] = set()
        rows = 0
        stride = self._stride
        middle = (y0 + y1) // 2  # where most letters have their ink
        for y in [*range(middle, y1, step), *range(middle - step, y0 - 1, -step)]:
            start, end = y * stride + 3 * x0, y * stride + 3 * x1
            one, other = self._one[start:end], self._other[start:end]
            if one == other:
                continue
            found = _clearly(one, other, colour) if step == 1 else []
            if 3 * len(found) < need_columns:
                found = [x for x in range(0, x1 - x0, step) if _differ(one, other, 3 * x, colour, least)]
            if found:
                columns.update(found)
                rows += 1
                if rows >= need_rows and len(columns) >= need_columns:
                    return True
        return False

    def ground(self, box: Rectangle) -> Colour:
        """The colour at the middle of a box, without the text."""
        x0, y0, x1, y1 = self._pixels(box)
        if self.empty or x1 <= x0 or y1 <= y0:
            return (1.0, 1.0, 1.0)
        at = ((y0 + y1) // 2) * self._stride + 3 * ((x0 + x1) // 2)
        red, green, blue = self._other[at : at + 3]
        return red / 255, green / 255, blue / 255


@cache
def _far_from(green: int) -> bytes:
    """For each value of a pixel's green, 1 where it alone makes a clear difference to this one, as a translation."""
    return bytes(WEIGHTS[1] * abs(value - green) > CLEAR for value in range(256))


def _clearly(one: bytes, other: bytes, colour: Colour | None) -> list[int]:
    """The pixels of a row that differ by their green alone, which is most of what the eye takes for brightness."""
    greens = enumerate(zip(one[1::3], other[1::3], strict=True))
    if colour is None:
        return [at for at, (green, without) in greens if abs(green - without) > CLEAR]
    ink = 255 * colour[1]
    return [
        at for at, (green, without) in greens if abs(green - without) > CLEAR and abs(ink - green) < abs(ink - without)
    ]


def _differ(one: bytes, other: bytes, at: int, colour: Colour | None, least: float) -> bool:
    """Whether a pixel is seen to differ, and is nearer to the ink's colour with the text than without it."""
    if _difference(one, at, other, at) < least:
        return False
    if colour is None:
        return True
    away = [abs(255 * channel - pixel) for channel, pixel in zip(colour, other[at : at + 3], strict=True)]
    return sum(abs(255 * colour[n] - one[at + n]) for n in range(3)) < sum(away)


def _difference(one: bytes, at: int, other: bytes, there: int) -> float:
    """How much the colours of two pixels differ to the eye, of 255."""
    return (
        WEIGHTS[0] * abs(one[at] - other[there])
        + WEIGHTS[1] * abs(one[at + 1] - other[there + 1])
        + WEIGHTS[2] * abs(one[at + 2] - other[there + 2])
    )
