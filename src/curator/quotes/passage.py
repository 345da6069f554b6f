"""A stretch of the paper that a quote was laid beside: where it begins and ends, and how the two differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curator.quotes.alignment import Alignment, Block
from curator.quotes.normalize import NormalizedText, fold_space
from curator.quotes.text_index import TextIndex
from curator.quotes.tokens import Token
from curator.types import Difference

LONGEST_REST = 80
"""Characters that are shown of a sentence that goes on where a quote puts a full stop."""


@dataclass(frozen=True)
class Passage:
    """`start` and `end` are offsets of the paper's normalised text."""

    text: TextIndex
    claimed: str
    quote: NormalizedText  # of `claimed`
    ours: Sequence[Token]
    alignment: Alignment

    @property
    def start(self) -> int:
        return self.text.tokens[self.alignment.first].start

    @property
    def end(self) -> int:
        return self.text.tokens[self.alignment.last - 1].end

    def differences(self) -> list[Difference]:
        """What differs beside how it is printed, in order, neighbours drawn together."""
        found = [Difference(self._claimed(*block.ours), self._found(*block.papers)) for block in _merged(self._shown())]
        rest = self._rest()
        return [*found, Difference(self.ours[-1].text, rest)] if rest else found

    def _shown(self) -> Iterator[Block]:
        return (block for block in self.alignment.blocks if block.kind != "rendering")

    def _rest(self) -> str:
        """How the paper's sentence goes on where the quote puts a full stop."""
        if self.ours[-1].text not in ".!?":
            return ""
        whole = self.text.normal.text
        _, end = self.text.sentence_bounds(self.text.sentence_index(self.end - 1))
        behind = whole[self.end : end]
        if not behind.strip(" .!?'\")]") or whole[self.end - 1] in ".!?:;":
            return ""
        rest = self.text.words(self.end, end)
        return rest if len(rest) <= LONGEST_REST else rest[:LONGEST_REST] + "…"

    def _claimed(self, first: int, last: int) -> str:
        if first == last:
            return ""
        low, high = self.quote.original_span(self.ours[first].start, self.ours[last - 1].end)
        return fold_space(self.claimed[low:high])

    def _found(self, first: int, last: int) -> str:
        if first == last:
            return ""
        return self.text.words(self.text.tokens[first].start, self.text.tokens[last - 1].end)


def between(before: Passage, after: Passage) -> str:
    """The paper's own words between two passages."""
    if after.start <= before.end:
        return ""
    gap = before.text.normal.text[before.end : after.start]
    return before.text.words(before.end, after.start) if gap.strip() else ""


def _merged(blocks: Iterator[Block]) -> Iterator[Block]:
    last: Block | None = None
    for block in blocks:
        if last is not None and last.ours[1] == block.ours[0] and last.papers[1] == block.papers[0]:
            last = Block((last.ours[0], block.ours[1]), (last.papers[0], block.papers[1]), last.kind)
            continue
        if last is not None:
            yield last
        last = block
    if last is not None:
        yield last
