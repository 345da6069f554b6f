"""Quotes with an ellipsis: passages in the right order, close together, and no decisive word left out between them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from curator.quotes.alignment import Aligner, Alignment
from curator.quotes.context import MAX_GAP_WORDS, find_decisive_word
from curator.quotes.normalize import normalize
from curator.quotes.passage import Passage
from curator.quotes.tokens import Token, count_words, list_trigrams, list_words, tokenize
from curator.quotes.vocabulary import FINITE_VERBS, WITHIN_A_SENTENCE

MIN_PART_WORDS = 2
"""Words of each part of a quote."""
MAX_PARTS = 6
"""Parts of a quote."""
MAX_PLACES = 20
"""Places where one part is looked for, at least."""
MAX_COMPARED_TOKENS = 200_000
"""Tokens of the paper that are compared with one part."""

_ELLIPSIS = re.compile(r"[\[(]\s*(?:…|⋯|\.{3,}|\. \. \.)\s*[\])]|…|⋯|\.{3,}|\. \. \.(?: \.)?")
_OTHER_CLAUSE = re.compile(
    r"(?:[,;] ?|(?<![^\W_])(?:is|are|was|were|has|have|had|do|does|can|will|we|it|they) .*)"
    r"(?<![^\W_])(?:and|but|while|whereas|so|thus)(?: [^\W_]+){1,6} ?\Z"
)
"""The end of a gap that is the subject of another clause: ", and harmful data" before "is"."""
_ASIDE_OPENINGS = (",", ";", "(", "—")
"""The first character of a gap that is only an aside."""
_TOKENS_PER_WORD = 3
"""Tokens allowed for each word of a gap and of a part, since punctuation marks are tokens too."""


def has_ellipsis(claimed: str) -> bool:
    """Return True if a quote contains an ellipsis."""
    return _ELLIPSIS.search(claimed) is not None


def find_places(claimed: str, aligner: Aligner) -> Iterator[list[Passage]]:
    """Find the places in the paper that have the parts of a quote in their order.

    Args:
        claimed: The quote, on one line.
        aligner: Of the paper's text.

    Yields:
        One passage for each part. Nothing if the quote has no ellipsis, too many parts, or a part that is too short.
    """
    texts = [part for part in (piece.strip() for piece in _ELLIPSIS.split(claimed)) if part]
    if not 2 <= len(texts) <= MAX_PARTS or any(count_words(text) < MIN_PART_WORDS for text in texts):
        return
    normals = [normalize(text) for text in texts]
    parts = [tokenize(normal.text) for normal in normals]
    longest = max(range(len(parts)), key=lambda at: len(parts[at]))
    for anchor in _find_anywhere(parts[longest], aligner):
        places = {longest: anchor}
        for at in [*range(longest + 1, len(parts)), *range(longest - 1, -1, -1)]:
            neighbour = places[at - 1] if at > longest else places[at + 1]
            place = _find_beside(parts[at], aligner, neighbour, after=at > longest)
            if place is None:
                break
            places[at] = place
        else:
            yield [Passage(aligner.text, texts[at], normals[at], parts[at], places[at]) for at in range(len(parts))]


def find_refusal(before: Passage, after: Passage) -> str | None:
    """Find the reason why the words between two passages may not be left out.

    Args:
        before: The passage before the ellipsis.
        after: The passage after it.

    Returns:
        The reason as a clause, or None.
    """
    text = before.text
    gap = text.normal.text[before.end : after.start]
    if len(list_words(gap)) > MAX_GAP_WORDS:
        return f"its ellipsis leaves out more than {MAX_GAP_WORDS} words"
    if word := find_decisive_word(gap):
        return f"its ellipsis leaves out “{word}”, without which it says something else"
    left, right = text.find_sentence(before.end - 1), text.find_sentence(after.start)
    if left == right and (why := _find_refusal_within_a_sentence(gap, after)):
        return why
    if left != right and text.get_sentence_bounds(right)[0] < after.start:
        return "its ellipsis joins parts of two sentences to one"
    if text.sentences[left].section != text.sentences[right].section:
        return "its ellipsis joins passages of two sections"
    return None


def _find_refusal_within_a_sentence(gap: str, after: Passage) -> str | None:
    """Return the reason why a sentence without this gap has another meaning, or None."""
    if gap.lstrip().startswith(_ASIDE_OPENINGS):
        return None
    if word := next((word for word in list_words(gap) if word in WITHIN_A_SENTENCE), None):
        return f"its ellipsis leaves out “{word}”, without which it says something else"
    rest = list_words(after.text.normal.text[after.start : after.end])
    if rest and rest[0] in FINITE_VERBS and _OTHER_CLAUSE.search(gap):
        return "its ellipsis gives the subject of one clause the verb of another"
    return None


def _find_anywhere(part: Sequence[Token], aligner: Aligner) -> Iterator[Alignment]:
    verbatim = list(islice(_find_verbatim(part, aligner, range(len(aligner.text.tokens))), MAX_PLACES))
    if verbatim:
        yield from verbatim
    elif isinstance(result := aligner.align(part), Alignment):
        yield result


def _find_beside(part: Sequence[Token], aligner: Aligner, neighbour: Alignment, *, after: bool) -> Alignment | None:
    """Return the nearest place of a part after or before another part, as far as a gap may reach."""
    reach = _TOKENS_PER_WORD * (MAX_GAP_WORDS + len(part))
    count = len(aligner.text.tokens)
    within = (
        range(neighbour.last, min(count, neighbour.last + reach))
        if after
        else range(max(0, neighbour.first - reach), neighbour.first)
    )
    verbatim = next(_find_verbatim(part, aligner, within, last_first=not after), None)
    if verbatim:
        return verbatim
    result = aligner.align(part, within)
    return result if isinstance(result, Alignment) else None


def _find_verbatim(
    part: Sequence[Token], aligner: Aligner, within: range, *, last_first: bool = False
) -> Iterator[Alignment]:
    """Yield the places that have exactly these tokens, except for a full stop or comma at the end.

    Only a limited number of places of the rarest three tokens is compared, so that the work on any text has a limit.
    """
    paper = aligner.text.tokens
    wanted = [token.text for token in part]
    last_mark = wanted[-1] if len(wanted) > 1 and wanted[-1] in ".,;:" else None
    if last_mark:
        wanted.pop()
    if len(wanted) >= 3:
        index = aligner.text.trigrams
        trigrams = enumerate(index.get(trigram, []) for trigram in list_trigrams(part[: len(wanted)]))
        shift, places = min(trigrams, key=_count_places)
        low, high = bisect_left(places, within.start + shift), bisect_left(places, within.stop + shift)
        starts: Iterable[int] = (place - shift for place in _order(places[low:high], last_first))
    else:
        starts = _order([at for at in within if paper[at].text == wanted[0]], last_first)
    for at in islice(starts, max(MAX_PLACES, MAX_COMPARED_TOKENS // len(wanted))):
        last = at + len(wanted)
        if at in within and last <= within.stop and [token.text for token in paper[at:last]] == wanted:
            ends_alike = last < within.stop and paper[last].text == last_mark
            yield Alignment(at, last + ends_alike, ())


def _count_places(trigram: tuple[int, list[int]]) -> int:
    return len(trigram[1])


def _order(places: list[int], last_first: bool) -> Iterable[int]:
    return reversed(places) if last_first else places
