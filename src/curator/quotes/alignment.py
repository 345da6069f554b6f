"""Lays a quote beside the passage it may have been taken from, word by word, over harmless differences only.

From a place where three neighbouring tokens agree, the walk goes on to both ends of the quote. At each difference it
tries the few ways in which that may be harmless, and gives up where there is none: there is no degree of likeness.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from curator.quotes import tolerances
from curator.quotes.text_index import TextIndex
from curator.quotes.tokens import Token, count_trigrams
from curator.quotes.tolerances import Kind

MOST_ANCHORS = 6
MOST_PLACES = 12
"""Of one anchor. What stands in more places than that is rare enough in none."""
MOST_STEPS = 6000
"""Of one walk."""
MOST_STEPS_OF_A_QUOTE = 40_000
"""Of all walks that one quote gives rise to; a quote of the paper takes a few hundred."""
LONGEST_MERGE = 14
"""Tokens on one side that may be one word or formula on the other."""
WORDS_PER_SLIP = 8
"""Words of a quote for each slip of the pen that it may have, beside the first two."""


_SHOWN = 3  # tokens, where a quote and the paper part
_PAGE_NUMBER = re.compile(r"\d{1,4}")
"""Copied along where a passage goes on over a page break."""


@dataclass(frozen=True)
class Block:
    """Tokens of the quote and of the paper that differ: half-open ranges of indices."""

    ours: tuple[int, int]
    papers: tuple[int, int]
    kind: Kind


@dataclass(frozen=True)
class Alignment:
    """A quote's whole length beside tokens `first` to `last` (exclusive) of the paper."""

    first: int
    last: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Miss:
    """Where the walk that came furthest had to give up."""

    matched: int  # tokens of the quote that have their place
    ours: range  # the tokens where they part
    papers: range


@dataclass
class Aligner:
    """Aligns quotes with one reading text."""

    text: TextIndex
    steps_left: int = MOST_STEPS_OF_A_QUOTE

    def begin(self) -> None:
        """Let the next quote have as many steps as any."""
        self.steps_left = MOST_STEPS_OF_A_QUOTE

    def align(self, quote: Sequence[Token], within: range | None = None) -> Alignment | Miss | None:
        """The best alignment of the whole quote; else the walk that came furthest, or None where nothing agrees.

        `within`: tokens of the paper to look among; all of them where it is left out.
        """
        best: Miss | None = None
        tried: set[int] = set()
        for at, place in self._anchors(quote, within):
            if place - at in tried:
                continue
            tried.add(place - at)
            found = self._around(quote, at, place)
            if isinstance(found, Alignment):
                if within is None or (found.first in within and found.last - 1 in within):
                    return found
            elif best is None or found.matched > best.matched:
                best = found
        return best

    def _anchors(self, quote: Sequence[Token], within: range | None) -> Iterator[tuple[int, int]]:
        """Places where three neighbouring tokens agree, those that stand in the fewest places first."""
        index = self.text.index
        keyed = [
            (len(places), at, places) for at, key in enumerate(count_trigrams(quote)) if (places := index.get(key))
        ]
        keyed.sort(key=lambda one: one[:2])
        for _, at, places in _spread(keyed):
            if within is not None:
                low = bisect_left(places, within.start)
                places = places[low : bisect_left(places, within.stop)]
            for place in places[:MOST_PLACES]:
                yield at, place

    def _around(self, quote: Sequence[Token], at: int, place: int) -> Alignment | Miss:
        ahead = _Walk(self, quote, 1)
        behind = _Walk(self, quote, -1)
        right = ahead.run(at, place)
        left = behind.run(at, place)
        matched = ahead.furthest[0] - behind.furthest[0]
        if right is None or left is None:
            return Miss(matched, *(ahead if right is None else behind).parting())
        blocks = (*reversed(left[1]), *right[1])
        slips = [block for block in blocks if block.kind == "slip"]
        if len(slips) > 2 + len(quote) // WORDS_PER_SLIP:
            return Miss(matched, range(*slips[0].ours), range(*slips[0].papers))
        return Alignment(left[0], right[0], blocks)


def _spread(keyed: list[tuple[int, int, list[int]]]) -> Iterator[tuple[int, int, list[int]]]:
    """A few anchors that do not overlap: where one falls on a difference, another does not."""
    taken: list[int] = []
    for one in keyed:
        if all(abs(one[1] - other) >= 3 for other in taken):
            taken.append(one[1])
            yield one
            if len(taken) == MOST_ANCHORS:
                return


class _Walk:
    """Depth first from (i, j) to the quote's end (`direction` 1) or to its start (-1)."""

    def __init__(self, aligner: Aligner, quote: Sequence[Token], direction: Literal[1, -1]) -> None:
        self._aligner = aligner
        self._text = aligner.text
        self._ours = quote
        self._papers = aligner.text.tokens
        self._direction = direction
        self._dead: set[tuple[int, int]] = set()
        self._steps = 0
        self.furthest = (-1, -1) if direction > 0 else (len(quote) + 1, -1)

    def run(self, i: int, j: int) -> tuple[int, list[Block]] | None:
        """Where in the paper the walk ends, and the blocks on the way; None where there is no harmless way."""
        stack: list[tuple[int, int, tuple[Block, ...]]] = [(i, j, ())]
        goal = len(self._ours) if self._direction > 0 else 0
        while stack and self._steps < MOST_STEPS and self._aligner.steps_left > 0:
            i, j, blocks = stack.pop()
            i, j = self._match(i, j)
            if i * self._direction > self.furthest[0] * self._direction:
                self.furthest = (i, j)
            if i == goal:
                return j, list(blocks)
            if (i, j) in self._dead:
                continue
            self._dead.add((i, j))
            ways = list(self._ways(i, j))
            self._steps += 1 + len(ways)
            self._aligner.steps_left -= 1 + len(ways)
            for block in reversed(ways):
                at = 1 if self._direction > 0 else 0
                stack.append((block.ours[at], block.papers[at], (*blocks, block)))
        return None

    def parting(self) -> tuple[range, range]:
        """A few tokens of either side where the walk that came furthest had to give up."""
        i, j = self.furthest
        if self._direction > 0:
            return range(i, min(i + _SHOWN, len(self._ours))), range(j, min(j + _SHOWN, len(self._papers)))
        return range(max(0, i - _SHOWN), i), range(max(0, j - _SHOWN), j)

    def _match(self, i: int, j: int) -> tuple[int, int]:
        """As far as the tokens are the same."""
        ours, papers = self._ours, self._papers
        if self._direction > 0:
            while i < len(ours) and j < len(papers) and ours[i].text == papers[j].text:
                i, j = i + 1, j + 1
        else:
            while i > 0 and j > 0 and ours[i - 1].text == papers[j - 1].text:
                i, j = i - 1, j - 1
        return i, j

    def _ways(self, i: int, j: int) -> Iterator[Block]:
        """What may be passed over at (i, j), the likeliest first."""
        for ours, papers, kind in self._sizes(i, j):
            if self._direction > 0:
                yield Block((i, i + ours), (j, j + papers), kind)
            else:
                yield Block((i - ours, i), (j - papers, j), kind)

    def _sizes(self, i: int, j: int) -> Iterator[tuple[int, int, Kind]]:
        ours, papers = self._ours, self._papers
        mine = i if self._direction > 0 else i - 1
        there = j if self._direction > 0 else j - 1
        has_mine, has_there = 0 <= mine < len(ours), 0 <= there < len(papers)
        if has_there and (length := self._citation(j)):
            yield 0, length, "citation"
        if has_mine and tolerances.is_droppable(ours, mine):
            yield 1, 0, "rendering"
        if has_there and tolerances.is_droppable(papers, there):
            yield 0, 1, "rendering"
        number = i + 1 if self._direction > 0 else i - 1
        if number < len(ours) and tolerances.is_raised(ours, number):
            yield 2, 0, "citation"
        if has_mine and j in self._text.page_starts and _PAGE_NUMBER.fullmatch(ours[mine].text):
            yield 1, 0, "rendering"
        if has_mine and has_there:
            yield from self._words(i, j)
        if has_mine and tolerances.is_optional(ours, mine):
            yield 1, 0, "slip"
        if has_there and tolerances.is_optional(papers, there):
            yield 0, 1, "slip"
        if has_mine and has_there and (merge := self._merge(i, j)):
            yield *merge, "rendering"

    def _words(self, i: int, j: int) -> Iterator[tuple[int, int, Kind]]:
        for size in ((1, 1), (1, 2), (2, 1), (3, 1), (1, 3), (5, 1)):
            mine, theirs = self._stretch(self._ours, i, size[0]), self._stretch(self._papers, j, size[1])
            if not mine or not theirs:
                continue
            ours, papers = self._ours[mine.start : mine.stop], self._papers[theirs.start : theirs.stop]
            if kind := tolerances.one_word(ours, papers, self._text):
                yield *size, kind

    def _stretch(self, of: Sequence[Token], at: int, size: int) -> range:
        """The next `size` tokens of the walk; empty where there are fewer."""
        first, last = (at, at + size) if self._direction > 0 else (at - size, at)
        return range(first, last) if first >= 0 and last <= len(of) else range(0)

    def _citation(self, j: int) -> int:
        """How many tokens the citation takes that starts here, or ends here where the walk goes back; 0 for none."""
        spans = self._text.citations
        at = bisect_left(spans, (j, 0)) if self._direction > 0 else self._ends_at(j)
        for first, last in spans[at : at + 1]:
            if self._direction > 0 and first == j:
                return last - first
            if self._direction < 0 and last == j:
                return last - first
        return 0

    def _ends_at(self, j: int) -> int:
        return max(0, bisect_left(self._text.citations, (j, 0)) - 1)

    def _merge(self, i: int, j: int) -> tuple[int, int] | None:
        """The fewest tokens on either side that are the same signs, differently cut."""
        di = dj = 1
        while di <= LONGEST_MERGE and dj <= LONGEST_MERGE:
            mine, theirs = self._stretch(self._ours, i, di), self._stretch(self._papers, j, dj)
            if not mine or not theirs:
                return None
            left, right = tolerances.joined(self._ours, mine), tolerances.joined(self._papers, theirs)
            if left == right and left:
                return (di, dj) if tolerances.same_signs(self._ours, mine, self._papers, theirs) else None
            short, long = (left, right) if len(left) < len(right) else (right, left)
            agree = long.startswith(short) if self._direction > 0 else long.endswith(short)
            if not agree:
                return None
            if len(left) <= len(right):
                di += 1
            else:
                dj += 1
        return None
