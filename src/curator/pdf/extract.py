"""Extract printed fragments and hidden text from the bytes of a PDF.

Runs in the worker process. One pass over each page; everything else works on what this pass returns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from curator.errors import PdfUnreadable
from curator.pdf.extraction import optional_content, word_spacing
from curator.pdf.extraction.annotations import IN_LAYER, INSTEAD, Layers, notes, replacements
from curator.pdf.extraction.spans import fragment
from curator.pdf.layout.fragments import RawPage
from curator.pdf.mupdf_document import count_pages, make_damaged_error, open_document, raise_memory_error
from curator.pdf.parameters import HIDDEN_REPORTS
from curator.pdf.text.characters import clean_text
from curator.pdf.visibility.hidden_text import FLAGS, Looks, Shown, recover_scan, split
from curator.types import HiddenText

SCANNED = "the text layer of a scan"


@dataclass
class _Document:
    """What pages of one document share."""

    layers: Layers
    looks: Looks = field(default_factory=Looks)
    tight: set[str] = field(default_factory=set)  # fonts with narrow blanks


def extract(data: bytes, max_pages: int) -> list[RawPage]:
    """The pages of a PDF.

    Raises PdfUnreadable (codes "not-a-pdf", "encrypted", "damaged", "too-long"); MemoryError.
    """
    if b"%PDF-" not in data[:1024]:
        raise PdfUnreadable("This file is not a PDF. Download the paper again.", "not-a-pdf")
    with open_document(data) as document:
        count = count_pages(document)
        if count == 0 or (document.is_repaired and b"%%EOF" not in data[-4096:]):
            raise make_damaged_error()
        if count > max_pages:
            raise PdfUnreadable(
                f"This PDF has {count} pages, more than the limit of {max_pages}; Curator does not read it.", "too-long"
            )
        pages = list(_pages(document))
    if not pages:
        raise make_damaged_error()
    return pages


def _pages(document: Any) -> Iterator[RawPage]:
    """Pages that can be read; a broken page among good ones is left out as an empty one."""
    broken = 0
    optional_content.settle(document)
    shared = _Document(Layers(document))
    for at in range(document.page_count):
        try:
            page = document[at]
            blank = RawPage(at + 1, float(page.rect.width), float(page.rect.height))
        except Exception as error:  # see open_document
            raise_memory_error(error)
            broken += 1
            blank = RawPage(at + 1, 612.0, 792.0)
            page = None
        if page is not None:
            try:
                _fill(blank, page, shared)
            except Exception as error:  # see open_document
                raise_memory_error(error)
                broken += 1
        yield blank
    if broken == document.page_count:
        raise make_damaged_error()


def _fill(raw: RawPage, page: Any, document: _Document) -> None:
    parted = split(page, document.looks)
    layer = recover_scan(parted, (0.0, 0.0, raw.width, raw.height), document.looks) if parted.hidden else ""
    if layer:
        raw.hidden.append(
            HiddenText(raw.number, clean_text(layer)[: HIDDEN_REPORTS.max_layer_chars], SCANNED, is_ocr_layer=True)
        )
    word_spacing.mend(parted.shown, FLAGS, parted.lines, document.tight)
    disguises: dict[str, list[str]] = {}
    for spans, direction in parted.lines:
        printed = fragment(spans, direction, disguises)
        if printed is not None:
            raw.fragments.append(printed)
    found = [*_runs(parted), *((why, " | ".join(texts)) for why, texts in disguises.items())]
    found += _attached(page, parted, document)
    raw.hidden += [
        HiddenText(raw.number, text[: HIDDEN_REPORTS.max_chars], why)
        for why, text in found[: HIDDEN_REPORTS.max_reports]
        if any(char.isalnum() for char in text)
    ]


def _runs(parted: Shown) -> list[tuple[str, str]]:
    """Hidden words that follow one another and are hidden in the same way, as one text."""
    return [
        (why, clean_text(" ".join("".join(span["text"] for span in spans) for _, spans, _ in run)))
        for why, run in groupby(parted.hidden, key=lambda hidden: hidden[0])
    ]


def _attached(page: Any, parted: Shown, document: _Document) -> list[tuple[str, str]]:
    found = list(notes(page))
    if document.layers:
        text = " ".join(document.layers.hidden(page))
        found += [(IN_LAYER, text)] if text else []
    if parted.replaces and (text := replacements(parted.shown)):
        found.append((INSTEAD, text))
    return found
