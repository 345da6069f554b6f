"""What is painted where a page's pale text stands: white letters are legible on a dark box and hidden on white paper.

Asked for only where a page has letters that are nearly white, since listing a page's drawings costs more than its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Colour = tuple[float, float, float]  # red, green, blue; from 0 to 1
Rectangle = tuple[float, float, float, float]

WHITE: Colour = (1.0, 1.0, 1.0)
NEARLY_WHITE = 0.98  # in all channels: lighter than the palest tint that printers use for text
SAME_COLOUR = 0.02  # difference in each channel that no person sees
_PICTURES = frozenset({"fill-image", "fill-imgmask", "fill-shade"})
_OUTLINES = 1  # a text trace's type for stroked letters


def colour_of(number: int) -> Colour:
    """The colour that MuPDF writes as one number, 0xRRGGBB."""
    return (number >> 16 & 255) / 255, (number >> 8 & 255) / 255, (number & 255) / 255


def is_nearly_white(colour: Sequence[float]) -> bool:
    """Whether a person takes this for the white of the paper."""
    return min(colour) >= NEARLY_WHITE


class Background:
    """What a page paints beside its letters, in the page's own coordinates, without its rotation."""

    def __init__(self, page: Any) -> None:
        log = page.get_bboxlog()
        # Nobody can tell cheaply what colours a picture or a gradient has: letters upon it count as seen.
        self._busy: list[Rectangle] = [box for kind, box in log if kind in _PICTURES]
        if any(kind == "stroke-text" for kind, _ in log):
            self._busy += [
                text["bbox"]
                for text in page.get_texttrace()
                if text["type"] == _OUTLINES and not is_nearly_white(text["color"])
            ]
        self._fills: list[tuple[Rectangle, Colour]] = []  # from the lowest to the topmost
        for drawing in page.get_drawings():
            self._paint(drawing)

    def hides(self, box: Rectangle, colour: Colour) -> bool:
        """Whether letters of this colour cannot be told from what lies beneath the middle of this rectangle."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        if any(_holds(rectangle, x, y) for rectangle in self._busy):
            return False
        beneath = next((fill for rectangle, fill in reversed(self._fills) if _holds(rectangle, x, y)), WHITE)
        if is_nearly_white(colour):
            return is_nearly_white(beneath)
        return all(abs(one - other) < SAME_COLOUR for one, other in zip(colour, beneath, strict=True))

    def _paint(self, drawing: dict[str, Any]) -> None:
        """Note what a drawing covers; a thick line covers a rectangle too."""
        rectangle: Rectangle = tuple(drawing["rect"])
        fill, line = drawing.get("fill"), drawing.get("color")
        if fill is not None and drawing.get("fill_opacity") != 0:
            if _is_rectangle(drawing["items"]):
                self._fills.append((rectangle, fill))
            elif not is_nearly_white(fill):  # what it covers is not all of the rectangle around it
                self._busy.append(rectangle)
        elif line is not None and min(rectangle[2] - rectangle[0], rectangle[3] - rectangle[1]) < 1:
            half = (drawing.get("width") or 0.0) / 2
            grown = (rectangle[0] - half, rectangle[1] - half, rectangle[2] + half, rectangle[3] + half)
            self._fills.append((grown, line))


def _is_rectangle(items: Sequence[tuple[Any, ...]]) -> bool:
    return len(items) == 1 and items[0][0] in ("re", "qu")


def _holds(rectangle: Rectangle, x: float, y: float) -> bool:
    return rectangle[0] <= x <= rectangle[2] and rectangle[1] <= y <= rectangle[3]
