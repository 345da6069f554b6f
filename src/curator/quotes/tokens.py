"""Divide normalised text into words, numbers and other characters, and find the citations in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curator.quotes.vocabulary import DECISIVE

MARKS = frozenset(",;:.'()[]{}\"*†‡§¶`•·▪◦‣⁃")
"""Characters that may be missing without a change of meaning, unless they are part of a number."""
_TOKEN = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:[.:/]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|\S")
_WORD = re.compile(r"[^\W_]+")
_YEAR = r"(?:1[89]|20)\d\d[a-z]?(?:, ?[a-z](?![^\W_])){0,5}"
_TAIL = r"(?:,? (?:pp?|ch|sec|section|chapter|table|fig|figure|inter alia|among others|and others)\b[.\d\s—]{0,12})?"
_LABEL = r"[a-z][a-z+]{1,9}\+?\d\d(?:\d\d)?[a-z]?"
_CITATION = re.compile(
    r"\[ ?\d{1,3}(?: ?[,;—] ?\d{1,3}){0,30} ?\]"
    rf"|\[ ?{_LABEL}(?: ?[,;] ?{_LABEL}){{0,20}} ?\]"
    rf"|(?P<years>[(\[](?:[^()\[\]]{{0,300}}[ ,;])?{_YEAR}{_TAIL}[)\]])"
    r"|\((?:see |cf\. ?|e\.g\.,? )?(?:also )?(?:fig(?:ure)?s?|tables?|tab|sections?|sec|appendix|appendices|app|eqs?|"
    r"equations?|algorithm|footnote|§)\b\.? ?[^()]{0,60}\)"
)
_AUTHOR = re.compile(rf"(?<![^\W\d_])[^\W\d_]++(?= et al|,? {_YEAR})|(?<=and )[^\W\d_]++")
"""Authors of a citation, whose names may be words such as "May" or "Still"."""
_NEVER_AUTHORS = frozenset({
    "in", "on", "of", "from", "with", "to", "at", "by", "is", "are", "was", "were", "for", "models", "tasks", "data",
    "released", "published",
})  # fmt: skip
_FOOTNOTE = re.compile(
    r"(?:(?<=[^\W\d_]{4})|(?<=[.,;:)\]'?!]))(?:\^ ?\d{1,3}(?: ?, ?\d{1,3}){0,8}|[†‡*]{1,3})"
    r"|(?<=[^\W\d_]{4}[.,;)'?!])\d{1,2}(?= [^\W\d_]|\Z)"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a single other character of a normalised text, with its offsets."""

    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Divide a normalised text into tokens."""
    return [Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]


def count_words(text: str) -> int:
    """Return the number of words and numbers in a normalised text."""
    return len(_WORD.findall(text))


def list_words(text: str) -> list[str]:
    """Return the words and numbers of a normalised text."""
    return _WORD.findall(text)


def list_trigrams(tokens: Sequence[Token]) -> Iterator[tuple[str, ...]]:
    """Yield the texts of each three neighbouring tokens."""
    return ((tokens[i].text, tokens[i + 1].text, tokens[i + 2].text) for i in range(len(tokens) - 2))


def find_citations(text: str) -> Iterator[tuple[int, int]]:
    """Find the markers of citations, footnotes, figures and sections that a quote may leave out.

    A bracket that contains a negation, a condition or a hedge is no mere marker.

    Args:
        text: A normalised text.

    Yields:
        The start and end (exclusive) of each marker. Footnote marks come last.
    """
    for match in _CITATION.finditer(text):
        words = _WORD.findall(_AUTHOR.sub("", match[0]))
        if not (DECISIVE | _NEVER_AUTHORS if match["years"] else DECISIVE).intersection(words):
            yield match.span()
    for match in _FOOTNOTE.finditer(text):
        yield match.span()
