"""Find out whether a person sees a word, by rendering the page with and without it and comparing the two pictures.

The page's own picture decides, whatever may hide the text: its colour, shapes over it, a mask, a clip or a blend
mode. Only suspicious words are examined (see `curator.pdf.rendering.occlusion_index`), because rendering takes more
time than reading.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from curator.pdf.extraction.spans import RawSpan
from curator.pdf.rendering.contrast import WEIGHTS, WHITE, Colour
from curator.pdf.rendering.display_list import TextFilter, render
from curator.pdf.rendering.geometry import Rectangle, intersect, surround
from curator.pdf.visibility.parameters import HIDDEN_TEXT, RENDER_DIFF

_PixelBox = tuple[int, int, int, int]
# Bound once, because pixels are compared millions of times.
_RED, _GREEN, _BLUE = WEIGHTS
_MIN_CLEAR = RENDER_DIFF.min_clear_difference
_MAX_CHANNEL = 255


@dataclass
class RenderBudget:
    """How many times the pages of a document may still be rendered."""

    left: int = HIDDEN_TEXT.max_renderings

    def spend(self) -> bool:
        """Spend one rendering, and return whether there was one left."""
        if self.left <= 0:
            return False
        self.left -= 1
        return True


def group_nearby(words: Iterable[RawSpan]) -> list[list[RawSpan]]:
    """Group words to be rendered in one picture: bands of a page, split into columns."""
    return [group for band in _split_by_gaps(words, 1) for group in _split_by_gaps(band, 0)]


def _split_by_gaps(words: Iterable[RawSpan], axis: int) -> list[list[RawSpan]]:
    """Split words wherever there is a wide gap between them, across (axis 0) or down the page (1)."""
    groups: list[list[RawSpan]] = []
    end = -math.inf
    for word in sorted(words, key=lambda word: float(word["bbox"][axis])):
        if word["bbox"][axis] > end + RENDER_DIFF.max_gap:
            groups.append([])
        groups[-1].append(word)
        end = max(end, word["bbox"][axis + 2])
    return groups


class Rendering:
    """A picture of the part of a page where some words are."""

    def __init__(self, display_list: Any, boxes: Sequence[Rectangle], page: Rectangle, zoom: float) -> None:
        """Render a part of a page.

        Args:
            display_list: Of the page.
            boxes: The words' rectangles.
            page: The page's rectangle.
            zoom: Pixels per point, at most.
        """
        inside = [intersect(box, page) for box in boxes]
        inside = [box for box in inside if box[0] < box[2] and box[1] < box[3]]
        self._is_empty = not inside
        if self._is_empty:
            return
        left, top, right, bottom = surround(inside)
        self._area = (left - 1, top - 1, right + 1, bottom + 1)
        points = (self._area[2] - self._area[0]) * (self._area[3] - self._area[1])
        self._zoom = min(zoom, (RENDER_DIFF.max_pixels / points) ** 0.5)
        pixmap = render(display_list, self._area, self._zoom)
        self._samples = pixmap.samples
        self._stride = int(pixmap.stride)
        self._corner = int(pixmap.x), int(pixmap.y)
        self._size = int(pixmap.width), int(pixmap.height)

    def contrasts_with(self, box: Rectangle, colour: Colour) -> bool:
        """Return whether much of a rectangle, everywhere along it, differs clearly from a colour."""
        pixels = self._to_pixels(box)
        if pixels is None:
            return False
        x0, y0, x1, y1 = pixels
        window = RENDER_DIFF.window * (y1 - y0)
        if x1 - x0 > 2 * window:
            count = (x1 - x0) // window
            width = (box[2] - box[0]) / count
            starts = [box[0] + width * at for at in range(count)]
            return all(self.contrasts_with((start, box[1], start + width, box[3]), colour) for start in starts)
        return self._differs_clearly(pixels, colour)

    def _differs_clearly(self, pixels: _PixelBox, colour: Colour) -> bool:
        x0, y0, x1, y1 = pixels
        across, down = (max(1, length // RENDER_DIFF.samples) for length in (x1 - x0, y1 - y0))
        ink = bytes(round(_MAX_CHANNEL * min(1.0, max(0.0, channel))) for channel in colour)
        rows = [y * self._stride for y in range(y0, y1, down)]
        enough = RENDER_DIFF.min_clear_share * len(rows) * len(range(x0, x1, across))
        samples = self._samples
        table = _make_green_table(ink[1])
        by_green = sum(samples[row + 3 * x0 + 1 : row + 3 * x1 : 3 * across].translate(table).count(1) for row in rows)
        if by_green > enough:
            return True
        places = (at for row in rows for at in range(row + 3 * x0, row + 3 * x1, 3 * across))
        return sum(_get_difference(samples, at, ink, 0) > _MIN_CLEAR for at in places) > enough

    def _to_pixels(self, box: Rectangle) -> _PixelBox | None:
        """Return the pixels of a rectangle; None if it is outside the picture."""
        if self._is_empty:
            return None
        zoom = self._zoom
        (left, top), (width, height) = self._corner, self._size
        x0, y0 = max(0, int(box[0] * zoom) - left), max(0, int(box[1] * zoom) - top)
        x1, y1 = min(width, int(box[2] * zoom) + 1 - left), min(height, int(box[3] * zoom) + 1 - top)
        return None if x1 <= x0 or y1 <= y0 else (x0, y0, x1, y1)


class Comparison(Rendering):
    """A part of a page, rendered with and without some of its text."""

    def __init__(
        self, display_list: Any, boxes: Sequence[Rectangle], page: Rectangle, is_other_text: TextFilter, is_fine: bool
    ) -> None:
        """Render a part of a page twice.

        Args:
            display_list: Of the page.
            boxes: The examined words' rectangles.
            page: The page's rectangle.
            is_other_text: The text to keep in the second picture.
            is_fine: Magnify low letters.
        """
        min_height = min((min(box[2] - box[0], box[3] - box[1]) for box in boxes), default=RENDER_DIFF.min_line_pixels)
        zoom = RENDER_DIFF.min_line_pixels / max(1.0, min_height)
        usual = RENDER_DIFF.zoom
        zoom = min(RENDER_DIFF.max_zoom, max(usual, zoom)) if is_fine else min(usual, max(usual / 2, zoom))
        super().__init__(display_list, boxes, page, zoom)
        if not self._is_empty:
            self._samples_without = render(display_list, self._area, self._zoom, is_other_text).samples

    def is_visible(self, box: Rectangle, colour: Colour | None, has_letters: bool) -> bool:
        """Return whether a person sees a word.

        Args:
            box: The rectangle of its letters.
            colour: Of its ink, towards which pixels must change; None if it is unknown.
            has_letters: Whether the word has letters, and not only marks, of which one pixel is enough.

        Returns:
            Whether enough pixels along and across the word differ.
        """
        pixels = self._to_pixels(box)
        if pixels is None:
            return False
        x0, y0, x1, y1 = pixels
        width, height = x1 - x0, y1 - y0
        across, down = RENDER_DIFF.min_along, RENDER_DIFF.min_across
        if width < height:  # the word runs down the page
            across, down = down, across
        step = max(1, min(width, height) // RENDER_DIFF.full_height)
        min_columns = max(1.0, across * width / step) if has_letters else 1
        min_rows = max(1.0, down * height / step) if has_letters else 1
        is_large = min(width, height) >= RENDER_DIFF.min_large_height * self._zoom
        min_difference = RENDER_DIFF.min_difference / 2 if is_large else RENDER_DIFF.min_difference
        columns: set[int] = set()
        rows = 0
        middle = (y0 + y1) // 2  # most letters have ink there
        for y in [*range(middle, y1, step), *range(middle - step, y0 - 1, -step)]:
            start, end = y * self._stride + 3 * x0, y * self._stride + 3 * x1
            row, without = self._samples[start:end], self._samples_without[start:end]
            if row == without:
                continue
            found = _find_clear_pixels(row, without, colour) if step == 1 else []
            if 3 * len(found) < min_columns:
                found = [x for x in range(0, width, step) if _is_changed(row, without, 3 * x, colour, min_difference)]
            if found:
                columns.update(found)
                rows += 1
                if rows >= min_rows and len(columns) >= min_columns:
                    return True
        return False

    def get_ground(self, box: Rectangle) -> Colour:
        """Return the colour in the middle of a rectangle without the text; white outside the picture."""
        pixels = self._to_pixels(box)
        if pixels is None:
            return WHITE
        x0, y0, x1, y1 = pixels
        at = ((y0 + y1) // 2) * self._stride + 3 * ((x0 + x1) // 2)
        red, green, blue = self._samples_without[at : at + 3]
        return red / _MAX_CHANNEL, green / _MAX_CHANNEL, blue / _MAX_CHANNEL


@cache
def _make_green_table(green: int) -> bytes:
    """Make a translation of a pixel's green to 1 if it differs clearly from this value by itself, otherwise to 0."""
    return bytes(_GREEN * abs(value - green) > _MIN_CLEAR for value in range(256))


def _find_clear_pixels(row: bytes, without: bytes, colour: Colour | None) -> list[int]:
    """Find the pixels of a row that differ clearly by their green, which is most of the perceived brightness."""
    greens = enumerate(zip(row[1::3], without[1::3], strict=True))
    if colour is None:
        return [at for at, (green, other) in greens if abs(green - other) > _MIN_CLEAR]
    ink = _MAX_CHANNEL * colour[1]
    return [
        at for at, (green, other) in greens if abs(green - other) > _MIN_CLEAR and abs(ink - green) < abs(ink - other)
    ]


def _is_changed(row: bytes, without: bytes, at: int, colour: Colour | None, min_difference: float) -> bool:
    """Return whether a pixel differs visibly, and is closer to the ink's colour with the text than without it."""
    if _get_difference(row, at, without, at) < min_difference:
        return False
    if colour is None:
        return True
    distances = [
        sum(abs(_MAX_CHANNEL * channel - pixel) for channel, pixel in zip(colour, pixels[at : at + 3], strict=True))
        for pixels in (row, without)
    ]
    return distances[0] < distances[1]


def _get_difference(pixels: bytes, at: int, others: bytes, other_at: int) -> float:
    """Return the difference between the colours of two pixels, of 255, channels weighted by their brightness."""
    return (
        _RED * abs(pixels[at] - others[other_at])
        + _GREEN * abs(pixels[at + 1] - others[other_at + 1])
        + _BLUE * abs(pixels[at + 2] - others[other_at + 2])
    )
