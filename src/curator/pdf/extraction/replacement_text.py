"""Replacement texts (/ActualText): words that a page gives to machines in place of those that it prints."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Any

import pymupdf as _pymupdf

from curator.pdf.extraction.parameters import REPLACEMENT_TEXT
from curator.pdf.rendering.display_list import make_text_page
from curator.pdf.text.characters import clean_text

pymupdf: Any = _pymupdf

IN_REPLACEMENT_TEXT = "given to machines in place of what is printed"

_TEXT_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE
_WORD = re.compile(r"\w+")


def find_replacement_text(display_list: Any) -> str:
    """Find the words that a page gives to machines and whose letters it does not print.

    Returns:
        The words, separated by spaces; "" if there are none.
    """
    given = _extract_words(display_list, _TEXT_FLAGS)
    printed = _extract_words(display_list, _TEXT_FLAGS | pymupdf.TEXT_IGNORE_ACTUALTEXT)
    if given == printed:
        return ""
    printed_letters = "".join(map(_get_letters, printed))
    extra = Counter(map(_get_letters, given)) - Counter(map(_get_letters, printed))
    not_printed: list[str] = []
    for word in given:
        letters = _get_letters(word)
        if extra[letters] > 0:
            extra[letters] -= 1
            if len(letters) >= REPLACEMENT_TEXT.min_word and letters not in printed_letters:
                not_printed.append(word)
    return " ".join(not_printed)


def _extract_words(display_list: Any, flags: int) -> list[str]:
    """Return a page's words, those that are hyphenated at the end of a line as one."""
    text = make_text_page(display_list, flags).extractText()
    return clean_text(text.replace("\u00ad\n", "").replace("-\n", "")).split()


def _get_letters(word: str) -> str:
    return "".join(_WORD.findall(unicodedata.normalize("NFKC", word))).casefold()
