"""Which sentences of a paper may carry a frame that a person wrote: proposals for that person to choose from.

They are ranked by the words that they share with the frame, each counting the more the rarer it is in the paper (as in
Sparck Jones's inverse document frequency), over the square root of their length.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from curator.quotes.checker import QuoteChecker
from curator.types import Document, Quote

MOST_WORDS = 80  # of a sentence that is proposed
FEWEST_WORDS = 6
LEAST_SHARED = 2  # words

_WORD = re.compile(r"[a-z][a-z-]{2,}")
_ENDINGS = re.compile(r"(?:ations?|ings?|ed|es|s|ly)$")


def propose_quotes(text: str, document: Document, most: int = 5) -> list[Quote]:
    """The sentences that share most with `text`, best first, each graded against the document; none where none does."""
    wanted = _stems(text)
    sentences = [
        (sentence, stems)
        for sentence in document.sentences
        if sentence.section != "references" and sentence.form in ("prose", "caption")
        for stems in [_stems(sentence.text)]
        if FEWEST_WORDS <= len(sentence.text.split()) <= MOST_WORDS
    ]
    seen = Counter(stem for _, stems in sentences for stem in stems)
    rated = []
    for sentence, stems in sentences:
        shared = wanted & stems
        if len(shared) >= LEAST_SHARED:
            weight = sum(math.log(1 + len(sentences) / seen[stem]) for stem in shared)
            rated.append((weight / math.sqrt(len(stems)), sentence))
    rated.sort(key=lambda one: (-one[0], one[1].number))
    grade = QuoteChecker(document).grade
    graded = (grade(sentence.text, sentence.spans[0].page) for _, sentence in rated[: 3 * most])
    return list(dict.fromkeys(quote for quote in graded if quote.holds))[:most]


def _stems(text: str) -> set[str]:
    """Words without their commonest endings."""
    return {_ENDINGS.sub("", word) for word in _WORD.findall(text.lower())}
