"""What a page paints, in which order: the cheap look that says which of its text might not be seen.

A page is interpreted once, into a display list. `Ledger` listens to that list and notes suspicions; `Chosen` plays it
again, to a text page or a pixmap, with some of the text left out. Nothing here decides what is hidden: see sight.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pymupdf as _pymupdf

pymupdf: Any = _pymupdf
mupdf: Any = pymupdf.mupdf

Rectangle = tuple[float, float, float, float]
Colour = tuple[float, float, float]  # red, green, blue; from 0 to 1

WHITE: Colour = (1.0, 1.0, 1.0)
SIMILAR = 0.16  # in each channel: colours so close are looked at
FAINT = 0.4  # opacity below which text is looked at
THIN = 2.0  # points: thinner shapes are rules, and cover no letter
BROAD = 6.0  # points: lines so broad can cover a text in strokes
SLACK = 0.35  # of a text's height, above and below: what reaches no further covers no letter
MAX_SLACK = 5.0  # points
DIM = 0.3  # of a text's light that shapes over it let through: with less it is looked at
CELLS = 32  # a page is looked at through a grid of so many cells either way
MAX_COLOURS = 64  # of shapes on one page; the rest counts as a picture
MAX_SHAPES = 1500  # on one page, whose places are remembered one by one
MAX_COMPARISONS = 100_000  # of a shape with a text, on one page; beyond it the grid alone decides
_ROW = (1 << CELLS) - 1
_COLUMN = [sum(1 << (CELLS * row) for row in range(height)) for height in range(CELLS + 1)]
_INFINITE = 1e5
_GREY, _RGB = 1, 2  # MuPDF's types of colour spaces
_PASSED_ON = (
    "fill_path", "stroke_path", "clip_path", "clip_stroke_path", "fill_text", "stroke_text", "clip_text",
    "clip_stroke_text", "ignore_text", "fill_shade", "fill_image", "fill_image_mask", "clip_image_mask", "pop_clip",
    "begin_mask", "end_mask", "begin_group", "end_group", "begin_tile", "end_tile", "render_flags",
    "set_default_colorspaces",
)  # fmt: skip
_TEXT = ("fill_text", "stroke_text", "clip_text", "clip_stroke_text", "ignore_text")


@dataclass(slots=True)
class Text:
    """One stretch of text as painted, and why it might not be seen."""

    rectangle: Rectangle
    cells: int
    colours: list[Colour] = field(default_factory=list)  # of its letters and of their outlines
    alike: int = 0  # how many of these colours are like what lies beneath
    veiled: bool = False  # clipped, masked, blended or nearly transparent
    covered: bool = False  # something was painted over it, at least in part
    light: float = 1.0  # that what was painted over it lets through

    @property
    def over(self) -> bool:
        return self.veiled or (bool(self.colours) and self.alike == len(self.colours))


def address(text: Any) -> int:
    """What names a stretch of text as long as its display list lives."""
    return int(text.this)


def rgb(space: Any, colour: Any) -> Colour:
    """A device's colour as red, green and blue."""
    if not space:
        return (0.0, 0.0, 0.0)
    kind = mupdf.ll_fz_colorspace_type(space)
    if kind == _GREY:
        grey = mupdf.floats_getitem(colour, 0)
        return (grey, grey, grey)
    if kind == _RGB:
        return tuple(mupdf.floats_getitem(colour, at) for at in range(3))
    target, parameters = mupdf.FzColorspace(mupdf.FzColorspace.Fixed_RGB), mupdf.FzColorParams()
    found = mupdf.ll_fz_convert_color(space, colour, target.m_internal, None, parameters.internal())
    return tuple(found[:3])


def alike(one: Colour, other: Colour) -> bool:
    """Whether two colours are so close that letters of one upon the other deserve a look."""
    return (
        abs(one[0] - other[0]) < SIMILAR and abs(one[1] - other[1]) < SIMILAR and abs(one[2] - other[2]) < 3 * SIMILAR
    )


class Ledger(mupdf.FzDevice2):  # type: ignore[misc]
    """Notes which stretches of text might not be seen. `texts` by address, in the order of painting."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        for name in _PASSED_ON[:-2]:
            if name not in ("end_tile", "begin_tile"):
                getattr(self, "use_virtual_" + name)()
        self.texts: dict[int, Text] = {}  # those of doubtful pages only
        self.ignored: set[int] = set()  # texts that are not painted
        self._events: list[tuple[Any, ...]] = []
        self._doubtful = False
        self._veiled: list[Text] = []
        self._reach = 0  # cells where something might hide text
        self._width, self._height = width, height
        self.pictures: list[Rectangle] = []
        self._across, self._down = CELLS / max(1.0, width), CELLS / max(1.0, height)
        self._clips: list[Rectangle] = []
        self._veils: list[bool] = []  # one for each clip and mask
        self._groups: list[bool] = []
        self._busy = 0  # cells with pictures, gradients and shapes of too many colours
        self._shapes: dict[Colour, int] = {}
        self._written = 0  # cells with text so far
        self._comparisons = 0
        self._flooded = 0
        self._grounds: list[tuple[Rectangle, int, Colour | None]] = []  # None: a picture, or a gradient
        self._covers: list[tuple[Rectangle, int]] = []

    def needs_look(self, box: Rectangle, colour: Colour) -> bool:
        """Whether letters of this colour in this place might not be seen."""
        if alike(colour, WHITE) or len(self._grounds) == MAX_SHAPES or len(self._covers) == MAX_SHAPES:
            return True
        cells = self.cells(box)
        if not cells & self._reach:
            return False
        if any(cells & reach and _overlap(cover, box) for cover, reach in self._covers):
            return True
        if any(cells & text.cells and _overlap(text.rectangle, box) for text in self._veiled):
            return True
        return any(
            cells & reach and (shade is None or alike(colour, shade)) and _overlap(ground, box)
            for ground, reach, shade in self._grounds
        )

    def cells(self, box: Rectangle) -> int:
        """The grid's cells that a rectangle touches, as a set of bits."""
        last = CELLS - 1
        x0, x1 = (min(last, max(0, int(x * self._across))) for x in (box[0], box[2]))
        y0, y1 = (min(last, max(0, int(y * self._down))) for y in (box[1], box[3]))
        return (((_ROW >> (last - x1 + x0)) << x0) * _COLUMN[y1 - y0 + 1]) << (CELLS * y0)

    # what is painted beside text

    def fill_path(
        self, ctx: Any, path: Any, even_odd: Any, ctm: Any, space: Any, colour: Any, alpha: float, *_: Any
    ) -> None:
        box = self._visible(mupdf.ll_fz_bound_path(path, None, ctm))
        if box[2] - box[0] >= THIN and box[3] - box[1] >= THIN:
            self._paint(box, rgb(space, colour) if alpha > 1 - SIMILAR else None, alpha)

    def stroke_path(
        self, ctx: Any, path: Any, stroke: Any, ctm: Any, space: Any, colour: Any, alpha: float, *_: Any
    ) -> None:
        wide = stroke.linewidth * mupdf.ll_fz_matrix_expansion(ctm)
        if wide < THIN:
            return
        box = self._visible(mupdf.ll_fz_bound_path(path, stroke, ctm))
        if wide >= BROAD or min(box[2] - box[0], box[3] - box[1]) < 2 * wide:  # no frame, whose middle is empty
            self._paint(box, rgb(space, colour), alpha)

    def fill_shade(self, ctx: Any, shade: Any, ctm: Any, alpha: float, *_: Any) -> None:
        self._paint(self._visible(mupdf.ll_fz_bound_shade(shade, ctm)), None, alpha)

    def fill_image(self, ctx: Any, image: Any, ctm: Any, alpha: float, *_: Any) -> None:
        box = self._visible(mupdf.ll_fz_transform_rect(mupdf.fz_unit_rect, ctm))
        self.pictures.append(box)
        self._paint(box, None, alpha)

    def fill_image_mask(self, ctx: Any, image: Any, ctm: Any, space: Any, colour: Any, alpha: float, *_: Any) -> None:
        self.fill_image(ctx, image, ctm, alpha)

    # what limits or changes what is painted

    def clip_path(self, ctx: Any, path: Any, even_odd: Any, ctm: Any, scissor: Any) -> None:
        self._clip(mupdf.ll_fz_bound_path(path, None, ctm), not mupdf.ll_fz_path_is_rect(path, ctm))

    def clip_stroke_path(self, ctx: Any, path: Any, stroke: Any, ctm: Any, scissor: Any) -> None:
        self._clip(mupdf.ll_fz_bound_path(path, stroke, ctm), True)

    def clip_image_mask(self, ctx: Any, image: Any, ctm: Any, scissor: Any) -> None:
        self._clip(mupdf.ll_fz_transform_rect(mupdf.fz_unit_rect, ctm), True)

    def begin_mask(self, *_: Any) -> None:
        self._groups.append(True)

    def end_mask(self, *_: Any) -> None:
        if self._groups:
            self._groups.pop()
        self._clips.append(self._clips[-1] if self._clips else _EVERYWHERE)
        self._veils.append(True)

    def pop_clip(self, *_: Any) -> None:
        if self._clips:
            self._clips.pop()
            self._veils.pop()

    def begin_group(
        self, ctx: Any, area: Any, space: Any, isolated: Any, knockout: Any, blend: int, alpha: float
    ) -> None:
        self._groups.append(blend != 0 or alpha < FAINT)

    def end_group(self, *_: Any) -> None:
        if self._groups:
            self._groups.pop()

    # text

    def fill_text(self, ctx: Any, text: Any, ctm: Any, space: Any, colour: Any, alpha: float, *_: Any) -> None:
        self._write(text, None, ctm, rgb(space, colour), alpha)

    def stroke_text(
        self, ctx: Any, text: Any, stroke: Any, ctm: Any, space: Any, colour: Any, alpha: float, *_: Any
    ) -> None:
        self._write(text, stroke, ctm, rgb(space, colour), alpha)

    def clip_text(self, ctx: Any, text: Any, ctm: Any, scissor: Any) -> None:
        self._write(text, None, ctm, None, 0.0)
        self._clip(mupdf.ll_fz_bound_text(text, None, ctm), True)

    def clip_stroke_text(self, ctx: Any, text: Any, stroke: Any, ctm: Any, scissor: Any) -> None:
        self.clip_text(ctx, text, ctm, scissor)

    def ignore_text(self, ctx: Any, text: Any, ctm: Any) -> None:
        self.ignored.add(address(text))

    def _write(self, text: Any, stroke: Any, ctm: Any, colour: Colour | None, alpha: float) -> None:
        veiled = alpha < FAINT or any(self._veils) or any(self._groups)
        clip = self._clips[-1] if self._clips else _EVERYWHERE
        cut = clip[0] > 0 or clip[1] > 0 or clip[2] < self._width or clip[3] < self._height
        self._doubtful |= veiled or cut or (colour is not None and alike(colour, WHITE))
        self._events.append((text, stroke, mupdf.FzMatrix(ctm), colour, veiled, clip if cut else None))

    def _paint(self, box: Rectangle, colour: Colour | None, alpha: float) -> None:
        if box[2] <= max(0, box[0]) or box[3] <= max(0, box[1]) or box[0] > self._width or box[1] > self._height:
            return
        self._doubtful = True
        self._events.append((box, colour, alpha))

    # judged when all is known

    def settle(self) -> None:
        """Find the doubtful texts; to be called after the page was played and while its display list lives."""
        if self._doubtful:
            for event in self._events:
                if len(event) == 3:
                    self._weigh_shape(*event)
                else:
                    self._weigh_text(*event)
            for note in self.texts.values():
                note.covered = note.covered or bool(note.cells & self._flooded)
        self._veiled = [note for note in self.texts.values() if note.veiled]
        for cells in (*(g[1] for g in self._grounds), *(c[1] for c in self._covers), *(v.cells for v in self._veiled)):
            self._reach |= cells
        self._events.clear()

    def _weigh_text(
        self, text: Any, stroke: Any, ctm: Any, colour: Colour | None, veiled: bool, clip: Rectangle | None
    ) -> None:
        key = address(text)
        note = self.texts.get(key)
        if note is None:
            box = _tuple(mupdf.ll_fz_bound_text(text, stroke, ctm.internal()))
            note = self.texts[key] = Text(box, self.cells(box))
        note.veiled |= veiled or (clip is not None and not _is_whole(note.rectangle, clip))
        if colour is not None:
            note.colours.append(colour)
            note.alike += self._is_like_its_ground(colour, note.cells)
            if note.over and self._written & note.cells:
                self._cover(note.rectangle, note.cells, 1.0, key)
        self._written |= note.cells

    def _weigh_shape(self, box: Rectangle, colour: Colour | None, alpha: float) -> None:
        cells = self.cells(box)
        if cells & self._written:
            self._cover(box, cells, alpha)
        if len(self._grounds) < MAX_SHAPES:
            self._grounds.append((box, cells, colour))
        if colour is not None and (colour in self._shapes or len(self._shapes) < MAX_COLOURS):
            self._shapes[colour] = self._shapes.get(colour, 0) | cells
        else:
            self._busy |= cells

    def _is_like_its_ground(self, colour: Colour, cells: int) -> bool:
        if cells & self._busy or alike(colour, WHITE):
            return True
        return any(cells & covered and alike(colour, shape) for shape, covered in self._shapes.items())

    def _cover(self, box: Rectangle, cells: int, alpha: float, key: int = 0) -> None:
        """Note which of the text so far a shape lies over, at least in part."""
        self._comparisons += len(self.texts)
        if self._comparisons > MAX_COMPARISONS or len(self._covers) == MAX_SHAPES:
            self._flooded |= cells
            return
        hit = False
        for other, note in self.texts.items():
            if other != key and note.cells & cells and _overlap(box, note.rectangle):
                hit = True
                note.light *= 1 - alpha
                note.covered = note.covered or note.light < DIM
        if hit:
            self._covers.append((box, cells))

    def _clip(self, rect: Any, veil: bool) -> None:
        self._clips.append(self._visible(rect))
        self._veils.append(veil)

    def _visible(self, rect: Any) -> Rectangle:
        box = _tuple(rect)
        if not self._clips:
            return box
        clip = self._clips[-1]
        return max(box[0], clip[0]), max(box[1], clip[1]), min(box[2], clip[2]), min(box[3], clip[3])


_EVERYWHERE: Rectangle = (-_INFINITE, -_INFINITE, _INFINITE, _INFINITE)


def _tuple(rect: Any) -> Rectangle:
    return rect.x0, rect.y0, rect.x1, rect.y1


def _is_whole(box: Rectangle, clip: Rectangle) -> bool:
    """Whether a clip leaves a text's lines alone. Fonts claim more height than their letters have."""
    slack = 0.3 * (box[3] - box[1])
    inside = clip[0] - 2 <= box[0] and box[2] <= clip[2] + 2
    return inside and clip[1] - slack <= box[1] and box[3] <= clip[3] + slack


def _overlap(box: Rectangle, text: Rectangle) -> bool:
    """Whether a shape reaches into the letters of a text, and not only into the room that the font claims for them."""
    slack = min(MAX_SLACK, SLACK * (text[3] - text[1]))
    return box[0] < text[2] - 0.5 and box[2] > text[0] + 0.5 and box[1] < text[3] - slack and box[3] > text[1] + slack


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
        mupdf.ll_fz_fill_text(self.inner, text, ctm, plain.m_internal, rgb(space, colour), *rest)


for _name in _PASSED_ON:
    setattr(Chosen, _name, _pass_on_text(_name) if _name in _TEXT else _pass_on(_name))
Chosen.fill_text = _pass_on_fill


def interpret(page: Any) -> Any:
    """The display list of what a page's content streams paint, on the page and off it; annotations are left out."""
    shown = mupdf.FzDisplayList(mupdf.FzRect(*_EVERYWHERE))
    device = mupdf.fz_new_list_device(shown)
    mupdf.fz_run_page_contents(page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
    mupdf.fz_close_device(device)
    return shown


def play(shown: Any, device: Any, zoom: float = 1.0, area: Rectangle = _EVERYWHERE) -> None:
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
