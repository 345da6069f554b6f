"""The only module of the reader that talks to PyMuPDF: bytes in, printed fragments and hidden text out.

Runs in the child process. One pass over each page; everything else works on what this pass returns.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pymupdf as _pymupdf

from curator.errors import PdfUnreadable
from curator.read.background import Background, colour_of, is_nearly_white
from curator.read.layout import Fragment, RawPage
from curator.read.spans import TINY, Turn, fragment, size_bitmap_fonts, turned
from curator.records import Hidden

# PyMuPDF is half typed: its methods have no annotations.
pymupdf: Any = _pymupdf

VERSION = str(pymupdf.__version__)
FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE
OCR_SHARE = 3.0  # invisible characters for each visible one, such as a stamp's, on a page that was scanned
OCR_PICTURE = 0.6  # of the page that the scan's picture covers at least
MAX_PAGE_CHARS = 400_000  # a page of a paper has about 5,000; beyond this it is noise, and would only cost time

# Bits of a span's char_flags (MuPDF's fz_stext_char.flags): how its glyphs were painted.
_FILLED, _STROKED, _CLIPPED = 16, 32, 64
_PAINTED = _FILLED | _STROKED
_EVERYWHERE = pymupdf.Rect(-1e5, -1e5, 1e5, 1e5)


def extract(data: bytes, max_pages: int) -> list[RawPage]:
    """The pages of a PDF.

    Raises PdfUnreadable (codes "not-a-pdf", "encrypted", "damaged", "too-long"); MemoryError.
    """
    if b"%PDF-" not in data[:1024]:
        raise PdfUnreadable("This file is not a PDF. Download the paper again.", "not-a-pdf")
    with _open(data) as document:
        if document.needs_pass:
            raise PdfUnreadable("This PDF asks for a password; Curator cannot read it.", "encrypted")
        count = document.page_count
        if count == 0 or (document.is_repaired and b"%%EOF" not in data[-4096:]):
            raise _damaged()
        if count > max_pages:
            raise PdfUnreadable(
                f"This PDF has {count} pages, more than the limit of {max_pages}; Curator does not read it.", "too-long"
            )
        pages = list(_pages(document))
    if not pages:
        raise _damaged()
    return pages


def release_caches() -> None:
    """Give back what MuPDF keeps between papers: fonts, images, glyphs."""
    pymupdf.TOOLS.store_shrink(100)
    pymupdf.TOOLS.glyph_cache_empty()


def silence() -> None:
    """Keep MuPDF's remarks about broken files off the terminal."""
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)


def _damaged() -> PdfUnreadable:
    return PdfUnreadable("This PDF is damaged or cut short; another copy of it may be whole.", "damaged")


def _open(data: bytes) -> Any:
    try:
        return pymupdf.open(stream=data, filetype="pdf")
    except Exception as error:  # PyMuPDF raises bare RuntimeErrors, and its own and SWIG's classes beside them
        _raise_if_memory(error)
        raise _damaged() from error


def _raise_if_memory(error: Exception) -> None:
    if isinstance(error, MemoryError) or "alloc (" in str(error):  # malloc, calloc, realloc
        raise MemoryError(str(error)) from error


def _pages(document: Any) -> Iterator[RawPage]:
    """Pages that can be read; a broken page among good ones is left out as an empty one."""
    broken = 0
    for at in range(document.page_count):
        try:
            page = document[at]
            blank = RawPage(at + 1, float(page.rect.width), float(page.rect.height))
        except Exception as error:  # see _open
            _raise_if_memory(error)
            broken += 1
            blank = RawPage(at + 1, 612.0, 792.0)
            page = None
        if page is not None:
            try:
                _fill(blank, page)
            except Exception as error:  # see _open
                _raise_if_memory(error)
                broken += 1
        yield blank
    if broken == document.page_count:
        raise _damaged()


def _fill(raw: RawPage, page: Any) -> None:
    turn: Turn = tuple(page.rotation_matrix) if page.rotation else None
    blocks = page.get_textpage(clip=_EVERYWHERE, flags=FLAGS).extractDICT()["blocks"]
    size_bitmap_fonts(blocks)
    background = Background(page) if _has_white_letters(blocks) else None
    hidden: list[tuple[str, Fragment]] = []
    chars = 0
    for block in blocks:
        for line in block.get("lines", ()):
            chars += sum(len(span["text"]) for span in line["spans"])
            if chars > MAX_PAGE_CHARS:
                break
            for why, spans in _runs(line["spans"], raw, turn, background):
                printed = fragment(spans, line["dir"], turn)
                if printed is None:
                    continue
                if why:
                    hidden.append((why, printed))
                else:
                    raw.fragments.append(printed)
    _settle_hidden(raw, hidden, page)


def _settle_hidden(raw: RawPage, hidden: list[tuple[str, Fragment]], page: Any) -> None:
    """Invisible text alone on its page, or over a picture of the page, is a scan's OCR layer: there it is the text."""
    if hidden and _is_ocr_layer(raw, hidden, page):
        raw.fragments += [f for why, f in hidden if why == _INVISIBLE]
        hidden = [(why, f) for why, f in hidden if why != _INVISIBLE]
    for why, run in groupby(hidden, key=lambda pair: pair[0]):
        raw.hidden.append(Hidden(raw.number, " ".join(f.text for _, f in run), why))


def _is_ocr_layer(raw: RawPage, hidden: list[tuple[str, Fragment]], page: Any) -> bool:
    if not raw.fragments:
        return True
    seen = sum(len(f.text) for f in raw.fragments)
    unseen = sum(len(f.text) for why, f in hidden if why == _INVISIBLE)
    if unseen < OCR_SHARE * seen:
        return False
    area = raw.width * raw.height
    pictures = [pymupdf.Rect(info["bbox"]) & page.rect for info in page.get_image_info()]
    return bool(area) and max((abs(rect) for rect in pictures), default=0.0) > OCR_PICTURE * area


_INVISIBLE = "set in invisible ink"


def _has_white_letters(blocks: list[dict[str, Any]]) -> bool:
    """Whether any span is nearly white."""
    colours = {span["color"] for block in blocks for line in block.get("lines", ()) for span in line["spans"]}
    return any(is_nearly_white(colour_of(colour)) for colour in colours)


def _why_hidden(span: dict[str, Any], raw: RawPage, turn: Turn, background: Background | None) -> str:
    flags = span["char_flags"]
    if not flags & (_PAINTED | _CLIPPED):
        return _INVISIBLE
    if span["alpha"] == 0 and not flags & _CLIPPED:
        return "fully transparent"
    if span["size"] < TINY:
        return "smaller than one point"
    x0, y0, x1, y1 = turned(span["bbox"], turn)
    across, down = (x0 + x1) / 2, (y0 + y1) / 2
    if not (-1 <= across <= raw.width + 1 and -1 <= down <= raw.height + 1):
        return "outside the page"
    if background is not None and flags & _FILLED and not flags & (_STROKED | _CLIPPED):
        colour = colour_of(span["color"])
        if background.hides(span["bbox"], colour):
            return "printed in white on white" if is_nearly_white(colour) else "printed in the colour beneath it"
    return ""


def _runs(
    spans: list[dict[str, Any]], raw: RawPage, turn: Turn, background: Background | None
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Spans of one line, parted where what is seen meets what is hidden."""
    runs: list[tuple[str, list[dict[str, Any]]]] = []
    for span in spans:
        if not span["text"] or span["text"].isspace():
            if runs:
                runs[-1][1].append(span)
            continue
        why = _why_hidden(span, raw, turn, background)
        if not runs or runs[-1][0] != why:
            runs.append((why, []))
        runs[-1][1].append(span)
    return runs
