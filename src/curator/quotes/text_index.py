"""A document's sentences in reading order as one text, in which every stretch knows where on which page it stands.

Pages are the wrong text to look for a quote in: footnotes and figures stand between the halves of a sentence. And not
every two neighbours may be read as one: a table's cell and the sentence behind it were never one passage.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from curator.quotes.normalize import fold_space, normalize
from curator.quotes.tokens import Token, count_trigrams, find_citations, tokenize
from curator.types import Document, Form, Sentence, Span

_HYPHENS = re.compile("[-\u2010\u2011\u2013]")
LONGEST_UNCUT = 600
"""Characters; a sentence that is longer may have been cut by the reader, not ended by its author."""
_UNFINISHED = re.compile(
    r"(?:\A|\s)(?:the|a|an|of|to|in|on|for|with|by|from|at|as|and|or|that|which|is|are|was|were|our|their|its)\s*\Z"
)
"""Behind these words no sentence ends, whatever the reader made of the break behind them."""
_SET_APART: frozenset[Form] = frozenset({"caption", "table", "footnote"})
_ENDED = re.compile(r"""[.?!:;…][)\]"'”’»\d,*†‡\s–—-]*\Z""")
_GOES_ON = re.compile(r"[^\w]*[a-z]|[•·▪◦‣⁃–—*-]|\(?(?:\d{1,2}|[ivx]{1,4}|[A-Za-z])[.)]\s")


class TextIndex:
    """Sentences of one document, read as one text. `raw` is the pages' own, `normal` is it normalised."""

    def __init__(self, sentences: Iterable[Sentence], pages: Mapping[int, str]) -> None:
        self.sentences = list(sentences)
        self._spans: list[Span] = []
        self._offsets: list[int] = []  # of each span in `raw`
        self.starts: list[int] = []  # of each sentence in `raw`
        parts: list[str] = []
        length = 0
        for sentence in self.sentences:
            self.starts.append(length)
            for span in sentence.spans:
                text = pages.get(span.page, "")[span.start : span.end]
                self._spans.append(span)
                self._offsets.append(length)
                parts.append(text)
                length += len(text) + 1
        self.raw = " ".join(parts)
        self.normal = normalize(self.raw)
        self._breaks = [
            self.starts[at] for at in range(1, len(self.sentences)) if not _go_on(*self.sentences[at - 1 : at + 1])
        ]

    def words(self, start: int, end: int) -> str:
        """The paper's own words for a stretch of the normalised text, on one line."""
        first, last = self.normal.original_span(start, end)
        return fold_space(self.raw[first:last])

    def spans(self, start: int, end: int) -> tuple[Span, ...]:
        """Where a stretch of the normalised text stands; stretches that follow on the page are drawn together."""
        first, last = self.normal.original_span(start, end)
        return tuple(_joined(self._pieces(first, last)))

    def _pieces(self, first: int, last: int) -> Iterator[Span]:
        for at in range(max(0, bisect_right(self._offsets, first) - 1), len(self._spans)):
            offset, span = self._offsets[at], self._spans[at]
            if offset >= last:
                return
            low = max(span.start, span.start + first - offset)
            high = min(span.end, span.start + last - offset)
            if low < high and self.raw[offset + low - span.start : offset + high - span.start].strip():
                yield Span(span.page, low, high)

    def holds_together(self, start: int, end: int) -> bool:
        """Whether a stretch of the normalised text nowhere runs over two texts that do not belong together."""
        first, last = self.normal.original_span(start, end)
        return bisect_left(self._breaks, last) == bisect_right(self._breaks, first)

    def sentence_index(self, at: int) -> int:
        """The index of the sentence that an offset of the normalised text falls into."""
        at = min(at, len(self.normal.starts) - 1)
        return max(0, bisect_right(self.starts, self.normal.starts[at]) - 1)

    def _begins_sentence(self, at: int) -> bool:
        """Whether a sentence begins at this offset of `raw`."""
        place = bisect_left(self.starts, at)
        return place < len(self.starts) and self.starts[place] == at

    def is_behind_note_mark(self, at: int) -> bool:
        """Whether a footnote's text begins here, behind the number that is printed against it."""
        index = self.sentence_index(at)
        mark = self.normal.text[self.sentence_bounds(index)[0] : at]
        return self.sentences[index].form == "footnote" and re.fullmatch(r"\^?\d{1,2}", mark) is not None

    def sentence_bounds(self, index: int) -> tuple[int, int]:
        """Where a sentence begins and ends, as offsets of the normalised text."""
        begin = bisect_left(self.normal.starts, self.starts[index])
        if index + 1 == len(self.starts):
            return begin, len(self.normal.text)
        return begin, bisect_left(self.normal.starts, self.starts[index + 1])

    @cached_property
    def tokens(self) -> list[Token]:
        return tokenize(self.normal.text)

    @cached_property
    def token_starts(self) -> list[int]:
        return [token.start for token in self.tokens]

    @cached_property
    def index(self) -> dict[tuple[str, ...], list[int]]:
        """Where each three neighbouring tokens stand."""
        index: dict[tuple[str, ...], list[int]] = {}
        for position, key in enumerate(count_trigrams(self.tokens)):
            index.setdefault(key, []).append(position)
        return index

    @cached_property
    def citations(self) -> list[tuple[int, int]]:
        """The first token of each citation and cross-reference, and the one behind its last; in order."""
        found = []
        for start, end in find_citations(self.normal.text):
            first, last = bisect_left(self.token_starts, start), bisect_left(self.token_starts, end)
            if first < last:
                found.append((first, last))
        return sorted(found)

    @cached_property
    def page_starts(self) -> frozenset[int]:
        """The tokens that come first on a page, but for the first of all."""
        raw = [
            offset
            for offset, before, span in zip(self._offsets[1:], self._spans, self._spans[1:], strict=False)
            if span.page != before.page
        ]
        return frozenset(bisect_left(self.token_starts, bisect_left(self.normal.starts, offset)) for offset in raw)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(token.text for token in self.tokens)

    @cached_property
    def common_words(self) -> frozenset[str]:
        """Words that the paper writes in lower case somewhere: what stands only in capitals may be a name."""
        starts = self.normal.starts
        return frozenset(token.text for token in self.tokens if self.raw[starts[token.start]].islower())

    def parts_of_compound(self, token: Token) -> list[str]:
        """The words that hyphens part in a token of this text; one where there is none."""
        first, last = self.normal.original_span(token.start, token.end)
        return [part for one in _HYPHENS.split(self.raw[first:last]) if (part := normalize(one).text)]

    def is_name(self, token: Token) -> bool:
        """Whether a token of this text is written as names of people, models and data sets are, or as part of one."""
        whole = self.normal.text
        around = whole[token.start - 1 : token.start] + whole[token.end : token.end + 1]
        if any(sign.isdigit() or sign in "—_^/\\" for sign in around):  # 7b-chat, gpt-neo
            return True
        first, last = self.normal.original_span(token.start, token.end)
        written = self.raw[first:last]
        if written[1:] != written[1:].lower():
            return True
        if not written[:1].isupper():
            return False
        starts_sentence = _ENDED.search(self.raw[max(0, first - 20) : first].rstrip()) or self._begins_sentence(first)
        return not starts_sentence or token.text not in self.common_words


def sentences_of(document: Document) -> Sequence[Sentence]:
    """A document's sentences; of one that was not cut into sentences, its pages."""
    if document.sentences:
        return document.sentences
    return [
        Sentence(page.number, fold_space(page.text), (Span(page.number, 0, len(page.text)),), "body")
        for page in document.pages
        if page.text.strip()
    ]


def _go_on(before: Sentence, after: Sentence) -> bool:
    """Whether `after` may be read on from `before` as one passage."""
    if after.number != before.number + 1:
        return False
    if before.form in _SET_APART or after.form in _SET_APART:
        return before.form == after.form and _are_neighbours(before.spans[-1], after.spans[0])
    if before.form in ("heading", "formula") or after.form == "formula":
        return True
    if _ENDED.search(before.text[-40:]) or len(before.text) > LONGEST_UNCUT:
        return True
    if before.form == after.form == "prose" and _UNFINISHED.search(before.text[-40:]):
        return True
    return after.form != "heading" and _GOES_ON.match(after.text) is not None


def _are_neighbours(one: Span, other: Span) -> bool:
    return one.page == other.page and 0 <= other.start - one.end <= 2


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    last: Span | None = None
    for span in spans:
        if last is not None and _are_neighbours(last, span):
            last = Span(last.page, last.start, span.end)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last
