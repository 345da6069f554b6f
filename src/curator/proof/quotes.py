"""Checks that a quote stands in the paper, and that nothing in it changes what the paper says.

Two errors matter. A true quote must not be rejected for how a PDF breaks lines, spells ligatures or numbers pages,
so the whole document is searched in normalised form. A false one must not pass for looking similar: where words
differ, only differences known to be harmless are let through, never "few" ones.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz.distance import Indel

from curator.proof.normalise import fold_space, normalise
from curator.records import Document, Grade, Quote, SectionKind, Span

MIN_WORDS = 4
MIN_CHARACTERS = 20
"""Shorter passages stand by chance in many papers, so finding one proves nothing."""
NEAR_MIN_CHARACTERS = 40
NEAR_MIN_SIMILARITY = 0.95
"""Of the normalised texts, citations left out (Indel similarity, 0 to 1)."""
MAX_CHARACTERS = 4_000
"""Of a quote; longer ones are not quotes, and the search must stay cheap."""

_MAX_OCCURRENCES = 500
_MAX_DIAGONALS = 8
_MAX_BLOCKS = 12
_LONGEST_BLOCK = 60
"""In tokens: a citation of several works."""
_WORD = re.compile(r"[^\W_]+")
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|\S")
_EDGES = " \t\n\r\"'“”‘’«»`…"
_ELLIPSIS = re.compile(r"\.\.\.|…")
_LAST_WORD = re.compile(r"([^\W_]+(?:'[^\W_]+)?)[^\w.?!;:]*\Z")
_LIGATURE = re.compile("ff[il]?|f[il]")
_CITATION = re.compile(
    r"\[\d{1,3}(?:[,;—]\d{1,3}){0,20}\]"
    r"|[(\[](?:[^()\[\]]{1,200},)?(?:19|20)\d\d[a-z]?[)\]]"
)
_CUT = re.compile(r"[^\W_]\0[^\W_]|\d\0 ?%|\d[.,:/]\0\d|\d\0[.,:/]\d|[—^]\0\d|[^\W_]\0[—^]\d|\d\0—[^\W_]|\d—\0[^\W_]")
"""What stands across an offset, which is shown as NUL: no normalised text contains that."""
_HARMLESS_MARKS = frozenset(",;:.'()[]{}\"")
_ARTICLES = frozenset({"a", "an", "the"})
_AFTER_NO_ARTICLE = frozenset({"few", "little", "lot", "bit", "number", "majority", "minority", "only"})
"""With these an article makes the meaning: few, a few."""
_NEGATIONS = frozenset(
    _WORD.findall(
        "no not never neither nor none nobody nothing nowhere without cannot cant hardly barely scarcely seldom "
        "rarely few fail fails failed unable unlikely lack lacks lacked"
    )
)
_PROTECTED = _NEGATIONS | frozenset(
    _WORD.findall(
        "all any some many most more less least fewer both each every either only just always often sometimes "
        "usually may might can could must should shall will would need able above below over under up down before "
        "after than if unless except but with non un in"
    )
)
"""Words that a difference must not touch: negation, quantity, modality, comparison, condition."""


def unreadable(quote: str) -> Quote:
    """The quote of a paper of which there is no text to check against."""
    return Quote(fold_space(quote), "unreadable")


def grade(quote: str, document: Document, claimed_page: int | None = None) -> Quote:
    """One quote against one document; for several, make one `QuoteChecker`."""
    return QuoteChecker(document).grade(quote, claimed_page)


class QuoteChecker:
    """Grades quotes against one document, which is normalised once."""

    def __init__(self, document: Document) -> None:
        pages = {page.number: page.text for page in document.pages}
        whole = [Span(page.number, 0, len(page.text)) for page in document.pages]
        self._haystacks = [_Haystack(whole, pages)]
        self._haystacks += [_Haystack(spans, pages) for spans in _page_crossings(document)]
        self._sections = _SectionMap(document)

    def grade(self, quote: str, claimed_page: int | None = None) -> Quote:
        """The best place of `quote` in the document, with the paper's own words; absent where there is none.

        exact: the same characters, white space aside; normalised: the same after `normalise`; near: very similar,
        with harmless differences only. The whole document is searched except its references; `claimed_page`
        decides between places that are equally good.
        """
        claimed = fold_space(quote)
        needle = normalise(claimed).text
        if len(claimed) > MAX_CHARACTERS or not _is_long_enough(needle):
            return Quote(claimed, "absent")
        trimmed = _trim(claimed)
        places = list(self._places(needle, claimed))
        if not places and trimmed != claimed and _is_long_enough(needle := normalise(trimmed).text):
            places = list(self._places(needle, None))
        if not places:
            places = list(self._near_places(needle))
        if not places:
            return Quote(claimed, "absent")
        ranks: dict[Grade, int] = {"exact": 0, "normalised": 1, "near": 2}
        return min(places, key=lambda place: (ranks[place.grade], place.page != claimed_page))

    def _places(self, needle: str, verbatim: str | None) -> Iterator[Quote]:
        for haystack in self._haystacks:
            for start, end in _occurrences(needle, haystack.normal.text):
                text = haystack.words(start, end)
                found = self._quote(haystack, start, end, "exact" if text == verbatim else "normalised")
                if found is not None:
                    yield found

    def _near_places(self, needle: str) -> Iterator[Quote]:
        if len(needle) < NEAR_MIN_CHARACTERS or _ELLIPSIS.search(needle):
            return
        for haystack in self._haystacks:
            for start, end in haystack.similar(needle):
                found = self._quote(haystack, start, end, "near")
                if found is not None:
                    yield found

    def _quote(self, haystack: _Haystack, start: int, end: int, grade: Grade) -> Quote | None:
        if not _stands_free(haystack.normal.text, start, end):
            return None
        spans = haystack.spans(start, end)
        if self._sections.touches_references(spans):
            return None
        text = haystack.words(start, end)
        return Quote(text, grade, spans, self._sections.at(spans[0].page, spans[0].start))


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int


class _Haystack:
    """Stretches of pages, read as one text."""

    def __init__(self, spans: Sequence[Span], pages: Mapping[int, str]) -> None:
        self._spans = [span for span in spans if span.end > span.start]
        parts = [pages.get(span.page, "")[span.start : span.end] for span in self._spans]
        self._raw = "\n".join(parts)
        self._offsets: list[int] = []
        offset = 0
        for part in parts:
            self._offsets.append(offset)
            offset += len(part) + 1
        self.normal = normalise(self._raw)

    def words(self, start: int, end: int) -> str:
        """The paper's own words for a stretch of the normalised text, on one line."""
        first, last = self.normal.original_span(start, end)
        return fold_space(self._raw[first:last])

    def spans(self, start: int, end: int) -> tuple[Span, ...]:
        first, last = self.normal.original_span(start, end)
        found = []
        for index in range(bisect_right(self._offsets, first) - 1, len(self._spans)):
            offset, span = self._offsets[index], self._spans[index]
            if offset >= last:
                break
            low = max(span.start, span.start + first - offset)
            high = min(span.end, span.start + last - offset)
            if self._raw[offset + low - span.start : offset + high - span.start].strip():
                found.append(Span(span.page, low, high))
        return tuple(_joined(found))

    def similar(self, needle: str) -> Iterator[tuple[int, int]]:
        """Stretches of the normalised text that differ from `needle` harmlessly and hardly."""
        wanted = _tokens(needle)
        votes: Counter[int] = Counter()
        for index, key in enumerate(_trigrams(wanted)):
            for position in self._index.get(key, ())[:_MAX_OCCURRENCES]:
                votes[position - index] += 1
        tried: set[int] = set()
        for diagonal, _ in votes.most_common(_MAX_DIAGONALS):
            for begin in range(max(0, diagonal - _LONGEST_BLOCK), min(len(self._tokens), diagonal + 3)):
                if begin in tried or (begin < diagonal - 2 and self._tokens[begin].text != wanted[0].text):
                    continue
                tried.add(begin)
                stretch = _align(wanted, self._tokens, begin)
                if stretch is not None:
                    yield stretch

    @cached_property
    def _tokens(self) -> list[_Token]:
        return _tokens(self.normal.text)

    @cached_property
    def _index(self) -> dict[tuple[str, ...], list[int]]:
        index: dict[tuple[str, ...], list[int]] = {}
        for position, key in enumerate(_trigrams(self._tokens)):
            index.setdefault(key, []).append(position)
        return index


class _SectionMap:
    """Which kind of section a place of the document belongs to."""

    def __init__(self, document: Document) -> None:
        self._sentences = sorted(
            (span.page, span.start, span.end, sentence.section)
            for sentence in document.sentences
            for span in sentence.spans
        )
        self._headings = sorted((section.page, section.start, section.kind) for section in document.sections)

    def at(self, page: int, offset: int) -> SectionKind:
        """The section of the sentence there; between sentences, that of the last heading before."""
        i = bisect_right(self._sentences, (page, offset, float("inf"))) - 1
        if i >= 0:
            at_page, _, end, section = self._sentences[i]
            if at_page == page and offset < end:
                return section
        j = bisect_right(self._headings, (page, offset, "~")) - 1
        if j >= 0:
            return self._headings[j][2]
        return self._sentences[i][3] if i >= 0 else "front"

    def touches_references(self, spans: Iterable[Span]) -> bool:
        ends = [(span.page, offset) for span in spans for offset in (span.start, span.end - 1)]
        return any(self.at(page, offset) == "references" for page, offset in ends)


def _page_crossings(document: Document) -> Iterator[list[Span]]:
    """Each sentence that runs over a page break, with its neighbours, as a reader reads on.

    On the pages themselves a footnote or a figure may stand between its halves.
    """
    sentences = document.sentences
    for index, sentence in enumerate(sentences):
        if len(sentence.spans) > 1:
            around = sentences[max(0, index - 1) : index + 2]
            yield [span for near in around if near.section == sentence.section for span in near.spans]


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Neighbouring spans of one page drawn together where only the gap between two sentences parts them."""
    last: Span | None = None
    for span in spans:
        if last is not None and last.page == span.page and 0 <= span.start - last.end <= 2:
            last = Span(last.page, last.start, span.end)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def _is_long_enough(needle: str) -> bool:
    return len(needle) >= MIN_CHARACTERS and len(_WORD.findall(needle)) >= MIN_WORDS


def _trim(quote: str) -> str:
    """Without the quotation marks and ellipses that models put around a quote."""
    trimmed = quote.strip(_EDGES)
    while trimmed.startswith("...") or trimmed.endswith("..."):
        trimmed = trimmed.removeprefix("...").removesuffix("...").strip(_EDGES)
    return trimmed


def _occurrences(needle: str, haystack: str) -> Iterator[tuple[int, int]]:
    start = haystack.find(needle)
    for _ in range(_MAX_OCCURRENCES):
        if start < 0:
            return
        yield start, start + len(needle)
        start = haystack.find(needle, start + 1)


def _stands_free(text: str, start: int, end: int) -> bool:
    """Whether the stretch begins and ends with whole words and numbers and no negation stands right before it."""
    if _cuts(text, start) or _cuts(text, end):
        return False
    before = _LAST_WORD.search(text[max(0, start - 60) : start])
    if before is None:
        return True
    if before[1] == "a" and text.startswith(("few ", "little "), start):
        return False
    return before[1] not in _NEGATIONS and not before[1].endswith("n't")


def _cuts(text: str, at: int) -> bool:
    """Whether a word, a number ("0.95", "5 %", "-3") or a name with a number ("GPT-4") runs over this offset."""
    return 0 < at < len(text) and _CUT.search(f"{text[max(0, at - 2) : at]}\0{text[at : at + 2]}") is not None


def _tokens(text: str) -> list[_Token]:
    return [_Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]


def _trigrams(tokens: Sequence[_Token]) -> Iterator[tuple[str, ...]]:
    return ((tokens[i].text, tokens[i + 1].text, tokens[i + 2].text) for i in range(len(tokens) - 2))


def _align(wanted: Sequence[_Token], there: Sequence[_Token], begin: int) -> tuple[int, int] | None:
    """Walk both token lists from `begin` on; None as soon as they differ by more than a harmless block.

    Returns offsets into the haystack's normalised text.
    """
    i, j, blocks = 0, begin, 0
    compared: list[str] = []  # what stands there, citations left out
    while i < len(wanted):
        if j < len(there) and wanted[i].text == there[j].text:
            compared.append(there[j].text)
            i, j = i + 1, j + 1
            continue
        block = _harmless_block(wanted, there, i, j)
        blocks += 1
        if block is None or blocks > _MAX_BLOCKS:
            return None
        di, dj = block
        if j == begin and di == 0:
            return None  # the stretch begins later: another `begin` finds it
        if not _is_citation(there[j : j + dj]):
            compared += [token.text for token in there[j : j + dj]]
        i, j = i + di, j + dj
    if j == begin:
        return None
    mine = " ".join(token.text for token in wanted)
    if Indel.normalized_similarity(mine, " ".join(compared)) < NEAR_MIN_SIMILARITY:
        return None
    return there[begin].start, there[j - 1].end


def _harmless_block(wanted: Sequence[_Token], there: Sequence[_Token], i: int, j: int) -> tuple[int, int] | None:
    """The shortest pair of differing stretches at (i, j) after which the lists agree again."""
    for size in range(1, _LONGEST_BLOCK):
        for di in range(min(size, 4, len(wanted) - i) + 1):
            dj = size - di
            if j + dj > len(there) or (dj > 5 and di > 0):
                continue
            at_end = i + di == len(wanted)
            meets = not at_end and j + dj < len(there) and wanted[i + di].text == there[j + dj].text
            if (at_end or meets) and _is_harmless(wanted, there, (i, i + di), (j, j + dj)):
                return di, dj
            if _same_word(_words(wanted[i : i + di]), _words(there[j : j + dj])):
                return di, dj
    return None


def _is_harmless(
    wanted: Sequence[_Token], there: Sequence[_Token], mine: tuple[int, int], theirs: tuple[int, int]
) -> bool:
    ours, papers = wanted[slice(*mine)], there[slice(*theirs)]
    if not ours and _is_citation(papers):
        return True
    ours_words, papers_words = _words(ours), _words(papers)
    if ours_words == papers_words:
        return True
    followers = {tokens[k].text for tokens, k in ((wanted, mine[1]), (there, theirs[1])) if k < len(tokens)}
    if {*ours_words, *papers_words} <= _ARTICLES:
        return not followers & _AFTER_NO_ARTICLE
    return _same_word(ours_words, papers_words)


def _words(tokens: Sequence[_Token]) -> list[str]:
    return [token.text for token in tokens if token.text not in _HARMLESS_MARKS]


def _is_citation(tokens: Sequence[_Token]) -> bool:
    words = [token.text for token in tokens]
    return len(words) > 2 and not _PROTECTED & {*words} and _CITATION.fullmatch("".join(words)) is not None


def _same_word(ours: Sequence[str], papers: Sequence[str]) -> bool:
    """Whether two stretches spell one word: differently spaced, with lost ligatures, or with a slip of the pen."""
    both = {*ours, *papers}
    if not ours or not papers or both & _PROTECTED or both & _ARTICLES:
        return False
    left, right = "".join(ours), "".join(papers)
    if not (left.isalpha() and right.isalpha()):
        return False
    if left == right:
        return True
    if right == _LIGATURE.sub("", left):  # the PDF's font did not say what its ligatures mean
        return len(right) >= 4
    return len(ours) == len(papers) == 1 and _is_slip(left, right)


def _is_slip(left: str, right: str) -> bool:
    """Two neighbouring letters swapped, or a letter doubled, inside a long word; other slips can make new words."""
    if min(len(left), len(right)) < 7:
        return False
    start = next((k for k, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    if start < 2:
        return False
    if len(left) == len(right):
        return left[start : start + 2] == right[start : start + 2][::-1] and left[start + 2 :] == right[start + 2 :]
    short, long = sorted((left, right), key=len)
    return len(long) == len(short) + 1 and long[start] == long[start - 1] and long[start + 1 :] == short[start:]
