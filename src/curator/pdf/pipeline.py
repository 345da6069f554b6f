"""One paper, from the bytes of its PDF to its Document or a verdict why there is none."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from curator.errors import PdfUnreadable
from curator.pdf import extract
from curator.pdf.assemble import assemble_document
from curator.pdf.parameters import DOCUMENT, READER
from curator.pdf.text.text_quality import is_garbled
from curator.types import Document

READER_VERSION = 6  # goes up whenever the same PDF would give another text
_SETTINGS = READER.to_settings()


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Reading makes very many small objects and leaves no cycles: looking for some would only cost time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


@_collector_paused()
def read_bytes(data: bytes, paper_id: str, version: int, max_pages: int) -> Document:
    """The document in these bytes.

    Raises PdfUnreadable (codes "not-a-pdf", "encrypted", "damaged", "too-long", "no-text", "garbled"); MemoryError.
    """
    raw_pages = extract.extract(data, max_pages)
    document = assemble_document(
        raw_pages,
        paper_id,
        version,
        hashlib.sha256(data).hexdigest(),
        f"pymupdf {extract.VERSION} / curator {READER_VERSION}",
        _SETTINGS,
    )
    text = "\n".join(page.text for page in document.pages)
    if len(text) - text.count(" ") - text.count("\n") < DOCUMENT.min_page_chars * len(raw_pages):
        raise PdfUnreadable(
            "This PDF has no text in it: its pages are pictures or blank, so there is nothing to quote.",
            "no-text",
        )
    if is_garbled(text):
        raise PdfUnreadable("The text in this PDF is garbled: its fonts do not say which letters they show.", "garbled")
    return document
