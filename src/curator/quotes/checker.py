"""Check that a quote is in a paper, and that the quote does not change the meaning of the paper's words.

There are two kinds of error. A true quote must not be rejected because a PDF breaks lines, spells ligatures or numbers
pages in its own way; therefore the whole document is searched in normalised form. A false quote must not pass because
it looks similar; therefore only differences that are known to be harmless are allowed, however few they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise

from curator.quotes import context, ellipsis
from curator.quotes.alignment import Aligner, Alignment, Mismatch
from curator.quotes.markup import strip_markup
from curator.quotes.normalize import NormalizedText, fold_space, normalize
from curator.quotes.passage import Passage, get_words_between
from curator.quotes.text_index import TextIndex, get_sentences
from curator.quotes.tokens import Token, count_words, tokenize
from curator.types import Difference, Document, Grade, Quote

MIN_WORDS = 4
"""Words of a quote. Shorter passages are in many papers by chance, so that finding one proves nothing."""
MIN_CHARACTERS = 20
"""Characters of a quote, for the same reason."""
MAX_CHARACTERS = 4_000
"""Characters of a quote. A longer text is no quote, and the search must stay cheap."""
MAX_OCCURRENCES = 200
"""Places where a quote is found word for word that are looked at."""
MIN_MATCHED_SHARE = 0.6
"""Share of a quote's tokens that must match before the difference in the rest is reported."""

_EDGES = " \t\n\r\"'`´“”„‟‘’‚‛«»‹›<>「」『』〝〞＂*_~…"
_RANK: dict[Grade, int] = {"exact": 0, "normalised": 1, "near": 2}

_Finder = Callable[[str, list[str]], Iterator[Quote]]


def mark_unreadable(quote: str) -> Quote:
    """Return the result for a quote of a paper that has no text to check against."""
    return Quote(fold_space(quote), "unreadable", why="the paper has no text to check against")


def grade_quote(quote: str, document: Document, claimed_page: int | None = None) -> Quote:
    """Grade one quote against one document. To grade several, make one `QuoteChecker`.

    Args:
        quote: The quote.
        document: The paper's text.
        claimed_page: The page, from 1, on which the quote is said to be.

    Returns:
        The quote with its grade; see `QuoteChecker.grade`.
    """
    return QuoteChecker(document).grade(quote, claimed_page)


class QuoteChecker:
    """Grades quotes against one document, which is normalised only once."""

    def __init__(self, document: Document) -> None:
        """Make a checker.

        Args:
            document: The paper's text.
        """
        self._document = document
        self._pages = {page.number: page.text for page in document.pages}
        self._sentences = get_sentences(document)
        own = (
            sentence
            for sentence in self._sentences
            if sentence.section != "references" and sentence.form != "quotation"
        )
        self._text = TextIndex(own, self._pages)
        self._aligner = Aligner(self._text)

    def grade(self, quote: str, claimed_page: int | None = None) -> Quote:
        """Find the best place of a quote in the document.

        The whole document is searched, except for its references and its quotations from others. The grades are:

        - exact: the same characters, except for white space.
        - normalised: the same text after normalisation, whatever characters it is printed with.
        - near: harmless differences, each of which is named.
        - absent: the quote is not in the document, or leaves out words that change its meaning.

        Args:
            quote: The quote. Markdown, HTML and LaTeX are understood.
            claimed_page: The page, from 1, on which the quote is said to be. It decides between equally good places.

        Returns:
            The paper's own words with their place; for the grade `absent` the quote, with the reason in `why`.
        """
        claimed = fold_space(quote)
        if len(claimed) > MAX_CHARACTERS:
            return Quote(claimed, "absent", why=f"longer than {MAX_CHARACTERS} characters")
        readings = [
            reading
            for reading in _list_readings(quote if len(quote) <= 2 * MAX_CHARACTERS else claimed, claimed)
            if _is_long_enough(normalize(reading).text)
        ]
        if not readings:
            return Quote(claimed, "absent", why=f"shorter than {MIN_WORDS} words or {MIN_CHARACTERS} characters")
        refusals: list[str] = []
        self._aligner.reset_steps()
        finders: tuple[_Finder, ...] = (self._find_verbatim, self._find_aligned, self._find_with_gaps)
        for find in finders:
            for reading in readings:
                if places := list(find(reading, refusals)):
                    best = min(places, key=lambda place: (_RANK[place.grade], place.page != claimed_page))
                    return replace(best, grade="normalised") if best.grade == "exact" and reading != claimed else best
        return Quote(claimed, "absent", why=refusals[0] if refusals else self._explain_absence(readings[-1]))

    def _find_verbatim(self, claimed: str, refusals: list[str]) -> Iterator[Quote]:
        """Yield the places where the normalised text contains the quote, character by character."""
        needle = normalize(claimed).text
        for start, end in _find_occurrences(needle, self._text.normal.text):
            if why := self._find_refusal(start, end):
                refusals.append(why)
            else:
                text = self._text.get_words(start, end)
                yield self._make_quote([(start, end)], "exact" if text == claimed else "normalised")

    def _find_aligned(self, claimed: str, refusals: list[str]) -> Iterator[Quote]:
        """Yield the place where the quote aligns with the text over harmless differences."""
        normal = normalize(claimed)
        tokens = tokenize(normal.text)
        result = self._aligner.align(tokens)
        if isinstance(result, Alignment):
            passage = Passage(self._text, claimed, normal, tokens, result)
            if why := self._find_refusal(passage.start, passage.end):
                refusals.append(why)
                return
            differences = passage.list_differences()
            grade: Grade = "near" if differences else "normalised"
            yield self._make_quote([(passage.start, passage.end)], grade, differences)
        elif (
            result is not None
            and result.matched >= MIN_MATCHED_SHARE * len(tokens)
            and not ellipsis.has_ellipsis(claimed)
        ):
            refusals.append(self._describe_mismatch(claimed, normal, tokens, result))

    def _find_with_gaps(self, claimed: str, refusals: list[str]) -> Iterator[Quote]:
        """Yield the places of a quote that an ellipsis divides into passages."""
        for passages in ellipsis.find_places(claimed, self._aligner):
            if why := self._find_gap_refusal(passages):
                refusals.append(why)
                continue
            differences = [*passages[0].list_differences()]
            for before, after in pairwise(passages):
                differences += [Difference("…", get_words_between(before, after)), *after.list_differences()]
            yield self._make_quote([(passage.start, passage.end) for passage in passages], "near", differences)

    def _find_gap_refusal(self, passages: Sequence[Passage]) -> str | None:
        """Return the reason why these passages together are no quote of the paper, or None."""
        why = next((why for pair in pairwise(passages) if (why := ellipsis.find_refusal(*pair))), None)
        why = why or find_context_refusal(self._text, passages[0].start, passages[-1].end)
        return why or next(filter(None, (self._find_bad_edge(part.start, part.end) for part in passages)), None)

    def _find_refusal(self, start: int, end: int) -> str | None:
        """Return the reason why a stretch of the normalised text is no quote of the paper, or None."""
        return self._find_bad_edge(start, end) or find_context_refusal(self._text, start, end)

    def _find_bad_edge(self, start: int, end: int) -> str | None:
        """Return the reason why a stretch cannot begin, end or run on where it does, or None."""
        text = self._text.normal.text
        cuts_start = context.cuts_a_word(text, start) and not self._text.is_after_note_mark(start)
        if cuts_start or context.cuts_a_word(text, end):
            return "it begins or ends within a word or a number"
        if not self._text.is_continuous(start, end):
            return "its parts stand side by side on the page, and are not one passage"
        return None

    def _make_quote(self, places: list[tuple[int, int]], grade: Grade, differences: Iterable[Difference] = ()) -> Quote:
        text = " […] ".join(self._text.get_words(start, end) for start, end in places)
        spans = tuple(span for start, end in places for span in self._text.get_spans(start, end))
        sentence = self._text.sentences[self._text.find_sentence(places[0][0])]
        return Quote(text, grade, spans, sentence.section, sentence.form, tuple(differences))

    def _describe_mismatch(self, claimed: str, normal: NormalizedText, tokens: list[Token], mismatch: Mismatch) -> str:
        """Return a description of the first difference between the quote and the most similar passage."""
        if not mismatch.quote or not mismatch.paper:
            return "it goes on beyond the passage that it is like"
        paper = self._text.tokens
        first, last = normal.get_original_span(tokens[mismatch.quote[0]].start, tokens[mismatch.quote[-1]].end)
        quoted = claimed[first:last]
        printed = self._text.get_words(paper[mismatch.paper[0]].start, paper[mismatch.paper[-1]].end)
        return f"it differs from the passage that is most like it: “{quoted}” where the paper has “{printed}”"

    def _explain_absence(self, claimed: str) -> str:
        needle = normalize(claimed).text
        for where, text in self._other_texts:
            if needle in text:
                return f"it stands in {where} only"
        return "it is not in the paper"

    @cached_property
    def _other_texts(self) -> list[tuple[str, str]]:
        """Normalised texts in the PDF that are not the paper's own statements, with a name for each."""
        references = [sentence.text for sentence in self._sentences if sentence.section == "references"]
        quotations = [sentence.text for sentence in self._sentences if sentence.form == "quotation"]
        hidden = [hidden.text for hidden in self._document.hidden]
        named = (
            ("the references", references),
            ("words of others that the paper quotes", quotations),
            ("text that people cannot see on the page", hidden),
        )
        return [(where, normalize(" ".join(texts)).text) for where, texts in named]


def find_context_refusal(text: TextIndex, start: int, end: int) -> str | None:
    """Find the reason why the words around a stretch change its meaning.

    Args:
        text: The paper's text.
        start: The start of the stretch, an offset of the normalised text.
        end: The end of the stretch, exclusive.

    Returns:
        The reason as a clause, or None.
    """
    if word := context.find_governing_word(text, start, end):
        return f"it leaves out “{word}”, without which it says something else"
    if context.is_quoted_from_others(text, start, end):
        return "it stands in words of others that the paper quotes only"
    return None


def _list_readings(quote: str, claimed: str) -> list[str]:
    """Return the quote as it is, without surrounding marks, and without markup; each reading once."""
    return list(dict.fromkeys((claimed, _trim(claimed), _trim(fold_space(strip_markup(quote))))))


def _is_long_enough(needle: str) -> bool:
    return len(needle) >= MIN_CHARACTERS and count_words(needle) >= MIN_WORDS


def _trim(quote: str) -> str:
    """Return a quote without the quotation marks and ellipses that models put around quotes."""
    trimmed = quote.strip(_EDGES)
    while trimmed.startswith("...") or trimmed.endswith("..."):
        trimmed = trimmed.removeprefix("...").removesuffix("...").strip(_EDGES)
    return trimmed


def _find_occurrences(needle: str, haystack: str) -> Iterator[tuple[int, int]]:
    start = haystack.find(needle)
    for _ in range(MAX_OCCURRENCES):
        if start < 0:
            return
        yield start, start + len(needle)
        start = haystack.find(needle, start + 1)
