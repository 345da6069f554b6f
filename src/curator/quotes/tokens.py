"""Normalised text cut into words, numbers and signs, and the citations among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curator.quotes.vocabulary import DECISIVE

MARKS = frozenset(",;:.'()[]{}\"*†‡§¶`•·▪◦‣⁃")
"""Signs whose loss changes nothing, where they are no part of a number."""
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
"""People who are called May or Still."""
_NO_AUTHORS = frozenset({
    "in", "on", "of", "from", "with", "to", "at", "by", "is", "are", "was", "were", "for", "models", "tasks", "data",
    "released", "published",
})  # fmt: skip
_FOOTNOTE = re.compile(
    r"(?:(?<=[^\W\d_]{4})|(?<=[.,;:)\]'?!]))(?:\^ ?\d{1,3}(?: ?, ?\d{1,3}){0,8}|[†‡*]{1,3})"
    r"|(?<=[^\W\d_]{4}[.,;)'?!])\d{1,2}(?= [^\W\d_]|\Z)"
)


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """The tokens of a normalised text with their offsets."""
    return [Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]


def word_count(text: str) -> int:
    return len(_WORD.findall(text))


def words_in(text: str) -> list[str]:
    """The words and numbers of a normalised text."""
    return _WORD.findall(text)


def count_trigrams(of: Sequence[Token]) -> Iterator[tuple[str, ...]]:
    return ((of[i].text, of[i + 1].text, of[i + 2].text) for i in range(len(of) - 2))


def find_citations(text: str) -> Iterator[tuple[int, int]]:
    """Where a normalised text has markers of citations, footnotes, figures and sections that may be left out.

    A bracket that holds a negation, a condition or a hedge is more than a marker.
    """
    for match in _CITATION.finditer(text):
        said = _WORD.findall(_AUTHOR.sub("", match[0]))
        if not (DECISIVE | _NO_AUTHORS if match["years"] else DECISIVE).intersection(said):
            yield match.span()
    for match in _FOOTNOTE.finditer(text):
        yield match.span()
