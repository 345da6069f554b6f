"""Typeset a sample paper as a preprint, with everything that makes real PDFs hard to read back.

That is two columns, ligatures, words hyphenated at line ends, running headers, a stamp along the side of page one,
figures that contain text, and footnotes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import pymupdf

from tests.typesetting.figures import Colour, draw_figure, parse_figure
from tests.typesetting.linebreak import Face, Line, break_lines, set_ligatures, split_words
from tests.typesetting.markup import Block, Source

NOTICE = "Sample paper written for Curator's demo. Its authors and results are invented."
"""Printed on page one of every sample paper."""

WIDTH, HEIGHT = 612.0, 792.0  # US letter, points
TOP, BOTTOM = 64.0, 732.0  # of the text area, points from the top of the page
GUTTER = 20.0
FIGURE_HEIGHT = 122.0
GREY: Colour = (0.45, 0.45, 0.45)
BLACK: Colour = (0.0, 0.0, 0.0)

_pymupdf: Any = pymupdf  # PyMuPDF has no types

_FACES: dict[Face, tuple[str, str]] = {
    "roman": ("F0", "tiro"),
    "bold": ("F1", "tibo"),
    "italic": ("F2", "tiit"),
    "raised": ("F0", "tiro"),
}
_RAISED_SIZE = 0.68  # ems; the size of a footnote mark


def typeset(source: Source) -> bytes:
    """Typeset a paper as a PDF; with one version of PyMuPDF, the same source gives the same bytes.

    Raises:
        ValueError: The text has a character that the fonts lack, or a figure that the front matter does not describe.
    """
    paper = source.paper
    pages = _lay_out_balanced(source)
    document = _pymupdf.open()
    resources = ""
    for number, canvas in enumerate(pages):
        page = document.new_page(width=WIDTH, height=HEIGHT)
        if number == 0:
            fonts = {name: page.insert_font(name, fontbuffer=_load_font(base).buffer) for name, base in _FACES.values()}
            resources = "<</Font<<" + "".join(f"/{name} {xref} 0 R" for name, xref in fonts.items()) + ">>>>"
        document.xref_set_key(page.xref, "Resources", resources)
        stream = document.get_new_xref()
        document.update_object(stream, "<<>>")
        document.update_stream(stream, "\n".join(canvas.operators).encode("ascii"))
        page.set_contents(stream)
    document.set_metadata(
        {
            "title": paper.title,
            "author": ", ".join(paper.authors),
            "subject": NOTICE,
            "creator": "Curator's demo",
            "creationDate": paper.updated.strftime("D:%Y%m%d%H%M%SZ"),
        }
    )
    document.subset_fonts()
    data: bytes = document.tobytes(garbage=3, deflate=True, deflate_fonts=True, use_objstms=1, no_new_id=True)
    document.close()
    return data


def _lay_out_balanced(source: Source) -> list[PageCanvas]:
    """Lay the paper out, with the columns of the last page as short as their content allows."""
    pages = _Typesetter(source).run()
    if source.front.get("columns") == "1":
        return pages
    fits, overflows = BOTTOM, TOP + 40
    while fits - overflows > 6:
        middle = (fits + overflows) / 2
        tried = _Typesetter(source, shortened=(len(pages), middle)).run()
        if len(tried) == len(pages):
            pages, fits = tried, middle
        else:
            overflows = middle
    return pages


@cache
def _load_font(name: str) -> Any:
    return _pymupdf.Font(name)


@cache
def _find_glyph(char: str, face: Face) -> tuple[int, float]:
    font = _load_font(_FACES[face][1])
    glyph = font.has_glyph(ord(char))
    if not glyph:
        raise ValueError(f"The sample papers' fonts have no glyph for {char!r}. Write it in words.")
    return glyph, font.glyph_advance(ord(char))


@cache
def _measure(text: str, face: Face) -> float:
    width: float = sum(_find_glyph(char, face)[1] for char in text)
    return width * _RAISED_SIZE if face == "raised" else width


@lru_cache(maxsize=20_000)
def _encode(text: str, face: Face) -> str:
    return "".join(f"{_find_glyph(char, face)[0]:04x}" for char in text)


class PageCanvas:
    """Collect one page's drawing operators; coordinates in points from the top left corner."""

    def __init__(self) -> None:
        self.operators: list[str] = []

    def draw_text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        face: Face = "roman",
        colour: Colour = BLACK,
        upright: bool = False,
    ) -> None:
        """Draw text from (x, y) along its baseline; upright text runs from bottom to top."""
        matrix = "0 1 -1 0" if upright else "1 0 0 1"
        glyphs = _encode(set_ligatures(text), face)
        setup = f"{_format_rgb(colour)} rg /{_FACES[face][0]} {size:g} Tf {matrix} {x:.2f} {HEIGHT - y:.2f} Tm"
        self.operators.append(f"BT {setup} <{glyphs}> Tj ET")

    def measure_text(self, text: str, size: float, face: Face = "roman") -> float:
        """Return the width of a text at a type size."""
        return _measure(set_ligatures(text), face) * size

    def draw_words(self, line: Line, x: float, y: float, size: float) -> None:
        """Draw a line of running text with its baseline at `y`; each gap is a space character, stretched."""
        stretch = round((_measure(" ", "roman") - line.gap) * 1000)
        operators = [f"BT {_format_rgb(BLACK)} rg 1 0 0 1 {x + line.indent * size:.2f} {HEIGHT - y:.2f} Tm"]
        current = ""
        for number, word in enumerate(line.words):
            for at, (text, face) in enumerate(word.parts):
                raised = face == "raised"
                font = f"/{_FACES[face][0]} {size * (_RAISED_SIZE if raised else 1):g} Tf {size * 0.33 * raised:g} Ts"
                if font != current:
                    operators.append(font)
                    current = font
                last = at == len(word.parts) - 1 and number < len(line.words) - 1
                # a space after a raised mark has the mark's smaller size; the stretch makes up for it
                lost = _measure(" ", "roman") * (1 - _RAISED_SIZE) / _RAISED_SIZE * 1000 if raised else 0
                extra = round(stretch / (_RAISED_SIZE if raised else 1) - lost)
                operators.append(
                    f"[<{_encode(text + ' ', face)}> {extra}] TJ" if last else f"<{_encode(text, face)}> Tj"
                )
        self.operators.append(" ".join(operators) + " 0 Ts ET")

    def draw_line(self, points: list[tuple[float, float]], colour: Colour, width: float) -> None:
        """Draw a line through points."""
        path = " ".join(f"{x:.2f} {HEIGHT - y:.2f} {'l' if number else 'm'}" for number, (x, y) in enumerate(points))
        self.operators.append(f"{_format_rgb(colour)} RG {width:g} w 1 j {path} S")

    def draw_bar(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill the rectangle whose top left corner is (x, y)."""
        self.operators.append(
            f"{_format_rgb(colour)} rg {x:.2f} {HEIGHT - y - height:.2f} {width:.2f} {height:.2f} re f"
        )


def _format_rgb(colour: Colour) -> str:
    return " ".join(f"{part:g}" for part in colour)


@dataclass(frozen=True)
class _Style:
    size: float  # points, as all lengths here but the two in ems
    leading: float  # from baseline to baseline
    face: Face = "roman"
    before: float = 0.0
    after: float = 0.0
    first_indent: float = 0.0  # ems
    hanging: float = 0.0  # ems
    justified: bool = True
    centred: bool = False
    hyphenate: bool = True


_BODY = _Style(9.6, 11.6, first_indent=1.2)
_STYLES: dict[str, _Style] = {
    "section": _Style(11.2, 13.4, "bold", before=10, after=4, justified=False, hyphenate=False),
    "subsection": _Style(9.8, 12.0, "bold", before=7, after=3, justified=False, hyphenate=False),
    "equation": _Style(9.6, 13.0, "italic", before=4, after=5, justified=False, centred=True, hyphenate=False),
    "reference": _Style(8.2, 9.8, after=2.2, hanging=1.3),
    "caption": _Style(8.4, 10.0),
    "footnote": _Style(7.8, 9.2),
    "abstract": _Style(9.4, 11.5),
    "title": _Style(16.5, 20.0, "bold", justified=False, centred=True, hyphenate=False),
    "authors": _Style(11.0, 14.0, justified=False, centred=True, hyphenate=False),
}


@lru_cache(maxsize=1000)
def _break_text(text: str, style: _Style, width: float, justified: bool, indented: bool) -> list[Line]:
    return break_lines(
        split_words(text, _measure, style.face),
        width / style.size,
        _measure,
        justified=justified,
        hyphenate=style.hyphenate,
        first_indent=style.first_indent if indented else 0.0,
        hanging=style.hanging,
    )


@dataclass
class _Column:
    """A column that is filled from the top, with footnotes collected for its bottom."""

    canvas: PageCanvas
    x: float
    y: float  # where the next block begins
    top: float
    bottom: float  # where the footnotes begin
    notes: list[tuple[str, list[Line]]] = field(default_factory=list)

    @property
    def room(self) -> float:
        return self.bottom - self.y


class _Typesetter:
    """Lay out one paper; `shortened` is a page number and that page's bottom in place of BOTTOM."""

    def __init__(self, source: Source, shortened: tuple[int, float] = (0, BOTTOM)) -> None:
        self.shortened = shortened
        self.source = source
        self.paper = source.paper
        self.columns = int(source.front.get("columns", "2"))
        self.justified = source.front.get("align", "justified") == "justified"
        self.margin = 54.0 if self.columns == 2 else 96.0
        self.full = WIDTH - 2 * self.margin
        self.measure = (self.full - GUTTER * (self.columns - 1)) / self.columns
        self.body = _BODY if self.columns == 2 else _Style(10.6, 13.2, first_indent=1.4)
        self.pages: list[PageCanvas] = []
        self.waiting: list[Block] = []  # figures that did not fit where the text calls for them
        self.figures = 0
        self.noted: set[str] = set()

    def run(self) -> list[PageCanvas]:
        self.columns_left = self._add_columns()
        self.column = next(self.columns_left)
        after_heading = True
        for number, block in enumerate(self.source.blocks):
            if block.kind == "figure":
                self.waiting.append(block)
                self._place_figures(fresh=False)
                continue
            following = self.source.blocks[number + 1 : number + 2]
            self._set_block(block, indented=not after_heading, keep=_is_heading(block) and bool(following))
            after_heading = _is_heading(block) or block.kind == "equation"
        while self.waiting:
            self._next_column()
        self._draw_notes()
        return self.pages

    def _add_columns(self) -> Iterator[_Column]:
        """Yield columns in reading order, and add pages as needed, without end."""
        while True:
            canvas = PageCanvas()
            self.pages.append(canvas)
            first = len(self.pages) == 1
            top = self._draw_title_block(canvas) if first else TOP
            self._draw_furniture(canvas, first)
            bottom = self.shortened[1] if len(self.pages) == self.shortened[0] else BOTTOM
            for index in range(self.columns):
                yield _Column(canvas, self.margin + index * (self.measure + GUTTER), top, top, bottom)

    def _next_column(self) -> None:
        self._draw_notes()
        self.column = next(self.columns_left)
        self._place_figures(fresh=True)

    def _break_lines(self, text: str, style: _Style, width: float, indented: bool = True) -> list[Line]:
        return _break_text(text, style, width, style.justified and self.justified, indented)

    def _set_block(self, block: Block, indented: bool, keep: bool) -> None:
        style = _STYLES.get(block.kind, self.body)
        lines = self._break_lines(block.text, style, self.measure, indented)
        height = len(lines) * style.leading
        kept = style.before + height + style.after + 2 * self.body.leading if keep else min(height, 2 * style.leading)
        if self.column.room < kept:
            self._next_column()
        self.column.y += style.before if self.column.y > self.column.top else 0
        for number, line in enumerate(lines):
            notes = self._find_notes(line)
            taken = sum(len(note) for _, note in notes) * _STYLES["footnote"].leading
            taken += 6 if notes and not self.column.notes else 0
            # keep the last two lines together, so that no column begins with the end of a paragraph
            needed = (2 if number == len(lines) - 2 and number > 1 else 1) * style.leading + taken
            if self.column.room < needed:
                self._next_column()
            self.column.notes.extend(notes)
            self.noted.update(name for name, _ in notes)
            self.column.bottom -= taken
            self._draw_line(self.column.canvas, line, self.column.x, self.column.y, style, self.measure)
            self.column.y += style.leading
        self.column.y += style.after

    def _draw_line(self, canvas: PageCanvas, line: Line, x: float, y: float, style: _Style, width: float) -> None:
        shift = (width - line.width * style.size) / 2 if style.centred else 0.0
        canvas.draw_words(line, x + shift, y + style.size, style.size)

    def _find_notes(self, line: Line) -> list[tuple[str, list[Line]]]:
        names = [name for name in line.footnotes if name in self.source.footnotes and name not in self.noted]
        style = _STYLES["footnote"]
        return [
            (name, self._break_lines(f"[^{name}] {self.source.footnotes[name]}", style, self.measure)) for name in names
        ]

    def _draw_notes(self) -> None:
        column, style = self.column, _STYLES["footnote"]
        if not column.notes:
            return
        y = column.bottom + 4
        column.canvas.draw_line([(column.x, y - 1), (column.x + 60, y - 1)], BLACK, 0.4)
        for _, lines in column.notes:
            for line in lines:
                self._draw_line(column.canvas, line, column.x, y, style, self.measure)
                y += style.leading

    def _place_figures(self, fresh: bool) -> None:
        style = _STYLES["caption"]
        while self.waiting:
            block = self.waiting[0]
            lines = self._break_lines(f"Figure {self.figures + 1}: {block.text}", style, self.measure)
            needed = FIGURE_HEIGHT + len(lines) * style.leading + (8 if fresh else 16)
            if self.column.room < needed:
                return
            description = self.source.front.get(block.figure)
            if description is None:
                raise ValueError(f"The front matter does not describe {block.figure}, which the text shows.")
            self.waiting.pop(0)
            self.figures += 1
            column = self.column
            column.y += 0 if fresh else 8
            width = min(self.measure, 330.0)
            left = column.x + (self.measure - width) / 2
            draw_figure(parse_figure(description), column.canvas, left, column.y, width, FIGURE_HEIGHT)
            column.y += FIGURE_HEIGHT
            for line in lines:
                self._draw_line(column.canvas, line, column.x, column.y, style, self.measure)
                column.y += style.leading
            column.y += 8

    def _draw_title_block(self, canvas: PageCanvas) -> float:
        y = TOP + 6
        for text, name, after in ((self.paper.title, "title", 8.0), (", ".join(self.paper.authors), "authors", 10.0)):
            style = _STYLES[name]
            for line in self._break_lines(text, style, self.full - 40):
                self._draw_line(canvas, line, self.margin + 20, y, style, self.full - 40)
                y += style.leading
            y += after
        y = self._draw_notice(canvas, y) + 14
        width = canvas.measure_text("Abstract", 10.5, "bold")
        canvas.draw_text((WIDTH - width) / 2, y + 10, "Abstract", 10.5, face="bold")
        y += 17
        style = _STYLES["abstract"]
        for line in self._break_lines(self.source.abstract, style, self.full - 60):
            self._draw_line(canvas, line, self.margin + 30, y, style, self.full - 60)
            y += style.leading
        return y + 12

    def _draw_notice(self, canvas: PageCanvas, y: float) -> float:
        width = canvas.measure_text(NOTICE, 9.6, "bold")
        canvas.draw_bar((WIDTH - width) / 2 - 10, y, width + 20, 18, (0.94, 0.93, 0.88))
        canvas.draw_text((WIDTH - width) / 2, y + 12.2, NOTICE, 9.6, face="bold")
        return y + 18

    def _draw_furniture(self, canvas: PageCanvas, first: bool) -> None:
        number = str(len(self.pages))
        canvas.draw_text((WIDTH - canvas.measure_text(number, 9)) / 2, 758, number, 9)
        if first:
            date = f"{self.paper.updated.day} {self.paper.updated:%b %Y}"
            stamp = f"arXiv:{self.paper.versioned_id} [{self.paper.categories[0]}] {date} (sample)"
            length = canvas.measure_text(stamp, 17)
            canvas.draw_text(32, (HEIGHT + length) / 2, stamp, 17, colour=GREY, upright=True)
            return
        running = self.source.front.get("running", self.paper.title)
        canvas.draw_text(self.margin, 48, running, 8.4, face="italic", colour=GREY)
        names = self.paper.authors[0].split()[-1] + (" et al." if len(self.paper.authors) > 1 else "")
        canvas.draw_text(WIDTH - self.margin - canvas.measure_text(names, 8.4), 48, names, 8.4, colour=GREY)
        canvas.draw_line([(self.margin, 52), (WIDTH - self.margin, 52)], GREY, 0.3)


def _is_heading(block: Block) -> bool:
    return block.kind in ("section", "subsection")
