"""Open a PDF with MuPDF, and translate MuPDF's errors into verdicts on the file."""

from __future__ import annotations

from typing import Any

import pymupdf as _pymupdf

from curator.errors import PdfUnreadable

# PyMuPDF has no types: its methods are not annotated.
pymupdf: Any = _pymupdf

PYMUPDF_VERSION = str(pymupdf.__version__)


def open_document(data: bytes) -> Any:
    """Open a PDF.

    Args:
        data: The file.

    Returns:
        PyMuPDF's document, a context manager.

    Raises:
        PdfUnreadable: The file is damaged (code "damaged").
        MemoryError: MuPDF ran out of memory.
    """
    try:
        return pymupdf.open(stream=data, filetype="pdf")
    except Exception as error:  # PyMuPDF raises plain RuntimeErrors, classes of its own and SWIG's
        raise_memory_error(error)
        raise make_damaged_error() from error


def count_pages(document: Any) -> int:
    """Count the pages of an open document.

    Raises:
        PdfUnreadable: The file is damaged, or asks for a password (codes "damaged", "encrypted").
        MemoryError: MuPDF ran out of memory.
    """
    try:
        is_locked = bool(document.needs_pass)
        count = 0 if is_locked else int(document.page_count)
    except Exception as error:  # see open_document
        raise_memory_error(error)
        raise make_damaged_error() from error
    if is_locked:
        raise PdfUnreadable("This PDF asks for a password; Curator cannot read it.", "encrypted")
    return count


def make_damaged_error() -> PdfUnreadable:
    """Make the error for a file that MuPDF cannot interpret (code "damaged")."""
    return PdfUnreadable("This PDF is damaged or incomplete; another copy of it may be intact.", "damaged")


def raise_memory_error(error: Exception) -> None:
    """Raise MemoryError if that is what an error of MuPDF means."""
    if isinstance(error, MemoryError) or "alloc (" in str(error):  # malloc, calloc, realloc
        raise MemoryError(str(error)) from error


def silence_mupdf() -> None:
    """Keep MuPDF's messages about broken files off the terminal."""
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)


def release_caches() -> None:
    """Free the fonts, images and glyphs that MuPDF keeps between papers."""
    pymupdf.TOOLS.store_shrink(100)  # per cent
    pymupdf.TOOLS.glyph_cache_empty()


def make_sample() -> bytes:
    """Make a small PDF with text, a drawing, a form field and a note, each of which MuPDF handles in another part."""
    with pymupdf.open() as document:
        page = document.new_page()
        for number, font in enumerate(("helv", "tiro", "cour", "symb", "china-s")):
            page.insert_text((72, 100 + 20 * number), f"We find that models copy {number} sentences.", fontname=font)
        page.draw_rect(pymupdf.Rect(72, 300, 200, 350), color=(0, 0, 0), fill=(0.9, 0.9, 0.9))
        page.insert_text((80, 320), "covered", color=(0.9, 0.9, 0.9))
        page.add_text_annot((300, 300), "A note.")
        return bytes(document.tobytes(deflate=True))
