"""Render a page of a PDF as a picture, in the worker process, where a person sees what the reader says is there."""

from __future__ import annotations

from typing import Any

import pymupdf as _pymupdf

from curator.errors import PdfUnavailable
from curator.pdf.mupdf_document import count_pages, make_damaged_error, open_document, raise_memory_error

pymupdf: Any = _pymupdf

MIN_WIDTH, MAX_WIDTH = 64, 3000
"""Pixels of a picture's width."""

MAX_PIXELS = 12_000_000
"""Pixels of a picture. A page that is very high is rendered smaller."""


def render_page(data: bytes, number: int, width: int) -> bytes:
    """Render a page as it is displayed: cropped, rotated, with its annotations.

    The picture is a PNG and not a JPEG, since for a page of text it is as small, faster to make, and sharp.

    Args:
        data: The PDF.
        number: Of the page, from 1.
        width: Of the picture, in pixels.

    Returns:
        The picture as a PNG. A place at x points of the page's width is at the same share of the picture's width.

    Raises:
        PdfUnreadable: The file is damaged or encrypted (codes "damaged", "encrypted").
        PdfUnavailable: There is no such page (code "no-page").
        MemoryError: MuPDF ran out of memory.
    """
    with open_document(data) as document:
        count = count_pages(document)
        if not 1 <= number <= count:
            raise PdfUnavailable(f"This PDF has {count} pages; there is no page {number}.", "no-page")
        try:
            page = document[number - 1]
            shape = page.rect
            zoom = min(max(MIN_WIDTH, min(width, MAX_WIDTH)) / shape.width, (MAX_PIXELS / shape.get_area()) ** 0.5)
            picture = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=False)
            return bytes(picture.tobytes("png"))
        except Exception as error:  # see open_document
            raise_memory_error(error)
            raise make_damaged_error() from error
