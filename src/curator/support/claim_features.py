"""A text as the keyless check of support reads it: folded words with stems, what is denied, numbers, names."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from curator.sanitize import single_line

DENIAL_REACH = 3
"""Words behind a "not" that it denies."""
SHORT_PART = 3
"""Content words; a shorter part of a sentence belongs to the next: "in some settings, …"."""
ROUNDING = 0.05
"""How far from "about 90 %" the number may be, relatively."""

_STOP = frozenset({
    "the", "and", "for", "that", "this", "with", "from", "are", "was", "were", "been", "being", "its", "their", "they",
    "them", "these", "those", "than", "then", "there", "here", "have", "has", "had", "does", "did", "doing", "will",
    "would", "can", "could", "may", "might", "must", "shall", "should", "into", "onto", "over", "under", "out", "off",
    "our", "not", "nor", "but", "also", "such", "when", "while", "which", "who", "whom", "whose", "what", "how", "why",
    "where", "more", "most", "very", "much", "many", "some", "any", "all", "each", "every", "both", "either", "only",
    "just", "own", "same", "other", "another", "between", "among", "about", "because", "through", "during", "even",
    "still", "yet", "too", "use", "using", "used", "via", "per", "within", "without", "across", "toward", "towards",
    "upon", "let", "lets", "get", "gets", "one", "two", "we", "show", "find", "suggest", "indicate",
    "demonstrate", "observe",
})  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SUFFIX = re.compile(
    r"(?:isations?|izations?|ations?|ations|ities|ments?|ings?|edly|ally|ions?|ies|ed|es|ly|al|e|s|y)\Z"
)
_PARTS = re.compile(r"[,;:()—]|\s-\s|\b(?:while|whereas|although|though|but|however)\b|[.?!](?=\s)")
_DENIES = frozenset({
    "not", "never", "no", "none", "neither", "nor", "without", "hardly", "barely", "scarcely", "rarely", "seldom",
    "fail", "fails", "failed", "failing", "unable", "lack", "lacks", "lacked", "lacking", "absence", "nothing",
    "struggle", "struggles", "struggled", "struggling", "less", "least",
})  # fmt: skip
_NOT_ALL = re.compile(r"\bnot (?:all|always|every\w*|each|both)\b")
_CONTRACTED = (
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\bnot (?:only|just|merely|simply|necessarily)\b"), "also"),
)


class Plain:
    """One text, folded: lower case, plain apostrophes and hyphens, "can't" as "can not"."""

    def __init__(self, text: str) -> None:
        self.original = single_line(unicodedata.normalize("NFKC", text))
        folded = self.original.casefold().replace("’", "'").replace("‘", "'")
        folded = re.sub("[\u2010\u2011\u2013\u2212]", "-", folded)
        for pattern, plain in _CONTRACTED:
            folded = pattern.sub(plain, folded)
        self.text = folded

    @cached_property
    def content(self) -> dict[str, str]:
        """Its content words by their stems, in their order."""
        return _content(self.text)

    @cached_property
    def denied(self) -> dict[str, set[str]]:
        """For each stem, the words that deny it; "" where it stands free, "near" where only its neighbour is denied."""
        found: dict[str, set[str]] = {}
        for part in _PARTS.split(_NOT_ALL.sub("some", self.text)):
            denial, reach = "", 0
            for word in _WORD.findall(part):
                reach -= 1
                if word in _DENIES:
                    denial, reach = word, DENIAL_REACH + 1
                elif _is_content(word):
                    found.setdefault(stem(word), set()).add(denial if reach > 0 else "")
                    denial = "near"
        return found

    def shared(self, other: Plain) -> float:
        """The part of its content words that `other` has, 0 to 1."""
        return len(self.content.keys() & other.content.keys()) / max(1, len(self.content))

    def parts_about(self, frame: Plain) -> str:
        """Those of its clauses that speak of what `frame` speaks of; all of them where none stands out."""
        clauses, short = [], ""
        for part in _PARTS.split(self.text):
            part = f"{short} {part}".strip()
            short = part if len(_content(part)) <= SHORT_PART else ""
            if not short:
                clauses.append(part)
        if short:
            clauses.append(short)
        shared = [len(_content(clause).keys() & frame.content.keys()) for clause in clauses]
        most = max(shared, default=0)
        kept = [clause for clause, number in zip(clauses, shared, strict=True) if number and 2 * number >= most]
        return " | ".join(kept) if most > 1 else self.text

    def contained_in(self, other: Plain) -> bool:
        """Whether its words stand in `other` one after the other."""
        mine, theirs = (" ".join(_WORD.findall(one.text)) for one in (self, other))
        return f" {mine} " in f" {theirs} "


@dataclass(frozen=True)
class Number:
    text: str
    value: float
    percent: bool
    about: bool  # "about 90": rounded

    def agrees(self, other: Number) -> bool:
        """Whether a quote's number bears this one."""
        values = {self.value, self.value / 100} if self.percent else {self.value}
        others = {other.value, other.value / 100} if other.percent else {other.value}
        if self.percent and other.percent:
            values, others = {self.value}, {other.value}
        return any(
            math.isclose(a, b, rel_tol=ROUNDING if self.about else 1e-9, abs_tol=1e-12) for a in values for b in others
        )


_WORTH = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "half": 0.5, "twice": 2, "double": 2, "doubles": 2, "doubled": 2, "thrice": 3, "triple": 3,
    "triples": 3, "tenfold": 10, "twofold": 2, "threefold": 3, "dozen": 12, "hundred": 100, "thousand": 1000,
}  # fmt: skip
_UNITS = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9, "trillion": 1e12}
_NUMBER = re.compile(
    r"(?P<about>(?:\b(?:about|around|roughly|approximately|nearly|almost|over|more than|some|close to)|[~≈]) ?)?"
    r"(?<![\w.^-])(?:(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?: ?(?P<unit>k|m|b|thousand|million|billion|trillion)\b)?(?P<percent> ?(?:%|percent\b|per cent\b))?"
    rf"|(?P<word>{'|'.join(_WORTH)}))(?![\w^]|[.,]\d|-\d)(?! ?shot)"
)


class Numbers:
    """The numbers of a folded text, in figures or in words; those within names ("gpt-4") are none."""

    def __init__(self, text: str) -> None:
        self._found = tuple(_number(match) for match in _NUMBER.finditer(text))

    def __iter__(self) -> Iterator[Number]:
        return iter(self._found)


def _number(match: re.Match[str]) -> Number:
    about = match["about"] is not None
    shown = match[0].removeprefix(match["about"] or "").strip()
    if match["word"]:
        return Number(shown, _WORTH[match["word"]], False, about)
    value = float(match["digits"].replace(",", "")) * _UNITS.get(match["unit"] or "", 1)
    return Number(shown, value, match["percent"] is not None, about)


_NAME = re.compile(r"[^\W_][\w.+]*(?:[-/][\w.+]*\w)*")
_NO_NAMES = frozenset({
    "llm", "llms", "vllm", "lm", "lms", "ai", "nlp", "ml", "nn", "icl", "rlhf", "cot", "sft", "rl", "dpo", "ppo", "qa",
    "lrm", "lrms", "moe", "vlm", "vlms", "mlp", "mlps", "sae", "saes", "kv", "transformer", "transformers", "i",
    "frame", "gpu", "gpus", "api", "pdf", "url", "vs", "e.g", "i.e",
})  # fmt: skip


def names_in(text: str) -> list[str]:
    """What looks like the name of a model, data set or method: figures, inner capitals, capitals within a sentence."""
    found: dict[str, str] = {}
    words = re.findall(r"[^\W\d_]{4,}", text)
    title_case = 2 * sum(word[0].isupper() for word in words) > len(words) > 2
    for match in _NAME.finditer(text):
        name = match[0].rstrip(".")
        begins = match.start() == 0 or re.search(r"[.?!:“\"]\s*\Z", text[: match.start()]) is not None
        has_figure = re.search(r"[^\W\d_]", name) and re.search(r"\d", name)
        inner_capital = re.search(r"[^\W_]-?[A-Z]", name)
        capital = name[0].isupper() and not begins and len(name) > 2 and not title_case
        ordinal = re.fullmatch(r"(?i)[\d.]++(?:st|nd|rd|th|x|s|k|m|b|%|-\w++)+", name)
        if (has_figure or inner_capital or capital) and not ordinal and name.casefold() not in _NO_NAMES:
            found.setdefault(name.casefold(), name)
    return list(found.values())


def stands_in(name: str, text: str) -> bool:
    """Whether a text has this name, however it is spaced and hyphenated, or the words that it abbreviates."""
    pieces = re.findall(r"\d+(?:\.\d+)*|[^\W\d_]+", name)
    spelled = r"[\s_./+-]*".join(re.sub(r"(?<=\w\w)s\Z", "s?", re.escape(piece)) for piece in pieces)
    if not pieces or re.search(rf"(?i)(?<![^\W_]){spelled}(?:'?s)?(?![^\W_])", text):
        return True
    letters = name.rstrip("s")
    if not (letters.isalpha() and letters[1:].isupper() and 2 <= len(letters) <= 6):
        return False
    initials = r"\w*[\s-]+(?:(?:of|and|the|in|for|to)[\s-]+)?".join(map(re.escape, letters))
    return re.search(rf"(?i)\b{initials}\w*", text) is not None


def stem(word: str) -> str:
    """A word without its ending: "refusals" and "refused" are alike."""
    for _ in range(2):
        shorter = _SUFFIX.sub("", word)
        if len(shorter) < 4:
            break
        word = shorter
    return word


def _is_content(word: str) -> bool:
    return len(word) > 2 and word not in _STOP and word not in _DENIES


def _content(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in _WORD.findall(text):
        if _is_content(word):
            found.setdefault(stem(word), word)
    return found
