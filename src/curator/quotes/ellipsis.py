"""Quotes with an ellipsis: passages in the right order, close together, with nothing decisive left out between them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from curator.quotes.alignment import Aligner, Alignment
from curator.quotes.context import GAP_WORDS, decisive_word
from curator.quotes.normalize import normalize
from curator.quotes.passage import Passage
from curator.quotes.tokens import Token, count_trigrams, tokenize, word_count, words_in
from curator.quotes.vocabulary import FINITE, WITHIN_A_SENTENCE

MIN_PART_WORDS = 2
MOST_PARTS = 6
MOST_PLACES = 20
MOST_COMPARED = 200_000
"""Tokens of the paper, for one part."""

_ELLIPSIS = re.compile(r"[\[(]\s*(?:…|⋯|\.{3,}|\. \. \.)\s*[\])]|…|⋯|\.{3,}|\. \. \.(?: \.)?")
_OTHER_CLAUSE = re.compile(
    r"(?:[,;] ?|(?<![^\W_])(?:is|are|was|were|has|have|had|do|does|can|will|we|it|they) .*)"
    r"(?<![^\W_])(?:and|but|while|whereas|so|thus)(?: [^\W_]+){1,6} ?\Z"
)
"""The end of what is left out, where it is the subject of a clause of its own: ", and harmful data" before "is"."""
_OPENS_ASIDE = (",", ";", "(", "—")
"""What a gap begins with that leaves out an aside only."""
_SLACK = 3
"""Tokens for each word of a gap and of a part: punctuation counts as well."""


def has_one(claimed: str) -> bool:
    return _ELLIPSIS.search(claimed) is not None


def places(claimed: str, aligner: Aligner) -> Iterator[list[Passage]]:
    """Each way in which the parts of `claimed` stand in the paper, in their order, the longest part found first."""
    texts = [part for part in (one.strip() for one in _ELLIPSIS.split(claimed)) if part]
    if not 2 <= len(texts) <= MOST_PARTS or any(word_count(part) < MIN_PART_WORDS for part in texts):
        return
    normals = [normalize(part) for part in texts]
    parts = [tokenize(normal.text) for normal in normals]
    longest = max(range(len(parts)), key=lambda at: len(parts[at]))
    for anchor in _anywhere(parts[longest], aligner):
        found = {longest: anchor}
        for at in [*range(longest + 1, len(parts)), *range(longest - 1, -1, -1)]:
            near = found[at - 1] if at > longest else found[at + 1]
            place = _beside(parts[at], aligner, near, behind=at > longest)
            if place is None:
                break
            found[at] = place
        else:
            yield [Passage(aligner.text, texts[at], normals[at], parts[at], found[at]) for at in range(len(parts))]


def refusal(before: Passage, after: Passage) -> str | None:
    """Why what stands between two passages may not be left out; None where it may."""
    text = before.text
    gap = text.normal.text[before.end : after.start]
    if len(words_in(gap)) > GAP_WORDS:
        return f"its ellipsis leaves out more than {GAP_WORDS} words"
    if word := decisive_word(gap):
        return f"its ellipsis leaves out “{word}”, without which it says something else"
    left, right = text.sentence_index(before.end - 1), text.sentence_index(after.start)
    if left == right and (why := _refusal_within_a_sentence(gap, after)):
        return why
    if left != right and text.sentence_bounds(right)[0] < after.start:
        return "its ellipsis joins parts of two sentences to one"
    if text.sentences[left].section != text.sentences[right].section:
        return "its ellipsis joins passages of two sections"
    return None


def _refusal_within_a_sentence(gap: str, after: Passage) -> str | None:
    """Why the rest of a sentence without this gap does not say what the whole says, or None."""
    if gap.lstrip().startswith(_OPENS_ASIDE):
        return None
    if word := next((one for one in words_in(gap) if one in WITHIN_A_SENTENCE), None):
        return f"its ellipsis leaves out “{word}”, without which it says something else"
    rest = words_in(after.text.normal.text[after.start : after.end])
    if rest and rest[0] in FINITE and _OTHER_CLAUSE.search(gap):
        return "its ellipsis gives the subject of one clause the verb of another"
    return None


def _anywhere(part: Sequence[Token], aligner: Aligner) -> Iterator[Alignment]:
    verbatim = list(islice(_verbatim(part, aligner, range(len(aligner.text.tokens))), MOST_PLACES))
    if verbatim:
        yield from verbatim
    elif isinstance(found := aligner.align(part), Alignment):
        yield found


def _beside(part: Sequence[Token], aligner: Aligner, near: Alignment, *, behind: bool) -> Alignment | None:
    """The nearest place of `part` behind or before another part, as far as a gap may reach."""
    reach = _SLACK * (GAP_WORDS + len(part))
    count = len(aligner.text.tokens)
    within = (
        range(near.last, min(count, near.last + reach)) if behind else range(max(0, near.first - reach), near.first)
    )
    verbatim = next(_verbatim(part, aligner, within, last_first=not behind), None)
    if verbatim:
        return verbatim
    found = aligner.align(part, within)
    return found if isinstance(found, Alignment) else None


def _verbatim(
    part: Sequence[Token], aligner: Aligner, within: range, *, last_first: bool = False
) -> Iterator[Alignment]:
    """Where the paper has these tokens, a full stop or comma at the part's end aside.

    Looked for where its rarest three tokens stand, in so many places that the work on any text has a bound.
    """
    there = aligner.text.tokens
    wanted = [token.text for token in part]
    behind = wanted[-1] if len(wanted) > 1 and wanted[-1] in ".,;:" else None
    if behind:
        wanted.pop()
    if len(wanted) >= 3:
        index = aligner.text.index
        shift, places = min(enumerate(index.get(key, []) for key in count_trigrams(part[: len(wanted)])), key=_rarity)
        low, high = bisect_left(places, within.start + shift), bisect_left(places, within.stop + shift)
        starts: Iterable[int] = (place - shift for place in _in_order(places[low:high], last_first))
    else:
        starts = _in_order([at for at in within if there[at].text == wanted[0]], last_first)
    for at in islice(starts, max(MOST_PLACES, MOST_COMPARED // len(wanted))):
        last = at + len(wanted)
        if at in within and last <= within.stop and [token.text for token in there[at:last]] == wanted:
            ends_alike = last < within.stop and there[last].text == behind
            yield Alignment(at, last + ends_alike, ())


def _rarity(found: tuple[int, list[int]]) -> int:
    return len(found[1])


def _in_order(places: list[int], last_first: bool) -> Iterable[int]:
    return reversed(places) if last_first else places
