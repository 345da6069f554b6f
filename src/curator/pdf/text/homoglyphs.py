"""Characters that are not what they look like: letters of other scripts in Latin words, and characters without a look.

A person reads "ignore" where the file has Cyrillic o and e; a model reads something else. So what a person sees goes
on, and the reviewer hears of it. Genuine words of other scripts, Greek symbols in formulas and the joiners that some
scripts and emoji need are left in peace.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from curator.pdf.text.parameters import HOMOGLYPHS

DISGUISED = "letters of another script that look like Latin ones"
WITHOUT_LOOK = "characters that have no look: zero width, direction marks or tags"


# Letters drawn like Latin ones in most fonts. Greek has only those that formulas have no use for.
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
    """A printed line as a person reads it, and (why, what) of each disguise that was taken off."""
    if text.isascii():
        return text, []
    text, found = _strip(text)
    if any(char in _LATIN_OF for char in text):
        text, more = _unfold(text)
        found += more
    return text, found


def _strip(text: str) -> tuple[str, list[tuple[str, str]]]:
    if not (_ALWAYS.search(text) or _SOMETIMES.search(text)):
        return text, []
    kept: list[str] = []
    taken: list[str] = []
    for at, char in enumerate(text):
        if _ALWAYS.match(char) or (_SOMETIMES.match(char) and not _belongs(text, at)):
            taken.append(char)
            continue
        if not _SOMETIMES.match(char):
            kept.append(char)
    plain = "".join(kept)
    if not taken or set(taken) == {"\ufeff"}:
        return plain, []
    return plain, [(WITHOUT_LOOK, f"{_names(taken)} in: {plain.strip()}"[: HOMOGLYPHS.max_report])]


def _names(taken: list[str]) -> str:
    """What the characters say, if they are tags; else what they are called."""
    said = "".join(chr(ord(char) - 0xE0000) for char in taken if 0xE0020 <= ord(char) < 0xE007F)
    if said:
        return f"“{said}”"
    kinds = dict.fromkeys(f"U+{ord(char):04X}" for char in taken)
    return f"{len(taken)} × {', '.join(list(kinds)[:5])}"


def _belongs(text: str, at: int) -> bool:
    """Whether a joiner, mark or selector does here what it was made for."""
    char, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if char in "\u200c\u200d\u200e\u200f\u061c":
        return any(_JOINING.search(unicodedata.name(near, "")) or _is_pictorial(near) for near in before + after)
    if char == "\ufeff":
        return False
    if before and _SELECTOR.match(before):  # a second one chooses nothing
        return False
    symbol = bool(before) and not before.isspace() and not before.isalpha()
    return symbol or _is_pictorial(before) or _is_east(before)


def _is_pictorial(char: str) -> bool:
    return bool(char) and (unicodedata.category(char) in ("So", "Sk", "Sm") or char in "\ufe0f")


def _is_east(char: str) -> bool:
    return bool(char) and unicodedata.east_asian_width(char) == "W"


def _unfold(text: str) -> tuple[str, list[tuple[str, str]]]:
    words = list(_WORD.finditer(text))
    masked = [_kind(match[0]) for match in words]
    if not any(masked):
        return text, []
    found: list[tuple[str, str]] = []
    pieces: list[str] = []
    at = 0
    for start, end in _stretches(words, masked, text):
        group = words[start:end]
        folded = text[group[0].start() : group[-1].end()].translate(_FOLD)
        long = len(group) >= HOMOGLYPHS.min_run and sum(len(word[0]) for word in group) >= HOMOGLYPHS.min_run_letters
        if not long and not _is_disguise(masked, words, start, end):
            continue
        pieces += [text[at : group[0].start()], "" if long else folded]
        at = group[-1].end()
        found.append((DISGUISED, folded[: HOMOGLYPHS.max_report]))
    return "".join([*pieces, text[at:]]), found


def _kind(word: str) -> str:
    """ "mixed": Latin letters and lookalikes; "whole": lookalikes alone; "" an honest word."""
    alike = sum(char in _LATIN_OF for char in word)
    if not alike:
        return ""
    latin = sum(char.isascii() or unicodedata.name(char, "").startswith("LATIN") for char in word)
    if alike + latin < len(word):
        return ""
    if not latin:
        return "whole"
    return "mixed" if len(word) >= HOMOGLYPHS.min_word or not any(_script(char) == "GREEK" for char in word) else ""


def _stretches(words: list[re.Match[str]], masked: list[str], text: str) -> Iterator[tuple[int, int]]:
    """Runs of words with lookalikes that only blanks and punctuation part."""
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
    """Whether a short run is Latin in disguise: a mixed word is; a whole one if nothing beside it is of its script."""
    if "mixed" in masked[start:end]:
        return True
    long = any(len(word[0]) >= HOMOGLYPHS.min_word for word in words[start:end])
    script = _script(words[start][0][0])
    foreign = any(_script(char) == script and char not in _LATIN_OF for word in words for char in word[0])
    latin = any(word[0].isascii() and len(word[0]) >= HOMOGLYPHS.min_word for word in words)
    return long and latin and not foreign


def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]
