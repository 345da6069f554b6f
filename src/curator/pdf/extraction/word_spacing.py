"""Spaces that some fonts set so narrow that MuPDF takes several words for one: "Compositionofthetrainingdata".

They are rare, and therefore looked for only on pages with a word of unlikely length. There, the white between the
letters of its font decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from curator.pdf.extraction.parameters import WORD_SPACING
from curator.pdf.extraction.spans import RawLine, iterate_lines, rejoin_spans
from curator.pdf.rendering.display_list import extract_blocks, make_text_page

_LONG_WORD = re.compile(rf"[^\W\d_]{{{WORD_SPACING.min_long_word},}}")
_SpanKey = tuple[str, tuple[float, float]]  # font and origin
_Char = dict[str, Any]


def insert_spaces(display_list: Any, flags: int, lines: Sequence[RawLine], narrow_fonts: set[str]) -> None:
    """Insert the spaces that a page's spans lack, in place.

    Args:
        display_list: Of the page.
        flags: The options of MuPDF's structured text with which the lines were extracted.
        lines: Of the page.
        narrow_fonts: The document's fonts that are known to set narrow spaces; extended in place.
    """
    spans = [span for line, _ in lines for span in line]
    words = " ".join([span["text"] for span in spans]).split()
    min_length = WORD_SPACING.min_long_word
    if not narrow_fonts and max(map(len, words), default=0) < min_length:
        return
    suspects = {span["font"] for span in spans if len(span["text"]) >= min_length and _LONG_WORD.search(span["text"])}
    if not suspects and not any(span["font"] in narrow_fonts for span in spans):
        return
    chars_by_span = _extract_chars(display_list, flags)
    spaced = {
        key: _insert_spaces_by_gaps(chars) for key, chars in chars_by_span.items() if key[0] in suspects | narrow_fonts
    }
    for font in suspects - narrow_fonts:
        if _are_words([text for (name, _), text in spaced.items() if name == font]):
            narrow_fonts.add(font)
    for span in spans:
        text = spaced.get((span["font"], span["origin"])) if span["font"] in narrow_fonts else None
        if text and text.replace(" ", "") == span["text"].replace(" ", ""):
            span["text"] = text


def _extract_chars(display_list: Any, flags: int) -> dict[_SpanKey, list[_Char]]:
    """Return the characters of each span of a page, with their font size."""
    chars_by_span: dict[_SpanKey, list[_Char]] = {}
    blocks = extract_blocks(make_text_page(display_list, flags), chars=True)
    rejoin_spans(blocks)
    for line in iterate_lines(blocks):
        for span in line["spans"]:
            for char in span["chars"]:
                char["size"] = span["size"]
            chars_by_span[span["font"], span["chars"][0]["origin"]] = span["chars"]
    return chars_by_span


def _are_words(texts: Sequence[str]) -> bool:
    """Return whether texts, split at their narrow spaces, are words of likely lengths."""
    words = " ".join(texts).split()
    letters = sum(map(len, words))
    return letters >= WORD_SPACING.min_mean_word * len(words) and not any(map(_LONG_WORD.search, words))


def _insert_spaces_by_gaps(chars: Sequence[_Char]) -> str:
    """Return a span's text with a space wherever there is white between two letters. It reads from left to right."""
    text = str(chars[0]["c"])
    for before, char in pairwise(chars):
        has_gap = char["bbox"][0] - before["bbox"][2] > WORD_SPACING.min_space * char["size"]
        text += f" {char['c']}" if has_gap and not (before["c"].isspace() or char["c"].isspace()) else char["c"]
    return text
