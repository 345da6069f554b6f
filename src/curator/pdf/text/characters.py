"""Characters: what PDFs put between a reader and the words, taken out once, where text enters.

Everything downstream (the warehouse, quote checking, web pages) may rely on text that went through here: no lone
surrogates, no control or invisible characters, accents composed, ligatures spelt out, double quotation marks in one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from curator.sanitize import word_set

_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
_SPACES = [
    0x09,
    0x0A,
    0x0B,
    0x0C,
    0x0D,
    0x85,
    0xA0,
    0x1680,
    *range(0x2000, 0x200B),
    0x2028,
    0x2029,
    0x202F,
    0x205F,
    0x3000,
]
_INVISIBLE = [
    0xAD,
    0x34F,
    0x61C,
    0x17B4,
    0x17B5,
    *range(0x180B, 0x180F),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0x1D173, 0x1D17B),
]
_NONCHARACTERS = [*range(0xFDD0, 0xFDF0), *range(0xFFF9, 0xFFFD), 0xFFFE, 0xFFFF]
_TAGS = range(0xE0000, 0xE0080)  # invisible twins of ASCII, used to smuggle text past people
_TABLE: dict[int, str | None] = {
    **dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)]),
    **dict.fromkeys(range(0xD800, 0xE000)),
    **dict.fromkeys([*_INVISIBLE, *_NONCHARACTERS, *_TAGS]),
    **dict.fromkeys(_SPACES, " "),
    **_LIGATURES,
}
# TeX's own font encodings (OT1, T1) put the ligatures where Unicode has control characters; fonts without a Unicode map
# hand those codes through.
_TEX_LIGATURES = {
    **dict(zip("\x0b\x0c\x0d\x0e\x0f", ("ff", "fi", "fl", "ffi", "ffl"), strict=True)),
    **dict(zip("\x1b\x1c\x1d\x1e\x1f", ("ff", "fi", "fl", "ffi", "ffl"), strict=True)),
}
_TEX_LIGATURE = re.compile("(?<=[a-z])[\x0b-\x0f\x1b-\x1f]|[\x0b-\x0f\x1b-\x1f](?=[a-z])")
# An accent that TeX printed beside its letter: "Ro ¨ttger" or "R¨ottger".
_SPACING_ACCENTS = {
    "´": "\u0301",
    "`": "\u0300",
    "¨": "\u0308",
    "ˆ": "\u0302",
    "˜": "\u0303",
    "ˇ": "\u030c",
    "˚": "\u030a",
    "˝": "\u030b",
    "˘": "\u0306",
    "¯": "\u0304",
    "˙": "\u0307",
    "¸": "\u0327",
    "˛": "\u0328",
}
_LOOSE_ACCENT = re.compile("([´¨ˆ˜ˇ˚˝˘¯˙¸˛]) ?([A-Za-zı])")

# Quotation marks made of two. Not three, which fence in code, and not the empty text of a program.
_OPENING = re.compile(r"(?<!‘)‘‘(?=[^\W_]|[(\[])")
_CLOSING = re.compile(r"(?<=[\w.,;:!?)\]…%])’’(?!’)")

_LETTERS = r"[^\W\d_]"
_HYPHENATED = re.compile(rf"(?<!{_LETTERS}){_LETTERS}++(?:-{_LETTERS}++)+")
_WORD = re.compile(rf"{_LETTERS}+")
_ASCII_LETTERS = bytes(code if chr(code).isalpha() and code < 128 else 32 for code in range(256))
_LAST_PART = re.compile(rf"((?:{_LETTERS}+-)*)({_LETTERS}+)-$")
_FIRST_PART = re.compile(rf"{_LETTERS}+")
# First halves of words that are written as one ("over" + "come"), though each half is a word of its own.
_OFTEN_JOINED = word_set(
    "after any back be by copy down every for fore frame further hand head here how in inter life main "
    "mean more net never none not off on out over some sub super there thought through under up what when "
    "where who with work"
)
# First halves that nearly always keep their hyphen.
_KEEPS_HYPHEN = word_set(
    "all best cross double dual easy few fine first five four full half hard high ill large less long many mid near "
    "next one real second self semi short single six small so state ten third three top two user well zero"
)

_COMPOUND_ENDS = word_set(
    "agnostic aware based centric conditioned dependent driven efficient enhanced generated grained guided "
    "induced informed intensive level oriented related rich scale sensitive shot sized specific structured style "
    "trained tuned turn"
)


def clean_text(text: str) -> str:
    """One line of text without anything that a person does not see; white space folded to single blanks.

    Composes separated accents (NFC). Does not fold compatibility characters (NFKC): that would turn x² into x2.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = _TEX_LIGATURE.sub(lambda match: _TEX_LIGATURES.get(match[0], ""), text)
    text = _LOOSE_ACCENT.sub(_compose, text.translate(_TABLE))
    text = _CLOSING.sub("”", _OPENING.sub("“", text))
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _compose(match: re.Match[str]) -> str:
    letter = "i" if match[2] == "ı" else match[2]
    composed = unicodedata.normalize("NFC", letter + _SPACING_ACCENTS[match[1]])
    return composed if len(composed) == 1 else match[0]


def _words(ascii_text: str) -> list[str]:
    return ascii_text.encode("ascii").translate(_ASCII_LETTERS).decode("ascii").split()


def _without_halves(text: str) -> str:
    """A text without the halves of words that its lines break: they are no words."""
    parts = text.split("-\n")
    for at, part in enumerate(parts):
        start = first.end() if at and (first := _FIRST_PART.match(part)) else 0
        tail = part[-80:].rpartition(" ")[2].rpartition("\n")[2] if at + 1 < len(parts) else ""
        last = _LAST_PART.search(tail + "-")
        parts[at] = part[start : len(part) + 1 - len(last[0]) if last else None]
    return "\n".join(parts)


class Hyphens:
    """Decides whether a hyphen at a line's end belongs to the word, from how the rest of the document spells it."""

    def __init__(self, lines: Iterable[str]) -> None:
        whole = _without_halves("\n".join(lines).casefold()).split("\n")
        self._words = Counter(_words("\n".join(filter(str.isascii, whole))))
        self._words.update(_WORD.findall("\n".join([body for body in whole if not body.isascii()])))
        self._pairs: Counter[tuple[str, str]] = Counter()  # neighbours in hyphenated words
        for word in _HYPHENATED.findall("\n".join([body for body in whole if "-" in body])):
            self._pairs.update(pairwise(word.split("-")))

    def belongs(self, before: str, after: str) -> bool:
        """Whether "before-" + "after" is spelt with its hyphen. `before` ends in the hyphen.

        True where either side is not a plain word ("GPT-" "4", "Image-" "Net"): there nobody hyphenates.
        """
        left, right = _LAST_PART.search(before[-80:]), _FIRST_PART.match(after[:80])
        if left is None or right is None:
            return True
        first, second = left[2].casefold(), right[0].casefold()
        kept, joined = self._pairs[(first, second)], self._words[first + second]
        if kept or joined:
            return kept > joined
        if after[0].isupper() or (left[2].isupper() and len(left[2]) > 1):
            return True
        if left[1] or after[right.end() : right.end() + 1] == "-":  # "state-of-" "the", "state-" "of-the"
            return True
        if first in _KEEPS_HYPHEN or second in _COMPOUND_ENDS:
            return True
        if first.endswith("ly") and len(first) > 5 and not second.startswith("ing"):  # "widely-" "used"
            return True
        both_are_words = bool(self._words[first] and self._words[second]) and len(first) > 2 and len(second) > 2
        return both_are_words and first not in _OFTEN_JOINED
