"""Draw a sample paper's figures, curves or bars, from the numbers in its front matter.

Fields are separated by `|`: the kind, the label of each axis, and the series.

figure1: curves | step (thousands) | accuracy | training = 0:0.02 2:0.9 4:1 | held-out = 0:0.02 2:0.1 4:0.97
figure2: bars | | accuracy | gold labels = 0.71 | random labels = 0.64
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

Colour = tuple[float, float, float]

INK: Colour = (0.15, 0.15, 0.15)
GRID: Colour = (0.86, 0.86, 0.86)
PALETTE: tuple[Colour, ...] = ((0.13, 0.29, 0.53), (0.80, 0.40, 0.10), (0.30, 0.52, 0.32), (0.50, 0.34, 0.55))
LABEL = 6.5  # points


class Canvas(Protocol):
    """A page to draw on, in points from the top left corner."""

    def draw_text(self, x: float, y: float, text: str, size: float, *, upright: bool = False) -> None:
        """Draw text from (x, y) along its baseline; upright text runs from bottom to top."""

    def measure_text(self, text: str, size: float) -> float:
        """Return the width of a text at a type size."""

    def draw_line(self, points: list[tuple[float, float]], colour: Colour, width: float) -> None:
        """Draw a line through points."""

    def draw_bar(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill the rectangle whose top left corner is (x, y)."""


@dataclass(frozen=True)
class Figure:
    """A figure as its source describes it."""

    kind: str  # "curves" or "bars"
    x_label: str
    y_label: str
    series: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]  # name and (x, y) points; a bar has one point


def parse_figure(text: str) -> Figure:
    """Parse a figure's line of front matter.

    Raises:
        ValueError: The line does not describe a figure.
    """
    try:
        kind, x_label, y_label, *rest = (part.strip() for part in text.split("|"))
        if kind not in ("curves", "bars") or not rest:
            raise ValueError("it has neither curves nor bars")
        named = [part.rsplit("=", 1) for part in rest]
        series = tuple((name.strip(), _parse_points(numbers)) for name, numbers in named)
    except ValueError as error:
        raise ValueError(f"The figure “{text}” of a sample paper cannot be drawn: {error}.") from error
    return Figure(kind, x_label, y_label, series)


def _parse_points(text: str) -> tuple[tuple[float, float], ...]:
    pairs = (("0:" + item if ":" not in item else item).split(":") for item in text.split())
    return tuple((float(x), float(y)) for x, y in pairs)


def choose_ticks(low: float, high: float) -> list[float]:
    """Return round numbers, mostly three to six, that span the range."""
    span = (high - low) or 1.0
    unit = 10.0 ** math.floor(math.log10(span))
    step = next(size * unit for size in (0.1, 0.2, 0.5, 1, 2) if span / (size * unit) <= 6.01)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def draw_figure(figure: Figure, canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
    """Draw a figure with its axes into the box whose top left corner is (x, y); all lengths in points."""
    values = [point[1] for _, points in figure.series for point in points]
    ticks = choose_ticks(min(0.0, *values), max(values))
    left, right, top = x + 34, x + width - 8, y + 14
    bottom = y + height - (24 if figure.x_label else 14)

    def scale_y(value: float) -> float:
        return bottom - (value - ticks[0]) / (ticks[-1] - ticks[0]) * (bottom - top)

    for tick in ticks:
        canvas.draw_line([(left, scale_y(tick)), (right, scale_y(tick))], GRID, 0.4)
        label = f"{tick:g}".replace("-", "−")
        canvas.draw_text(left - 4 - canvas.measure_text(label, LABEL), scale_y(tick) + 2.2, label, LABEL)
    half_width = canvas.measure_text(figure.y_label, LABEL + 0.5) / 2
    canvas.draw_text(x + 8, (top + bottom) / 2 + half_width, figure.y_label, LABEL + 0.5, upright=True)
    if figure.x_label:
        half_width = canvas.measure_text(figure.x_label, LABEL + 0.5) / 2
        canvas.draw_text((left + right) / 2 - half_width, bottom + 19, figure.x_label, LABEL + 0.5)
    draw = _draw_curves if figure.kind == "curves" else _draw_bars
    draw(figure, canvas, left, right, bottom, scale_y)
    canvas.draw_line([(left, top), (left, bottom), (right, bottom)], INK, 0.6)


class _Scale(Protocol):
    def __call__(self, value: float, /) -> float: ...


def _draw_curves(figure: Figure, canvas: Canvas, left: float, right: float, bottom: float, scale_y: _Scale) -> None:
    x_values = [point[0] for _, points in figure.series for point in points]
    ticks = choose_ticks(min(x_values), max(x_values))

    def scale_x(value: float) -> float:
        return left + (value - ticks[0]) / (ticks[-1] - ticks[0]) * (right - left - 6)

    for tick in ticks:
        label = f"{tick:g}"
        canvas.draw_line([(scale_x(tick), bottom), (scale_x(tick), bottom + 2)], INK, 0.6)
        canvas.draw_text(scale_x(tick) - canvas.measure_text(label, LABEL) / 2, bottom + 9, label, LABEL)
    legend = left + 4
    for (name, points), colour in zip(figure.series, PALETTE, strict=False):
        canvas.draw_line([(scale_x(px), scale_y(py)) for px, py in points], colour, 1.2)
        top = scale_y(_find_top(figure)) - 8
        canvas.draw_line([(legend, top), (legend + 10, top)], colour, 1.4)
        canvas.draw_text(legend + 13, top + 2.2, name, LABEL)
        legend += 24 + canvas.measure_text(name, LABEL)


def _draw_bars(figure: Figure, canvas: Canvas, left: float, right: float, bottom: float, scale_y: _Scale) -> None:
    slot = (right - left) / len(figure.series)
    for number, (name, points) in enumerate(figure.series):
        middle, value = left + (number + 0.5) * slot, points[0][1]
        top, foot = min(scale_y(value), scale_y(0)), max(scale_y(value), scale_y(0))
        canvas.draw_bar(middle - slot * 0.28, top, slot * 0.56, foot - top, PALETTE[0])
        label = f"{value:g}".replace("-", "−")
        canvas.draw_text(middle - canvas.measure_text(label, LABEL) / 2, top - 2.5, label, LABEL)
        canvas.draw_text(middle - canvas.measure_text(name, LABEL) / 2, bottom + 9, name, LABEL)


def _find_top(figure: Figure) -> float:
    values = [point[1] for _, points in figure.series for point in points]
    return choose_ticks(min(0.0, *values), max(values))[-1]
