"""The picture of a scanned page, and where it has ink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curator.pdf.rendering.display_list import render
from curator.pdf.rendering.geometry import Rectangle
from curator.pdf.visibility.parameters import SCANS


class ScanImage:
    """The ink of a page without its text."""

    def __init__(self, display_list: Any, page: Rectangle) -> None:
        """Render a page, and find its ink.

        Args:
            display_list: Of the page.
            page: The page's rectangle.
        """
        points = max(1.0, (page[2] - page[0]) * (page[3] - page[1]))
        self._zoom = min(SCANS.zoom, (SCANS.max_pixels / points) ** 0.5)
        pixmap = render(display_list, page, self._zoom, lambda _: False)
        grey = pixmap.samples[1::3]  # green, which is most of the perceived brightness
        self._width, self._height = pixmap.width, pixmap.height
        sample = sorted(grey[:: max(1, len(grey) // SCANS.max_paper_samples)])
        paper = sample[int(SCANS.paper_quantile * (len(sample) - 1))] if sample else 0
        level = max(0, paper - SCANS.min_ink_contrast)
        self._ink = grey.translate(bytes(1 if shade <= level else 0 for shade in range(256)))  # 1 where there is ink

    def measure_ink(self, box: Rectangle) -> float:
        """Return the share of a rectangle's columns of pixels that have ink."""
        x0, y0, x1, y1 = self._to_pixels(box)
        if x1 <= x0 or y1 <= y0:
            return 0.0
        rows = [self._ink[y * self._width + x0 : y * self._width + x1] for y in range(y0, y1)]
        merged = 0
        for row in rows:
            merged |= int.from_bytes(row, "big")
        return merged.bit_count() / (x1 - x0)

    def measure_explained(self, boxes: Sequence[Rectangle]) -> float:
        """Return the share of the cells with ink that are under these rectangles."""
        size = SCANS.cell_pixels
        covered: set[tuple[int, int]] = set()
        for box in boxes:
            x0, y0, x1, y1 = (at // size for at in self._to_pixels(box))
            covered.update((x, y) for y in range(y0, y1 + 1) for x in range(x0, x1 + 1))
        inked = {
            (x, y)
            for y in range(self._height // size)
            for x in range(self._width // size)
            if self._has_ink(x * size, y * size, size)
        }
        return len(inked & covered) / len(inked) if inked else 0.0

    def _has_ink(self, left: int, top: int, size: int) -> bool:
        """Return whether a square of pixels has ink."""
        return any(
            1 in self._ink[row * self._width + left : row * self._width + left + size] for row in range(top, top + size)
        )

    def _to_pixels(self, box: Rectangle) -> tuple[int, int, int, int]:
        zoom = self._zoom
        return (
            min(self._width, max(0, int(box[0] * zoom))),
            min(self._height, max(0, int(box[1] * zoom))),
            min(self._width, max(0, int(box[2] * zoom) + 1)),
            min(self._height, max(0, int(box[3] * zoom) + 1)),
        )
