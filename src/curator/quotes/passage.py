"""A passage of the paper that is aligned with a quote: where it begins and ends, and how the two differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from curator.quotes.alignment import Alignment, Edit
from curator.quotes.normalize import NormalizedText, fold_space
from curator.quotes.text_index import TextIndex
from curator.quotes.tokens import Token
from curator.types import Difference

MAX_REST = 80
"""Characters that are shown of the rest of a sentence which a quote ends early with a full stop."""


@dataclass(frozen=True)
class Passage:
    """A quote, or a part of one, and the passage that it is aligned with."""

    text: TextIndex
    claimed: str  # the quote as it was given, on one line
    quote: NormalizedText  # of `claimed`
    tokens: Sequence[Token]  # of `quote`
    alignment: Alignment

    @property
    def start(self) -> int:
        """The passage's start, an offset of the paper's normalised text."""
        return self.text.tokens[self.alignment.first].start

    @property
    def end(self) -> int:
        """The passage's end, exclusive; an offset of the paper's normalised text."""
        return self.text.tokens[self.alignment.last - 1].end

    def list_differences(self) -> list[Difference]:
        """Return the differences in wording, in order. Neighbouring differences are merged."""
        shown = (edit for edit in self.alignment.edits if edit.tolerance != "rendering")
        differences = [Difference(self._quoted(*edit.quote), self._printed(*edit.paper)) for edit in _merge(shown)]
        rest = self._get_rest()
        return [*differences, Difference(self.tokens[-1].text, rest)] if rest else differences

    def _get_rest(self) -> str:
        """Return the rest of the paper's sentence if the quote puts a full stop before it; else an empty string."""
        if self.tokens[-1].text not in ".!?":
            return ""
        whole = self.text.normal.text
        _, end = self.text.get_sentence_bounds(self.text.find_sentence(self.end - 1))
        after = whole[self.end : end]
        if not after.strip(" .!?'\")]") or whole[self.end - 1] in ".!?:;":
            return ""
        rest = self.text.get_words(self.end, end)
        return rest if len(rest) <= MAX_REST else rest[:MAX_REST] + "…"

    def _quoted(self, first: int, last: int) -> str:
        if first == last:
            return ""
        low, high = self.quote.get_original_span(self.tokens[first].start, self.tokens[last - 1].end)
        return fold_space(self.claimed[low:high])

    def _printed(self, first: int, last: int) -> str:
        if first == last:
            return ""
        return self.text.get_words(self.text.tokens[first].start, self.text.tokens[last - 1].end)


def get_words_between(before: Passage, after: Passage) -> str:
    """Return the paper's own words between two passages; empty if the passages touch or overlap."""
    if after.start <= before.end:
        return ""
    gap = before.text.normal.text[before.end : after.start]
    return before.text.get_words(before.end, after.start) if gap.strip() else ""


def _merge(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Yield the edits, neighbours as one."""
    last: Edit | None = None
    for edit in edits:
        if last is not None and last.quote[1] == edit.quote[0] and last.paper[1] == edit.paper[0]:
            last = Edit((last.quote[0], edit.quote[1]), (last.paper[0], edit.paper[1]), last.tolerance)
            continue
        if last is not None:
            yield last
        last = edit
    if last is not None:
        yield last
