"""The keyless check of support: words by which a frame goes further than its quotes.

It knows words, not meaning, so it flags what a reader should look at and proves nothing. Every rule asks for a word
of the frame that no quote has, or for a limit of the quotes that the frame drops: a frame that is its quote passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curator.support import overclaim_lexicon as known
from curator.support.claim_features import Numbers, Plain, names_in, stands_in
from curator.types import Quote, Support, Verdict

CHECKER = "lexical 1"
FEW_WORDS = 0.3
"""Of the frame's content words, the part that its quotes have; with less, their likeness tells nothing."""
MOST_SAID = 3
"""Of what is flagged, so much is told."""
_FREE = frozenset({"", "near"})
_GRAVITY: tuple[Verdict, ...] = ("supported", "partly", "overreaches", "not supported")


@dataclass(frozen=True)
class _Flag:
    verdict: Verdict
    said: str
    overreach: str | None = None


def lexical_support(text: str, quotes: Sequence[Quote], scope: str = "") -> Support:
    """Whether the words of `text` stay within those of the quotes that hold; `scope` may name models and data sets."""
    grounds = [Plain(quote.text) for quote in quotes if quote.holds]
    if not grounds:
        return Support("not supported", "None of its quotes stands in the paper.", CHECKER)
    frame = Plain(text)
    flags = [
        *_numbers(frame, grounds),
        *_negation(frame, grounds),
        *_claims(frame, grounds),
        *_dropped_limits(frame, grounds),
        *_names(frame, [*grounds, Plain(scope)]),
        *_likeness(frame, grounds),
    ]
    if not flags:
        cut = any(frame.contained_in(ground) for ground in grounds)
        reason = "It is the quote's own words." if cut else "No word of it goes further than its quotes."
        return Support("supported", reason, CHECKER)
    flags.sort(key=lambda flag: -_GRAVITY.index(flag.verdict))
    reason = " ".join(flag.said for flag in flags[:MOST_SAID])
    kinds = dict.fromkeys(flag.overreach for flag in flags if flag.overreach)
    return Support(flags[0].verdict, reason, CHECKER, tuple(kinds))


def _claims(frame: Plain, grounds: Sequence[Plain]) -> Iterator[_Flag]:
    """Strong words of the frame that no quote has, nor one of the same strength."""
    for rule in known.CLAIMS:
        claimed = rule.claim.search(frame.text)
        if claimed and not any(rule.claim.search(one.text) or rule.ground.search(one.text) for one in grounds):
            yield _Flag("overreaches", f"It says “{claimed[0]}”; no quote does.", rule.overreach)
    yield from _causality(frame, grounds)


def _causality(frame: Plain, grounds: Sequence[Plain]) -> Iterator[_Flag]:
    only_together = next((found for one in grounds if (found := known.TOGETHER.search(one.text))), None)
    claimed = known.CAUSE.search(frame.text) or (only_together and known.EFFECT.search(frame.text))
    if not claimed or any(known.CAUSE.search(one.text) or known.ACTS.search(one.text) for one in grounds):
        return
    if claimed[0] in {found[0] for one in grounds for found in known.EFFECT.finditer(one.text)}:
        return
    there = f"the quotes say “{only_together[0]}”" if only_together else "no quote names a cause"
    yield _Flag("overreaches", f"It says “{claimed[0]}”; {there}.", "causality")


def _dropped_limits(frame: Plain, grounds: Sequence[Plain]) -> Iterator[_Flag]:
    """Limits that stand in every quote that the frame may rest on, where they speak of the same, and not in it."""
    overlaps = [frame.shared(one) for one in grounds]
    if not max(overlaps):
        return
    resting_on = [one for one, overlap in zip(grounds, overlaps, strict=True) if overlap >= 0.6 * max(overlaps)]
    parts = [one.parts_about(frame) for one in resting_on]
    for limit in known.LIMITS:
        if limit.kept.search(frame.text):
            continue
        found = [limit.drops.search(part) for part in parts]
        if all(found) and found[0]:
            yield _Flag(limit.verdict, f"The quote's “{found[0][0]}” is missing from it.", limit.overreach)


def _numbers(frame: Plain, grounds: Sequence[Plain]) -> Iterator[_Flag]:
    there = [number for one in grounds for number in Numbers(one.text)]
    for number in Numbers(frame.text):
        if not any(number.agrees(other) for other in there):
            yield _Flag("not supported", f"The number {number.text} stands in no quote.", "number")


def _negation(frame: Plain, grounds: Sequence[Plain]) -> Iterator[_Flag]:
    """A word that is denied on one side and stands free on the other, wherever it stands."""
    for stem, word in frame.content.items():
        here = frame.denied.get(stem, set())
        there = set().union(*(one.denied.get(stem, set()) for one in grounds))
        if there == {""} and here and not here & _FREE:
            denial = min(here)
            said = f"It says “{denial} … {word}”; the quotes do not."
        elif here == {""} and there and not there & _FREE:
            denial = min(there)
            said = f"The quotes say “{denial} … {word}”; it does not."
        else:
            continue
        yield _Flag("partly" if denial in known.HALF_DENIALS else "not supported", said, "negation")
        return


def _names(frame: Plain, grounds: Sequence[Plain]) -> Iterator[_Flag]:
    missing = [name for name in names_in(frame.original) if not any(stands_in(name, one.original) for one in grounds)]
    if missing:
        yield _Flag("partly", f"No quote names {', '.join(missing[:3])}.", "name")


def _likeness(frame: Plain, grounds: Sequence[Plain]) -> Iterator[_Flag]:
    telling = frame.content.keys() - known.EVERYWHERE
    shared = {stem for stem in telling if any(stem in one.content for one in grounds)}
    if telling and not shared and len(telling) > 1:
        yield _Flag("not supported", "It shares no word with its quotes.")
    elif len(shared) < FEW_WORDS * len(telling):
        yield _Flag("partly", f"Only {len(shared)} of its {len(telling)} telling words stand in the quotes.")
