"""Find the text of a page that may be hidden: by its colour, by shapes over it, or by clips, masks and groups.

This is the cheap part of the search and errs on the side of doubt. The rendered page decides (see
`curator.pdf.visibility.render_diff`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal, NamedTuple

import pymupdf as _pymupdf

from curator.pdf.rendering.contrast import ANY_SHADE, WHITE, Colour, Shade, is_similar, is_similar_to_shade
from curator.pdf.rendering.display_list import get_address
from curator.pdf.rendering.geometry import Rectangle, intersect, to_rectangle
from curator.pdf.rendering.page_grid import PageGrid, RowIndex
from curator.pdf.rendering.paint_trace import PaintDevice, PaintedShape, PaintedText, is_thick
from curator.pdf.rendering.parameters import OCCLUSION

mupdf: Any = _pymupdf.mupdf

Doubt = Literal["", "ground", "depth"]
"""Why letters may be hidden: not at all; by the colour beneath them; by something over them or a veil."""


@dataclass(slots=True)
class TextRecord:
    """A stretch of text, which may be painted more than once, and the reasons to doubt that it is visible."""

    rectangle: Rectangle
    cells: int  # of the page's grid
    colours: list[Colour] = field(default_factory=list)  # of its letters and of their outlines
    similar_colours: int = 0  # how many of these are similar to a colour beneath the text
    is_veiled: bool = False  # clipped, masked, blended or nearly transparent
    is_covered: bool = False  # in part at least
    films: list[tuple[Rectangle, float]] = field(default_factory=list)  # shapes over it, and the light they let through

    @property
    def is_suspect(self) -> bool:
        """Whether the text may be hidden."""
        return self.is_covered or self.is_veiled or 0 < len(self.colours) == self.similar_colours

    def may_have(self, colour: Colour) -> bool:
        """Return whether its letters may have a colour. Text without a colour of its own may have any."""
        return not self.colours or any(is_similar(colour, own) for own in self.colours)


class _Ground(NamedTuple):
    """A shape on which later text may be printed."""

    box: Rectangle
    cells: int
    shade: Shade


class _Cover(NamedTuple):
    """A shape that covers earlier text."""

    box: Rectangle
    cells: int
    texts_before: int


class _PlacedText(NamedTuple):
    number: int  # in the order of painting
    address: int
    record: TextRecord


class OcclusionIndex:
    """What may hide text on a page, and which text. Build it while the page's display list exists.

    Attributes:
        texts: The page's texts by address (see `get_address`), in the order of painting; none if nothing on the page
            may hide text.
    """

    def __init__(self, trace: PaintDevice, width: float, height: float) -> None:
        """Compare the texts and shapes of a page.

        Args:
            trace: The device to which the page was played.
            width: Of the page, in points.
            height: Of the page, in points.
        """
        self.texts: dict[int, TextRecord] = {}
        self._grid = PageGrid(width, height)
        self._placed: RowIndex[_PlacedText] = RowIndex(height)
        self._veiled: RowIndex[TextRecord] = RowIndex(height)
        self._grounds: RowIndex[_Ground] = RowIndex(height)
        self._covers: RowIndex[_Cover] = RowIndex(height)
        self._new_grounds: list[_Ground] = []  # no text has followed them yet
        self._cells_by_shade: dict[Shade, int] = {}
        self._doubtful_cells = 0  # where something may hide text
        self._text_cells = 0
        self._flooded_cells = 0  # where there were too many shapes to compare them with each text
        self._comparisons = 0
        if trace.is_doubtful:
            self._build(trace)

    def find_doubt(self, box: Rectangle, colour: Colour) -> Doubt:
        """Find a reason to doubt that letters of this colour in this place are visible."""
        is_white = is_similar(colour, WHITE)
        if OCCLUSION.max_shapes in (self._grounds.count, self._covers.count):
            return "depth"
        cells = self._grid.get_cells(box)
        if not cells & self._doubtful_cells:
            return "ground" if is_white else ""
        if self._is_under_cover(box, cells) or self._is_veiled(box, cells, colour):
            return "depth"
        return "ground" if is_white or self._is_on_similar_ground(box, cells, colour) else ""

    def _is_under_cover(self, box: Rectangle, cells: int) -> bool:
        return any(
            cells & cover.cells and _overlaps(cover.box, box) and self._had_text(box, cells, cover.texts_before)
            for cover in self._covers.find(box)
        )

    def _had_text(self, box: Rectangle, cells: int, texts_before: int) -> bool:
        """Return whether one of the first texts is printed in this place."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        for placed in self._placed.find(box):
            left, top, right, bottom = placed.record.rectangle
            is_here = placed.record.cells & cells and left <= x <= right and top <= y <= bottom
            if placed.number < texts_before and is_here:
                return True
        return False

    def _is_veiled(self, box: Rectangle, cells: int, colour: Colour) -> bool:
        return any(
            cells & text.cells and _overlaps(text.rectangle, box) and text.may_have(colour)
            for text in self._veiled.find(box)
        )

    def _is_on_similar_ground(self, box: Rectangle, cells: int, colour: Colour) -> bool:
        return any(
            cells & ground.cells and is_similar_to_shade(colour, ground.shade) and _overlaps(ground.box, box)
            for ground in self._grounds.find(box)
        )

    def _build(self, trace: PaintDevice) -> None:
        for event in trace.events:
            if isinstance(event, PaintedShape):
                self._add_shape(event)
            else:
                self._add_text(event)
        for record in self.texts.values():
            record.is_covered = record.is_covered or bool(record.cells & self._flooded_cells)
            if record.is_veiled:
                self._veiled.add(record.rectangle, record)
                self._doubtful_cells |= record.cells

    def _add_text(self, painted: PaintedText) -> None:
        if self._new_grounds:
            self._index_new_grounds()
        address = get_address(painted.text)
        record = self.texts.get(address) or self._make_record(address, painted)
        record.is_veiled |= painted.is_veiled or _is_cut(record.rectangle, painted)
        colour = painted.colour
        if colour is not None:
            if painted.stroke is not None and record.colours:  # an outline around the letters
                record.is_veiled |= painted.stroke.linewidth > OCCLUSION.max_outline * _get_size(painted)
            record.colours.append(colour)
            record.similar_colours += self._is_similar_to_its_ground(colour, record.cells)
            is_white = is_similar(colour, WHITE)
            if self._text_cells & record.cells and not record.is_veiled and is_white:  # white block characters
                self._cover_texts(PaintedShape(record.rectangle, ANY_SHADE, 1.0), record.cells, address)
        self._text_cells |= record.cells

    def _make_record(self, address: int, painted: PaintedText) -> TextRecord:
        box = to_rectangle(mupdf.ll_fz_bound_text(painted.text, painted.stroke, painted.matrix))
        record = self.texts[address] = TextRecord(box, self._grid.get_cells(box))
        self._placed.add(box, _PlacedText(len(self.texts) - 1, address, record))
        return record

    def _index_new_grounds(self) -> None:
        for ground in self._new_grounds:
            self._grounds.add(ground.box, ground)
            self._doubtful_cells |= ground.cells
        self._new_grounds.clear()

    def _add_shape(self, shape: PaintedShape) -> None:
        cells = self._grid.get_cells(shape.box)
        if cells & self._text_cells:
            self._cover_texts(shape, cells)
        if self._grounds.count + len(self._new_grounds) < OCCLUSION.max_shapes:
            self._new_grounds.append(_Ground(shape.box, cells, shape.shade))
        is_new = shape.shade not in self._cells_by_shade
        shade = ANY_SHADE if is_new and len(self._cells_by_shade) >= OCCLUSION.max_colours else shape.shade
        self._cells_by_shade[shade] = self._cells_by_shade.get(shade, 0) | cells

    def _is_similar_to_its_ground(self, colour: Colour, cells: int) -> bool:
        return is_similar(colour, WHITE) or any(
            cells & shaded and is_similar_to_shade(colour, shade) for shade, shaded in self._cells_by_shade.items()
        )

    def _cover_texts(self, shape: PaintedShape, cells: int, own_address: int = 0) -> None:
        """Find the earlier texts that a shape covers, at least in part.

        Args:
            shape: A shape, or white letters that act as one.
            cells: That the shape touches.
            own_address: Of these letters, which do not cover themselves.
        """
        if self._comparisons > OCCLUSION.max_comparisons or self._covers.count == OCCLUSION.max_shapes:
            self._flooded_cells |= cells
            return
        compared: set[int] = set()
        covers = False
        for placed in self._placed.find(shape.box):
            record = placed.record
            self._comparisons += 1 + len(record.films)
            is_new = placed.address not in compared and placed.address != own_address
            if not (record.cells & cells and is_new and _overlaps(shape.box, record.rectangle)):
                continue
            compared.add(placed.address)
            light = 1 - shape.alpha
            if light * _get_light(record, shape.box) < OCCLUSION.min_light:
                record.is_covered = covers = True
            else:
                record.films.append((shape.box, light))
        if covers:
            self._covers.add(shape.box, _Cover(shape.box, cells, len(self.texts)))
            self._doubtful_cells |= cells


def _get_light(record: TextRecord, box: Rectangle) -> float:
    """Return the share of a text's light that the films over it let through in a place."""
    return prod(light for film, light in record.films if is_thick(intersect(film, box)))


def _get_size(painted: PaintedText) -> float:
    """Return the font size of a text's first letters, in points."""
    text = painted.text
    if not text.head:
        return 0.0
    return float(mupdf.ll_fz_matrix_expansion(text.head.trm) * mupdf.ll_fz_matrix_expansion(painted.matrix))


def _is_cut(box: Rectangle, painted: PaintedText) -> bool:
    """Return whether a text's clip cuts its letters, and not only the height that the font claims for them."""
    clip = painted.clip
    if clip is None:
        return False
    if box[0] < clip[0] - OCCLUSION.max_clip_side or box[2] > clip[2] + OCCLUSION.max_clip_side:
        return True
    if clip[1] <= box[1] and box[3] <= clip[3]:
        return False
    line_height = min(box[3] - box[1], OCCLUSION.max_line_height * _get_size(painted))
    tolerance = OCCLUSION.max_clip_height * line_height
    return not (clip[1] - tolerance <= box[1] and box[3] <= clip[3] + tolerance)


def _overlaps(box: Rectangle, text: Rectangle) -> bool:
    """Return whether a shape reaches into a text's letters, and not only into the height that the font claims."""
    tolerance = min(OCCLUSION.max_overlap_points, OCCLUSION.max_overlap * (text[3] - text[1]))
    side = OCCLUSION.max_side_overlap
    return (
        box[0] < text[2] - side
        and box[2] > text[0] + side
        and box[1] < text[3] - tolerance
        and box[3] > text[1] + tolerance
    )
