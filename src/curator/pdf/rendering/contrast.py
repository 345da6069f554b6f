"""Colours as the eye tells them apart, to find letters that do not stand out from what lies beneath them."""

from __future__ import annotations

from typing import Any

import pymupdf as _pymupdf

from curator.pdf.rendering.parameters import CONTRAST

mupdf: Any = _pymupdf.mupdf

Colour = tuple[float, float, float]
"""Red, green and blue, each from 0 to 1."""

Shade = tuple[Colour, Colour]
"""The colours that a shape may have: the darkest and the brightest, channel by channel."""

BLACK: Colour = (0.0, 0.0, 0.0)
WHITE: Colour = (1.0, 1.0, 1.0)
ANY_SHADE: Shade = (BLACK, WHITE)
"""The shade of an image or a gradient."""

# Bound once, because colours are compared millions of times.
WEIGHTS = _RED, _GREEN, _BLUE = CONTRAST.red_weight, CONTRAST.green_weight, CONTRAST.blue_weight
_MAX_SIMILAR = CONTRAST.max_similar
_GREY_SPACE, _RGB_SPACE, _SEPARATION_SPACE = 1, 2, 7  # MuPDF's fz_colorspace_type


def to_rgb(space: Any, colour: Any) -> Colour | None:
    """Convert a colour of MuPDF's devices.

    Args:
        space: MuPDF's colour space; None for black.
        colour: MuPDF's array of channels.

    Returns:
        The colour; None for the separation "None", which leaves no mark on any paper.
    """
    if not space:
        return BLACK
    kind = mupdf.ll_fz_colorspace_type(space)
    if kind == _GREY_SPACE:
        grey = mupdf.floats_getitem(colour, 0)
        return (grey, grey, grey)
    if kind == _RGB_SPACE:
        return tuple(mupdf.floats_getitem(colour, at) for at in range(3))
    if kind == _SEPARATION_SPACE and {
        mupdf.ll_fz_colorspace_colorant(space, at) for at in range(mupdf.ll_fz_colorspace_n(space))
    } == {"None"}:
        return None
    target, parameters = mupdf.FzColorspace(mupdf.FzColorspace.Fixed_RGB), mupdf.FzColorParams()
    channels = mupdf.ll_fz_convert_color(space, colour, target.m_internal, None, parameters.internal())
    return tuple(channels[:3])


def is_similar(colour: Colour, other: Colour) -> bool:
    """Return whether letters of one colour on the other may be hard to see, so that they have to be rendered."""
    return (
        _RED * abs(colour[0] - other[0]) + _GREEN * abs(colour[1] - other[1]) + _BLUE * abs(colour[2] - other[2])
        < _MAX_SIMILAR
    )


def is_similar_to_shade(colour: Colour, shade: Shade) -> bool:
    """Return whether letters of a colour may be hard to see on a shape of this shade."""
    darkest, brightest = shade
    if darkest is brightest:
        return is_similar(colour, darkest)
    red, green, blue = (
        max(0.0, dark - own, own - bright) for own, dark, bright in zip(colour, darkest, brightest, strict=True)
    )
    return _RED * red + _GREEN * green + _BLUE * blue < _MAX_SIMILAR


def make_shade(colour: Colour | None, alpha: float) -> Shade:
    """Make the shade of a shape, whatever lies beneath it.

    Args:
        colour: Of the shape's paint; None if it is unknown, as for an image.
        alpha: The paint's opacity, from 0 to 1.

    Returns:
        The shade, whose two colours are one object if the shape is opaque.
    """
    if colour is None:
        return ANY_SHADE
    if alpha >= CONTRAST.min_opaque:
        return colour, colour
    red, green, blue = (alpha * channel for channel in colour)
    through = 1 - alpha
    return (red, green, blue), (red + through, green + through, blue + through)
