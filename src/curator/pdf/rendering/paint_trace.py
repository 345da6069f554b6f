"""The painting operations of a page, in their order, as far as they can make text hard to see.

`PaintDevice` listens to a page's display list and records texts and shapes. `occlusion_index` finds the text that may
be hidden among them; the rendered page decides whether it is (see `curator.pdf.visibility.render_diff`).
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import pymupdf as _pymupdf

from curator.pdf.rendering.contrast import WHITE, Colour, Shade, is_similar, make_shade, to_rgb
from curator.pdf.rendering.display_list import get_address
from curator.pdf.rendering.geometry import EVERYWHERE, Rectangle, intersect, to_rectangle
from curator.pdf.rendering.parameters import PAINT_TRACE

pymupdf: Any = _pymupdf
mupdf: Any = pymupdf.mupdf

_CALLS = (
    "fill_path", "stroke_path", "clip_path", "clip_stroke_path", "fill_text", "stroke_text", "clip_text",
    "clip_stroke_text", "ignore_text", "fill_shade", "fill_image", "fill_image_mask", "clip_image_mask", "pop_clip",
    "begin_mask", "end_mask", "begin_group", "end_group", "begin_metatext",
)  # fmt: skip
_DIMMING_BLENDS = (mupdf.FZ_BLEND_NORMAL, mupdf.FZ_BLEND_MULTIPLY)
"""With these, a group at half opacity keeps half of the contrast beneath it."""


class PaintedText(NamedTuple):
    """A stretch of text that was painted. MuPDF's objects in it live as long as their display list."""

    text: Any
    stroke: Any  # None for filled letters
    matrix: Any
    colour: Colour | None  # None if unknown
    is_veiled: bool  # nearly transparent, masked, blended, or in a clip that is no rectangle
    clip: Rectangle | None  # None if the clip is larger than the page


class PaintedShape(NamedTuple):
    """A shape or an image that was painted."""

    box: Rectangle
    shade: Shade
    alpha: float  # opacity, from 0 to 1


class _Clip(NamedTuple):
    area: Rectangle
    is_veil: bool  # may hide a text inside its area


class _Group(NamedTuple):
    blends: bool  # changes the colours of what is painted in it
    alpha: float


class PaintDevice(mupdf.FzDevice2):  # type: ignore[misc]
    """A MuPDF device that records what a page paints.

    Attributes:
        events: Texts and shapes, in the order of painting.
        is_doubtful: Whether anything on the page may hide text. Most pages have nothing that does.
        images: The rectangles of images.
        ignored: Addresses of texts that are not painted, such as a scan's text layer.
        inkless: Addresses of texts in the separation "None", which leaves no mark.
        has_replacement_text: Whether the page gives machines other words than it prints (/ActualText).
    """

    def __init__(self, width: float, height: float) -> None:
        """Listen to a page of this width and height in points."""
        super().__init__()
        for name in _CALLS:
            getattr(self, "use_virtual_" + name)()
        self.events: list[PaintedText | PaintedShape] = []
        self.is_doubtful = False
        self.images: list[Rectangle] = []
        self.ignored: set[int] = set()
        self.inkless: set[int] = set()
        self.has_replacement_text = False
        self._width, self._height = width, height
        self._clips: list[_Clip] = []
        self._groups: list[_Group] = []

    # Shapes and images

    def fill_path(
        self, ctx: Any, path: Any, even_odd: Any, ctm: Any, space: Any, colour: Any, alpha: float, *_: Any
    ) -> None:
        """Record a filled shape, unless it is too thin to cover text, as most are."""
        bounds = mupdf.ll_fz_bound_path(path, None, ctm)
        if bounds.x1 - bounds.x0 < PAINT_TRACE.min_thickness:
            return
        box = self._cut(bounds)
        if is_thick(box):
            self._record_shape(box, to_rgb(space, colour), alpha)

    def stroke_path(
        self, ctx: Any, path: Any, stroke: Any, ctm: Any, space: Any, colour: Any, alpha: float, *_: Any
    ) -> None:
        """Record a thick line, but no frame, whose middle is empty."""
        thickness = stroke.linewidth * mupdf.ll_fz_matrix_expansion(ctm)
        if thickness < PAINT_TRACE.min_thickness:
            return
        box = self._cut(mupdf.ll_fz_bound_path(path, stroke, ctm))
        is_frame = min(box[2] - box[0], box[3] - box[1]) >= 2 * thickness
        if thickness >= PAINT_TRACE.min_broad_line or not is_frame:
            self._record_shape(box, to_rgb(space, colour), alpha)

    def fill_shade(self, ctx: Any, shade: Any, ctm: Any, alpha: float, *_: Any) -> None:
        """Record a gradient."""
        self._record_shape(self._cut(mupdf.ll_fz_bound_shade(shade, ctm)), None, alpha)

    def fill_image(self, ctx: Any, image: Any, ctm: Any, alpha: float, *_: Any) -> None:
        """Record an image."""
        box = self._cut(mupdf.ll_fz_transform_rect(mupdf.fz_unit_rect, ctm))
        self.images.append(box)
        self._record_shape(box, None, alpha)

    def fill_image_mask(self, ctx: Any, image: Any, ctm: Any, space: Any, colour: Any, alpha: float, *_: Any) -> None:
        """Record an image of one colour."""
        self.fill_image(ctx, image, ctm, alpha)

    # Clips, masks and groups

    def clip_path(self, ctx: Any, path: Any, even_odd: Any, ctm: Any, scissor: Any) -> None:
        """Begin a clip to a shape."""
        self._begin_clip(mupdf.ll_fz_bound_path(path, None, ctm), not mupdf.ll_fz_path_is_rect(path, ctm))

    def clip_stroke_path(self, ctx: Any, path: Any, stroke: Any, ctm: Any, scissor: Any) -> None:
        """Begin a clip to a line."""
        self._begin_clip(mupdf.ll_fz_bound_path(path, stroke, ctm), True)

    def clip_image_mask(self, ctx: Any, image: Any, ctm: Any, scissor: Any) -> None:
        """Begin a clip to an image."""
        self._begin_clip(mupdf.ll_fz_transform_rect(mupdf.fz_unit_rect, ctm), True)

    def begin_mask(self, *_: Any) -> None:
        """Begin the painting of a mask."""
        self._groups.append(_Group(True, 1.0))

    def end_mask(self, *_: Any) -> None:
        """End the painting of a mask, and begin the clip to it."""
        self.end_group()
        self._clips.append(_Clip(self._clips[-1].area if self._clips else EVERYWHERE, True))

    def pop_clip(self, *_: Any) -> None:
        """End the latest clip or mask."""
        if self._clips:
            self._clips.pop()

    def begin_group(
        self, ctx: Any, area: Any, space: Any, isolated: Any, knockout: Any, blend: int, alpha: float
    ) -> None:
        """Begin a group of paint that is blended as a whole with what lies beneath it."""
        self._groups.append(_Group(blend != mupdf.FZ_BLEND_NORMAL, alpha if blend in _DIMMING_BLENDS else 1.0))

    def end_group(self, *_: Any) -> None:
        """End the latest group."""
        if self._groups:
            self._groups.pop()

    # Text

    def fill_text(self, ctx: Any, text: Any, ctm: Any, space: Any, colour: Any, alpha: float, *_: Any) -> None:
        """Record filled letters."""
        self._record_text(text, None, ctm, to_rgb(space, colour), alpha)

    def stroke_text(
        self, ctx: Any, text: Any, stroke: Any, ctm: Any, space: Any, colour: Any, alpha: float, *_: Any
    ) -> None:
        """Record the outlines of letters."""
        self._record_text(text, stroke, ctm, to_rgb(space, colour), alpha)

    def clip_text(self, ctx: Any, text: Any, ctm: Any, scissor: Any) -> None:
        """Record letters that are not painted, and begin the clip to them."""
        self._record_text(text, None, ctm, None, 0.0)
        self._begin_clip(mupdf.ll_fz_bound_text(text, None, ctm), True)

    def clip_stroke_text(self, ctx: Any, text: Any, stroke: Any, ctm: Any, scissor: Any) -> None:
        """Record letters that are not painted, and begin the clip to their outlines."""
        self.clip_text(ctx, text, ctm, scissor)

    def ignore_text(self, ctx: Any, text: Any, ctm: Any) -> None:
        """Record text that is not painted at all."""
        self.ignored.add(get_address(text))

    def begin_metatext(self, ctx: Any, kind: int, text: Any) -> None:
        """Record that the page has replacement texts."""
        self.has_replacement_text |= kind == mupdf.FZ_METATEXT_ACTUALTEXT

    def _record_text(self, text: Any, stroke: Any, ctm: Any, colour: Colour | None, alpha: float) -> None:
        is_veiled = alpha < PAINT_TRACE.min_text_opacity or any(clip.is_veil for clip in self._clips)
        if self._groups and not is_veiled:
            is_veiled = alpha * self._get_group_opacity() < PAINT_TRACE.min_text_opacity or self._blends()
        if colour is None and alpha:
            self.inkless.add(get_address(text))
            is_veiled = True
        clip = self._clips[-1].area if self._clips else EVERYWHERE
        cuts = clip[0] > 0 or clip[1] > 0 or clip[2] < self._width or clip[3] < self._height
        self.is_doubtful |= is_veiled or cuts or (colour is not None and is_similar(colour, WHITE))
        matrix = mupdf.ll_fz_pre_scale(ctm, 1, 1)  # a copy
        self.events.append(PaintedText(text, stroke, matrix, colour, is_veiled, clip if cuts else None))

    def _record_shape(self, box: Rectangle, colour: Colour | None, alpha: float) -> None:
        if box[2] <= max(0, box[0]) or box[3] <= max(0, box[1]) or box[0] > self._width or box[1] > self._height:
            return
        self.is_doubtful = True
        if self._groups:
            alpha *= self._get_group_opacity()
            if self._blends():
                colour = None  # blended with what lies beneath, it may come to any colour
        self.events.append(PaintedShape(box, make_shade(colour, alpha), alpha))

    def _get_group_opacity(self) -> float:
        return prod(group.alpha for group in self._groups)

    def _blends(self) -> bool:
        return any(group.blends for group in self._groups)

    def _begin_clip(self, rect: Any, is_veil: bool) -> None:
        self._clips.append(_Clip(self._cut(rect), is_veil))

    def _cut(self, rect: Any) -> Rectangle:
        """Return the part of MuPDF's rectangle that the current clip leaves."""
        box = to_rectangle(rect)
        return intersect(box, self._clips[-1].area) if self._clips else box


def is_thick(box: Rectangle) -> bool:
    """Return whether a shape is large enough to cover a letter."""
    return box[2] - box[0] >= PAINT_TRACE.min_thickness and box[3] - box[1] >= PAINT_TRACE.min_thickness
