"""Draws a sample paper's figures, curves and bars, from the few numbers in its front matter.

figure1: curves | step (thousands) | accuracy | training = 0:0.02 2:0.9 4:1 | held-out = 0:0.02 2:0.1 4:0.97
figure2: bars | | accuracy | gold labels = 0.71 | random labels = 0.64
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from curator.errors import CuratorError

Colour = tuple[float, float, float]

INK: Colour = (0.15, 0.15, 0.15)
GRID: Colour = (0.86, 0.86, 0.86)
PALETTE: tuple[Colour, ...] = ((0.13, 0.29, 0.53), (0.80, 0.40, 0.10), (0.30, 0.52, 0.32), (0.50, 0.34, 0.55))
LABEL = 6.5  # points


class Canvas(Protocol):
    """A page to draw on; points, origin at the top left."""

    def text(self, x: float, y: float, text: str, size: float, *, upright: bool = False) -> None: ...

    def text_width(self, text: str, size: float) -> float: ...

    def line(self, points: list[tuple[float, float]], colour: Colour, width: float) -> None: ...

    def bar(self, x: float, y: float, width: float, height: float, colour: Colour) -> None: ...


@dataclass(frozen=True)
class Figure:
    kind: str  # "curves" or "bars"
    x_label: str
    y_label: str
    series: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]  # name and points; a bar is one point


def parse_figure(text: str) -> Figure:
    """A figure from its line of front matter.

    Raises:
        CuratorError: the line does not describe one.
    """
    try:
        kind, x_label, y_label, *rest = (part.strip() for part in text.split("|"))
        if kind not in ("curves", "bars") or not rest:
            raise ValueError("it has neither curves nor bars")
        named = [part.rsplit("=", 1) for part in rest]
        series = tuple((name.strip(), _points(numbers)) for name, numbers in named)
    except ValueError as error:
        raise CuratorError(f"The figure “{text}” of a sample paper cannot be drawn: {error}.") from error
    return Figure(kind, x_label, y_label, series)


def _points(text: str) -> tuple[tuple[float, float], ...]:
    pairs = (("0:" + item if ":" not in item else item).split(":") for item in text.split())
    return tuple((float(x), float(y)) for x, y in pairs)


def ticks(low: float, high: float) -> list[float]:
    """Three to six round numbers that span the range."""
    span = (high - low) or 1.0
    unit = 10.0 ** math.floor(math.log10(span))
    step = next(size * unit for size in (0.1, 0.2, 0.5, 1, 2) if span / (size * unit) <= 6.01)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def draw_figure(figure: Figure, canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
    """Draws within the box whose top left corner is (x, y)."""
    values = [point[1] for _, points in figure.series for point in points]
    marks = ticks(min(0.0, *values), max(values))
    left, right, top = x + 34, x + width - 8, y + 14
    bottom = y + height - (24 if figure.x_label else 14)

    def height_of(value: float) -> float:
        return bottom - (value - marks[0]) / (marks[-1] - marks[0]) * (bottom - top)

    for mark in marks:
        canvas.line([(left, height_of(mark)), (right, height_of(mark))], GRID, 0.4)
        label = f"{mark:g}".replace("-", "−")
        canvas.text(left - 4 - canvas.text_width(label, LABEL), height_of(mark) + 2.2, label, LABEL)
    half = canvas.text_width(figure.y_label, LABEL + 0.5) / 2
    canvas.text(x + 8, (top + bottom) / 2 + half, figure.y_label, LABEL + 0.5, upright=True)
    if figure.x_label:
        half = canvas.text_width(figure.x_label, LABEL + 0.5) / 2
        canvas.text((left + right) / 2 - half, bottom + 19, figure.x_label, LABEL + 0.5)
    draw = _draw_curves if figure.kind == "curves" else _draw_bars
    draw(figure, canvas, left, right, bottom, height_of)
    canvas.line([(left, top), (left, bottom), (right, bottom)], INK, 0.6)


class _Scale(Protocol):
    def __call__(self, value: float, /) -> float: ...


def _draw_curves(figure: Figure, canvas: Canvas, left: float, right: float, bottom: float, height_of: _Scale) -> None:
    places = [point[0] for _, points in figure.series for point in points]
    marks = ticks(min(places), max(places))

    def place_of(value: float) -> float:
        return left + (value - marks[0]) / (marks[-1] - marks[0]) * (right - left - 6)

    for mark in marks:
        label = f"{mark:g}"
        canvas.line([(place_of(mark), bottom), (place_of(mark), bottom + 2)], INK, 0.6)
        canvas.text(place_of(mark) - canvas.text_width(label, LABEL) / 2, bottom + 9, label, LABEL)
    legend = left + 4
    for (name, points), colour in zip(figure.series, PALETTE, strict=False):
        canvas.line([(place_of(px), height_of(py)) for px, py in points], colour, 1.2)
        top = height_of(_top(figure)) - 8
        canvas.line([(legend, top), (legend + 10, top)], colour, 1.4)
        canvas.text(legend + 13, top + 2.2, name, LABEL)
        legend += 24 + canvas.text_width(name, LABEL)


def _draw_bars(figure: Figure, canvas: Canvas, left: float, right: float, bottom: float, height_of: _Scale) -> None:
    slot = (right - left) / len(figure.series)
    for number, (name, points) in enumerate(figure.series):
        middle, value = left + (number + 0.5) * slot, points[0][1]
        top, foot = min(height_of(value), height_of(0)), max(height_of(value), height_of(0))
        canvas.bar(middle - slot * 0.28, top, slot * 0.56, foot - top, PALETTE[0])
        label = f"{value:g}".replace("-", "−")
        canvas.text(middle - canvas.text_width(label, LABEL) / 2, top - 2.5, label, LABEL)
        canvas.text(middle - canvas.text_width(name, LABEL) / 2, bottom + 9, name, LABEL)


def _top(figure: Figure) -> float:
    values = [point[1] for _, points in figure.series for point in points]
    return ticks(min(0.0, *values), max(values))[-1]
