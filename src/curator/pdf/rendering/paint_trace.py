"""What a page paints, in which order: the cheap look that says which of its text might not be seen.

A page is interpreted once, into a display list (see replay.py). `Ledger` listens to that list and notes suspicions.
Nothing here decides what is hidden: see sight.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from math import prod
from typing import Any, Generic, Literal, TypeVar

import pymupdf as _pymupdf

from curator.pdf.rendering.contrast import ANY_SHADE, WHITE, Colour, Shade, alike, is_like_shade, rgb, shade_of

pymupdf: Any = _pymupdf
mupdf: Any = pymupdf.mupdf

Rectangle = tuple[float, float, float, float]
Doubt = Literal["", "ground", "depth"]  # none, for its colour, for what lies over it or lets it through

FAINT = 0.4  # opacity below which text is looked at
THIN = 2.0  # points: thinner shapes are rules, and cover no letter
OUTLINE = 0.16  # of a letter's size: an outline so broad leaves little of the letter's own colour
BROAD = 6.0  # points: lines so broad can cover a text in strokes
SLACK = 0.35  # of a text's height, above and below: what reaches no further covers no letter
MAX_SLACK = 5.0  # points
ASIDE = 1.2  # points, left and right
DIM = 0.3  # of a text's light that shapes over it let through: with less it is looked at
CELLS = 32  # a page is looked at through a grid of so many cells either way
MAX_COLOURS = 64  # of shapes on one page; the rest counts as a picture
MAX_SHAPES = 1500  # on one page, whose places are remembered one by one
MAX_COMPARISONS = 100_000  # of a shape with a text, on one page; beyond it the grid alone decides
_ROW = (1 << CELLS) - 1
_COLUMN = [sum(1 << (CELLS * row) for row in range(height)) for height in range(CELLS + 1)]
_INFINITE = 1e5
_EVEN = (mupdf.FZ_BLEND_NORMAL, mupdf.FZ_BLEND_MULTIPLY)  # half transparent, these leave half of the contrast beneath

_HEARD = (
    "fill_path", "stroke_path", "clip_path", "clip_stroke_path", "fill_text", "stroke_text", "clip_text",
    "clip_stroke_text", "ignore_text", "fill_shade", "fill_image", "fill_image_mask", "clip_image_mask", "pop_clip",
    "begin_mask", "end_mask", "begin_group", "end_group", "begin_metatext",
)  # fmt: skip


@dataclass(slots=True)
class Text:
    """One stretch of text as painted, and why it might not be seen."""

    rectangle: Rectangle
    cells: int
    colours: list[Colour] = field(default_factory=list)  # of its letters and of their outlines
    alike: int = 0  # how many of these colours are like what lies beneath
    veiled: bool = False  # clipped, masked, blended or nearly transparent
    covered: bool = False  # something was painted over it, at least in part
    films: list[tuple[Rectangle, float]] = field(default_factory=list)  # over it, with the light they let through

    def has_letters_of(self, colour: Colour) -> bool:
        """Whether it may have letters of a colour: what has no colour of its own may have any."""
        return not self.colours or any(alike(colour, own) for own in self.colours)

    @property
    def over(self) -> bool:
        return self.veiled or (bool(self.colours) and self.alike == len(self.colours))


def address(text: Any) -> int:
    """What names a stretch of text as long as its display list lives."""
    return int(text.this)


T = TypeVar("T")


class _Places(Generic[T]):
    """Things by the rows of the grid that they touch, so that few have to be looked at in any one place."""

    def __init__(self, height: float) -> None:
        self.count = 0
        self._down = CELLS / max(1.0, height)
        self._rows: list[list[T]] = [[] for _ in range(CELLS)]

    def add(self, box: Rectangle, thing: T) -> None:
        self.count += 1
        for row in self._touched(box):
            self._rows[row].append(thing)

    def near(self, box: Rectangle) -> Iterable[T]:
        """What touches the rows of a box; some of it twice."""
        touched = self._touched(box)
        return chain.from_iterable(self._rows[touched.start : touched.stop])

    def _touched(self, box: Rectangle) -> range:
        return range(_cell(box[1] * self._down), _cell(box[3] * self._down) + 1)


def _cell(along: float) -> int:
    """The row or column of the grid for a place along it; what is off the page counts with its edge."""
    return 0 if along <= 0 else int(along) if along < CELLS else CELLS - 1


class Ledger(mupdf.FzDevice2):  # type: ignore[misc]
    """Notes which stretches of text might not be seen. `texts` by address, in the order of painting."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        for name in _HEARD:
            getattr(self, "use_virtual_" + name)()
        self.texts: dict[int, Text] = {}  # those of doubtful pages only
        self.ignored: set[int] = set()  # texts that are not painted
        self.replaces = False  # whether there are texts that are to be read as something else (/ActualText)
        self.inkless: set[int] = set()  # texts in the colour None
        self._events: list[tuple[Any, ...]] = []
        self._doubtful = False
        self._veiled: _Places[Text] = _Places(height)
        self._placed: _Places[tuple[int, int, Text]] = _Places(height)  # (number, address, text)
        self._reach = 0  # cells where something might hide text
        self._width, self._height = width, height
        self.pictures: list[Rectangle] = []
        self._across, self._down = CELLS / max(1.0, width), CELLS / max(1.0, height)
        self._clips: list[Rectangle] = []
        self._veils: list[bool] = []  # one for each clip and mask
        self._groups: list[tuple[bool, float]] = []  # whether each changes what is painted in it; its opacity
        self._shapes: dict[Shade, int] = {}  # cells with shapes that look so
        self._written = 0  # cells with text so far
        self._comparisons = 0
        self._flooded = 0
        self._grounds: _Places[tuple[Rectangle, int, Shade]] = _Places(height)
        self._latest: list[tuple[Rectangle, int, Shade]] = []  # grounds that no text has followed yet
        self._covers: _Places[tuple[Rectangle, int, int]] = _Places(height)  # with the number of texts before

    def doubt(self, box: Rectangle, colour: Colour) -> Doubt:
        """Why letters of this colour in this place might not be seen."""
        white = alike(colour, WHITE)
        if MAX_SHAPES in (self._grounds.count, self._covers.count):
            return "depth"
        cells = self.cells(box)
        if not cells & self._reach:
            return "ground" if white else ""
        for cover, reach, order in self._covers.near(box):
            if cells & reach and _overlap(cover, box) and self._had_text(box, cells, order):
                return "depth"
        for text in self._veiled.near(box):
            if cells & text.cells and _overlap(text.rectangle, box) and text.has_letters_of(colour):
                return "depth"
        if white:
            return "ground"
        for ground, reach, shade in self._grounds.near(box):
            if cells & reach and is_like_shade(colour, shade) and _overlap(ground, box):
                return "ground"
        return ""

    def _had_text(self, box: Rectangle, cells: int, order: int) -> bool:
        """Whether one of the first texts is written in this place."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        for number, _, note in self._placed.near(box):
            left, top, right, bottom = note.rectangle
            if number < order and note.cells & cells and left <= x <= right and top <= y <= bottom:
                return True
        return False

    def cells(self, box: Rectangle) -> int:
        """The grid's cells that a rectangle touches, as a set of bits."""
        x0, x1 = _cell(box[0] * self._across), _cell(box[2] * self._across)
        y0, y1 = _cell(box[1] * self._down), _cell(box[3] * self._down)
        return (((_ROW >> (CELLS - 1 - x1 + x0)) << x0) * _COLUMN[y1 - y0 + 1]) << (CELLS * y0)

    # what is painted beside text

    def fill_path(
        self, ctx: Any, path: Any, even_odd: Any, ctm: Any, space: Any, colour: Any, alpha: float, *_: Any
    ) -> None:
        bounds = mupdf.ll_fz_bound_path(path, None, ctm)
        if bounds.x1 - bounds.x0 < THIN:  # most are
            return
        box = self._visible(bounds)
        if _is_thick(box):
            self._paint(box, rgb(space, colour), alpha)

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
        self._groups.append((True, 1.0))

    def end_mask(self, *_: Any) -> None:
        self.end_group()
        self._clips.append(self._clips[-1] if self._clips else EVERYWHERE)
        self._veils.append(True)

    def pop_clip(self, *_: Any) -> None:
        if self._clips:
            self._clips.pop()
            self._veils.pop()

    def begin_group(
        self, ctx: Any, area: Any, space: Any, isolated: Any, knockout: Any, blend: int, alpha: float
    ) -> None:
        self._groups.append((blend != 0, alpha if blend in _EVEN else 1.0))

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

    def begin_metatext(self, ctx: Any, kind: int, text: Any) -> None:
        self.replaces |= kind == mupdf.FZ_METATEXT_ACTUALTEXT

    def _write(self, text: Any, stroke: Any, ctm: Any, colour: Colour | None, alpha: float) -> None:
        veiled = alpha < FAINT or True in self._veils
        if self._groups and not veiled:
            veiled = alpha * self._opacity() < FAINT or any(changes for changes, _ in self._groups)
        if colour is None and alpha:
            self.inkless.add(address(text))
            veiled = True
        clip = self._clips[-1] if self._clips else EVERYWHERE
        cut = clip[0] > 0 or clip[1] > 0 or clip[2] < self._width or clip[3] < self._height
        self._doubtful |= veiled or cut or (colour is not None and alike(colour, WHITE))
        self._events.append((text, stroke, mupdf.ll_fz_pre_scale(ctm, 1, 1), colour, veiled, clip if cut else None))

    def _paint(self, box: Rectangle, colour: Colour | None, alpha: float) -> None:
        if box[2] <= max(0, box[0]) or box[3] <= max(0, box[1]) or box[0] > self._width or box[1] > self._height:
            return
        self._doubtful = True
        if self._groups:
            alpha *= self._opacity()
            if any(changes for changes, _ in self._groups):
                colour = None  # blended with what lies beneath it, it may look like anything
        self._events.append((box, shade_of(colour, alpha), alpha))

    def _opacity(self) -> float:
        """Of what is painted now, by the groups it is in."""
        return prod(alpha for _, alpha in self._groups)

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
                if note.veiled:
                    self._veiled.add(note.rectangle, note)
                    self._reach |= note.cells
        self._events.clear()

    def _weigh_text(
        self, text: Any, stroke: Any, ctm: Any, colour: Colour | None, veiled: bool, clip: Rectangle | None
    ) -> None:
        if self._latest:
            self._lay_grounds()
        key = address(text)
        note = self.texts.get(key)
        if note is None:
            box = _tuple(mupdf.ll_fz_bound_text(text, stroke, ctm))
            note = self.texts[key] = Text(box, self.cells(box))
            self._placed.add(box, (len(self.texts) - 1, key, note))
        note.veiled |= veiled or (clip is not None and not _is_whole(note.rectangle, clip, text, ctm))
        if colour is not None:
            if stroke is not None and note.colours:
                note.veiled |= stroke.linewidth > OUTLINE * _size(text, ctm)
            note.colours.append(colour)
            note.alike += self._is_like_its_ground(colour, note.cells)
            if self._written & note.cells and not note.veiled and alike(colour, WHITE):  # blocks of letters
                self._cover(note.rectangle, note.cells, 1.0, key)
        self._written |= note.cells

    def _lay_grounds(self) -> None:
        for ground in self._latest:
            self._grounds.add(ground[0], ground)
            self._reach |= ground[1]
        self._latest.clear()

    def _weigh_shape(self, box: Rectangle, shade: Shade, alpha: float) -> None:
        cells = self.cells(box)
        if cells & self._written:
            self._cover(box, cells, alpha)
        if self._grounds.count + len(self._latest) < MAX_SHAPES:
            self._latest.append((box, cells, shade))
        if shade not in self._shapes and len(self._shapes) >= MAX_COLOURS:
            shade = ANY_SHADE
        self._shapes[shade] = self._shapes.get(shade, 0) | cells

    def _is_like_its_ground(self, colour: Colour, cells: int) -> bool:
        if alike(colour, WHITE):
            return True
        return any(cells & covered and is_like_shade(colour, shade) for shade, covered in self._shapes.items())

    def _cover(self, box: Rectangle, cells: int, alpha: float, key: int = 0) -> None:
        """Note which of the text so far a shape lies over, at least in part."""
        if self._comparisons > MAX_COMPARISONS or self._covers.count == MAX_SHAPES:
            self._flooded |= cells
            return
        seen: set[int] = set()
        dark = False
        for _, other, note in self._placed.near(box):
            self._comparisons += 1 + len(note.films)
            if not note.cells & cells or other in seen or other == key or not _overlap(box, note.rectangle):
                continue
            seen.add(other)
            if (1 - alpha) * prod(light for film, light in note.films if _is_thick(meet(film, box))) < DIM:
                note.covered = dark = True
            else:
                note.films.append((box, 1 - alpha))
        if dark:
            self._covers.add(box, (box, cells, len(self.texts)))
            self._reach |= cells

    def _clip(self, rect: Any, veil: bool) -> None:
        self._clips.append(self._visible(rect))
        self._veils.append(veil)

    def _visible(self, rect: Any) -> Rectangle:
        box = _tuple(rect)
        return meet(box, self._clips[-1]) if self._clips else box


EVERYWHERE: Rectangle = (-_INFINITE, -_INFINITE, _INFINITE, _INFINITE)


def _tuple(rect: Any) -> Rectangle:
    return rect.x0, rect.y0, rect.x1, rect.y1


def _size(text: Any, ctm: Any) -> float:
    """Of a text's first letters, in points."""
    if not text.head:
        return 0.0
    return float(mupdf.ll_fz_matrix_expansion(text.head.trm) * mupdf.ll_fz_matrix_expansion(ctm))


def _is_whole(box: Rectangle, clip: Rectangle, text: Any, ctm: Any) -> bool:
    """Whether a clip leaves a text's lines alone. Fonts claim more height than their letters have."""
    if box[0] < clip[0] - 2 or box[2] > clip[2] + 2:
        return False
    if clip[1] <= box[1] and box[3] <= clip[3]:
        return True
    slack = 0.3 * min(box[3] - box[1], 1.2 * _size(text, ctm))
    return clip[1] - slack <= box[1] and box[3] <= clip[3] + slack


def meet(one: Rectangle, other: Rectangle) -> Rectangle:
    """What two rectangles have in common; turned inside out where that is nothing."""
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def _is_thick(box: Rectangle) -> bool:
    """Whether a shape is large enough to cover a letter."""
    return box[2] - box[0] >= THIN and box[3] - box[1] >= THIN


def _overlap(box: Rectangle, text: Rectangle) -> bool:
    """Whether a shape reaches into the letters of a text, and not only into the room that the font claims for them."""
    slack = min(MAX_SLACK, SLACK * (text[3] - text[1]))
    return (
        box[0] < text[2] - ASIDE and box[2] > text[0] + ASIDE and box[1] < text[3] - slack and box[3] > text[1] + slack
    )
