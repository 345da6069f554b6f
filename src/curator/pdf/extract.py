"""Extract what is printed on the pages of a PDF, and what is hidden in them.

Runs in the worker process. Each page is interpreted once; later stages work on what comes from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from curator.errors import PdfUnreadable
from curator.pdf.extraction.annotations import find_notes, has_notes
from curator.pdf.extraction.optional_content import IN_HIDDEN_LAYER, Layers, apply_visibility
from curator.pdf.extraction.replacement_text import IN_REPLACEMENT_TEXT, find_replacement_text
from curator.pdf.extraction.spans import make_fragment
from curator.pdf.extraction.word_spacing import insert_spaces
from curator.pdf.layout.fragments import RawPage
from curator.pdf.mupdf_document import count_pages, make_damaged_error, open_document, raise_memory_error
from curator.pdf.parameters import DOCUMENT, HIDDEN_REPORTS
from curator.pdf.rendering.traced_page import TracedPage, trace_page
from curator.pdf.text.characters import clean_text
from curator.pdf.visibility.hidden_text import separate_hidden
from curator.pdf.visibility.page_text import PageText
from curator.pdf.visibility.parameters import HIDDEN_TEXT
from curator.pdf.visibility.render_diff import RenderBudget
from curator.pdf.visibility.scans import recover_text_layer
from curator.types import HiddenText

TEXT_LAYER = "the text layer of a scan"


@dataclass
class _DocumentState:
    """What the pages of a document share."""

    layers: Layers
    budget: RenderBudget = field(default_factory=RenderBudget)
    narrow_fonts: set[str] = field(default_factory=set)  # fonts that are known to set narrow spaces


def extract_pages(data: bytes, max_pages: int) -> list[RawPage]:
    """Extract the pages of a PDF.

    Args:
        data: The file.
        max_pages: Pages of a PDF, at most.

    Returns:
        The pages. A page that cannot be read is empty.

    Raises:
        PdfUnreadable: No page can be read (codes "not-a-pdf", "encrypted", "damaged", "too-long").
        MemoryError: The file needs more memory than the process may have.
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
        pages = list(_extract_pages(document))
    if not pages:
        raise make_damaged_error()
    return pages


def _extract_pages(document: Any) -> Iterator[RawPage]:
    broken = 0
    apply_visibility(document)
    state = _DocumentState(Layers(document))
    for at in range(document.page_count):
        try:
            page = document[at]
            raw = RawPage(at + 1, float(page.rect.width), float(page.rect.height))
        except Exception as error:  # see open_document
            raise_memory_error(error)
            broken += 1
            raw = RawPage(at + 1, DOCUMENT.unreadable_width, DOCUMENT.unreadable_height)
            page = None
        if page is not None:
            try:
                _fill_page(raw, page, state)
            except Exception as error:  # see open_document
                raise_memory_error(error)
                broken += 1
        yield raw
    if broken == document.page_count:
        raise make_damaged_error()


def _fill_page(raw: RawPage, page: Any, state: _DocumentState) -> None:
    """Add the fragments and the hidden text of a page."""
    traced = trace_page(page, with_notes=has_notes(page))
    text = separate_hidden(traced, state.budget)
    layer = recover_text_layer(text, traced, state.budget)
    if layer:
        start = clean_text(layer)[: HIDDEN_REPORTS.max_layer_chars]
        raw.hidden.append(HiddenText(raw.number, start, TEXT_LAYER, is_ocr_layer=True))
    insert_spaces(traced.display_list, HIDDEN_TEXT.flags, text.lines, state.narrow_fonts)
    disguises: dict[str, list[str]] = {}
    for spans, direction in text.lines:
        fragment = make_fragment(spans, direction, disguises)
        if fragment is not None:
            raw.fragments.append(fragment)
    reports = [*_join_runs(text), *((why, " | ".join(texts)) for why, texts in disguises.items())]
    reports += _find_attached_text(page, traced, state)
    raw.hidden += [
        HiddenText(raw.number, report[: HIDDEN_REPORTS.max_chars], why)
        for why, report in reports[: HIDDEN_REPORTS.max_reports]
        if any(char.isalnum() for char in report)
    ]


def _join_runs(text: PageText) -> list[tuple[str, str]]:
    """Return consecutive words that are hidden for the same reason as one text."""
    return [
        (why, clean_text(" ".join("".join(span["text"] for span in run.spans) for run in runs)))
        for why, runs in groupby(text.hidden, key=lambda run: run.why)
    ]


def _find_attached_text(page: Any, traced: TracedPage, state: _DocumentState) -> list[tuple[str, str]]:
    """Return the text in annotations, hidden layers and replacement texts, each with its reason."""
    attached = list(find_notes(page))
    if state.layers and (lines := state.layers.find_hidden_lines(page)):
        attached.append((IN_HIDDEN_LAYER, " ".join(lines)))
    if traced.paint.has_replacement_text and (text := find_replacement_text(traced.display_list)):
        attached.append((IN_REPLACEMENT_TEXT, text))
    return attached
