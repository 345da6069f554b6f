"""Checks that a quote stands in the paper, and that nothing in it changes what the paper says.

Two errors matter. A true quote must not be rejected for how a PDF breaks lines, spells ligatures or numbers pages,
so the whole document is searched in normalised form. A false one must not pass for looking similar: where words
differ, only differences known to be harmless are let through, never "few" ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import pairwise

from curator.quotes import context, ellipsis
from curator.quotes.alignment import Aligner, Alignment, Miss
from curator.quotes.markup import strip_markup
from curator.quotes.normalize import NormalizedText, fold_space, normalize
from curator.quotes.passage import Passage, between
from curator.quotes.text_index import TextIndex, sentences_of
from curator.quotes.tokens import Token, tokenize, word_count
from curator.types import Difference, Document, Grade, Quote

MIN_WORDS = 4
MIN_CHARACTERS = 20
"""Shorter passages stand by chance in many papers, so finding one proves nothing."""
MAX_CHARACTERS = 4_000
"""Of a quote; longer ones are not quotes, and the search must stay cheap."""
MOST_OCCURRENCES = 200
CLOSE = 0.6
"""Of a quote's tokens that must have their place before it is worth saying where the rest differs."""

_EDGES = " \t\n\r\"'`´“”„‟‘’‚‛«»‹›<>「」『』〝〞＂*_~…"
_RANK: dict[Grade, int] = {"exact": 0, "normalised": 1, "near": 2}


def mark_unreadable(quote: str) -> Quote:
    """The quote of a paper of which there is no text to check against."""
    return Quote(fold_space(quote), "unreadable", why="the paper has no text to check against")


def grade_quote(quote: str, document: Document, claimed_page: int | None = None) -> Quote:
    """One quote against one document; for several, make one `QuoteChecker`."""
    return QuoteChecker(document).grade(quote, claimed_page)


class QuoteChecker:
    """Grades quotes against one document, which is normalised once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._pages = {page.number: page.text for page in document.pages}
        self._sentences = sentences_of(document)
        own = (one for one in self._sentences if one.section != "references" and one.form != "quotation")
        self._text = TextIndex(own, self._pages)
        self._aligner = Aligner(self._text)

    def grade(self, quote: str, claimed_page: int | None = None) -> Quote:
        """The best place of `quote` in the document, with the paper's own words; absent where there is none.

        exact: the same characters, white space aside; normalised: the same once it is folded, whatever the signs are
        printed with; near: with harmless differences, each of which is named. The whole document is searched but its
        references and the words of others; `claimed_page` decides between places that are equally good.
        """
        claimed = fold_space(quote)
        if len(claimed) > MAX_CHARACTERS:
            return Quote(claimed, "absent", why=f"longer than {MAX_CHARACTERS} characters")
        readings = [
            one
            for one in _readings(quote if len(quote) <= 2 * MAX_CHARACTERS else claimed, claimed)
            if _is_long_enough(normalize(one).text)
        ]
        if not readings:
            return Quote(claimed, "absent", why=f"shorter than {MIN_WORDS} words or {MIN_CHARACTERS} characters")
        refused: list[str] = []
        self._aligner.begin()
        for found in (self._verbatim, self._aligned, self._with_gaps):
            for reading in readings:
                if places := list(found(reading, refused)):
                    best = min(places, key=lambda place: (_RANK[place.grade], place.page != claimed_page))
                    return replace(best, grade="normalised") if best.grade == "exact" and reading != claimed else best
        return Quote(claimed, "absent", why=refused[0] if refused else self._elsewhere(readings[-1]))

    def _verbatim(self, claimed: str, refused: list[str]) -> Iterator[Quote]:
        """Where the normalised text has the quote character by character."""
        needle = normalize(claimed).text
        for start, end in _occurrences(needle, self._text.normal.text):
            if why := self._refusal(start, end):
                refused.append(why)
            else:
                text = self._text.words(start, end)
                yield self._quote([(start, end)], "exact" if text == claimed else "normalised")

    def _aligned(self, claimed: str, refused: list[str]) -> Iterator[Quote]:
        """Where the quote can be laid beside the text over harmless differences."""
        normal = normalize(claimed)
        ours = tokenize(normal.text)
        found = self._aligner.align(ours)
        if isinstance(found, Alignment):
            passage = Passage(self._text, claimed, normal, ours, found)
            if why := self._refusal(passage.start, passage.end):
                refused.append(why)
                return
            differences = passage.differences()
            yield self._quote([(passage.start, passage.end)], "near" if differences else "normalised", differences)
        elif found is not None and found.matched >= CLOSE * len(ours) and not ellipsis.has_one(claimed):
            refused.append(self._difference(claimed, normal, ours, found))

    def _with_gaps(self, claimed: str, refused: list[str]) -> Iterator[Quote]:
        """Where the passages stand that an ellipsis parts."""
        for parts in ellipsis.places(claimed, self._aligner):
            start, end = parts[0].start, parts[-1].end
            why = next((said for pair in pairwise(parts) if (said := ellipsis.refusal(*pair))), None)
            why = why or context_refusal(self._text, start, end) or self._cut(parts)
            if why:
                refused.append(why)
                continue
            differences = [*parts[0].differences()]
            for before, after in pairwise(parts):
                differences += [Difference("…", between(before, after)), *after.differences()]
            yield self._quote([(part.start, part.end) for part in parts], "near", differences)

    def _cut(self, parts: Iterable[Passage]) -> str | None:
        return next(filter(None, (self._torn(part.start, part.end) for part in parts)), None)

    def _refusal(self, start: int, end: int) -> str | None:
        """Why a stretch of the normalised text is no quote of this paper; None where it is one."""
        return self._torn(start, end) or context_refusal(self._text, start, end)

    def _torn(self, start: int, end: int) -> str | None:
        whole = self._text.normal.text
        torn = context.cuts_a_word(whole, start) and not self._text.is_behind_note_mark(start)
        if torn or context.cuts_a_word(whole, end):
            return "it begins or ends within a word or a number"
        if not self._text.holds_together(start, end):
            return "its parts stand side by side on the page, and are not one passage"
        return None

    def _quote(self, places: list[tuple[int, int]], grade: Grade, differences: Iterable[Difference] = ()) -> Quote:
        text = " […] ".join(self._text.words(start, end) for start, end in places)
        spans = tuple(span for start, end in places for span in self._text.spans(start, end))
        sentence = self._text.sentences[self._text.sentence_index(places[0][0])]
        return Quote(text, grade, spans, sentence.section, sentence.form, tuple(differences))

    def _difference(self, claimed: str, normal: NormalizedText, ours: list[Token], miss: Miss) -> str:
        """In words, where the passage that is most like the quote parts from it."""
        if not miss.ours or not miss.papers:
            return "it goes on beyond the passage that it is like"
        there = self._text.tokens
        first, last = normal.original_span(ours[miss.ours[0]].start, ours[miss.ours[-1]].end)
        mine = claimed[first:last]
        theirs = self._text.words(there[miss.papers[0]].start, there[miss.papers[-1]].end)
        return f"it differs from the passage that is most like it: “{mine}” where the paper has “{theirs}”"

    def _elsewhere(self, claimed: str) -> str:
        needle = normalize(claimed).text
        for where, text in self._other_texts:
            if needle in text:
                return f"it stands in {where} only"
        return "it is not in the paper"

    @cached_property
    def _other_texts(self) -> list[tuple[str, str]]:
        """What does not count as the paper saying it."""
        references = [one.text for one in self._sentences if one.section == "references"]
        others = [one.text for one in self._sentences if one.form == "quotation"]
        hidden = [one.text for one in self._document.hidden]
        named = (
            ("the references", references),
            ("words of others that the paper quotes", others),
            ("text that people cannot see on the page", hidden),
        )
        return [(where, normalize(" ".join(texts)).text) for where, texts in named]


def context_refusal(text: TextIndex, start: int, end: int) -> str | None:
    """Why the words around a stretch make it say something else; None where they do not."""
    if word := context.what_governs(text, start, end):
        return f"it leaves out “{word}”, without which it says something else"
    if context.is_quoted_from_others(text, start, end):
        return "it stands in words of others that the paper quotes only"
    return None


def _readings(quote: str, claimed: str) -> list[str]:
    """The quote as it is, without what is put around quotes, and without markup; each once."""
    return list(dict.fromkeys((claimed, _trim(claimed), _trim(fold_space(strip_markup(quote))))))


def _is_long_enough(needle: str) -> bool:
    return len(needle) >= MIN_CHARACTERS and word_count(needle) >= MIN_WORDS


def _trim(quote: str) -> str:
    """Without the quotation marks and ellipses that models put around a quote."""
    trimmed = quote.strip(_EDGES)
    while trimmed.startswith("...") or trimmed.endswith("..."):
        trimmed = trimmed.removeprefix("...").removesuffix("...").strip(_EDGES)
    return trimmed


def _occurrences(needle: str, haystack: str) -> Iterator[tuple[int, int]]:
    start = haystack.find(needle)
    for _ in range(MOST_OCCURRENCES):
        if start < 0:
            return
        yield start, start + len(needle)
        start = haystack.find(needle, start + 1)
