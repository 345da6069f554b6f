"""What a passage leaves out can change what it says: "not" before it, "only if" behind it, who said it first."""

from __future__ import annotations

import re
from bisect import bisect_left

from curator.quotes.text_index import TextIndex
from curator.quotes.vocabulary import DECISIVE, HEDGES, NEGATIONS

GAP_WORDS = 40
"""Words that an ellipsis may stand for."""
OWN_WORDS = 6
"""Words between quotation marks that are still a name or a term, and no quotation."""
LOOKS_BACK = 160  # characters of the sentence before a quote

_CUT = re.compile(r"[^\W_]\0[^\W_]|\d\0 ?%|\d[.,:/]\0\d|\d\0[.,:/]\d|[—^]\0\d|[^\W_]\0[—^]\d|\d\0—[^\W_]|\d—\0[^\W_]")
"""What stands across an offset, which is shown as NUL: no normalised text contains that."""
_NEGATION = "|".join(sorted(NEGATIONS)) + r"|[^\W\d_]+n't|cannot"
_NEGATED = re.compile(
    rf"(?<![^\W_])(?P<word>{_NEGATION}|rather than|instead of|as opposed to|far from|other than|contrary to|"
    r"in place of|inability)"
    r"(?: of| [^\W\d_]+ly| yet| always| even| really| to| be| the| any| evidence| a| that){0,3}[ ']*\Z"
)
"""A negation that governs what comes right behind it."""
_DOUBTED = re.compile(
    rf"(?<![^\W_])(?P<word>{_NEGATION}|unclear|unknown|doubt|doubtful|questionable|false|untrue|wrong|incorrect|refute[sd]?|"
    r"reject(?:s|ed)?|den(?:y|ies|ied)|contradicts?|disprove[sdn]?|myth|misconception)"
    r"(?: [^\W_]+){0,6} (?:that|whether|if|how|to)[ ']*\Z"
)
"""A clause that the author does not vouch for: "there is no evidence that ..."."""
_SUPPOSED = re.compile(
    r"(?<![^\W_])(?P<word>whether|if|unless|suppose|supposing|assume|assuming|imagine|hypothes\w+|conjecture[sd]?|"
    r"were to|believe|expect|speculate|suspect|anticipate|may|might|could|would|should)"
    r"(?: that| not| be| also| even| still| thus)?[ ']*\Z"
)
_CONDITIONED = re.compile(
    r"(?:even |and |but |or |that )?(?P<word>if|unless|when|whenever|whether|suppose|supposing|assuming|provided|only|"
    r"without|except)(?![^\W_]).*[, ]\Z"
)
"""A sentence that opens with a condition, which a quote from its middle leaves out."""
_CLAUSE_END = re.compile(r"[;:?!]|(?<!e\.g)(?<!i\.e)(?<!\bal)(?<!\bvs)(?<!\bfig)\.(?=\s)")
"""Where a condition no longer governs; not within "3.5" or behind "e.g."."""
_BOUND = re.compile(
    r"(?:\A|(?<=[^\w]))(?P<word>[<>≤≥~≈±]|(?:less|more|fewer|greater|higher|lower) than|at (?:least|most)|up to|under|"
    r"over|above|below|nearly|almost|only|about|around|approximately|roughly) ?\Z"
)
"""What makes another number of the one behind it."""
_SCALE = re.compile(
    r" ?(?:(?P<word>millions?|billions?|thousands?|trillions?|hundreds?|percent|percentage|times|orders? of|out of)"
    r"(?![^\W_])|(?P<sign>[×±]))"
)
"""What makes another number of the one before it."""
_CONDITION_BEHIND = re.compile(
    r"(?: ?\[[^\[\]]{0,80}\]| ?\([^()]{0,120}\)){0,2}"
    r"[ ,;—'()]*(?:but |and |though )?(?P<word>unless|except|excepting|provided that|if and only if|if|as long as|"
    r"only (?:if|when|where|for|in|on|under|with|after|at)|so long as|but not|not (?:in|for|on|when|if)|but only|"
    r"in the absence of)"
    r"(?![^\W_])"
)
_NEGATION_BEHIND = re.compile(r" ?(?P<word>not|never|no|hardly|barely|scarcely|rarely|seldom|neither)(?![^\W_])")
_BEHIND = 240  # characters
_EXAMPLE = re.compile(r"\s*[(\[](?:e\.g\.|i\.e\.|for example|for instance|such as|namely|see|cf\.)[^()]*[)\]][\s,]*")
_ASIDE = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\]|—[^—]*—)[\s,]*")
"""What its author put in brackets can be left out, hedges and all."""
_CONDITION = re.compile(r"in case|as long as|so long as|on condition|subject to|in the event|contingent|depending on")
_DANGLING = frozenset({
    "only", "not", "no", "never", "unless", "if", "but", "without", "except", "whether", "than", "hardly", "barely",
    "rarely", "cannot",
})  # fmt: skip
_OPENING, _CLOSING = "“«„", "”»"
_SAID = frozenset({
    "argue", "argues", "argued", "write", "writes", "wrote", "claim", "claims", "claimed", "state", "states", "stated",
    "say", "says", "said", "note", "notes",
})  # fmt: skip


def cuts_a_word(text: str, at: int) -> bool:
    """Whether a word, a number ("0.95", "5 %", "-3") or a name with a number ("GPT-4") runs over this offset."""
    return 0 < at < len(text) and _CUT.search(f"{text[max(0, at - 2) : at]}\0{text[at : at + 2]}") is not None


def what_governs(text: TextIndex, start: int, end: int) -> str | None:
    """The word left out before or behind `normal.text[start:end]` without which it says something else; or None."""
    whole = text.normal.text
    begins, _ = text.sentence_bounds(text.sentence_index(start))
    before = whole[max(begins, start - LOOKS_BACK, 0) : start]
    for pattern in (_NEGATED, _DOUBTED, _SUPPOSED):
        if before and (match := pattern.search(before)):
            if match["word"] in ("few", "little") and before[: match.start()].endswith("a "):
                continue
            return match["word"]
    if (match := _CONDITIONED.match(before)) and not _CLAUSE_END.search(before):
        return match["word"]
    if whole[start].isdigit() and (match := _BOUND.search(before)):
        return match["word"]
    if whole[end - 1].isdigit() and (match := _SCALE.match(whole, end)):
        return match["word"] or match["sign"]
    if before.endswith("a ") and whole.startswith(("few ", "little "), start):
        return "a"
    if whole[end - 1] in ".?!" or whole[end : end + 1] in (".", "?", "!"):
        return None
    last = re.findall(r"[^\W_]+", whole[max(start, end - 20) : end])[-1:]
    if last and last[0] in _DANGLING:
        return f"what comes behind {last[0]}"
    _, ends = text.sentence_bounds(text.sentence_index(end - 1))
    rest = whole[end : min(ends, end + _BEHIND)]
    behind = _CONDITION_BEHIND.match(rest) or _NEGATION_BEHIND.match(rest)
    return behind["word"] if behind else None


def decisive_word(gap: str) -> str | None:
    """The first word in what an ellipsis leaves out that changes what is said; None where there is none."""
    if _EXAMPLE.fullmatch(gap):
        return None
    if phrase := _CONDITION.search(gap):
        return phrase[0]
    decisive = DECISIVE - HEDGES if _ASIDE.fullmatch(gap) else DECISIVE
    found = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", gap)
    return next((str(word) for word in found if word in decisive or word.endswith("n't")), None)


def is_quoted_from_others(text: TextIndex, start: int, end: int) -> bool:
    """Whether the stretch stands within quotation marks in a sentence that names whose words they are."""
    index = text.sentence_index(start)
    if index != text.sentence_index(end - 1) or text.normal.text[start:end].count(" ") < OWN_WORDS:
        return False
    first, last = text.normal.original_span(start, end)
    begins = text.starts[index]
    ends = text.starts[index + 1] if index + 1 < len(text.starts) else len(text.raw)
    before, behind = text.raw[begins:first], text.raw[last:ends]
    opened = max(before.rfind(mark) for mark in _OPENING)
    if opened < 0 or any(mark in before[opened:] for mark in _CLOSING) or not any(mark in behind for mark in _CLOSING):
        return False
    said = _SAID.intersection(re.findall(r"[a-z]+", before.casefold()))
    low, high = text.sentence_bounds(index)
    first_token, last_token = bisect_left(text.token_starts, low), bisect_left(text.token_starts, high)
    at = bisect_left(text.citations, (first_token, 0))
    cited = at < len(text.citations) and text.citations[at][0] < last_token
    return bool(said) or cited
