"""The features of a text that the check without a model compares: content words, negations, numbers and names."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from curator.sanitize import single_line

NEGATION_REACH = 3
"""Words after a "not" that it negates."""
MAX_SHORT_CLAUSE = 3
"""Content words of a clause that is joined to the next."""
MAX_ROUNDING = 0.05
"""Relative difference that "about" allows."""

_STOP_WORDS = frozenset({
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
_CLAUSE_BREAK = re.compile(r"[,;:()—]|\s-\s|\b(?:while|whereas|although|though|but|however)\b|[.?!](?=\s)")
_NEGATIONS = frozenset({
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


class ClaimText:
    """One text, folded: lower case, plain apostrophes and hyphens, "can't" as "can not".

    Attributes:
        original: The text on one line, with its capitals.
        text: The folded text.
    """

    def __init__(self, text: str) -> None:
        """Fold a text."""
        self.original = single_line(unicodedata.normalize("NFKC", text))
        folded = self.original.casefold().replace("’", "'").replace("‘", "'")
        folded = re.sub("[\u2010\u2011\u2013\u2212]", "-", folded)
        for pattern, plain in _CONTRACTED:
            folded = pattern.sub(plain, folded)
        self.text = folded

    @cached_property
    def content(self) -> dict[str, str]:
        """The first content word of each stem, by stem, in order."""
        return _collect_content(self.text)

    @cached_property
    def negations(self) -> dict[str, set[str]]:
        """The words that negate each stem: "" for a use without negation, "near" for one after a negated neighbour."""
        negations: dict[str, set[str]] = {}
        for clause in _CLAUSE_BREAK.split(_NOT_ALL.sub("some", self.text)):
            negation, reach = "", 0
            for word in _WORD.findall(clause):
                reach -= 1
                if word in _NEGATIONS:
                    negation, reach = word, NEGATION_REACH + 1
                elif _is_content(word):
                    negations.setdefault(stem_word(word), set()).add(negation if reach > 0 else "")
                    negation = "near"
        return negations

    def measure_overlap(self, other: ClaimText) -> float:
        """Return the share of this text's content words that another text has, 0 to 1."""
        return len(self.content.keys() & other.content.keys()) / max(1, len(self.content))

    def get_clauses_about(self, frame: ClaimText) -> str:
        """Return the clauses that share most words with a frame; the whole text if no clause shares two words."""
        clauses = self._split_clauses()
        overlaps = [len(_collect_content(clause).keys() & frame.content.keys()) for clause in clauses]
        most = max(overlaps, default=0)
        kept = [clause for clause, overlap in zip(clauses, overlaps, strict=True) if overlap and 2 * overlap >= most]
        return " | ".join(kept) if most > 1 else self.text

    def _split_clauses(self) -> list[str]:
        """Return the clauses. A short one is joined to the next: "in some settings, …"."""
        clauses, short = [], ""
        for part in _CLAUSE_BREAK.split(self.text):
            clause = f"{short} {part}".strip()
            short = clause if len(_collect_content(clause)) <= MAX_SHORT_CLAUSE else ""
            if not short:
                clauses.append(clause)
        return [*clauses, short] if short else clauses

    def is_contained_in(self, other: ClaimText) -> bool:
        """Return True if another text has the words of this text in one stretch."""
        mine, theirs = (" ".join(_WORD.findall(claim.text)) for claim in (self, other))
        return f" {mine} " in f" {theirs} "


@dataclass(frozen=True)
class Number:
    """A number in a text, in figures or in words."""

    text: str  # as it is written
    value: float
    is_percent: bool
    is_rounded: bool  # "about 90"

    def agrees_with(self, other: Number) -> bool:
        """Return True if another number supports this one. 0.9 supports 90 %, and 91 supports "about 90"."""
        values, others = self._list_values(), other._list_values()
        if self.is_percent and other.is_percent:
            values, others = {self.value}, {other.value}
        tolerance = MAX_ROUNDING if self.is_rounded else 1e-9
        return any(math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-12) for a in values for b in others)

    def _list_values(self) -> set[float]:
        return {self.value, self.value / 100} if self.is_percent else {self.value}


_WORD_VALUES = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "half": 0.5, "twice": 2, "double": 2, "doubles": 2, "doubled": 2, "thrice": 3, "triple": 3,
    "triples": 3, "tenfold": 10, "twofold": 2, "threefold": 3, "dozen": 12, "hundred": 100, "thousand": 1000,
}  # fmt: skip
_UNIT_VALUES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9, "trillion": 1e12}
_NUMBER = re.compile(
    r"(?P<about>(?:\b(?:about|around|roughly|approximately|nearly|almost|over|more than|some|close to)|[~≈]) ?)?"
    r"(?<![\w.^-])(?:(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?: ?(?P<unit>k|m|b|thousand|million|billion|trillion)\b)?(?P<percent> ?(?:%|percent\b|per cent\b))?"
    rf"|(?P<word>{'|'.join(_WORD_VALUES)}))(?![\w^]|[.,]\d|-\d)(?! ?shot)"
)


def find_numbers(text: str) -> list[Number]:
    """Find the numbers of a folded text, in figures or in words, except for those in names such as "gpt-4"."""
    return [_make_number(match) for match in _NUMBER.finditer(text)]


def _make_number(match: re.Match[str]) -> Number:
    is_rounded = match["about"] is not None
    written = match[0].removeprefix(match["about"] or "").strip()
    if match["word"]:
        return Number(written, _WORD_VALUES[match["word"]], False, is_rounded)
    value = float(match["digits"].replace(",", "")) * _UNIT_VALUES.get(match["unit"] or "", 1)
    return Number(written, value, match["percent"] is not None, is_rounded)


_NAME = re.compile(r"[^\W_][\w.+]*(?:[-/][\w.+]*\w)*")
_AMOUNT = re.compile(r"(?i)[\d.]++(?:st|nd|rd|th|x|s|k|m|b|%|-\w++)+")
"""An ordinal, a multiple or an amount: "2nd", "3x", "10k", "12-layer"."""
_NEVER_NAMES = frozenset({
    "llm", "llms", "vllm", "lm", "lms", "ai", "nlp", "ml", "nn", "icl", "rlhf", "cot", "sft", "rl", "dpo", "ppo", "qa",
    "lrm", "lrms", "moe", "vlm", "vlms", "mlp", "mlps", "sae", "saes", "kv", "transformer", "transformers", "i",
    "frame", "gpu", "gpus", "api", "pdf", "url", "vs", "e.g", "i.e",
})  # fmt: skip


def find_names(text: str) -> list[str]:
    """Find likely names of models, data sets and methods in a text with its capitals.

    A name has a figure, a capital inside, or a capital within a sentence that is not a title.

    Args:
        text: A text on one line.

    Returns:
        Each name once, as it is first written.
    """
    names: dict[str, str] = {}
    words = re.findall(r"[^\W\d_]{4,}", text)
    is_title = 2 * sum(word[0].isupper() for word in words) > len(words) > 2
    for match in _NAME.finditer(text):
        name = match[0].rstrip(".")
        if name.casefold() not in _NEVER_NAMES and _looks_like_name(name, text[: match.start()], is_title):
            names.setdefault(name.casefold(), name)
    return list(names.values())


def _looks_like_name(name: str, before: str, is_title: bool) -> bool:
    if _AMOUNT.fullmatch(name):
        return False
    if re.search(r"[^\W\d_]", name) and re.search(r"\d", name):
        return True
    if re.search(r"[^\W_]-?[A-Z]", name):
        return True
    starts_sentence = not before or re.search(r"[.?!:“\"]\s*\Z", before) is not None
    return name[0].isupper() and not starts_sentence and len(name) > 2 and not is_title


def contains_name(text: str, name: str) -> bool:
    """Return True if a text has a name, with any spaces and hyphens, or the words that the name abbreviates."""
    pieces = re.findall(r"\d+(?:\.\d+)*|[^\W\d_]+", name)
    spelled = r"[\s_./+-]*".join(re.sub(r"(?<=\w\w)s\Z", "s?", re.escape(piece)) for piece in pieces)
    if not pieces or re.search(rf"(?i)(?<![^\W_]){spelled}(?:'?s)?(?![^\W_])", text):
        return True
    letters = name.rstrip("s")
    if not (letters.isalpha() and letters[1:].isupper() and 2 <= len(letters) <= 6):
        return False
    initials = r"\w*[\s-]+(?:(?:of|and|the|in|for|to)[\s-]+)?".join(map(re.escape, letters))
    return re.search(rf"(?i)\b{initials}\w*", text) is not None


def stem_word(word: str) -> str:
    """Return a word without its endings, so that "refusals" and "refused" are equal."""
    for _ in range(2):
        shorter = _SUFFIX.sub("", word)
        if len(shorter) < 4:
            break
        word = shorter
    return word


def _is_content(word: str) -> bool:
    return len(word) > 2 and word not in _STOP_WORDS and word not in _NEGATIONS


def _collect_content(text: str) -> dict[str, str]:
    content: dict[str, str] = {}
    for word in _WORD.findall(text):
        if _is_content(word):
            content.setdefault(stem_word(word), word)
    return content
