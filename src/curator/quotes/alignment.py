"""Align a quote with the passage that it may have been taken from, token by token, over harmless differences only.

From a place where three neighbouring tokens match, a walk proceeds to each end of the quote. At a difference it tries
the few ways in which the difference may be harmless, and fails if there is none. Similarity is never measured.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from curator.quotes import tolerances
from curator.quotes.text_index import TextIndex
from curator.quotes.tokens import Token, list_trigrams
from curator.quotes.tolerances import Tolerance

MAX_ANCHORS = 6
"""Anchors of a quote that are tried."""
MAX_PLACES = 12
"""Places of one anchor that are tried. More frequent trigrams do not help to find a quote."""
MAX_STEPS_OF_WALK = 6000
"""Steps of one walk."""
MAX_STEPS_OF_QUOTE = 40_000
"""Steps of all walks for one quote. A quote that is in the paper takes a few hundred."""
MAX_MERGED_TOKENS = 14
"""Tokens on one side that may be one word or formula on the other."""
WORDS_PER_SLIP = 8
"""Words of a quote for each slip of the pen that is allowed, after the first two."""

_REPORTED_TOKENS = 3  # on each side of a mismatch
_PAGE_NUMBER = re.compile(r"\d{1,4}")
"""A page number that was copied along where a passage runs over a page break."""

_Match = tuple[int, int, list[int]]  # number of places, position in the quote, places in the paper


@dataclass(frozen=True)
class Edit:
    """Tokens of the quote and of the paper that differ harmlessly, as half-open ranges of indices."""

    quote: tuple[int, int]
    paper: tuple[int, int]
    tolerance: Tolerance


@dataclass(frozen=True)
class Alignment:
    """A whole quote aligned with the tokens `first` to `last` (exclusive) of the paper."""

    first: int
    last: int
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Mismatch:
    """The place where the longest walk failed."""

    matched: int  # number of the quote's tokens that the walk matched
    quote: range  # a few tokens where the two differ
    paper: range


@dataclass
class Aligner:
    """Aligns quotes with one text."""

    text: TextIndex
    steps_left: int = MAX_STEPS_OF_QUOTE

    def reset_steps(self) -> None:
        """Allow the full number of steps for the next quote."""
        self.steps_left = MAX_STEPS_OF_QUOTE

    def align(self, quote: Sequence[Token], within: range | None = None) -> Alignment | Mismatch | None:
        """Align a whole quote with the paper.

        Args:
            quote: The quote's tokens.
            within: The tokens of the paper to search; by default all.

        Returns:
            The first alignment that is found; else the place where the longest walk failed; None if no three
            neighbouring tokens match.
        """
        longest: Mismatch | None = None
        tried: set[int] = set()
        for position, place in self._list_anchors(quote, within):
            if place - position in tried:
                continue
            tried.add(place - position)
            result = self._align_around(quote, position, place)
            if isinstance(result, Alignment):
                if within is None or (result.first in within and result.last - 1 in within):
                    return result
            elif longest is None or result.matched > longest.matched:
                longest = result
        return longest

    def _list_anchors(self, quote: Sequence[Token], within: range | None) -> Iterator[tuple[int, int]]:
        """Yield the positions in quote and paper where three neighbouring tokens match, the rarest three first."""
        index = self.text.trigrams
        matches = [
            (len(places), position, places)
            for position, trigram in enumerate(list_trigrams(quote))
            if (places := index.get(trigram))
        ]
        matches.sort(key=lambda match: match[:2])
        for _, position, places in _choose_anchors(matches):
            if within is not None:
                low = bisect_left(places, within.start)
                places = places[low : bisect_left(places, within.stop)]
            for place in places[:MAX_PLACES]:
                yield position, place

    def _align_around(self, quote: Sequence[Token], position: int, place: int) -> Alignment | Mismatch:
        forward = _Walk(self, quote, 1)
        backward = _Walk(self, quote, -1)
        right = forward.run(position, place)
        left = backward.run(position, place)
        matched = forward.furthest[0] - backward.furthest[0]
        if right is None or left is None:
            return Mismatch(matched, *(forward if right is None else backward).get_mismatch())
        edits = (*reversed(left[1]), *right[1])
        slips = [edit for edit in edits if edit.tolerance == "slip"]
        if len(slips) > 2 + len(quote) // WORDS_PER_SLIP:
            return Mismatch(matched, range(*slips[0].quote), range(*slips[0].paper))
        return Alignment(left[0], right[0], edits)


def _choose_anchors(matches: list[_Match]) -> Iterator[_Match]:
    """Yield a few anchors that do not overlap: if one contains a difference, another does not."""
    chosen: list[int] = []
    for match in matches:
        if all(abs(match[1] - position) >= 3 for position in chosen):
            chosen.append(match[1])
            yield match
            if len(chosen) == MAX_ANCHORS:
                return


class _Walk:
    """A depth-first search from token i of the quote and j of the paper to the quote's end (1) or start (-1)."""

    def __init__(self, aligner: Aligner, quote: Sequence[Token], direction: Literal[1, -1]) -> None:
        self._aligner = aligner
        self._text = aligner.text
        self._quote = quote
        self._paper = aligner.text.tokens
        self._direction = direction
        self._failed: set[tuple[int, int]] = set()
        self._steps = 0
        self.furthest = (-1, -1) if direction > 0 else (len(quote) + 1, -1)

    def run(self, i: int, j: int) -> tuple[int, list[Edit]] | None:
        """Return the paper's token at which the walk ends, and the edits on the way; None if there is no way."""
        stack: list[tuple[int, int, tuple[Edit, ...]]] = [(i, j, ())]
        goal = len(self._quote) if self._direction > 0 else 0
        while stack and self._steps < MAX_STEPS_OF_WALK and self._aligner.steps_left > 0:
            i, j, edits = stack.pop()
            i, j = self._skip_equal(i, j)
            if i * self._direction > self.furthest[0] * self._direction:
                self.furthest = (i, j)
            if i == goal:
                return j, list(edits)
            if (i, j) in self._failed:
                continue
            self._failed.add((i, j))
            candidates = list(self._list_edits(i, j))
            self._steps += 1 + len(candidates)
            self._aligner.steps_left -= 1 + len(candidates)
            for edit in reversed(candidates):
                side = 1 if self._direction > 0 else 0
                stack.append((edit.quote[side], edit.paper[side], (*edits, edit)))
        return None

    def get_mismatch(self) -> tuple[range, range]:
        """Return a few tokens of quote and paper where the longest walk failed."""
        i, j = self.furthest
        size = _REPORTED_TOKENS
        if self._direction > 0:
            return range(i, min(i + size, len(self._quote))), range(j, min(j + size, len(self._paper)))
        return range(max(0, i - size), i), range(max(0, j - size), j)

    def _skip_equal(self, i: int, j: int) -> tuple[int, int]:
        """Proceed as far as the tokens are equal."""
        quote, paper = self._quote, self._paper
        if self._direction > 0:
            while i < len(quote) and j < len(paper) and quote[i].text == paper[j].text:
                i, j = i + 1, j + 1
        else:
            while i > 0 and j > 0 and quote[i - 1].text == paper[j - 1].text:
                i, j = i - 1, j - 1
        return i, j

    def _list_edits(self, i: int, j: int) -> Iterator[Edit]:
        """Yield the harmless differences that may begin at (i, j), the likeliest first."""
        for of_quote, of_paper, tolerance in self._list_sizes(i, j):
            if self._direction > 0:
                yield Edit((i, i + of_quote), (j, j + of_paper), tolerance)
            else:
                yield Edit((i - of_quote, i), (j - of_paper, j), tolerance)

    def _list_sizes(self, i: int, j: int) -> Iterator[tuple[int, int, Tolerance]]:
        """Yield how many tokens of quote and paper a harmless difference takes, and why it is harmless."""
        yield from self._list_marks(i, j)
        in_quote, in_paper = self._has_next(i, j)
        at_quote, at_paper = self._next_tokens(i, j)
        if in_quote and in_paper:
            yield from self._list_words(i, j)
        if in_quote and tolerances.is_optional(self._quote, at_quote):
            yield 1, 0, "slip"
        if in_paper and tolerances.is_optional(self._paper, at_paper):
            yield 0, 1, "slip"
        if in_quote and in_paper and (merge := self._find_merge(i, j)):
            yield *merge, "rendering"

    def _list_marks(self, i: int, j: int) -> Iterator[tuple[int, int, Tolerance]]:
        """Yield the citations, punctuation marks, footnote marks and page numbers that one side may lack."""
        in_quote, in_paper = self._has_next(i, j)
        at_quote, at_paper = self._next_tokens(i, j)
        if in_paper and (length := self._measure_citation(j)):
            yield 0, length, "citation"
        if in_quote and tolerances.is_droppable(self._quote, at_quote):
            yield 1, 0, "rendering"
        if in_paper and tolerances.is_droppable(self._paper, at_paper):
            yield 0, 1, "rendering"
        number = i + 1 if self._direction > 0 else i - 1
        if number < len(self._quote) and tolerances.is_footnote_mark(self._quote, number):
            yield 2, 0, "citation"
        if in_quote and j in self._text.page_starts and _PAGE_NUMBER.fullmatch(self._quote[at_quote].text):
            yield 1, 0, "rendering"

    def _next_tokens(self, i: int, j: int) -> tuple[int, int]:
        return (i, j) if self._direction > 0 else (i - 1, j - 1)

    def _has_next(self, i: int, j: int) -> tuple[bool, bool]:
        at_quote, at_paper = self._next_tokens(i, j)
        return 0 <= at_quote < len(self._quote), 0 <= at_paper < len(self._paper)

    def _list_words(self, i: int, j: int) -> Iterator[tuple[int, int, Tolerance]]:
        """Yield the sizes at which a few tokens on either side are one word, spelled or printed differently."""
        for size in ((1, 1), (1, 2), (2, 1), (3, 1), (1, 3), (5, 1)):
            of_quote, of_paper = self._stretch(self._quote, i, size[0]), self._stretch(self._paper, j, size[1])
            if not of_quote or not of_paper:
                continue
            quote, paper = self._quote[of_quote.start : of_quote.stop], self._paper[of_paper.start : of_paper.stop]
            if tolerance := tolerances.compare_words(quote, paper, self._text):
                yield *size, tolerance

    def _stretch(self, tokens: Sequence[Token], at: int, size: int) -> range:
        """Return the next `size` tokens of the walk; empty if there are fewer."""
        first, last = (at, at + size) if self._direction > 0 else (at - size, at)
        return range(first, last) if first >= 0 and last <= len(tokens) else range(0)

    def _measure_citation(self, j: int) -> int:
        """Return the number of tokens of the citation that begins at j, or ends there on the way back; else 0."""
        spans = self._text.citations
        at = bisect_left(spans, (j, 0)) if self._direction > 0 else max(0, bisect_left(spans, (j, 0)) - 1)
        for first, last in spans[at : at + 1]:
            if self._direction > 0 and first == j:
                return last - first
            if self._direction < 0 and last == j:
                return last - first
        return 0

    def _find_merge(self, i: int, j: int) -> tuple[int, int] | None:
        """Return the smallest numbers of tokens on either side that are the same characters, divided differently."""
        of_quote = of_paper = 1
        while of_quote <= MAX_MERGED_TOKENS and of_paper <= MAX_MERGED_TOKENS:
            mine, theirs = self._stretch(self._quote, i, of_quote), self._stretch(self._paper, j, of_paper)
            if not mine or not theirs:
                return None
            left, right = tolerances.join(self._quote, mine), tolerances.join(self._paper, theirs)
            if left == right and left:
                is_same = tolerances.are_same_characters(self._quote, mine, self._paper, theirs)
                return (of_quote, of_paper) if is_same else None
            short, long = (left, right) if len(left) < len(right) else (right, left)
            agree = long.startswith(short) if self._direction > 0 else long.endswith(short)
            if not agree:
                return None
            if len(left) <= len(right):
                of_quote += 1
            else:
                of_paper += 1
        return None
