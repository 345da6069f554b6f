"""Hyphens at the ends of lines: whether they belong to the word, or only break it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

_LETTERS = r"[^\W\d_]"
_HYPHENATED = re.compile(rf"(?<!{_LETTERS}){_LETTERS}++(?:-{_LETTERS}++)+")
_WORD = re.compile(rf"{_LETTERS}+")
_ASCII_LETTERS = bytes(code if chr(code).isalpha() and code < 128 else 32 for code in range(256))
_WORD_AT_END = re.compile(rf"((?:{_LETTERS}+-)*)({_LETTERS}+)-$")
_WORD_AT_START = re.compile(rf"{_LETTERS}+")
# First halves of words that are written as one ("over" + "come"), although each half is a word too.
_OFTEN_JOINED = frozenset({
    "after", "any", "back", "be", "by", "copy", "down", "every", "for", "fore", "frame", "further", "hand", "head",
    "here", "how", "in", "inter", "life", "main", "mean", "more", "net", "never", "none", "not", "off", "on", "out",
    "over", "some", "sub", "super", "there", "thought", "through", "under", "up", "what", "when", "where", "who",
    "with", "work"
})  # fmt: skip
# First halves that nearly always keep their hyphen.
_KEEPS_HYPHEN = frozenset({
    "all", "best", "cross", "double", "dual", "easy", "few", "fine", "first", "five", "four", "full", "half", "hard",
    "high", "ill", "large", "less", "long", "many", "mid", "near", "next", "one", "real", "second", "self", "semi",
    "short", "single", "six", "small", "so", "state", "ten", "third", "three", "top", "two", "user", "well", "zero"
})  # fmt: skip
_COMPOUND_ENDS = frozenset({
    "agnostic", "aware", "based", "centric", "conditioned", "dependent", "driven", "efficient", "enhanced", "generated",
    "grained", "guided", "induced", "informed", "intensive", "level", "oriented", "related", "rich", "scale",
    "sensitive", "shot", "sized", "specific", "structured", "style", "trained", "tuned", "turn"
})  # fmt: skip


def _split_words(ascii_text: str) -> list[str]:
    return ascii_text.encode("ascii").translate(_ASCII_LETTERS).decode("ascii").split()


def _remove_word_halves(text: str) -> str:
    """Remove the halves of words that are broken at the ends of lines, because they are not words."""
    parts = text.split("-\n")
    for at, part in enumerate(parts):
        start = first.end() if at and (first := _WORD_AT_START.match(part)) else 0
        tail = part[-80:].rpartition(" ")[2].rpartition("\n")[2] if at + 1 < len(parts) else ""
        last = _WORD_AT_END.search(tail + "-")
        parts[at] = part[start : len(part) + 1 - len(last[0]) if last else None]
    return "\n".join(parts)


class Hyphenation:
    """The spelling of compound words in one document, which decides about hyphens at the ends of its lines."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Count the words of a document, given as its printed lines."""
        whole = _remove_word_halves("\n".join(lines).casefold()).split("\n")
        self._words = Counter(_split_words("\n".join(filter(str.isascii, whole))))
        self._words.update(_WORD.findall("\n".join([line for line in whole if not line.isascii()])))
        self._pairs: Counter[tuple[str, str]] = Counter()  # neighbours in hyphenated words
        for word in _HYPHENATED.findall("\n".join([line for line in whole if "-" in line])):
            self._pairs.update(pairwise(word.split("-")))

    def keeps_hyphen(self, before: str, after: str) -> bool:
        """Decide whether a word that is broken at a line's end is spelt with its hyphen.

        Args:
            before: The line's text, which ends in the hyphen.
            after: The next line's text.

        Returns:
            True also if either side is not a plain word ("GPT-" "4", "Image-" "Net"), because nobody hyphenates there.
        """
        left, right = _WORD_AT_END.search(before[-80:]), _WORD_AT_START.match(after[:80])
        if left is None or right is None:
            return True
        first, second = left[2].casefold(), right[0].casefold()
        kept, joined = self._pairs[(first, second)], self._words[first + second]
        if kept or joined:
            return kept > joined
        in_longer_compound = bool(left[1]) or after[right.end() : right.end() + 1] == "-"  # "state-of-" "the"
        if in_longer_compound or _is_name(left[2], after):
            return True
        return _looks_compound(first, second) or self._joins_two_words(first, second)

    def _joins_two_words(self, first: str, second: str) -> bool:
        """Return whether both halves are words of this document that are usually not written as one."""
        if len(first) <= 2 or len(second) <= 2 or not (self._words[first] and self._words[second]):
            return False
        return first not in _OFTEN_JOINED


def _is_name(first: str, after: str) -> bool:
    """Return whether the second half starts with a capital, or the first is an abbreviation in capitals."""
    return after[0].isupper() or (first.isupper() and len(first) > 1)


def _looks_compound(first: str, second: str) -> bool:
    """Return whether a half is one that keeps its hyphen, or the first is an adverb ("widely-" "used")."""
    if first in _KEEPS_HYPHEN or second in _COMPOUND_ENDS:
        return True
    return first.endswith("ly") and len(first) > 5 and not second.startswith("ing")
