"""Suggest sentences of a paper that may support a frame which a person wrote. The person chooses among them.

Sentences are ranked by the words that they share with the frame, weighted by the words' rarity in the paper (Sparck
Jones's inverse document frequency), over the square root of their length.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from curator.quotes.checker import QuoteChecker
from curator.types import Document, Quote

MIN_WORDS, MAX_WORDS = 6, 80
"""Words of a sentence that is suggested."""
MIN_SHARED_WORDS = 2
"""Words that a suggested sentence shares with the frame, without endings."""

_WORD = re.compile(r"[a-z][a-z-]{2,}")
_ENDINGS = re.compile(r"(?:ations?|ings?|ed|es|s|ly)$")


def propose_quotes(text: str, document: Document, limit: int = 5) -> list[Quote]:
    """Return the sentences that share most with a frame.

    Args:
        text: The frame's text.
        document: The paper's text.
        limit: The number of quotes, at most.

    Returns:
        Quotes that hold, the best first. Empty if no sentence shares enough words.
    """
    wanted = _stem_words(text)
    sentences = [
        (sentence, stems)
        for sentence in document.sentences
        if sentence.section != "references" and sentence.form in ("prose", "caption")
        for stems in [_stem_words(sentence.text)]
        if MIN_WORDS <= len(sentence.text.split()) <= MAX_WORDS
    ]
    frequencies = Counter(stem for _, stems in sentences for stem in stems)
    scored = []
    for sentence, stems in sentences:
        shared = wanted & stems
        if len(shared) >= MIN_SHARED_WORDS:
            weight = sum(math.log(1 + len(sentences) / frequencies[stem]) for stem in shared)
            scored.append((weight / math.sqrt(len(stems)), sentence))
    scored.sort(key=lambda pair: (-pair[0], pair[1].number))
    grade = QuoteChecker(document).grade
    graded = (grade(sentence.text, sentence.spans[0].page) for _, sentence in scored[: 3 * limit])
    return list(dict.fromkeys(quote for quote in graded if quote.holds))[:limit]


def _stem_words(text: str) -> set[str]:
    """Return a text's words without the most common endings."""
    return {_ENDINGS.sub("", word) for word in _WORD.findall(text.lower())}
