"""Where sentences end. Rules, not a model: linear in the text's length, and the same answer every time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curator.pdf.text.parameters import SENTENCES
from curator.sanitize import word_set

_STOP = re.compile(r"[.!?…]+|[。！？]")
_CLOSERS = "\"'”’»)]}"
_OPENERS = "\"'“‘«([{"
_ABBREVIATIONS = word_set(
    "al approx appx aug ave cf ch chap col corp dec def dept dr ed eds eg e.g eq eqn eqns eqs esp est ex "
    "exp feb fig figs ibid i.e ie inc jan jr lem ltd max min mr mrs ms no nos nov oct p.s para ph.d pp "
    "prof prop ref refs resp rev sec secs sect sep sept sr ss st suppl tab tabs thm tr trans univ viz vol "
    "vols vs v.s w.r.t wrt a.k.a i.i.d s.t"
)
_NEVER_LAST = word_set("cf dr e.g eg eq eqn eqns eqs fig figs i.e ie mr mrs ms prof ref refs sec secs sect vs viz pp")
_WORD_BEFORE = re.compile(r"[^\s(\[{\"'“‘«/—–]*$")
_INITIALS = re.compile(r"(?:[A-Z]\.)+[A-Z]")
_NOTE_MARK = re.compile(r"(?:\d{1,2}|[*†‡§])(?=\s)")
_CITATION = re.compile(r"\[\d{1,3}(?:[,–-] ?\d{1,3}){0,20}\](?=\s|$)")


def split_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence of one paragraph, in order. White space between them belongs to none."""
    start = 0
    for end in _ends(text):
        yield from _cut(text, start, end)
        start = end
        while start < len(text) and text[start].isspace():
            start += 1
    if start < len(text):
        yield from _cut(text, start, len(text.rstrip()))


def _ends(text: str) -> Iterator[int]:
    last = 0
    for match in _STOP.finditer(text):
        end = _end_at(text, match.start(), match.end())
        if end is not None and end > last:
            yield end
            last = end


def _end_at(text: str, stop: int, end: int) -> int | None:
    """Where the sentence ends that the marks from `stop` to `end` may close; None where they close none."""
    while end < len(text) and text[end] in _CLOSERS:
        end += 1
    if text[stop] in "。！？":
        return end
    if end < len(text) and not text[end].isspace():
        if not text[stop - 1 : stop].isalpha():
            return None
        mark = _CITATION.match(text, end) or _NOTE_MARK.match(text, end)
        if mark is None:
            return None
        end = mark.end()
    following = end
    while following < len(text) and text[following].isspace():
        following += 1
    if following >= len(text):
        return end
    if text[stop] == "." and _is_abbreviation(text, stop, following):
        return None
    return end if _can_start(text, following, text[stop]) else None


def _is_abbreviation(text: str, stop: int, following: int) -> bool:
    found = _WORD_BEFORE.search(text[max(0, stop - 20) : stop])
    word = found[0] if found else ""
    bare = word.lower().strip(".,;:")
    if bare in _NEVER_LAST:
        return True
    if bare in _ABBREVIATIONS:  # "et al. We" and "no. We" end a sentence; "al. (2020)" and "no. 3" do not
        return not _starts_sentence_word(text, following)
    if len(word) == 1 and word.isupper():  # an initial, unless it is a symbol before a clear start
        return not _starts_sentence_word(text, following)
    if _INITIALS.fullmatch(word):  # U.S, J.R.R
        return not _starts_sentence_word(text, following)
    return 0 < stop <= 3 and text[:stop].isdigit()  # "1. Item"


_STARTERS = word_set(
    "A All Although An And As At Because Both But By Each Finally First For From Given Hence However I If "
    "In Instead It Its Like Many More Most Next No Note On Once One Only Other Our Prior Recent Second "
    "Several Similarly Since So Some Such That The Their Then There Therefore These They This Those Thus "
    "To Under Unlike Until We What When Where Whether Which While With You"
)
_FIRST_WORD = re.compile(r"[\"'“‘«(\[]?([^\W\d_]+)")


def _starts_sentence_word(text: str, at: int) -> bool:
    match = _FIRST_WORD.match(text, at)
    return bool(match and match[1] in _STARTERS)


def _can_start(text: str, at: int, mark: str) -> bool:
    """Whether a sentence may start here: with anything but a lower-case letter."""
    while at < len(text) and text[at] in _OPENERS:
        at += 1
    if at >= len(text):
        return False
    first = text[at]
    if first.islower():
        return at + 1 < len(text) and text[at + 1].isupper() and mark == "."  # "iPhone", "mBERT"
    return first not in ",;:.)]}%"


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > SENTENCES.max_sentence:
        at = text.rfind(" ", start + SENTENCES.max_sentence // 2, start + SENTENCES.max_sentence)
        if at < 0:
            at = start + SENTENCES.max_sentence
        yield start, at
        start = at
        while start < end and text[start].isspace():
            start += 1
    if end > start:
        yield start, end
