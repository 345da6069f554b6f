"""Whether a hyphen at the end of a line belongs to the word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from curator.sanitize import word_set

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


class Hyphenation:
    """Decides whether a hyphen at a line's end belongs to the word, from how the rest of the document spells it."""

    def __init__(self, lines: Iterable[str]) -> None:
        whole = _without_halves("\n".join(lines).casefold()).split("\n")
        self._words = Counter(_words("\n".join(filter(str.isascii, whole))))
        self._words.update(_WORD.findall("\n".join([body for body in whole if not body.isascii()])))
        self._pairs: Counter[tuple[str, str]] = Counter()  # neighbours in hyphenated words
        for word in _HYPHENATED.findall("\n".join([body for body in whole if "-" in body])):
            self._pairs.update(pairwise(word.split("-")))

    def keeps_hyphen(self, before: str, after: str) -> bool:
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
