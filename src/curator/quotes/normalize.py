"""One normaliser for both sides of every comparison of a quote with a paper.

Two texts that a reader would call the same words (another typeface, ligatures, quotes, dashes, a word broken at
the end of a line) come out equal, and each character of the result knows where it came from.
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
"""Combining class of the strokes that turn = into ≠: unlike accents they change the meaning and are kept."""
_COLLAPSING = frozenset(" '" + _DASH)


@dataclass(frozen=True)
class NormalizedText:
    """A normalised text; character i of it was made from `original[starts[i]:ends[i]]`."""

    text: str
    starts: array[int]
    ends: array[int]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that `text[start:end]`, not empty, was made from.

        Raises IndexError where the stretch is empty or lies outside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise IndexError(f"There is no stretch {start}:{end} in a text of {len(self.text)} characters.")
        return self.starts[start], self.ends[end - 1]


def normalize(text: str) -> NormalizedText:
    """Fold what a reader would not call a difference; idempotent; linear in the length of `text`.

    Folded are: compatibility forms (NFKD), accents, case, quotation marks (all to '), dashes (all to —), runs of
    white space, invisible characters, and hyphens within a word, with or without white space behind: whether
    "state-of-the-\\nart" had its last hyphen before the line was broken, nobody can tell afterwards. Superscript
    numbers become ^2, so that 10² is not 102.
    """
    marks, starts, ends = _fold_characters(text)
    out = _Output()
    i, last = 0, len(marks) - 1
    while i <= last:
        mark = marks[i]
        if mark not in _JOINABLE:
            out.put(mark, starts[i], ends[i])
            i += 1
            continue
        before = out.characters[-1] if out.characters else " "
        gap = i < last and marks[i + 1] == " " and mark in (_HYPHEN, _SOFT)
        follower = i + 2 if gap else i + 1
        after = marks[follower] if follower <= last else " "
        joins = before.isalpha() and after.isalpha()
        if mark == _DASH or not (joins or mark == _SOFT):
            out.put(_DASH, starts[i], ends[i])
        closes_gap = gap and (joins or (mark == _HYPHEN and before.isalnum() and after.isalnum()))
        i = follower if closes_gap else i + 1
    return out.stripped()


def fold_space(text: str) -> str:
    """`text` on one line: every run of white space is one blank, none at the ends."""
    return " ".join(text.split())


class _Output:
    def __init__(self) -> None:
        self.characters: list[str] = []
        self.starts = array("L")
        self.ends = array("L")

    def put(self, character: str, start: int, end: int) -> None:
        if character in _COLLAPSING and self.characters and self.characters[-1] == character:
            self.ends[-1] = end
            return
        self.characters.append(character)
        self.starts.append(start)
        self.ends.append(end)

    def stripped(self) -> NormalizedText:
        first = 1 if self.characters[:1] == [" "] else 0
        last = len(self.characters) - (1 if len(self.characters) > first and self.characters[-1] == " " else 0)
        return NormalizedText("".join(self.characters[first:last]), self.starts[first:last], self.ends[first:last])


def _fold_characters(text: str) -> tuple[list[str], array[int], array[int]]:
    """Each character folded by itself; runs of blanks and of dashes drawn together."""
    marks: list[str] = []
    starts, ends = array("L"), array("L")
    for offset, character in enumerate(text):
        for mark in fold_character(character):
            if marks and mark == " " == marks[-1]:
                ends[-1] = offset + 1
            elif marks and mark in _JOINABLE and marks[-1] in _JOINABLE:
                marks[-1] = _dash_run(marks[-1], mark)
                ends[-1] = offset + 1
            else:
                marks.append(mark)
                starts.append(offset)
                ends.append(offset + 1)
    return marks, starts, ends


def _dash_run(left: str, right: str) -> str:
    """What two neighbouring dashes amount to: LaTeX's -- and --- are dashes, a soft hyphen is nothing."""
    if _SOFT in (left, right):
        return right if left == _SOFT else left
    return _DASH


@lru_cache(maxsize=8192)
def fold_character(character: str) -> str:
    """What one character becomes, whatever stands beside it; "" where it is invisible."""
    if character.isspace():
        return " "
    if character == _SOFT:
        return _SOFT
    if character in _QUOTES:
        return "'"
    tag = unicodedata.decomposition(character).partition(" ")[0]
    folded = "".join(_fold_simple(part) for part in _decompose(character))
    if folded.startswith(" ") and unicodedata.category(character) != "Cc":
        folded = folded.lstrip(" ")  # a spacing accent decomposes to a blank and the accent
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
"""Signs that are written in several ways, each with the one that stands for all."""


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
