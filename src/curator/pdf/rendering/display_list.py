"""A page's display list: made once, and played as often as wanted, with some of its text left out.

To a text page for reading, or to a pixmap for looking.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pymupdf as _pymupdf

from curator.pdf.rendering.contrast import WHITE, rgb
from curator.pdf.rendering.paint_trace import EVERYWHERE, Rectangle, address

pymupdf: Any = _pymupdf
mupdf: Any = pymupdf.mupdf

_PASSED_ON = (
    "fill_path", "stroke_path", "clip_path", "clip_stroke_path", "fill_text", "stroke_text", "clip_text",
    "clip_stroke_text", "ignore_text", "fill_shade", "fill_image", "fill_image_mask", "clip_image_mask", "pop_clip",
    "begin_mask", "end_mask", "begin_group", "end_group", "begin_tile", "end_tile", "render_flags",
    "set_default_colorspaces",
)  # fmt: skip
_TEXT = ("fill_text", "stroke_text", "clip_text", "clip_stroke_text", "ignore_text")


class Chosen(mupdf.FzDevice2):  # type: ignore[misc]
    """Passes on to another device what a page paints, of its text only what `wanted` says (by address)."""

    def __init__(self, inner: Any, wanted: Callable[[int], bool], text_only: bool = False) -> None:
        super().__init__()
        self.inner = inner.m_internal
        self.wanted = wanted
        self.nothing = mupdf.FzPath()
        for name in _TEXT if text_only else _PASSED_ON:
            getattr(self, "use_virtual_" + name)()


def _pass_on(name: str) -> Callable[..., Any]:
    function = getattr(mupdf, "ll_fz_end_mask_tr" if name == "end_mask" else "ll_fz_" + name)

    def passed_on(self: Chosen, ctx: Any, *arguments: Any) -> Any:
        return function(self.inner, *arguments)

    return passed_on


def _pass_on_text(name: str) -> Callable[..., None]:
    function = getattr(mupdf, "ll_fz_" + name)

    def passed_on(self: Chosen, ctx: Any, text: Any, *arguments: Any) -> None:
        if self.wanted(address(text)):
            function(self.inner, text, *arguments)
        elif name.startswith("clip"):  # a pop_clip will come: clip everything away
            mupdf.ll_fz_clip_path(self.inner, self.nothing.m_internal, 0, arguments[-2], arguments[-1])

    return passed_on


def _pass_on_fill(self: Chosen, ctx: Any, text: Any, ctm: Any, space: Any, colour: Any, *rest: Any) -> None:
    """PyMuPDF's wrapper of this one function wants a tuple."""
    if not self.wanted(address(text)):
        return
    channels = mupdf.ll_fz_colorspace_n(space) if space else 0
    if channels <= 4:
        values = tuple(mupdf.floats_getitem(colour, at) for at in range(channels))
        mupdf.ll_fz_fill_text(self.inner, text, ctm, space, values, *rest)
    else:
        plain = mupdf.FzColorspace(mupdf.FzColorspace.Fixed_RGB)
        mupdf.ll_fz_fill_text(self.inner, text, ctm, plain.m_internal, rgb(space, colour) or WHITE, *rest)


for _name in _PASSED_ON:
    setattr(Chosen, _name, _pass_on_text(_name) if _name in _TEXT else _pass_on(_name))
Chosen.fill_text = _pass_on_fill


def interpret(page: Any, with_notes: bool = False) -> Any:
    """The display list of what a page's content streams paint, on the page and off it.

    `with_notes`: also what annotations and form fields lay over it, without their text.
    """
    shown = mupdf.FzDisplayList(mupdf.FzRect(*EVERYWHERE))
    device = mupdf.fz_new_list_device(shown)
    mupdf.fz_run_page_contents(page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
    if with_notes:
        mute = Chosen(device, lambda _: False)
        mupdf.fz_run_page_annots(page.this, mute, mupdf.FzMatrix(), mupdf.FzCookie())
        mupdf.fz_run_page_widgets(page.this, mute, mupdf.FzMatrix(), mupdf.FzCookie())
        mupdf.fz_close_device(mute)
    mupdf.fz_close_device(device)
    return shown


def play(shown: Any, device: Any, zoom: float = 1.0, area: Rectangle = EVERYWHERE) -> None:
    """Play a display list to a device; `area` in the device's units."""
    cookie = mupdf.FzCookie()
    mupdf.fz_run_display_list(shown, device, mupdf.FzMatrix(zoom, 0, 0, zoom, 0, 0), mupdf.FzRect(*area), cookie)
    mupdf.fz_close_device(device)


def text_page(shown: Any, flags: int, wanted: Callable[[int], bool] | None = None) -> Any:
    """The text page of a display list, or of that of its text that is wanted."""
    options = mupdf.FzStextOptions(flags)
    page = mupdf.FzStextPage(mupdf.fz_bound_display_list(shown))
    device = mupdf.fz_new_stext_device(page, options)
    if wanted is None:
        play(shown, device)
    else:
        play(shown, Chosen(device, wanted, text_only=True))
        mupdf.fz_close_device(device)
    return pymupdf.TextPage(page)


def spans_of(page: Any, chars: bool = False) -> list[dict[str, Any]]:
    """A text page's blocks of lines of spans as PyMuPDF gives them; with `chars`, in characters."""
    pymupdf.TOOLS.unset_quad_corrections(True)  # glyphs' heights as fonts claim them: spans.py knows better
    try:
        return list((page.extractRAWDICT() if chars else page.extractDICT())["blocks"])
    finally:
        pymupdf.TOOLS.unset_quad_corrections(False)


def picture(shown: Any, area: Rectangle, zoom: float, wanted: Callable[[int], bool] | None = None) -> Any:
    """A pixmap (RGB) of an area of the page, in points, on white paper; with that of its text that is wanted."""
    left, top, right, bottom = (zoom * edge for edge in area)
    corners = pymupdf.IRect(int(left), int(top), int(right) + 1, int(bottom) + 1)
    # Not pymupdf.Pixmap(...): that one simulates ink separations, and so bends colours.
    bounds = mupdf.FzIrect(corners.x0, corners.y0, corners.x1, corners.y1)
    raw = mupdf.fz_new_pixmap_with_bbox(pymupdf.csRGB.this, bounds, mupdf.FzSeparations(), 0)
    mupdf.fz_clear_pixmap_with_value(raw, 255)
    device = mupdf.fz_new_draw_device(mupdf.FzMatrix(), raw)
    edges = (float(corners.x0), float(corners.y0), float(corners.x1), float(corners.y1))
    if wanted is None:
        play(shown, device, zoom, edges)
    else:
        play(shown, Chosen(device, wanted), zoom, edges)
        mupdf.fz_close_device(device)
    return pymupdf.Pixmap("raw", raw)
