"""Sentence boundaries, found by rules in time linear in the text's length, with the same result every time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curator.pdf.text.parameters import SENTENCES

_STOP = re.compile(r"[.!?…]+|[。！？]")
_CLOSERS = "\"'”’»)]}"
_OPENERS = "\"'“‘«([{"
_ABBREVIATIONS = frozenset({
    "al", "approx", "appx", "aug", "ave", "cf", "ch", "chap", "col", "corp", "dec", "def", "dept", "dr", "ed", "eds",
    "eg", "e.g", "eq", "eqn", "eqns", "eqs", "esp", "est", "ex", "exp", "feb", "fig", "figs", "ibid", "i.e", "ie",
    "inc", "jan", "jr", "lem", "ltd", "max", "min", "mr", "mrs", "ms", "no", "nos", "nov", "oct", "p.s", "para", "ph.d",
    "pp", "prof", "prop", "ref", "refs", "resp", "rev", "sec", "secs", "sect", "sep", "sept", "sr", "ss", "st", "suppl",
    "tab", "tabs", "thm", "tr", "trans", "univ", "viz", "vol", "vols", "vs", "v.s", "w.r.t", "wrt", "a.k.a", "i.i.d",
    "s.t"
})  # fmt: skip
# Abbreviations that never end a sentence.
_NEVER_LAST = frozenset({
    "cf", "dr", "e.g", "eg", "eq", "eqn", "eqns", "eqs", "fig", "figs", "i.e", "ie", "mr", "mrs", "ms", "prof", "ref",
    "refs", "sec", "secs", "sect", "vs", "viz", "pp"
})  # fmt: skip
# Words that start a sentence after an abbreviation; other capitals may be names.
_STARTERS = frozenset({
    "A", "All", "Although", "An", "And", "As", "At", "Because", "Both", "But", "By", "Each", "Finally", "First", "For",
    "From", "Given", "Hence", "However", "I", "If", "In", "Instead", "It", "Its", "Like", "Many", "More", "Most",
    "Next", "No", "Note", "On", "Once", "One", "Only", "Other", "Our", "Prior", "Recent", "Second", "Several",
    "Similarly", "Since", "So", "Some", "Such", "That", "The", "Their", "Then", "There", "Therefore", "These", "They",
    "This", "Those", "Thus", "To", "Under", "Unlike", "Until", "We", "What", "When", "Where", "Whether", "Which",
    "While", "With", "You"
})  # fmt: skip
_WORD_BEFORE = re.compile(r"[^\s(\[{\"'“‘«/—–]*$")
_FIRST_WORD = re.compile(r"[\"'“‘«(\[]?([^\W\d_]+)")
_INITIALS = re.compile(r"(?:[A-Z]\.)+[A-Z]")
_NOTE_MARK = re.compile(r"(?:\d{1,2}|[*†‡§])(?=\s)")
_CITATION = re.compile(r"\[\d{1,3}(?:[,–-] ?\d{1,3}){0,20}\](?=\s|$)")


def split_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each sentence of one paragraph, in order, without the white space between them."""
    start = 0
    for end in _find_ends(text):
        yield from _split_long(text, start, end)
        start = end
        while start < len(text) and text[start].isspace():
            start += 1
    if start < len(text):
        yield from _split_long(text, start, len(text.rstrip()))


def _find_ends(text: str) -> Iterator[int]:
    last = 0
    for match in _STOP.finditer(text):
        end = _find_end(text, match.start(), match.end())
        if end is not None and end > last:
            yield end
            last = end


def _find_end(text: str, stop: int, end: int) -> int | None:
    """Return the end of the sentence that the marks from `stop` to `end` close; None if they close no sentence."""
    while end < len(text) and text[end] in _CLOSERS:
        end += 1
    if text[stop] in "。！？":
        return end
    if end < len(text) and not text[end].isspace():
        mark_end = _find_mark_end(text, stop, end)
        if mark_end is None:
            return None
        end = mark_end
    following = end
    while following < len(text) and text[following].isspace():
        following += 1
    if following >= len(text):
        return end
    if text[stop] == "." and _is_abbreviation(text, stop, following):
        return None
    return end if _can_start(text, following, text[stop]) else None


def _find_mark_end(text: str, stop: int, end: int) -> int | None:
    """Return the end of a footnote's mark or a citation right after the sentence; None if there is other text."""
    if not text[stop - 1 : stop].isalpha():
        return None
    mark = _CITATION.match(text, end) or _NOTE_MARK.match(text, end)
    return mark.end() if mark else None


def _is_abbreviation(text: str, stop: int, following: int) -> bool:
    """Return whether the stop ends an abbreviation, an initial or the number of an item, and not a sentence."""
    match = _WORD_BEFORE.search(text[max(0, stop - 20) : stop])
    word = match[0] if match else ""
    bare = word.lower().strip(".,;:")
    if bare in _NEVER_LAST:
        return True
    initial = len(word) == 1 and word.isupper()  # or a symbol
    if bare in _ABBREVIATIONS or initial or _INITIALS.fullmatch(word):  # U.S, J.R.R
        # "et al. We" and "no. We" end a sentence; "al. (2020)" and "no. 3" do not
        return not _starts_sentence_word(text, following)
    return 0 < stop <= 3 and text[:stop].isdigit()  # "1. Item"


def _starts_sentence_word(text: str, at: int) -> bool:
    match = _FIRST_WORD.match(text, at)
    return bool(match and match[1] in _STARTERS)


def _can_start(text: str, at: int, mark: str) -> bool:
    """Return whether a sentence may start here: with any character but a lower-case letter or punctuation."""
    while at < len(text) and text[at] in _OPENERS:
        at += 1
    if at >= len(text):
        return False
    first = text[at]
    if first.islower():
        return at + 1 < len(text) and text[at + 1].isupper() and mark == "."  # "iPhone", "mBERT"
    return first not in ",;:.)]}%"


def _split_long(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a sentence, in pieces at white space if it is too long."""
    longest = SENTENCES.max_sentence
    while end - start > longest:
        at = text.rfind(" ", start + longest // 2, start + longest)
        if at < 0:
            at = start + longest
        yield start, at
        start = at
        while start < end and text[start].isspace():
            start += 1
    if end > start:
        yield start, end
