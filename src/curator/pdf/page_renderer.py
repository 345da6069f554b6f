"""One page of a PDF as a picture, drawn in the child process: what a person sees, where the reader says it stands."""

from __future__ import annotations

from typing import Any

import pymupdf as _pymupdf

from curator.errors import PdfUnavailable
from curator.pdf.extract import counted, damaged, opened, raise_if_memory

pymupdf: Any = _pymupdf

NARROWEST, WIDEST = 64, 3000  # pixels
MOST_PIXELS = 12_000_000  # of one picture; a page that is longer than wide is drawn smaller


def draw(data: bytes, number: int, width: int) -> bytes:
    """Page `number` (from 1) as a PNG `width` pixels wide, as displayed: cropped, rotated, with its annotations.

    What the reader says stands at x points lies at x / (the page's width in points) of the picture's width.
    PNG and not JPEG: of a page of text it is as large, drawn faster, and its letters have sharp edges.

    Raises PdfUnreadable ("encrypted", "damaged"), PdfUnavailable ("no-page"); MemoryError.
    """
    with opened(data) as document:
        count = counted(document)
        if not 1 <= number <= count:
            raise PdfUnavailable(f"This PDF has {count} pages; there is no page {number}.", "no-page")
        try:
            page = document[number - 1]
            shape = page.rect
            zoom = min(max(NARROWEST, min(width, WIDEST)) / shape.width, (MOST_PIXELS / shape.get_area()) ** 0.5)
            picture = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=False)
            return bytes(picture.tobytes("png"))
        except Exception as error:  # PyMuPDF raises bare RuntimeErrors, and its own and SWIG's classes beside them
            raise_if_memory(error)
            raise damaged() from error
