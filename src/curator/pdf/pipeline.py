"""The whole way from the bytes of a PDF to its document, or to the reason why it has none."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from curator.errors import PdfUnreadable
from curator.pdf.assemble import assemble_document
from curator.pdf.extract import extract_pages
from curator.pdf.mupdf_document import PYMUPDF_VERSION
from curator.pdf.parameters import DOCUMENT, READER
from curator.pdf.text.text_quality import is_garbled
from curator.types import Document

READER_VERSION = 6
"""Raised whenever the same PDF would give another text; part of `documents.extractor`."""

_SETTINGS = READER.to_settings()


@contextmanager
def _pause_collector() -> Iterator[None]:
    """Pause the collection of cycles, which reading never leaves: it would only cost time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


@_pause_collector()
def read_bytes(data: bytes, paper_id: str, version: int, max_pages: int) -> Document:
    """Read a PDF in this process, with all the risks that a stranger's file brings; see `curator.pdf.reader`.

    Args:
        data: The file.
        paper_id: The paper's id, without its version.
        version: Of the paper.
        max_pages: Pages of a PDF, at most.

    Returns:
        The document.

    Raises:
        PdfUnreadable: There is no text to be had; its code is "not-a-pdf", "encrypted", "damaged", "too-long",
            "no-text" or "garbled".
        MemoryError: The file needs more memory than the process may have.
    """
    raw_pages = extract_pages(data, max_pages)
    document = assemble_document(
        raw_pages,
        paper_id,
        version,
        hashlib.sha256(data).hexdigest(),
        f"pymupdf {PYMUPDF_VERSION} / curator {READER_VERSION}",
        _SETTINGS,
    )
    text = "\n".join(page.text for page in document.pages)
    if len(text) - text.count(" ") - text.count("\n") < DOCUMENT.min_page_chars * len(raw_pages):
        raise PdfUnreadable(
            "This PDF contains no text: its pages are pictures or blank, so there is nothing to quote.",
            "no-text",
        )
    if is_garbled(text):
        raise PdfUnreadable("The text in this PDF is garbled: its fonts do not map to letters.", "garbled")
    return document
