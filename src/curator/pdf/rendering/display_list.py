"""A page's display list: made once, then played as often as needed, with some of the page's text left out.

It is played to a text page to read the text, or to a pixmap to see the page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pymupdf as _pymupdf

from curator.pdf.rendering.contrast import WHITE, to_rgb
from curator.pdf.rendering.geometry import EVERYWHERE, Rectangle

pymupdf: Any = _pymupdf
mupdf: Any = pymupdf.mupdf

TextFilter = Callable[[int], bool]
"""Whether a stretch of text, by its address (see `get_address`), is wanted."""

_TEXT_CALLS = ("fill_text", "stroke_text", "clip_text", "clip_stroke_text", "ignore_text")
_CALLS = (
    "fill_path", "stroke_path", "clip_path", "clip_stroke_path", *_TEXT_CALLS, "fill_shade", "fill_image",
    "fill_image_mask", "clip_image_mask", "pop_clip", "begin_mask", "end_mask", "begin_group", "end_group",
    "begin_tile", "end_tile", "render_flags", "set_default_colorspaces",
)  # fmt: skip


def get_address(text: Any) -> int:
    """Return the address of a stretch of text, which identifies it as long as its display list exists."""
    return int(text.this)


class TextFilterDevice(mupdf.FzDevice2):  # type: ignore[misc]
    """A device that forwards a page's painting to another device, but of its text only what is wanted."""

    def __init__(self, inner: Any, is_wanted: TextFilter, text_only: bool = False) -> None:
        """Wrap a device.

        Args:
            inner: The device that is painted on.
            is_wanted: The text to forward.
            text_only: Forward nothing but text.
        """
        super().__init__()
        self.inner = inner.m_internal
        self.is_wanted = is_wanted
        self.empty_path = mupdf.FzPath()
        for name in _TEXT_CALLS if text_only else _CALLS:
            getattr(self, "use_virtual_" + name)()


def _make_forwarder(name: str) -> Callable[..., Any]:
    function = getattr(mupdf, "ll_fz_end_mask_tr" if name == "end_mask" else "ll_fz_" + name)

    def forward(self: TextFilterDevice, ctx: Any, *arguments: Any) -> Any:
        return function(self.inner, *arguments)

    return forward


def _make_text_forwarder(name: str) -> Callable[..., None]:
    function = getattr(mupdf, "ll_fz_" + name)

    def forward_text(self: TextFilterDevice, ctx: Any, text: Any, *arguments: Any) -> None:
        if self.is_wanted(get_address(text)):
            function(self.inner, text, *arguments)
        elif name.startswith("clip"):  # a pop_clip will follow, so clip everything away
            mupdf.ll_fz_clip_path(self.inner, self.empty_path.m_internal, 0, arguments[-2], arguments[-1])

    return forward_text


def _forward_fill_text(
    self: TextFilterDevice, ctx: Any, text: Any, ctm: Any, space: Any, colour: Any, *rest: Any
) -> None:
    """Forward filled text. PyMuPDF's wrapper of this one function takes the colour as a tuple of up to four."""
    if not self.is_wanted(get_address(text)):
        return
    channels = mupdf.ll_fz_colorspace_n(space) if space else 0
    if channels <= 4:
        values = tuple(mupdf.floats_getitem(colour, at) for at in range(channels))
        mupdf.ll_fz_fill_text(self.inner, text, ctm, space, values, *rest)
    else:
        plain = mupdf.FzColorspace(mupdf.FzColorspace.Fixed_RGB)
        mupdf.ll_fz_fill_text(self.inner, text, ctm, plain.m_internal, to_rgb(space, colour) or WHITE, *rest)


for _name in _CALLS:
    setattr(TextFilterDevice, _name, _make_text_forwarder(_name) if _name in _TEXT_CALLS else _make_forwarder(_name))
TextFilterDevice.fill_text = _forward_fill_text


def make_display_list(page: Any, with_notes: bool = False) -> Any:
    """Interpret a page's content streams.

    Args:
        page: PyMuPDF's page.
        with_notes: Also interpret the annotations and form fields that are drawn over the page, without their text.

    Returns:
        MuPDF's display list of everything that is painted, on the page and outside it.
    """
    display_list = mupdf.FzDisplayList(mupdf.FzRect(*EVERYWHERE))
    device = mupdf.fz_new_list_device(display_list)
    mupdf.fz_run_page_contents(page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
    if with_notes:
        without_text = TextFilterDevice(device, lambda _: False)
        mupdf.fz_run_page_annots(page.this, without_text, mupdf.FzMatrix(), mupdf.FzCookie())
        mupdf.fz_run_page_widgets(page.this, without_text, mupdf.FzMatrix(), mupdf.FzCookie())
        mupdf.fz_close_device(without_text)
    mupdf.fz_close_device(device)
    return display_list


def play(display_list: Any, device: Any, zoom: float = 1.0, area: Rectangle = EVERYWHERE) -> None:
    """Play a display list to a device, and close the device.

    Args:
        display_list: MuPDF's display list.
        device: MuPDF's device.
        zoom: The device's units per point.
        area: The area to paint, in the device's units.
    """
    cookie = mupdf.FzCookie()
    mupdf.fz_run_display_list(display_list, device, mupdf.FzMatrix(zoom, 0, 0, zoom, 0, 0), mupdf.FzRect(*area), cookie)
    mupdf.fz_close_device(device)


def make_text_page(display_list: Any, flags: int, is_wanted: TextFilter | None = None) -> Any:
    """Extract the text of a display list.

    Args:
        display_list: MuPDF's display list.
        flags: Options of MuPDF's structured text, `pymupdf.TEXT_*`.
        is_wanted: The text to extract; by default, all.

    Returns:
        PyMuPDF's text page.
    """
    options = mupdf.FzStextOptions(flags)
    page = mupdf.FzStextPage(mupdf.fz_bound_display_list(display_list))
    device = mupdf.fz_new_stext_device(page, options)
    if is_wanted is None:
        play(display_list, device)
    else:
        play(display_list, TextFilterDevice(device, is_wanted, text_only=True))
        mupdf.fz_close_device(device)
    return pymupdf.TextPage(page)


def extract_blocks(page: Any, chars: bool = False) -> list[dict[str, Any]]:
    """Return a text page's blocks of lines of spans as PyMuPDF's dictionaries; with `chars`, down to characters."""
    pymupdf.TOOLS.unset_quad_corrections(True)  # keep the height that fonts claim: extraction.spans corrects it
    try:
        return list((page.extractRAWDICT() if chars else page.extractDICT())["blocks"])
    finally:
        pymupdf.TOOLS.unset_quad_corrections(False)


def render(display_list: Any, area: Rectangle, zoom: float, is_wanted: TextFilter | None = None) -> Any:
    """Render a part of a page on white paper.

    Args:
        display_list: MuPDF's display list.
        area: The part, in points.
        zoom: Pixels per point.
        is_wanted: The text to paint; by default, all. Everything else is always painted.

    Returns:
        PyMuPDF's pixmap in RGB, three bytes per pixel.
    """
    left, top, right, bottom = (zoom * edge for edge in area)
    corners = pymupdf.IRect(int(left), int(top), int(right) + 1, int(bottom) + 1)
    # Not pymupdf.Pixmap(...), which simulates ink separations and thereby changes colours.
    bounds = mupdf.FzIrect(corners.x0, corners.y0, corners.x1, corners.y1)
    raw = mupdf.fz_new_pixmap_with_bbox(pymupdf.csRGB.this, bounds, mupdf.FzSeparations(), 0)
    mupdf.fz_clear_pixmap_with_value(raw, 255)
    device = mupdf.fz_new_draw_device(mupdf.FzMatrix(), raw)
    edges = (float(corners.x0), float(corners.y0), float(corners.x1), float(corners.y1))
    if is_wanted is None:
        play(display_list, device, zoom, edges)
    else:
        play(display_list, TextFilterDevice(device, is_wanted), zoom, edges)
        mupdf.fz_close_device(device)
    return pymupdf.Pixmap("raw", raw)
