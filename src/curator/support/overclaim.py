"""Check, without a language model, whether a frame claims more than its quotes.

The check knows words, not meanings: it flags words for a reviewer to look at, and proves nothing. Each rule looks for
a word of the frame that no quote has, or for a limitation in the quotes that the frame omits. A frame that repeats its
quote always passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curator.support import overclaim_lexicon as lexicon
from curator.support.claim_features import ClaimText, contains_name, find_names, find_numbers
from curator.types import Quote, Support, Verdict

CHECKER = "lexical 1"
"""The checker's name, as it is stored with each verdict."""
MIN_SHARED_WORDS = 0.3
"""Share of the frame's specific words that its quotes contain, at least."""
MIN_OVERLAP = 0.6
"""Overlap with the frame, relative to the best quote's, from which a quote counts as the frame's basis."""
MAX_REASONS = 3
"""Flags that are reported in words."""
MAX_NAMES = 3
"""Missing names that are reported."""
_NOT_NEGATED = frozenset({"", "near"})
_BY_GRAVITY: tuple[Verdict, ...] = ("supported", "partly", "overreaches", "not supported")


@dataclass(frozen=True)
class _Flag:
    """A word that a reviewer should look at."""

    verdict: Verdict
    reason: str  # a sentence
    overreach: str | None = None  # the kind of overreach, where there is one


def check_overclaim(text: str, quotes: Sequence[Quote], scope: str = "") -> Support:
    """Check whether the words of a frame stay within the words of its quotes.

    Args:
        text: The frame's text.
        quotes: Its quotes. Only those that hold count.
        scope: The models and data sets that the frame covers; it may name them in place of the quotes.

    Returns:
        The gravest verdict of all rules, with up to `MAX_REASONS` reasons.
    """
    basis = [ClaimText(quote.text) for quote in quotes if quote.holds]
    if not basis:
        return Support("not supported", "None of its quotes stands in the paper.", CHECKER)
    frame = ClaimText(text)
    flags = [
        *_flag_numbers(frame, basis),
        *_flag_negation(frame, basis),
        *_flag_strong_claims(frame, basis),
        *_flag_causality(frame, basis),
        *_flag_dropped_limitations(frame, basis),
        *_flag_names(frame, [*basis, ClaimText(scope)]),
        *_flag_dissimilarity(frame, basis),
    ]
    if not flags:
        is_quoted = any(frame.is_contained_in(quote) for quote in basis)
        reason = "It is the quote's own words." if is_quoted else "No word of it goes further than its quotes."
        return Support("supported", reason, CHECKER)
    flags.sort(key=lambda flag: -_BY_GRAVITY.index(flag.verdict))
    reason = " ".join(flag.reason for flag in flags[:MAX_REASONS])
    kinds = dict.fromkeys(flag.overreach for flag in flags if flag.overreach)
    return Support(flags[0].verdict, reason, CHECKER, tuple(kinds))


def _flag_strong_claims(frame: ClaimText, quotes: Sequence[ClaimText]) -> Iterator[_Flag]:
    """Flag strong words of the frame for which no quote has a word of the same strength."""
    for rule in lexicon.STRONG_CLAIMS:
        claimed = rule.wording.search(frame.text)
        if claimed and not any(rule.wording.search(quote.text) or rule.support.search(quote.text) for quote in quotes):
            yield _Flag("overreaches", f"It says “{claimed[0]}”; no quote does.", rule.overreach)


def _flag_causality(frame: ClaimText, quotes: Sequence[ClaimText]) -> Iterator[_Flag]:
    """Flag a cause in the frame if the quotes name none, or an effect if they only name a correlation."""
    correlation = next((match for quote in quotes if (match := lexicon.CORRELATION.search(quote.text))), None)
    claimed = lexicon.CAUSE.search(frame.text) or (correlation and lexicon.EFFECT.search(frame.text))
    if not claimed or any(
        lexicon.CAUSE.search(quote.text) or lexicon.CAUSAL_ACTION.search(quote.text) for quote in quotes
    ):
        return
    if claimed[0] in {match[0] for quote in quotes for match in lexicon.EFFECT.finditer(quote.text)}:
        return
    quoted = f"the quotes say “{correlation[0]}”" if correlation else "no quote names a cause"
    yield _Flag("overreaches", f"It says “{claimed[0]}”; {quoted}.", "causality")


def _flag_dropped_limitations(frame: ClaimText, quotes: Sequence[ClaimText]) -> Iterator[_Flag]:
    """Flag limitations that all quotes on which the frame may be based contain, and the frame does not.

    Only the clauses of a quote that share the frame's words count.
    """
    overlaps = [frame.measure_overlap(quote) for quote in quotes]
    best = max(overlaps)
    if not best:
        return
    basis = [quote for quote, overlap in zip(quotes, overlaps, strict=True) if overlap >= MIN_OVERLAP * best]
    clauses = [quote.get_clauses_about(frame) for quote in basis]
    for limitation in lexicon.LIMITATIONS:
        if limitation.kept_by.search(frame.text):
            continue
        matches = [limitation.wording.search(clause) for clause in clauses]
        if all(matches) and matches[0]:
            reason = f"The quote's “{matches[0][0]}” is missing from it."
            yield _Flag(limitation.verdict, reason, limitation.overreach)


def _flag_numbers(frame: ClaimText, quotes: Sequence[ClaimText]) -> Iterator[_Flag]:
    """Flag numbers that no quote has."""
    quoted = [number for quote in quotes for number in find_numbers(quote.text)]
    for number in find_numbers(frame.text):
        if not any(number.agrees_with(other) for other in quoted):
            yield _Flag("not supported", f"The number {number.text} stands in no quote.", "number")


def _flag_negation(frame: ClaimText, quotes: Sequence[ClaimText]) -> Iterator[_Flag]:
    """Flag the first word that is always negated in the frame and never in the quotes, or the reverse."""
    for stem, word in frame.content.items():
        claimed = frame.negations.get(stem, set())
        quoted = set().union(*(quote.negations.get(stem, set()) for quote in quotes))
        if quoted == {""} and claimed and not claimed & _NOT_NEGATED:
            negation = min(claimed)
            reason = f"It says “{negation} … {word}”; the quotes do not."
        elif claimed == {""} and quoted and not quoted & _NOT_NEGATED:
            negation = min(quoted)
            reason = f"The quotes say “{negation} … {word}”; it does not."
        else:
            continue
        yield _Flag("partly" if negation in lexicon.WEAK_NEGATIONS else "not supported", reason, "negation")
        return


def _flag_names(frame: ClaimText, quotes: Sequence[ClaimText]) -> Iterator[_Flag]:
    """Flag names of models, data sets and methods that no quote has."""
    missing = [
        name for name in find_names(frame.original) if not any(contains_name(quote.original, name) for quote in quotes)
    ]
    if missing:
        yield _Flag("partly", f"No quote names {', '.join(missing[:MAX_NAMES])}.", "name")


def _flag_dissimilarity(frame: ClaimText, quotes: Sequence[ClaimText]) -> Iterator[_Flag]:
    """Flag a frame whose specific words the quotes hardly contain."""
    specific = frame.content.keys() - lexicon.UNSPECIFIC_STEMS
    shared = {stem for stem in specific if any(stem in quote.content for quote in quotes)}
    if specific and not shared and len(specific) > 1:
        yield _Flag("not supported", "It shares no word with its quotes.")
    elif len(shared) < MIN_SHARED_WORDS * len(specific):
        yield _Flag("partly", f"Only {len(shared)} of its {len(specific)} telling words stand in the quotes.")
