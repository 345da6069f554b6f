"""The differences between a quote and the paper that change nothing, each named. Whatever is not here is one too many.

A list of what is allowed, and no measure of likeness: "increase" and "decrease" are alike, as are 0.95 and 0.98.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import OSA

from curator.quotes import vocabulary
from curator.quotes.text_index import TextIndex
from curator.quotes.tokens import MARKS, Token

Kind = Literal["rendering", "spelling", "slip", "citation"]
"""Rendering is the same text printed otherwise; all others are shown to the reviewer."""

SLIP_LETTERS = 5
"""A shorter word is another word after one slip."""
TWO_SLIPS_LETTERS = 9

_SIGNS = {
    "×": "x", "·": "", "∗": "", "⋅": "", "≈": "~", "≃": "~", "⩽": "≤", "⩾": "≥", "≦": "≤", "≧": "≥", "ϵ": "ε", "ϕ": "φ",
    "ϑ": "θ", "∆": "δ", "∑": "σ", "∏": "π", "⋯": "…", "&": "and", "‖": "∥", "ı": "i", "∥": "|", "—": "—",
    "ˆ": "", "¯": "", "˙": "", "ˇ": "", "_": "", "$": "", "^": "", "\\": "", "{": "", "}": "", "\u200b": "",
}  # fmt: skip
_GREEK = {
    ord(letter): unicodedata.name(letter).rpartition(" ")[2].lower().replace("lamda", "lambda")
    for letter in "αβγδεζηθικλμνξοπρστυφχψω"
}
_NUMBER_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_NUMBERS = {word: str(number) for number, word in enumerate(_NUMBER_WORDS)}
_CONTRACTIONS = {
    "n't": " not", "'re": " are", "'ve": " have", "'ll": " will", "'m": " am",
}  # fmt: skip
_IRREGULAR = {"can't": "can not", "cannot": "can not", "won't": "will not", "it's": "it is", "let's": "let us",
              "that's": "that is"}  # fmt: skip
_LIGATURE = re.compile("ff[il]?|f[il]")
_LIGATURES = (_LIGATURE, re.compile("f[il]"), re.compile("ff"))
"""What a font may have as one sign: all of them, or only some."""
_OTHER_WORDS = frozenset({"were", "well", "ill", "shell", "hell", "wed", "shed", "id", "its", "wont", "cant"})
"""What some words with an apostrophe become without it."""
_THOUSANDS = re.compile(r"(?<=\d) , (?=\d{3}(?!\d))")
_NUMBER = re.compile(r"\d[\d.,:/]*")
_LOST = re.compile("[\ufffd?]")
_BRITISH = (
    (re.compile("z"), "s"),  # -ize, -yze
    (re.compile("our"), "or"),
    (re.compile("ll"), "l"),
    (re.compile("[ao]e"), "e"),
    (re.compile(r"([btvg])re(?=s?\Z)"), r"\1er"),
    (re.compile(r"([btvg])red\Z"), r"\1ered"),
    (re.compile(r"ogue(?=s?\Z|d)"), "og"),
    (re.compile("gement"), "gment"),
    (re.compile("ence(?=s?\\Z)"), "ense"),
    (re.compile("(?<=lic)ens|(?<=pract)is"), "enc"),
    (re.compile("mme(?=s?\\Z)"), "m"),
    (re.compile("artef"), "artif"),
    (re.compile("^scept"), "skept"),
    (re.compile("^(m)oul(?=d|t)"), r"\1ol"),
    (re.compile("(?<=ag)eing"), "ing"),
    (re.compile("focuss"), "focus"),
    (re.compile("biass"), "bias"),
    (re.compile("shipp"), "ship"),
    (re.compile("(?<=.{4})wards\\Z"), "ward"),
    (re.compile("^towards\\Z"), "toward"),
    (re.compile("xion"), "ction"),
)
_VARIANTS = {
    "grey": "gray", "greys": "grays", "whilst": "while", "amongst": "among", "amidst": "amid", "learnt": "learned",
    "burnt": "burned", "spelt": "spelled", "dreamt": "dreamed", "leapt": "leaped", "spoilt": "spoiled",
    "plough": "plow", "tyre": "tire", "tyres": "tires", "aluminium": "aluminum", "maths": "math", 
    "jewellery": "jewelry",
    "draught": "draft", "disc": "disk", "discs": "disks", "moustache": "mustache", "cheque": "check", "kerb": "curb",
    "speciality": "specialty", "pyjamas": "pajamas", "licence": "license", "practise": "practice",
}  # fmt: skip
# Spellings of one word in Britain and America: D. Crystal, The Cambridge Encyclopedia of the English Language, 1995.


@dataclass(frozen=True)
class Step:
    """`ours` tokens of the quote against `papers` tokens of the paper."""

    ours: int
    papers: int
    kind: Kind


def written(token: str) -> str:
    """A token as it is compared where signs are written in different ways; "" for what is only markup."""
    if token in _NUMBERS:
        return _NUMBERS[token]
    if token[:1].isdigit():
        return _plain_number(token)
    if token == "percent":
        return "%"
    if token in MARKS:
        return ""
    if token in _SIGNS:
        return _SIGNS[token]
    bare = token.replace("'", "")
    return token if bare != token and bare in _OTHER_WORDS else bare.translate(_GREEK)


def _plain_number(token: str) -> str:
    """1,000 is 1000."""
    return token.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", token) else token


def is_droppable(of: Sequence[Token], at: int) -> bool:
    """Whether a sign may be missing on the other side: punctuation and markup, no minus sign, no exponent's mark."""
    text = of[at].text
    before = of[at - 1] if at else None
    after = of[at + 1] if at + 1 < len(of) else None
    if text == "—":
        return _is_punctuation_dash(of[at], before, after)
    if text in "^_" and before and before.text[:1].isdigit() and after and after.text[:1] in "0123456789—+":
        return False  # 10^3 is not 103
    if text == "." and after and after.text[:1].isdigit() and of[at].end == after.start:
        return before is None or not before.text[:1].isdigit()  # of ".5"; its nought is looked after elsewhere
    return text in MARKS or _SIGNS.get(text) == ""


def _is_punctuation_dash(dash: Token, before: Token | None, after: Token | None) -> bool:
    if after is None:
        return True
    glued_after = dash.end == after.start
    if before is None:
        return not glued_after
    glued_before = before.end == dash.start
    if glued_after and not glued_before:  # a sign: "= —x", "of —5"
        return False
    if after.text[:1].isdigit():  # GPT-4, but not 3-4
        return before.text[:1].isalpha() and len(before.text) > 1 and glued_before
    return after.text[:1].isalpha() or before.text[:1].isalpha()


def one_word(ours: Sequence[Token], papers: Sequence[Token], text: TextIndex) -> Kind | None:
    """Whether these few tokens are one word or number, spelt or slipped; None where the difference may matter."""
    left, right = " ".join(t.text for t in ours), " ".join(t.text for t in papers)
    if _expanded(left) == _expanded(right):
        return "rendering"
    if len(ours) == len(papers) == 1 and {left, right} <= vocabulary.ARTICLES:
        return "slip"
    if _lost_ligatures(ours, papers) or _lost_ligatures(papers, ours):
        return "rendering"
    if left.endswith("'s") and right.endswith("'s"):
        left, right = left[:-2], right[:-2]
    if not (left.isalpha() and right.isalpha()):
        return None
    if _VARIANTS.get(left, left) == _VARIANTS.get(right, right):
        return "spelling"
    if min(len(left), len(right)) >= SLIP_LETTERS and _americanised(left) == _americanised(right):
        return "spelling"
    return "slip" if _is_slip(left, right, papers[0], text) else None


def _lost_ligatures(broken: Sequence[Token], whole: Sequence[Token]) -> bool:
    """Whether one side is the other's word as it is copied from a PDF whose font does not say what ligatures mean."""
    if len(whole) != 1 or not whole[0].text.isalpha() or not _LIGATURE.search(whole[0].text):
        return False
    left = "".join(token.text for token in broken)
    losses = {one.sub("", whole[0].text) for one in _LIGATURES if one.search(whole[0].text)}
    return len(left) >= 3 and _LOST.sub("", left) in losses


def _expanded(words_: str) -> str:
    if words_ in _IRREGULAR:
        return _IRREGULAR[words_]
    for short, long in _CONTRACTIONS.items():
        if words_.endswith(short) and words_.count("'") == 1:
            return words_.removesuffix(short) + long
    return words_


def _americanised(word: str) -> str:
    word = _VARIANTS.get(word, word)
    for british, american in _BRITISH:
        word = british.sub(american, word)
    return word


def _is_slip(left: str, right: str, there: Token, text: TextIndex) -> bool:
    """A word of the paper with a letter too many, too few, wrong or swapped, that has not become another word.

    Of a compound, one part may have slipped, under the same rules: "rule-based" is not "role-based".
    """
    if len(parts := text.parts_of_compound(there)) > 1 and "".join(parts) == right:
        for at, part in enumerate(parts):
            head, tail = "".join(parts[:at]), "".join(parts[at + 1 :])
            mine = left[len(head) : len(left) - len(tail)]
            if mine != part and left == head + mine + tail:
                return _is_slip_of_word(mine, part, there, text)
        return False
    return _is_slip_of_word(left, right, there, text)


def _is_slip_of_word(left: str, right: str, there: Token, text: TextIndex) -> bool:
    if min(len(left), len(right)) < SLIP_LETTERS or text.is_name(there) or vocabulary.is_negated_twin(left, right):
        return False
    if abs(len(left) - len(right)) == 1 and (left + "s" == right or right + "s" == left):
        return not {left, right} & vocabulary.PROTECTED
    if abs(len(left) - len(right)) > 1:
        return False  # "no-regularization" is not a slip of "regularization"
    most = 2 if len(right) >= TWO_SLIPS_LETTERS else 1
    if OSA.distance(left, right, score_cutoff=most) > most:
        return False
    return left not in text.vocabulary and not vocabulary.is_word(left)


def is_optional(of: Sequence[Token], at: int) -> bool:
    """Whether a word says nothing where it stands: a word written twice, an article, "that" after "we find"."""
    if at == 0:  # before it the paper may say anything
        return False
    word, before = of[at].text, of[at - 1].text
    after = of[at + 1].text if at + 1 < len(of) else ""
    if _is_doubled(of, at):
        return word not in vocabulary.NEGATIONS
    if word in vocabulary.ARTICLES:
        return after not in (vocabulary.AFTER_THE if word == "the" else vocabulary.AFTER_A) and before not in (
            "not",
            "such",
        )
    return word == "that" and before in vocabulary.REPORTING


def _is_doubled(of: Sequence[Token], at: int) -> bool:
    """Whether a word stands there twice, and not three times; what a quote ends with may be cut off, not doubled."""
    word = of[at].text
    alike = [0 <= place < len(of) and of[place].text == word for place in range(at - 2, at + 3)]
    if alike in ([False, True, True, False, alike[4]], [alike[0], False, True, True, False]):
        return at + 1 + alike[3] < len(of) and word.isalpha()
    return False


def is_raised(of: Sequence[Token], at: int) -> bool:
    """Whether the number at `at`, behind a sign for raising it, is a footnote's mark and no exponent."""
    if at < 2 or of[at - 1].text != "^" or not of[at].text.isdigit() or len(of[at].text) > 2:
        return False
    before = of[at - 2].text
    return before in MARKS or before in "?!%" or (before.isalpha() and len(before) > 3)


def same_signs(ours: Sequence[Token], mine: range, papers: Sequence[Token], theirs: range) -> bool:
    """Whether two stretches are the same signs and letters, differently cut, spaced or marked up."""
    left, right = joined(ours, mine), joined(papers, theirs)
    if not left or left != right:
        return False
    cut = {ours[at].text for at in mine} | {papers[at].text for at in theirs}
    if left.isalpha() and not any(len(piece) == 1 and piece not in "ai" for piece in cut):  # "N EAR D UP"
        if cut & vocabulary.PROTECTED:
            return False  # "in direct" and "indirect"
        if "a" in cut and len(cut) == 3 and all(vocabulary.is_word(piece) for piece in cut):
            return False  # "a typical" and "atypical"
    return _numbers(ours, mine) == _numbers(papers, theirs)


def joined(of: Sequence[Token], stretch: range) -> str:
    """The stretch as it is written, without blanks and markup."""
    return "".join("" if _parts_words(of, at) else written(of[at].text) for at in stretch)


def _parts_words(of: Sequence[Token], at: int) -> bool:
    """Whether a dash stands between words, where the other side may have none."""
    if of[at].text != "—" or not 0 < at < len(of) - 1:
        return False
    return of[at - 1].text[0].isalpha() and of[at + 1].text[0].isalpha() and is_droppable(of, at)


def _numbers(of: Sequence[Token], stretch: range) -> list[str]:
    """Its numbers: digits that stand apart on one side and together on the other are another number (10³ and 103).

    But for the thousands that PDFs print with a blank behind their comma: 1, 800.
    """
    spelt = " ".join(written(of[at].text) or of[at].text for at in stretch)
    return [written(number) for number in _NUMBER.findall(_THOUSANDS.sub(",", spelt))]
