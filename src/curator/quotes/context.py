"""Find words around a passage that change its meaning: "not" before it, "only if" after it, another author's name."""

from __future__ import annotations

import re
from bisect import bisect_left

from curator.quotes.text_index import TextIndex
from curator.quotes.vocabulary import DECISIVE, HEDGES, NEGATIONS

MAX_GAP_WORDS = 40
"""Words that an ellipsis may replace."""
MIN_QUOTATION_SPACES = 6
"""Spaces between quotation marks from which the text is a quotation, and no longer a name or a term."""
MAX_BEFORE = 160
"""Characters of the sentence before a quote that are searched."""
MAX_AFTER = 240
"""Characters of the sentence after a quote that are searched."""

_CUT = re.compile(r"[^\W_]\0[^\W_]|\d\0 ?%|\d[.,:/]\0\d|\d\0[.,:/]\d|[—^]\0\d|[^\W_]\0[—^]\d|\d\0—[^\W_]|\d—\0[^\W_]")
"""Characters on both sides of an offset, which is marked by NUL, since no normalised text contains it."""
_NEGATION = "|".join(sorted(NEGATIONS)) + r"|[^\W\d_]+n't|cannot"
_NEGATED = re.compile(
    rf"(?<![^\W_])(?P<word>{_NEGATION}|rather than|instead of|as opposed to|far from|other than|contrary to|"
    r"in place of|inability)"
    r"(?: of| [^\W\d_]+ly| yet| always| even| really| to| be| the| any| evidence| a| that){0,3}[ ']*\Z"
)
"""A negation that governs the words directly after it."""
_DOUBTED = re.compile(
    rf"(?<![^\W_])(?P<word>{_NEGATION}|unclear|unknown|doubt|doubtful|questionable|false|untrue|wrong|incorrect|refute[sd]?|"
    r"reject(?:s|ed)?|den(?:y|ies|ied)|contradicts?|disprove[sdn]?|myth|misconception)"
    r"(?: [^\W_]+){0,6} (?:that|whether|if|how|to)[ ']*\Z"
)
"""A clause that the author doubts: "there is no evidence that ..."."""
_SUPPOSED = re.compile(
    r"(?<![^\W_])(?P<word>whether|if|unless|suppose|supposing|assume|assuming|imagine|hypothes\w+|conjecture[sd]?|"
    r"were to|believe|expect|speculate|suspect|anticipate|may|might|could|would|should)"
    r"(?: that| not| be| also| even| still| thus)?[ ']*\Z"
)
"""A supposition that governs the words directly after it: "if", "we believe that", "may"."""
_CONDITIONED = re.compile(
    r"(?:even |and |but |or |that )?(?P<word>if|unless|when|whenever|whether|suppose|supposing|assuming|provided|only|"
    r"without|except)(?![^\W_]).*[, ]\Z"
)
"""A condition at the start of a sentence, which a quote from the middle leaves out."""
_CLAUSE_END = re.compile(r"[;:?!]|(?<!e\.g)(?<!i\.e)(?<!\bal)(?<!\bvs)(?<!\bfig)\.(?=\s)")
"""The end of the clause that a condition governs; not within "3.5" or after "e.g."."""
_BOUND = re.compile(
    r"(?:\A|(?<=[^\w]))(?P<word>[<>≤≥~≈±]|(?:less|more|fewer|greater|higher|lower) than|at (?:least|most)|up to|under|"
    r"over|above|below|nearly|almost|only|about|around|approximately|roughly) ?\Z"
)
"""Words that change the number after them."""
_SCALE = re.compile(
    r" ?(?:(?P<word>millions?|billions?|thousands?|trillions?|hundreds?|percent|percentage|times|orders? of|out of)"
    r"(?![^\W_])|(?P<sign>[×±]))"
)
"""Words that change the number before them."""
_CONDITION_AFTER = re.compile(
    r"(?: ?\[[^\[\]]{0,80}\]| ?\([^()]{0,120}\)){0,2}"
    r"[ ,;—'()]*(?:but |and |though )?(?P<word>unless|except|excepting|provided that|if and only if|if|as long as|"
    r"only (?:if|when|where|for|in|on|under|with|after|at)|so long as|but not|not (?:in|for|on|when|if)|but only|"
    r"in the absence of)"
    r"(?![^\W_])"
)
"""A condition directly after a quote, possibly behind citations in brackets."""
_NEGATION_AFTER = re.compile(r" ?(?P<word>not|never|no|hardly|barely|scarcely|rarely|seldom|neither)(?![^\W_])")
_EXAMPLE = re.compile(r"\s*[(\[](?:e\.g\.|i\.e\.|for example|for instance|such as|namely|see|cf\.)[^()]*[)\]][\s,]*")
_ASIDE = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\]|—[^—]*—)[\s,]*")
"""An aside. An ellipsis may leave out text in brackets, even with its hedges."""
_CONDITION_PHRASE = re.compile(
    r"in case|as long as|so long as|on condition|subject to|in the event|contingent|depending on"
)
_INCOMPLETE_ENDINGS = frozenset({
    "only", "not", "no", "never", "unless", "if", "but", "without", "except", "whether", "than", "hardly", "barely",
    "rarely", "cannot",
})  # fmt: skip
"""Last words of a quote that need the words after them."""
_OPENING, _CLOSING = "“«„", "”»"
_REPORTING_VERBS = frozenset({
    "argue", "argues", "argued", "write", "writes", "wrote", "claim", "claims", "claimed", "state", "states", "stated",
    "say", "says", "said", "note", "notes",
})  # fmt: skip


def cuts_a_word(text: str, at: int) -> bool:
    """Return True if an offset is within a word, a number ("0.95", "5 %", "-3") or a name ("GPT-4")."""
    return 0 < at < len(text) and _CUT.search(f"{text[max(0, at - 2) : at]}\0{text[at : at + 2]}") is not None


def find_governing_word(text: TextIndex, start: int, end: int) -> str | None:
    """Find a word before or after a stretch without which the stretch has another meaning.

    Args:
        text: The paper's text.
        start: The start of the stretch, an offset of the normalised text.
        end: The end of the stretch, exclusive.

    Returns:
        The word or phrase, or None.
    """
    whole = text.normal.text
    sentence_start, _ = text.get_sentence_bounds(text.find_sentence(start))
    before = whole[max(sentence_start, start - MAX_BEFORE, 0) : start]
    word = _find_word_before(before) or _find_number_word(whole, before, start, end)
    if word:
        return word
    if before.endswith("a ") and whole.startswith(("few ", "little "), start):
        return "a"
    return _find_word_after(text, start, end)


def _find_word_before(before: str) -> str | None:
    """Return the negation, doubt, supposition or condition that governs what follows `before`, or None."""
    for pattern in (_NEGATED, _DOUBTED, _SUPPOSED):
        if before and (match := pattern.search(before)):
            if match["word"] in ("few", "little") and before[: match.start()].endswith("a "):
                continue  # "a few" is no negation
            return match["word"]
    if (match := _CONDITIONED.match(before)) and not _CLAUSE_END.search(before):
        return match["word"]
    return None


def _find_number_word(whole: str, before: str, start: int, end: int) -> str | None:
    """Return the word beside a number at the start or end of a stretch that makes it another number, or None."""
    if whole[start].isdigit() and (match := _BOUND.search(before)):
        return match["word"]
    if whole[end - 1].isdigit() and (match := _SCALE.match(whole, end)):
        return match["word"] or match["sign"]
    return None


def _find_word_after(text: TextIndex, start: int, end: int) -> str | None:
    """Return the condition or negation directly after a stretch that ends within a sentence, or None."""
    whole = text.normal.text
    if whole[end - 1] in ".?!" or whole[end : end + 1] in (".", "?", "!"):
        return None
    last_word = re.findall(r"[^\W_]+", whole[max(start, end - 20) : end])[-1:]
    if last_word and last_word[0] in _INCOMPLETE_ENDINGS:
        return f"what comes behind {last_word[0]}"
    _, sentence_end = text.get_sentence_bounds(text.find_sentence(end - 1))
    rest = whole[end : min(sentence_end, end + MAX_AFTER)]
    match = _CONDITION_AFTER.match(rest) or _NEGATION_AFTER.match(rest)
    return match["word"] if match else None


def find_decisive_word(gap: str) -> str | None:
    """Return the first word of a gap without which the sentence has another meaning, or None."""
    if _EXAMPLE.fullmatch(gap):
        return None
    if phrase := _CONDITION_PHRASE.search(gap):
        return phrase[0]
    decisive = DECISIVE - HEDGES if _ASIDE.fullmatch(gap) else DECISIVE
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", gap)
    return next((str(word) for word in words if word in decisive or word.endswith("n't")), None)


def is_quoted_from_others(text: TextIndex, start: int, end: int) -> bool:
    """Return True if a stretch is within quotation marks in a sentence that names or cites its author."""
    index = text.find_sentence(start)
    if index != text.find_sentence(end - 1) or text.normal.text[start:end].count(" ") < MIN_QUOTATION_SPACES:
        return False
    first, last = text.normal.get_original_span(start, end)
    begins = text.starts[index]
    ends = text.starts[index + 1] if index + 1 < len(text.starts) else len(text.raw)
    before, after = text.raw[begins:first], text.raw[last:ends]
    opened = max(before.rfind(mark) for mark in _OPENING)
    if opened < 0 or any(mark in before[opened:] for mark in _CLOSING) or not any(mark in after for mark in _CLOSING):
        return False
    reporting = _REPORTING_VERBS.intersection(re.findall(r"[a-z]+", before.casefold()))
    low, high = text.get_sentence_bounds(index)
    first_token, last_token = bisect_left(text.token_starts, low), bisect_left(text.token_starts, high)
    at = bisect_left(text.citations, (first_token, 0))
    is_cited = at < len(text.citations) and text.citations[at][0] < last_token
    return bool(reporting) or is_cited
