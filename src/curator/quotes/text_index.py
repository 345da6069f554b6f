"""A document's sentences in reading order as one text, with the place of each stretch on its pages.

A quote cannot be searched for page by page, since footnotes and figures are printed between the halves of a sentence.
And not all neighbours form a passage: a cell of a table and the sentence after it were never one text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from curator.quotes.normalize import fold_space, normalize
from curator.quotes.tokens import Token, find_citations, list_trigrams, tokenize
from curator.types import Document, Form, Sentence, Span

_HYPHENS = re.compile("[-\u2010\u2011\u2013]")
MAX_UNCUT = 600
"""Characters of a sentence. The end of a longer one may come from the PDF reader and not from the author."""
_UNFINISHED = re.compile(
    r"(?:\A|\s)(?:the|a|an|of|to|in|on|for|with|by|from|at|as|and|or|that|which|is|are|was|were|our|their|its)\s*\Z"
)
"""Words that end no sentence, even if the PDF reader took them for its end."""
_SET_APART: frozenset[Form] = frozenset({"caption", "table", "footnote"})
_SENTENCE_END = re.compile(r"""[.?!:;…][)\]"'”’»\d,*†‡\s–—-]*\Z""")
_CONTINUATION = re.compile(r"[^\w]*[a-z]|[•·▪◦‣⁃–—*-]|\(?(?:\d{1,2}|[ivx]{1,4}|[A-Za-z])[.)]\s")


class TextIndex:
    """Sentences of one document as one text.

    Attributes:
        sentences: The sentences, in reading order.
        starts: The start of each sentence in `raw`.
        raw: The sentences' text as it is on the pages, with a space between any two spans.
        normal: `raw`, normalised.
    """

    def __init__(self, sentences: Iterable[Sentence], pages: Mapping[int, str]) -> None:
        """Make an index.

        Args:
            sentences: The sentences to search, in reading order.
            pages: The text of each page, by its number.
        """
        self.sentences = list(sentences)
        self._spans: list[Span] = []
        self._offsets: list[int] = []  # of each span in `raw`
        self.starts: list[int] = []
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
            self.starts[at]
            for at in range(1, len(self.sentences))
            if not _are_continuous(*self.sentences[at - 1 : at + 1])
        ]

    def get_words(self, start: int, end: int) -> str:
        """Return the paper's own words for a stretch of the normalised text, on one line."""
        first, last = self.normal.get_original_span(start, end)
        return fold_space(self.raw[first:last])

    def get_spans(self, start: int, end: int) -> tuple[Span, ...]:
        """Return the spans of the pages for a stretch of the normalised text. Adjacent spans are merged."""
        first, last = self.normal.get_original_span(start, end)
        return tuple(_join_spans(self._find_spans(first, last)))

    def _find_spans(self, first: int, last: int) -> Iterator[Span]:
        for at in range(max(0, bisect_right(self._offsets, first) - 1), len(self._spans)):
            offset, span = self._offsets[at], self._spans[at]
            if offset >= last:
                return
            low = max(span.start, span.start + first - offset)
            high = min(span.end, span.start + last - offset)
            if low < high and self.raw[offset + low - span.start : offset + high - span.start].strip():
                yield Span(span.page, low, high)

    def is_continuous(self, start: int, end: int) -> bool:
        """Return True if a stretch of the normalised text never runs from one text into an unrelated one."""
        first, last = self.normal.get_original_span(start, end)
        return bisect_left(self._breaks, last) == bisect_right(self._breaks, first)

    def find_sentence(self, at: int) -> int:
        """Return the index of the sentence that contains an offset of the normalised text."""
        at = min(at, len(self.normal.starts) - 1)
        return max(0, bisect_right(self.starts, self.normal.starts[at]) - 1)

    def _begins_sentence(self, at: int) -> bool:
        """Return True if a sentence begins at this offset of `raw`."""
        place = bisect_left(self.starts, at)
        return place < len(self.starts) and self.starts[place] == at

    def is_after_note_mark(self, at: int) -> bool:
        """Return True if the text of a footnote begins here, directly after its number."""
        index = self.find_sentence(at)
        mark = self.normal.text[self.get_sentence_bounds(index)[0] : at]
        return self.sentences[index].form == "footnote" and re.fullmatch(r"\^?\d{1,2}", mark) is not None

    def get_sentence_bounds(self, index: int) -> tuple[int, int]:
        """Return the start and end of a sentence, as offsets of the normalised text."""
        begin = bisect_left(self.normal.starts, self.starts[index])
        if index + 1 == len(self.starts):
            return begin, len(self.normal.text)
        return begin, bisect_left(self.normal.starts, self.starts[index + 1])

    @cached_property
    def tokens(self) -> list[Token]:
        """The tokens of the normalised text."""
        return tokenize(self.normal.text)

    @cached_property
    def token_starts(self) -> list[int]:
        """The start of each token, an offset of the normalised text."""
        return [token.start for token in self.tokens]

    @cached_property
    def trigrams(self) -> dict[tuple[str, ...], list[int]]:
        """The positions of each three neighbouring tokens."""
        index: dict[tuple[str, ...], list[int]] = {}
        for position, key in enumerate(list_trigrams(self.tokens)):
            index.setdefault(key, []).append(position)
        return index

    @cached_property
    def citations(self) -> list[tuple[int, int]]:
        """The first and last token (exclusive) of each citation and cross-reference, in order."""
        found = []
        for start, end in find_citations(self.normal.text):
            first, last = bisect_left(self.token_starts, start), bisect_left(self.token_starts, end)
            if first < last:
                found.append((first, last))
        return sorted(found)

    @cached_property
    def page_starts(self) -> frozenset[int]:
        """The first token of each page, except for the first page."""
        raw = [
            offset
            for offset, before, span in zip(self._offsets[1:], self._spans, self._spans[1:], strict=False)
            if span.page != before.page
        ]
        return frozenset(bisect_left(self.token_starts, bisect_left(self.normal.starts, offset)) for offset in raw)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The texts of all tokens."""
        return frozenset(token.text for token in self.tokens)

    @cached_property
    def common_words(self) -> frozenset[str]:
        """Words that the paper writes in lower case somewhere. A word that is always capitalised may be a name."""
        starts = self.normal.starts
        return frozenset(token.text for token in self.tokens if self.raw[starts[token.start]].islower())

    def split_compound(self, token: Token) -> list[str]:
        """Return the words that hyphens join in a token of this text; a single word if there is no hyphen."""
        first, last = self.normal.get_original_span(token.start, token.end)
        return [part for piece in _HYPHENS.split(self.raw[first:last]) if (part := normalize(piece).text)]

    def is_name(self, token: Token) -> bool:
        """Return True if a token is written like (part of) a name of a person, a model or a data set."""
        whole = self.normal.text
        around = whole[token.start - 1 : token.start] + whole[token.end : token.end + 1]
        if any(sign.isdigit() or sign in "—_^/\\" for sign in around):  # 7b-chat, gpt-neo
            return True
        first, last = self.normal.get_original_span(token.start, token.end)
        printed = self.raw[first:last]
        if printed[1:] != printed[1:].lower():
            return True
        if not printed[:1].isupper():
            return False
        before = self.raw[max(0, first - 20) : first].rstrip()
        starts_sentence = _SENTENCE_END.search(before) or self._begins_sentence(first)
        return not starts_sentence or token.text not in self.common_words


def get_sentences(document: Document) -> Sequence[Sentence]:
    """Return a document's sentences; its pages as sentences if it was not divided into sentences."""
    if document.sentences:
        return document.sentences
    return [
        Sentence(page.number, fold_space(page.text), (Span(page.number, 0, len(page.text)),), "body")
        for page in document.pages
        if page.text.strip()
    ]


def _are_continuous(before: Sentence, after: Sentence) -> bool:
    """Return True if two sentences may be read as one passage."""
    if after.number != before.number + 1:
        return False
    if before.form in _SET_APART or after.form in _SET_APART:
        return before.form == after.form and _are_neighbours(before.spans[-1], after.spans[0])
    if before.form in ("heading", "formula") or after.form == "formula":
        return True
    if _SENTENCE_END.search(before.text[-40:]) or len(before.text) > MAX_UNCUT:
        return True
    if before.form == after.form == "prose" and _UNFINISHED.search(before.text[-40:]):
        return True
    return after.form != "heading" and _CONTINUATION.match(after.text) is not None


def _are_neighbours(left: Span, right: Span) -> bool:
    return left.page == right.page and 0 <= right.start - left.end <= 2


def _join_spans(spans: Iterable[Span]) -> Iterator[Span]:
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
