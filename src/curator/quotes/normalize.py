"""Normalise a quote and a paper's text, so that they can be compared.

Texts that a reader would call the same (another typeface, ligatures, quotation marks, dashes, a word that is broken
at the end of a line) become equal. Each character of the result has its place in the original.
"""

from __future__ import annotations

import unicodedata
from array import array
from dataclasses import dataclass
from functools import lru_cache

_HYPHEN, _EN_DASH, _DASH, _SOFT = "-", "–", "—", "\u00ad"
_JOINABLE = frozenset(_HYPHEN + _EN_DASH + _DASH + _SOFT)
_HYPHENS = frozenset("-\u2010\u2011\u2043\ufe63\uff0d")
_EN_DASHES = frozenset("\u2012\u2013")
_OTHER_DASHES = frozenset("\u2014\u2015\u2212\u207b\u208b\u2e3a\u2e3b\ufe58\u301c\u3030")
_QUOTES = frozenset("'\"`´‘’‚‛“”„‟‹›«»′″‴‵‶‷ʹʺʻʼʽˈ＂＇｀❛❜❝❞〝〞〟")
_SLASHES = frozenset("\u2044\u2215")
_TILDES = frozenset("\u223c\u02dc\uff5e\u2053")
_SPACING_ACCENTS = frozenset("\u02c6\u02c7\u02c9\u02ca\u02cb\u02d8\u02d9\u02da")
_OVERLAY = 1
"""Combining class of the strokes that turn = into ≠. Unlike accents they change the meaning, so they are kept."""
_COLLAPSING = frozenset(" '" + _DASH)


@dataclass(frozen=True)
class NormalizedText:
    """A normalised text. Its character i was made from `original[starts[i]:ends[i]]`."""

    text: str
    starts: array[int]
    ends: array[int]

    def get_original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the start and end, in the original, of what `text[start:end]` was made from.

        Raises:
            IndexError: The stretch is empty or outside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise IndexError(f"There is no stretch {start}:{end} in a text of {len(self.text)} characters.")
        return self.starts[start], self.ends[end - 1]


def normalize(text: str) -> NormalizedText:
    """Fold all differences that a reader would not notice.

    Folded are compatibility forms (NFKD), accents, case, quotation marks (to '), dashes (to —), runs of white space,
    invisible characters, and hyphens within a word, with or without white space after them: whether a hyphen at the
    end of a line belongs to the word cannot be known. Superscript numbers become ^2, so that 10² is not 102.

    Args:
        text: Any text. The time taken is linear in its length.

    Returns:
        The normalised text. Normalising it again changes nothing.
    """
    marks, starts, ends = _fold_characters(text)
    builder = _TextBuilder()
    i, last = 0, len(marks) - 1
    while i <= last:
        mark = marks[i]
        if mark not in _JOINABLE:
            builder.add(mark, starts[i], ends[i])
            i += 1
            continue
        before = builder.characters[-1] if builder.characters else " "
        gap = i < last and marks[i + 1] == " " and mark in (_HYPHEN, _SOFT)
        follower = i + 2 if gap else i + 1
        after = marks[follower] if follower <= last else " "
        joins = before.isalpha() and after.isalpha()
        if mark == _DASH or not (joins or mark == _SOFT):
            builder.add(_DASH, starts[i], ends[i])
        closes_gap = gap and (joins or (mark == _HYPHEN and before.isalnum() and after.isalnum()))
        i = follower if closes_gap else i + 1
    return builder.build()


def fold_space(text: str) -> str:
    """Return a text on one line, with single spaces and none at the ends."""
    return " ".join(text.split())


class _TextBuilder:
    """Collects folded characters with their places; `build` strips spaces at the ends."""

    def __init__(self) -> None:
        self.characters: list[str] = []
        self.starts = array("L")
        self.ends = array("L")

    def add(self, character: str, start: int, end: int) -> None:
        if character in _COLLAPSING and self.characters and self.characters[-1] == character:
            self.ends[-1] = end
            return
        self.characters.append(character)
        self.starts.append(start)
        self.ends.append(end)

    def build(self) -> NormalizedText:
        first = 1 if self.characters[:1] == [" "] else 0
        last = len(self.characters) - (1 if len(self.characters) > first and self.characters[-1] == " " else 0)
        return NormalizedText("".join(self.characters[first:last]), self.starts[first:last], self.ends[first:last])


def _fold_characters(text: str) -> tuple[list[str], array[int], array[int]]:
    """Fold each character by itself, and merge runs of spaces and of dashes."""
    marks: list[str] = []
    starts, ends = array("L"), array("L")
    for offset, character in enumerate(text):
        for mark in fold_character(character):
            if marks and mark == " " == marks[-1]:
                ends[-1] = offset + 1
            elif marks and mark in _JOINABLE and marks[-1] in _JOINABLE:
                marks[-1] = _merge_dashes(marks[-1], mark)
                ends[-1] = offset + 1
            else:
                marks.append(mark)
                starts.append(offset)
                ends.append(offset + 1)
    return marks, starts, ends


def _merge_dashes(left: str, right: str) -> str:
    """Merge two neighbouring dashes: LaTeX's -- and --- are dashes, a soft hyphen has no effect."""
    if _SOFT in (left, right):
        return right if left == _SOFT else left
    return _DASH


@lru_cache(maxsize=8192)
def fold_character(character: str) -> str:
    """Fold one character, whatever its neighbours. An invisible character becomes an empty string."""
    if character.isspace():
        return " "
    if character == _SOFT:
        return _SOFT
    if character in _QUOTES:
        return "'"
    tag = unicodedata.decomposition(character).partition(" ")[0]
    folded = "".join(_fold_simple(part) for part in _decompose(character))
    if folded.startswith(" ") and unicodedata.category(character) != "Cc":
        folded = folded.lstrip(" ")  # a spacing accent decomposes to a space and the accent
    if tag == "<fraction>":
        return " " + folded  # 2½ is not 21/2
    if tag == "<super>" and folded[:1].isdigit():
        return "^" + folded
    return folded


_FOLDED = {
    **dict.fromkeys(_SPACING_ACCENTS, ""),
    **dict.fromkeys(_TILDES, "~"),
    **dict.fromkeys(_SLASHES, "/"),
    **dict.fromkeys(_QUOTES, "'"),
    **dict.fromkeys(_OTHER_DASHES, _DASH),
    **dict.fromkeys(_EN_DASHES, _EN_DASH),
    **dict.fromkeys(_HYPHENS, _HYPHEN),
    "ı": "i",
}
"""Characters that have several variants, each with the variant that replaces them all."""


def _decompose(character: str) -> str:
    previous = ""
    while previous != character:
        previous, character = character, unicodedata.normalize("NFKD", character.casefold())
    return character


def _fold_simple(character: str) -> str:
    if (folded := _FOLDED.get(character)) is not None:
        return folded
    category = unicodedata.category(character)
    if category == "Cc" or category[0] == "Z":
        return " "
    if category == "Cf" or "\ufe00" <= character <= "\ufe0f":
        return ""
    if "\u0300" <= character <= "\u036f" and unicodedata.combining(character) != _OVERLAY:
        return ""
    return character
