"""One paper, from the bytes of its PDF to its Document or a verdict why there is none."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from curator.errors import PdfUnreadable
from curator.read import (
    blanks,
    extract,
    forms,
    furniture,
    hidden,
    initials,
    layout,
    line_numbers,
    paragraphs,
    quotations,
    rims,
    scans,
    seams,
    sections,
    sentences,
    sight,
    spans,
)
from curator.read.compose import compose
from curator.read.language import is_garbled
from curator.records import Document

READER_VERSION = 6  # goes up whenever the same PDF would give another text
MIN_CHARS = 10  # a page, on average, without white space; with fewer there is nothing to read

SETTINGS: dict[str, str | int | float | bool] = {
    "flags": int(hidden.FLAGS),
    "tiny": spans.TINY,
    "family": spans.FAMILY,
    "small": spans.SMALL,
    "lift": spans.LIFT,
    "em_per_char": spans.EM_PER_CHAR,
    "narrow": hidden.NARROW,
    "max_looks": hidden.MAX_LOOKS,
    "least_difference": sight.LEAST,
    "look_zoom": sight.ZOOM,
    "max_page_chars": hidden.MAX_PAGE_CHARS,
    "scan_picture": scans.PICTURE,
    "scan_inked": scans.INKED,
    "scan_honest": scans.HONEST,
    "scan_explained": scans.EXPLAINED,
    "min_chars": MIN_CHARS,
    "margin": furniture.MARGIN,
    "outer_rows": furniture.OUTER_ROWS,
    "same_row": furniture.SAME_ROW,
    "gap": furniture.GAP,
    "long_enough": furniture.LONG_ENOUGH,
    "far": furniture.FAR,
    "title_words": furniture.TITLE_WORDS,
    "near_rim": rims.NEAR_RIM,
    "long_word": blanks.LONG_WORD,
    "narrow_blank": blanks.NARROW_BLANK,
    "initial": initials.LARGE,
    "same_height": furniture.SAME_HEIGHT,
    "min_line_numbers": line_numbers.MIN_LINE_NUMBERS,
    "rim": rims.RIM,
    "edge": rims.EDGE,
    "apart": rims.APART,
    "numbered_apart": rims.NUMBERED_APART,
    "largest_at_rim": rims.LARGEST,
    "min_column": layout.MIN_COLUMN,
    "min_gutter": layout.MIN_GUTTER,
    "prose_chars": layout.PROSE_CHARS,
    "prose_fill": layout.PROSE_FILL,
    "crossing": layout.CROSSING,
    "crumbs": layout.CRUMBS,
    "touching": layout.TOUCHING,
    "near": layout.NEAR,
    "same_gutter": layout.SAME_GUTTER,
    "tallest": layout.TALLEST,
    "max_depth": layout.MAX_DEPTH,
    "max_column_fragments": layout.MAX_COLUMN_FRAGMENTS,
    "cell_gap": seams.CELL_GAP,
    "aligned": seams.ALIGNED,
    "aligned_gap": seams.ALIGNED_GAP,
    "aligned_lines": seams.ALIGNED_LINES,
    "justified_gap": seams.JUSTIFIED_GAP,
    "formula_gap": seams.FORMULA_GAP,
    "smaller": seams.SMALLER,
    "interleaved": seams.INTERLEAVED,
    "label": seams.LABEL,
    "caption_leading": paragraphs.CAPTION_LEADING,
    "same_size": paragraphs.SAME_SIZE,
    "foot": paragraphs.FOOT,
    "short_line": paragraphs.SHORT_LINE,
    "hanging_lines": paragraphs.HANGING_LINES,
    "wide_gap": paragraphs.WIDE_GAP,
    "small_print": paragraphs.SMALL_PRINT,
    "min_abstract": sections.MIN_ABSTRACT,
    "max_title": sections.MAX_TITLE,
    "larger": sections.LARGER,
    "same_slot": furniture.SAME_SLOT,
    "slot_share": furniture.SLOT_SHARE,
    "min_slot_pages": furniture.MIN_SLOT_PAGES,
    "largest_head": furniture.LARGEST_HEAD,
    "head_gap": furniture.HEAD_GAP,
    "margin_note": layout.MARGIN_NOTE,
    "inside_note": layout.INSIDE_NOTE,
    "wordy": seams.WORDY,
    "cell_white": forms.CELL_WHITE,
    "column_white": forms.COLUMN_WHITE,
    "cell_lines": forms.CELL_LINES,
    "written_words": forms.WRITTEN_WORDS,
    "written_letters": forms.WRITTEN_LETTERS,
    "label_size": forms.LABEL_SIZE,
    "formula_reach": forms.FORMULA_REACH,
    "piece_words": forms.PIECE_WORDS,
    "indent": quotations.INDENT,
    "uneven": quotations.UNEVEN,
    "full_width": quotations.FULL_WIDTH,
    "max_sentence": sentences.MAX_SENTENCE,
}


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
    document = compose(
        raw_pages,
        paper_id,
        version,
        hashlib.sha256(data).hexdigest(),
        f"pymupdf {extract.VERSION} / curator {READER_VERSION}",
        SETTINGS,
    )
    text = "\n".join(page.text for page in document.pages)
    if len(text) - text.count(" ") - text.count("\n") < MIN_CHARS * len(raw_pages):
        raise PdfUnreadable(
            "This PDF has no text in it: its pages are pictures or blank, so there is nothing to quote.",
            "no-text",
        )
    if is_garbled(text):
        raise PdfUnreadable("The text in this PDF is garbled: its fonts do not say which letters they show.", "garbled")
    return document
