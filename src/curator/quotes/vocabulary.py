"""The words that a quote may not gain, lose or change, because its meaning depends on them; and a dictionary."""

from __future__ import annotations

from functools import cache

from spellchecker import SpellChecker

NEGATIONS = frozenset({
    "no", "not", "never", "neither", "nor", "none", "nobody", "nothing", "nowhere", "without", "cannot", "cant",
    "hardly", "barely", "scarcely", "seldom", "rarely", "few", "little", "fail", "fails", "failed", "failing",
    "failure", "unable", "unlikely", "lack", "lacks", "lacked", "lacking", "absent", "absence",
})  # fmt: skip
CONTRASTS = frozenset({
    "however", "but", "although", "though", "yet", "while", "whereas", "despite", "except", "nevertheless",
    "nonetheless", "instead", "rather", "unlike", "contrary", "conversely", "notwithstanding", "still", "unfortunately",
    "albeit", "hand", "contrast", "contrarily", "excepting",
})  # fmt: skip
CONDITIONS = frozenset({
    "if", "unless", "only", "when", "whenever", "whether", "provided", "providing", "assuming", "suppose", "supposing",
    "given", "once", "until", "otherwise", "merely", "solely",
})  # fmt: skip
HEDGES = frozenset({
    "may", "might", "could", "would", "should", "possibly", "perhaps", "maybe", "likely", "probably", "seemingly",
    "apparently", "potentially", "presumably", "sometimes", "occasionally", "often", "usually", "typically",
    "generally", "mostly", "mainly", "largely", "partially", "partly", "almost", "nearly", "roughly", "approximately",
    "some", "most", "several", "certain", "half", "less", "fewer", "least",
})  # fmt: skip
DECISIVE = NEGATIONS | CONTRASTS | CONDITIONS | HEDGES
"""Words that no ellipsis may leave out."""

FINITE_VERBS = frozenset({
    "is", "are", "was", "were", "has", "have", "had", "does", "do", "did", "can", "will", "may", "might", "could",
    "would", "should", "must",
})  # fmt: skip
WITHIN_A_SENTENCE = frozenset({
    "can", "must", "will", "shall", "seem", "seems", "appear", "appears", "tend", "tends", "attempt", "attempts", "try",
    "tries", "refuse", "refuses", "refusing", "avoid", "avoids", "avoiding", "prevent", "prevents", "prevented",
    "reject", "rejects", "false", "incorrect", "incorrectly", "wrong", "all", "every", "always", "more", "than",
    "before", "after", "excluding", "against", "stop", "decline", "believed", "expected", "supposed", "claimed",
    "reduce", "reduces", "decrease", "decreases",
})  # fmt: skip
"""Words that no ellipsis within a sentence may leave out, in addition to `DECISIVE`."""

ARTICLES = frozenset({"a", "an", "the"})
AFTER_THE = frozenset({"few", "little", "only"})
AFTER_A = frozenset({"few", "little", "lot", "bit", "number", "majority", "minority", "only", "most"})
"""Words before which an article changes the meaning: "few" and "a few"."""
PROTECTED = DECISIVE | frozenset({
    "all", "any", "many", "more", "both", "each", "either", "every", "just", "always", "need", "able", "above", "below",
    "over", "under", "up", "down", "before", "after", "than", "as", "with", "non", "un", "in", "on", "off", "out",
    "can", "must", "shall", "will", "dont", "doesnt", "didnt", "isnt", "arent", "wasnt", "werent",
})  # fmt: skip
"""Words in which no slip of the pen and no other spacing is tolerated."""
REPORTING = frozenset({
    "find", "finds", "found", "show", "shows", "showed", "shown", "observe", "observes", "observed", "demonstrate",
    "demonstrates", "demonstrated", "suggest", "suggests", "suggested", "indicate", "indicates", "indicated", "note",
    "noted", "argue", "argues", "argued", "report", "reports", "reported", "conclude", "concludes", "concluded",
    "hypothesize", "hypothesise", "believe", "see", "reveal", "reveals", "revealed", "confirm", "confirms", "confirmed",
    "ensure",
})  # fmt: skip
"""Verbs after which "that" may be left out."""

_PREFIXES = frozenset({
    "a", "an", "no", "un", "in", "im", "ir", "il", "en", "de", "dis", "re", "mis", "non", "anti", "over", "under",
    "sub", "super", "hyper", "hypo", "pre", "post", "inter", "intra", "inner", "outer", "mono", "poly", "uni", "bi",
    "tri", "multi", "semi", "pro", "counter", "co", "homo", "hetero", "macro", "micro", "mini", "maxi", "infra",
    "ultra", "up", "down",
})  # fmt: skip
_MAX_PREFIX = max(map(len, _PREFIXES))


@cache
def _dictionary() -> SpellChecker:
    return SpellChecker(language="en")


def is_word(word: str) -> bool:
    """Return True if a word in lower case is English, and so a different word rather than a slip of the pen."""
    return word in _dictionary()


def is_negated_twin(left: str, right: str) -> bool:
    """Return True if two words differ only in a prefix: "typical" and "atypical", "encode" and "decode"."""
    for cut in range(_MAX_PREFIX + 1):
        stem = left[cut:]
        if len(stem) >= 3 and right.endswith(stem):
            prefixes = (left[:cut], right[: len(right) - len(stem)])
            if all(prefix in _PREFIXES or not prefix for prefix in prefixes):
                return True
    return False
