"""Blanks that some fonts set so narrow that MuPDF takes their words for one: "Compositionofthetrainingdata".

Rare, so looked for only where a page has a word of unlikely length; then the white between its font's letters decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from curator.pdf.extraction.spans import rejoin
from curator.pdf.rendering.display_list import spans_of, text_page

LONG_WORD = 20  # letters in a row
NARROW_BLANK = 0.09  # of the font's size; MuPDF asks for 0.15
LIKELY = 3.5  # letters in an average word; less, and the white is that between letters

_LONG = re.compile(rf"[^\W\d_]{{{LONG_WORD},}}")
Line = tuple[list[dict[str, Any]], tuple[float, float]]


def mend(shown: Any, flags: int, lines: Sequence[Line], tight: set[str]) -> None:
    """Put blanks where a page's spans lack them, in place.

    `shown`: its display list, read with these `flags` of MuPDF's. `tight`: the document's fonts that are known to set
    narrow blanks; grows.
    """
    spans = [span for line, _ in lines for span in line]
    words = " ".join([span["text"] for span in spans]).split()
    if not tight and max(map(len, words), default=0) < LONG_WORD:
        return
    suspects = {span["font"] for span in spans if len(span["text"]) >= LONG_WORD and _LONG.search(span["text"])}
    if not suspects and not any(span["font"] in tight for span in spans):
        return
    letters = _letters(shown, flags)
    parted = {key: _with_blanks(chars) for key, chars in letters.items() if key[0] in suspects | tight}
    for font in suspects - tight:
        if _are_words([text for (name, _), text in parted.items() if name == font]):
            tight.add(font)
    for span in spans:
        text = parted.get((span["font"], span["origin"])) if span["font"] in tight else None
        if text and text.replace(" ", "") == span["text"].replace(" ", ""):
            span["text"] = text


def _letters(shown: Any, flags: int) -> dict[tuple[str, tuple[float, float]], list[dict[str, Any]]]:
    """The letters of each span of a page, by its font and where it starts."""
    found: dict[tuple[str, tuple[float, float]], list[dict[str, Any]]] = {}
    blocks = spans_of(text_page(shown, flags), chars=True)
    rejoin(blocks)
    for block in blocks:
        for line in block.get("lines", ()):
            for span in line["spans"]:
                for char in span["chars"]:
                    char["size"] = span["size"]
                found[span["font"], span["chars"][0]["origin"]] = span["chars"]
    return found


def _are_words(texts: Sequence[str]) -> bool:
    """Whether these, parted at their narrow blanks, come in words, and no more in words of unlikely length."""
    words = " ".join(texts).split()
    letters = sum(map(len, words))
    return letters >= LIKELY * len(words) and not any(_LONG.search(word) for word in words)


def _with_blanks(chars: Sequence[dict[str, Any]]) -> str:
    """A span's text, parted where there is white between its letters."""
    text = str(chars[0]["c"])
    for before, char in pairwise(chars):
        apart = char["bbox"][0] - before["bbox"][2] > NARROW_BLANK * char["size"]  # reads from left to right
        text += f" {char['c']}" if apart and not (before["c"].isspace() or char["c"].isspace()) else char["c"]
    return text
