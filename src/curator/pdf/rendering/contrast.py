"""Colours as the eye tells them apart: which letters may drown in the colour of what lies beneath them."""

from __future__ import annotations

from typing import Any

import pymupdf as _pymupdf

mupdf: Any = _pymupdf.mupdf

Colour = tuple[float, float, float]  # red, green, blue; from 0 to 1
Shade = tuple[Colour, Colour]  # what a shape may look like: the darkest and the brightest, channel by channel

WHITE: Colour = (1.0, 1.0, 1.0)
ANY_SHADE: Shade = ((0.0, 0.0, 0.0), WHITE)  # a picture's, a gradient's
WEIGHTS = (0.30, 0.59, 0.11)  # of red, green and blue in what the eye takes for brightness (ITU-R BT.601)
SIMILAR = 0.08  # of full brightness, channels weighted so: colours so close are looked at
OPAQUE = 0.84  # opacity from which a shape has its own colour
_GREY, _RGB, _SEPARATION = 1, 2, 7  # MuPDF's types of colour spaces


def rgb(space: Any, colour: Any) -> Colour | None:
    """A device's colour as red, green and blue; None for the colour None, which leaves no mark on any paper."""
    if not space:
        return (0.0, 0.0, 0.0)
    kind = mupdf.ll_fz_colorspace_type(space)
    if kind == _GREY:
        grey = mupdf.floats_getitem(colour, 0)
        return (grey, grey, grey)
    if kind == _RGB:
        return tuple(mupdf.floats_getitem(colour, at) for at in range(3))
    if kind == _SEPARATION and {
        mupdf.ll_fz_colorspace_colorant(space, at) for at in range(mupdf.ll_fz_colorspace_n(space))
    } == {"None"}:
        return None
    target, parameters = mupdf.FzColorspace(mupdf.FzColorspace.Fixed_RGB), mupdf.FzColorParams()
    found = mupdf.ll_fz_convert_color(space, colour, target.m_internal, None, parameters.internal())
    return tuple(found[:3])


def alike(one: Colour, other: Colour) -> bool:
    """Whether two colours are so close to the eye that letters of one upon the other deserve a look."""
    return (
        WEIGHTS[0] * abs(one[0] - other[0]) + WEIGHTS[1] * abs(one[1] - other[1]) + WEIGHTS[2] * abs(one[2] - other[2])
        < SIMILAR
    )


def is_like_shade(colour: Colour, shade: Shade) -> bool:
    """Whether a colour is so close to one that a shape may have, that letters of it upon the shape deserve a look."""
    low, high = shade
    if low is high:
        return alike(colour, low)
    away = [max(0.0, dark - own, own - bright) for own, dark, bright in zip(colour, low, high, strict=True)]
    return WEIGHTS[0] * away[0] + WEIGHTS[1] * away[1] + WEIGHTS[2] * away[2] < SIMILAR


def shade_of(colour: Colour | None, alpha: float) -> Shade:
    """What a shape of this colour and opacity may look like, whatever lies beneath it."""
    if colour is None:
        return ANY_SHADE
    if alpha >= OPAQUE:
        return colour, colour
    red, green, blue = (alpha * channel for channel in colour)
    through = 1 - alpha
    return (red, green, blue), (red + through, green + through, blue + through)
