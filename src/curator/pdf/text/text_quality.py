"""Garbled text: PDFs with broken font encodings give text of a usual length that is not language.

The rules are conservative: several signals must agree, so that a paper in another language, or one full of formulas, is
never refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from curator.pdf.text.parameters import TEXT_QUALITY

# The commonest function words of the languages that papers are written in.
_FUNCTION_WORDS = frozenset({
    "the", "of", "and", "to", "in", "a", "is", "that", "for", "with", "as", "on", "are", "by", "this", "be", "we",
    "from", "it", "an", "or", "at", "not", "which", "was", "can", "have", "der", "die", "und", "das", "von", "zu",
    "mit", "den", "des", "ist", "ein", "eine", "im", "für", "auf", "nicht", "sich", "dem", "de", "la", "le", "les",
    "et", "en", "du", "un", "une", "est", "que", "dans", "pour", "par", "sur", "qui", "pas", "au", "el", "los", "las",
    "y", "del", "se", "por", "con", "una", "es", "para", "como", "al", "lo", "di", "il", "che", "e", "per", "della",
    "non", "sono", "i", "da", "si", "o", "os", "do", "em", "uma", "com", "não", "no", "na", "dos", "van", "het", "een",
    "dat", "op", "te", "zijn", "voor", "met", "niet", "w", "z", "się", "nie", "jest", "że", "och", "att", "det", "som",
    "på", "av", "för", "är", "og", "til", "ikke", "ve", "bir", "bu", "için", "ile", "ja", "ei", "että", "az", "és",
    "hogy", "nem", "cu", "este", "în", "và", "của", "là", "các"
})  # fmt: skip
# Percentages of letters in English prose: Lewand, Cryptological Mathematics (2000), table of relative frequencies.
_ENGLISH = dict(zip("etaoinshrdlcumwfgypbvkjxqz", (
    12.7, 9.1, 8.2, 7.5, 7.0, 6.7, 6.3, 6.1, 6.0, 4.3, 4.0, 2.8, 2.8, 2.4, 2.4, 2.2, 2.0, 2.0, 1.9, 1.5, 1.0, 0.8, 0.15,
    0.15, 0.1, 0.07), strict=True))  # fmt: skip
_ENGLISH_WORDS = frozenset({
    "the", "of", "and", "to", "in", "is", "that", "for", "with", "as", "on", "are", "by", "this", "be", "we", "from",
    "it", "an", "or"
})  # fmt: skip
_VOWELS = "aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿăąęěıőœūůű"
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]+")
_UNMAPPED = re.compile("[\ufffd\ue000-\uf8ff]")
_LETTER = re.compile(r"[^\W\d_]")


def is_garbled(text: str) -> bool:
    """Return whether a text is not language.

    Args:
        text: A document's, from its start.

    Returns:
        False also if the text is too short to decide.
    """
    text = text[: TEXT_QUALITY.max_sample_chars]
    visible = len(text) - text.count(" ") - text.count("\n")
    if visible < 400:
        return False
    unmapped = len(_UNMAPPED.findall(text))
    if unmapped > 0.3 * visible:
        return True
    if unmapped > 0.1 * visible and _count_letters(text) < 0.25 * visible:
        return True
    words = [match[0].casefold() for match in islice(_LATIN_WORD.finditer(text), TEXT_QUALITY.max_sample_words)]
    if len(words) < TEXT_QUALITY.min_words or _share_of_known(words, _FUNCTION_WORDS) >= 0.04:
        return False
    latin = sum(map(len, words))
    if latin < 0.5 * min(_count_letters(text), latin + 2000):
        return False
    return _is_shifted_english(words) or _has_unlikely_letters("".join(words))


def _count_letters(text: str) -> int:
    return len(_LETTER.findall(text))


def _share_of_known(words: Sequence[str], known: frozenset[str]) -> float:
    return sum(word in known for word in words) / len(words)


def _is_shifted_english(words: Sequence[str]) -> bool:
    """Return whether moving each letter by a fixed distance gives English."""
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    joined = " ".join(words)
    for by in range(1, 26):
        table = str.maketrans(alphabet, alphabet[by:] + alphabet[:by])
        if _share_of_known(joined.translate(table).split(), _ENGLISH_WORDS) > 0.08:
            return True
    return False


def _has_unlikely_letters(letters: str) -> bool:
    """Return whether letters are distributed as in no language that uses the Latin alphabet.

    Vowels are 35 to 50 % of the letters in all these languages, and the frequencies correlate with those of English.
    """
    counts = Counter(letters)
    plain = [counts[c] for c in _ENGLISH]
    if sum(plain) < 0.5 * len(letters):
        return False
    vowels = sum(count for c, count in counts.items() if c in _VOWELS) / len(letters)
    return (not 0.25 <= vowels <= 0.62) and _correlate(plain, list(_ENGLISH.values())) < 0.4


def _correlate(xs: Sequence[float], ys: Sequence[float]) -> float:
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    together = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    spread = sum((x - mean_x) ** 2 for x in xs) * sum((y - mean_y) ** 2 for y in ys)
    return float(together / spread**0.5) if spread else 0.0
