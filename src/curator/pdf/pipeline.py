"""One paper, from the bytes of its PDF to its Document or a verdict why there is none."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from curator.errors import PdfUnreadable
from curator.pdf import extract
from curator.pdf.assemble import compose
from curator.pdf.extraction import spans, word_spacing
from curator.pdf.layout import (
    block_quotes,
    block_splitting,
    block_types,
    blocks,
    columns,
    drop_caps,
    fragments,
    furniture,
    headings,
    joining,
    line_numbers,
    lines,
    margins,
    paragraphs,
    reading_order,
    sections,
)
from curator.pdf.text import sentences
from curator.pdf.text.text_quality import is_garbled
from curator.pdf.visibility import hidden_text, render_diff, scans
from curator.types import Document

READER_VERSION = 6  # goes up whenever the same PDF would give another text
MIN_CHARS = 10  # a page, on average, without white space; with fewer there is nothing to read

SETTINGS: dict[str, str | int | float | bool] = {
    "flags": int(hidden_text.FLAGS),
    "tiny": spans.TINY,
    "family": spans.FAMILY,
    "small": spans.SMALL,
    "lift": spans.LIFT,
    "em_per_char": spans.EM_PER_CHAR,
    "narrow": hidden_text.NARROW,
    "max_looks": hidden_text.MAX_LOOKS,
    "least_difference": render_diff.LEAST,
    "look_zoom": render_diff.ZOOM,
    "max_page_chars": hidden_text.MAX_PAGE_CHARS,
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
    "near_rim": margins.NEAR_RIM,
    "long_word": word_spacing.LONG_WORD,
    "narrow_blank": word_spacing.NARROW_BLANK,
    "initial": drop_caps.LARGE,
    "same_height": furniture.SAME_HEIGHT,
    "min_line_numbers": line_numbers.MIN_LINE_NUMBERS,
    "rim": margins.RIM,
    "edge": margins.EDGE,
    "apart": margins.APART,
    "numbered_apart": margins.NUMBERED_APART,
    "largest_at_rim": margins.LARGEST,
    "min_column": columns.MIN_COLUMN,
    "min_gutter": columns.MIN_GUTTER,
    "prose_chars": columns.PROSE_CHARS,
    "prose_fill": columns.PROSE_FILL,
    "crossing": columns.CROSSING,
    "crumbs": fragments.CRUMBS,
    "touching": fragments.TOUCHING,
    "near": fragments.NEAR,
    "same_gutter": columns.SAME_GUTTER,
    "tallest": columns.TALLEST,
    "max_depth": reading_order.MAX_DEPTH,
    "max_column_fragments": columns.MAX_COLUMN_FRAGMENTS,
    "cell_gap": block_splitting.CELL_GAP,
    "aligned": block_splitting.ALIGNED,
    "aligned_gap": block_splitting.ALIGNED_GAP,
    "aligned_lines": block_splitting.ALIGNED_LINES,
    "justified_gap": block_splitting.JUSTIFIED_GAP,
    "formula_gap": block_splitting.FORMULA_GAP,
    "smaller": block_splitting.SMALLER,
    "interleaved": block_splitting.INTERLEAVED,
    "label": block_splitting.LABEL,
    "caption_leading": joining.CAPTION_LEADING,
    "same_size": blocks.SAME_SIZE,
    "foot": paragraphs.FOOT,
    "short_line": paragraphs.SHORT_LINE,
    "hanging_lines": paragraphs.HANGING_LINES,
    "wide_gap": paragraphs.WIDE_GAP,
    "small_print": blocks.SMALL_PRINT,
    "min_abstract": sections.MIN_ABSTRACT,
    "max_title": headings.MAX_TITLE,
    "larger": headings.LARGER,
    "same_slot": furniture.SAME_SLOT,
    "slot_share": furniture.SLOT_SHARE,
    "min_slot_pages": furniture.MIN_SLOT_PAGES,
    "largest_head": furniture.LARGEST_HEAD,
    "head_gap": furniture.HEAD_GAP,
    "margin_note": lines.MARGIN_NOTE,
    "inside_note": lines.INSIDE_NOTE,
    "wordy": block_splitting.WORDY,
    "cell_white": block_types.CELL_WHITE,
    "column_white": block_types.COLUMN_WHITE,
    "cell_lines": block_types.CELL_LINES,
    "written_words": block_types.WRITTEN_WORDS,
    "written_letters": block_types.WRITTEN_LETTERS,
    "label_size": block_types.LABEL_SIZE,
    "formula_reach": block_types.FORMULA_REACH,
    "piece_words": block_types.PIECE_WORDS,
    "indent": block_quotes.INDENT,
    "uneven": block_quotes.UNEVEN,
    "full_width": block_quotes.FULL_WIDTH,
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
