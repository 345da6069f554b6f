"""Whether a text is language at all: PDFs with broken font encodings give text of healthy length that is noise.

Conservative: several signals must agree, so that a paper in another language, or full of formulas, is never refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from curator.pdf.text.parameters import TEXT_QUALITY
from curator.sanitize import word_set

# The commonest function words of languages that papers come in; most of a page's short words.
_FUNCTION_WORDS = word_set(
    "the of and to in a is that for with as on are by this be we from it an or at not which was can have "
    "der die und das von zu mit den des ist ein eine im für auf nicht sich dem de la le les et des en du "
    "un une est que dans pour par sur qui pas au el los las y del se por con una es para como al lo di il "
    "che e per un della non sono i da si con le del o os da do em que uma para com não no na dos as van "
    "het een en dat op te zijn voor met niet i w na z do się nie jest to że och att det som på av för är "
    "og at til ikke ve bir bu da için ile ja on ei että a az és hogy nem si se la cu este în và của là "
    "các"
)
_ENGLISH = dict(zip("etaoinshrdlcumwfgypbvkjxqz", (
    12.7, 9.1, 8.2, 7.5, 7.0, 6.7, 6.3, 6.1, 6.0, 4.3, 4.0, 2.8, 2.8, 2.4, 2.4, 2.2, 2.0, 2.0, 1.9, 1.5, 1.0, 0.8, 0.15,
    0.15, 0.1, 0.07), strict=True))  # fmt: skip
# Percentages of letters in English prose: Lewand, Cryptological Mathematics (2000), table of relative frequencies.
_ENGLISH_WORDS = word_set("the of and to in is that for with as on are by this be we from it an or")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]+")
_UNMAPPED = re.compile("[\ufffd\ue000-\uf8ff]")
_LETTER = re.compile(r"[^\W\d_]")


def is_garbled(text: str) -> bool:
    """Whether this text cannot have been written by anybody. `text` should be prose of some pages."""
    text = text[: TEXT_QUALITY.max_sample_chars]
    visible = len(text) - text.count(" ") - text.count("\n")
    if visible < 400:
        return False
    unmapped = len(_UNMAPPED.findall(text))
    if unmapped > 0.3 * visible:
        return True
    if unmapped > 0.1 * visible and _letters(text) < 0.25 * visible:
        return True
    words = [match[0].casefold() for match in islice(_LATIN_WORD.finditer(text), TEXT_QUALITY.max_sample_words)]
    if len(words) < TEXT_QUALITY.min_words or _share(words, _FUNCTION_WORDS) >= 0.04:
        return False
    latin = sum(map(len, words))
    if latin < 0.5 * min(_letters(text), latin + 2000):
        return False
    return _is_shifted(words) or _letters_are_wrong("".join(words))


def _letters(text: str) -> int:
    return len(_LETTER.findall(text))


def _share(words: Sequence[str], known: frozenset[str]) -> float:
    return sum(word in known for word in words) / len(words)


def _is_shifted(words: Sequence[str]) -> bool:
    """Whether moving each letter by a fixed distance gives English."""
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    joined = " ".join(words)
    for by in range(1, 26):
        table = str.maketrans(alphabet, alphabet[by:] + alphabet[:by])
        if _share(joined.translate(table).split(), _ENGLISH_WORDS) > 0.08:
            return True
    return False


def _letters_are_wrong(letters: str) -> bool:
    """Whether letters are spread as in no language that uses the Latin alphabet.

    Vowels are 35 to 50 % of letters in all of them, and the frequencies go along with those of English.
    """
    counts = Counter(letters)
    plain = [counts[c] for c in _ENGLISH]
    if sum(plain) < 0.5 * len(letters):
        return False
    vowels = sum(count for c, count in counts.items() if c in "aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿăąęěıőœūůű") / len(
        letters
    )
    return (not 0.25 <= vowels <= 0.62) and _correlation(plain, list(_ENGLISH.values())) < 0.4


def _correlation(xs: Sequence[float], ys: Sequence[float]) -> float:
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    together = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    spread = sum((x - mean_x) ** 2 for x in xs) * sum((y - mean_y) ** 2 for y in ys)
    return float(together / spread**0.5) if spread else 0.0
