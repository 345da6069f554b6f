"""Homoglyphs and invisible characters: letters of other scripts in Latin words, and characters that print nothing.

A person reads "ignore" where the file has Cyrillic o and e; a model reads something else. So the text keeps the letters
that a person sees, and the disguise is reported to the reviewer. Genuine words of other scripts, Greek symbols in
formulas and the joiners that some scripts and emoji need are not changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from curator.pdf.text.parameters import HOMOGLYPHS

HOMOGLYPH_LETTERS = "letters of another script that look like Latin ones"
INVISIBLE_CHARACTERS = "characters that have no look: zero width, direction marks or tags"

# Letters drawn like Latin ones in most fonts; of the Greek ones, only those that formulas do not use.
_PAIRS = (
    "аa еe оo рp сc уy хx іi јj ѕs һh ԁd ԛq ԝw ԍg ӏl ѵv үy ґr кk АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ІI ЈJ ЅS ԚQ "
    "ԜW ԌG ӀI ҮY "
    "οo ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϲc ϳj "
    "օo ո\u006e ս\u0075 հh ցg ԛq "
    "ᎪA ᏴB ᏟC ᎠD ᎬE ᏀG ᎻH ᎥI ᎫJ ᏦK ᏞL ᎷM ᏢP ᏒR ᏚS ᎢT ᏙV ᎳW ᏃZ"
)
_LATIN_OF = {pair[0]: pair[1] for pair in _PAIRS.split()}
_FOLD = str.maketrans(_LATIN_OF)
_WORD = re.compile(r"[^\W\d_]+")
_GAP_IN_RUN = re.compile(r"[\s.,;:!?'\"()–—-]*")

_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_TAGS = "\U000e0000-\U000e007f"
_ALWAYS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u2060-\u2064\u202a-\u202e\u2066-\u206f\u3164\uffa0\ufff9-\ufffb"
    f"\U0001d173-\U0001d17a{_TAGS}]"
)
_SOMETIMES = re.compile(f"[\u200c-\u200f\u061c\ufeff{_SELECTORS}]")
_SELECTOR = re.compile(f"[{_SELECTORS}]")
_JOINING = re.compile(
    "ARABIC|SYRIAC|DEVANAGARI|BENGALI|GURMUKHI|GUJARATI|ORIYA|TAMIL|TELUGU|KANNADA|MALAYALAM|SINHALA|THAI|KHMER|"
    "MYANMAR|MONGOLIAN|HEBREW|THAANA|NKO|LAO|TIBETAN"
)


def unmask(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Replace or remove the characters of a printed line that disguise it.

    Args:
        text: As the file has it.

    Returns:
        The text as a person reads it; and for each disguise, the reason and the disguised text.
    """
    if text.isascii():
        return text, []
    text, found = _remove_invisible(text)
    if any(char in _LATIN_OF for char in text):
        text, more = _replace_homoglyphs(text)
        found += more
    return text, found


def _remove_invisible(text: str) -> tuple[str, list[tuple[str, str]]]:
    if not (_ALWAYS.search(text) or _SOMETIMES.search(text)):
        return text, []
    kept: list[str] = []
    removed: list[str] = []
    for at, char in enumerate(text):
        if _ALWAYS.match(char) or (_SOMETIMES.match(char) and not _is_needed(text, at)):
            removed.append(char)
            continue
        if not _SOMETIMES.match(char):
            kept.append(char)
    plain = "".join(kept)
    if not removed or set(removed) == {"\ufeff"}:
        return plain, []
    return plain, [(INVISIBLE_CHARACTERS, f"{_describe(removed)} in: {plain.strip()}"[: HOMOGLYPHS.max_report])]


def _describe(removed: list[str]) -> str:
    """Return the text that the characters spell if they are tags, and otherwise their number and code points."""
    spelt = "".join(chr(ord(char) - 0xE0000) for char in removed if 0xE0020 <= ord(char) < 0xE007F)
    if spelt:
        return f"“{spelt}”"
    codes = dict.fromkeys(f"U+{ord(char):04X}" for char in removed)
    return f"{len(removed)} × {', '.join(list(codes)[:5])}"


def _is_needed(text: str, at: int) -> bool:
    """Return whether a joiner, mark or selector serves its purpose here."""
    char, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if char in "\u200c\u200d\u200e\u200f\u061c":
        return any(_JOINING.search(unicodedata.name(near, "")) or _is_pictorial(near) for near in before + after)
    if char == "\ufeff":
        return False
    if before and _SELECTOR.match(before):  # a second selector has no effect
        return False
    symbol = bool(before) and not before.isspace() and not before.isalpha()
    return symbol or _is_pictorial(before) or _is_wide(before)


def _is_pictorial(char: str) -> bool:
    return bool(char) and (unicodedata.category(char) in ("So", "Sk", "Sm") or char in "\ufe0f")


def _is_wide(char: str) -> bool:
    return bool(char) and unicodedata.east_asian_width(char) == "W"


def _replace_homoglyphs(text: str) -> tuple[str, list[tuple[str, str]]]:
    words = list(_WORD.finditer(text))
    masked = [_find_disguise(match[0]) for match in words]
    if not any(masked):
        return text, []
    found: list[tuple[str, str]] = []
    pieces: list[str] = []
    at = 0
    for start, end in _find_runs(words, masked, text):
        group = words[start:end]
        folded = text[group[0].start() : group[-1].end()].translate(_FOLD)
        long = len(group) >= HOMOGLYPHS.min_run and sum(len(word[0]) for word in group) >= HOMOGLYPHS.min_run_letters
        if not long and not _is_disguise(masked, words, start, end):
            continue
        pieces += [text[at : group[0].start()], "" if long else folded]
        at = group[-1].end()
        found.append((HOMOGLYPH_LETTERS, folded[: HOMOGLYPHS.max_report]))
    return "".join([*pieces, text[at:]]), found


def _find_disguise(word: str) -> str:
    """Return "mixed" for Latin letters and homoglyphs, "whole" for homoglyphs only, "" for a genuine word."""
    alike = sum(char in _LATIN_OF for char in word)
    if not alike:
        return ""
    latin = sum(char.isascii() or unicodedata.name(char, "").startswith("LATIN") for char in word)
    if alike + latin < len(word):
        return ""
    if not latin:
        return "whole"
    return "mixed" if len(word) >= HOMOGLYPHS.min_word or not any(_script(char) == "GREEK" for char in word) else ""


def _find_runs(words: list[re.Match[str]], masked: list[str], text: str) -> Iterator[tuple[int, int]]:
    """Yield the runs of words with homoglyphs, from the first to the one after the last, with no other word between."""
    start = -1
    for at, kind in enumerate([*masked, ""]):
        apart = (
            start >= 0 and at < len(words) and not _GAP_IN_RUN.fullmatch(text, words[at - 1].end(), words[at].start())
        )
        if start >= 0 and (not kind or apart):
            yield start, at
            start = -1
        if kind and start < 0:
            start = at


def _is_disguise(masked: list[str], words: list[re.Match[str]], start: int, end: int) -> bool:
    """Return whether a short run is Latin in disguise.

    A mixed word is; a whole one is if no other letter of the line is of its script, and the line has Latin words.
    """
    if "mixed" in masked[start:end]:
        return True
    long = any(len(word[0]) >= HOMOGLYPHS.min_word for word in words[start:end])
    script = _script(words[start][0][0])
    foreign = any(_script(char) == script and char not in _LATIN_OF for word in words for char in word[0])
    latin = any(word[0].isascii() and len(word[0]) >= HOMOGLYPHS.min_word for word in words)
    return long and latin and not foreign


def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]
