"""The differences between a quote and the paper that do not change the meaning. No other difference is allowed.

The list is explicit. A measure of similarity would not do: "increase" and "decrease" are similar, and so are 0.95 and
0.98.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from rapidfuzz.distance import OSA

from curator.quotes import vocabulary
from curator.quotes.text_index import TextIndex
from curator.quotes.tokens import MARKS, Token

Tolerance = Literal["rendering", "spelling", "slip", "citation"]
"""Why a difference is harmless. A rendering is the same text printed differently; the others are shown to reviewers."""

MIN_SLIP_LETTERS = 5
"""Letters of a word with a slip of the pen. A slip turns a shorter word into another word."""
MIN_TWO_SLIPS_LETTERS = 9
"""Letters of a word with two slips."""

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
"""The ligatures that a font may have: all, or only some."""
_OTHER_WITHOUT_APOSTROPHE = frozenset(
    {"were", "well", "ill", "shell", "hell", "wed", "shed", "id", "its", "wont", "cant"}
)
"""Words that some contractions become without their apostrophe."""
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
# British and American spellings: D. Crystal, The Cambridge Encyclopedia of the English Language, 1995.


def fold_token(token: str) -> str:
    """Return a token in the form in which it is compared with others; an empty string if it is only markup."""
    if token in _NUMBERS:
        return _NUMBERS[token]
    if token[:1].isdigit():
        return _remove_separators(token)
    if token == "percent":
        return "%"
    if token in MARKS:
        return ""
    if token in _SIGNS:
        return _SIGNS[token]
    bare = token.replace("'", "")
    return token if bare != token and bare in _OTHER_WITHOUT_APOSTROPHE else bare.translate(_GREEK)


def _remove_separators(token: str) -> str:
    """Return a number without separators between its thousands."""
    return token.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", token) else token


def is_droppable(tokens: Sequence[Token], at: int) -> bool:
    """Return True if the other side may lack a character: punctuation or markup, but no minus or exponent sign."""
    text = tokens[at].text
    before = tokens[at - 1] if at else None
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if text == "—":
        return _is_punctuation_dash(tokens[at], before, after)
    if text in "^_" and before and before.text[:1].isdigit() and after and after.text[:1] in "0123456789—+":
        return False  # 10^3 is not 103
    if text == "." and after and after.text[:1].isdigit() and tokens[at].end == after.start:
        return before is None or not before.text[:1].isdigit()  # ".5" may be written "0.5"
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


def compare_words(quote: Sequence[Token], paper: Sequence[Token], text: TextIndex) -> Tolerance | None:
    """Compare a few tokens that may be the same word or number.

    Args:
        quote: Tokens of the quote.
        paper: Tokens of the paper.
        text: The paper's text, whose names and vocabulary matter.

    Returns:
        Why the difference is harmless; None if it may matter.
    """
    left, right = " ".join(token.text for token in quote), " ".join(token.text for token in paper)
    if _expand_contraction(left) == _expand_contraction(right):
        return "rendering"
    if len(quote) == len(paper) == 1 and {left, right} <= vocabulary.ARTICLES:
        return "slip"
    if _has_lost_ligatures(quote, paper) or _has_lost_ligatures(paper, quote):
        return "rendering"
    if left.endswith("'s") and right.endswith("'s"):
        left, right = left[:-2], right[:-2]
    if not (left.isalpha() and right.isalpha()):
        return None
    if _VARIANTS.get(left, left) == _VARIANTS.get(right, right):
        return "spelling"
    if min(len(left), len(right)) >= MIN_SLIP_LETTERS and _to_american(left) == _to_american(right):
        return "spelling"
    return "slip" if _is_slip(left, right, paper[0], text) else None


def _has_lost_ligatures(broken: Sequence[Token], whole: Sequence[Token]) -> bool:
    """Return True if `broken` is the word `whole`, copied from a PDF whose font does not map ligatures to letters."""
    if len(whole) != 1 or not whole[0].text.isalpha() or not _LIGATURE.search(whole[0].text):
        return False
    left = "".join(token.text for token in broken)
    losses = {pattern.sub("", whole[0].text) for pattern in _LIGATURES if pattern.search(whole[0].text)}
    return len(left) >= 3 and _LOST.sub("", left) in losses


def _expand_contraction(words: str) -> str:
    if words in _IRREGULAR:
        return _IRREGULAR[words]
    for short, long in _CONTRACTIONS.items():
        if words.endswith(short) and words.count("'") == 1:
            return words.removesuffix(short) + long
    return words


def _to_american(word: str) -> str:
    word = _VARIANTS.get(word, word)
    for british, american in _BRITISH:
        word = british.sub(american, word)
    return word


def _is_slip(left: str, right: str, token: Token, text: TextIndex) -> bool:
    """Return True if `left` is the paper's word with a letter missing, added, changed or swapped, and no other word.

    In a compound, the slip has to be in one part, by the same rules: "rule-based" is not "role-based".
    """
    if len(parts := text.split_compound(token)) > 1 and "".join(parts) == right:
        for at, part in enumerate(parts):
            head, tail = "".join(parts[:at]), "".join(parts[at + 1 :])
            slipped = left[len(head) : len(left) - len(tail)]
            if slipped != part and left == head + slipped + tail:
                return _is_slip_of_word(slipped, part, token, text)
        return False
    return _is_slip_of_word(left, right, token, text)


def _is_slip_of_word(left: str, right: str, token: Token, text: TextIndex) -> bool:
    if min(len(left), len(right)) < MIN_SLIP_LETTERS or text.is_name(token) or vocabulary.is_negated_twin(left, right):
        return False
    if abs(len(left) - len(right)) == 1 and (left + "s" == right or right + "s" == left):
        return not {left, right} & vocabulary.PROTECTED
    if abs(len(left) - len(right)) > 1:
        return False  # "no-regularization" is not a slip of "regularization"
    max_slips = 2 if len(right) >= MIN_TWO_SLIPS_LETTERS else 1
    if OSA.distance(left, right, score_cutoff=max_slips) > max_slips:
        return False
    return left not in text.vocabulary and not vocabulary.is_word(left)


def is_optional(tokens: Sequence[Token], at: int) -> bool:
    """Return True if a word has no meaning in its place: a word printed twice, an article, "that" after "we find"."""
    if at == 0:  # the word before it is unknown
        return False
    word, before = tokens[at].text, tokens[at - 1].text
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if _is_doubled(tokens, at):
        return word not in vocabulary.NEGATIONS
    if word in vocabulary.ARTICLES:
        return after not in (vocabulary.AFTER_THE if word == "the" else vocabulary.AFTER_A) and before not in (
            "not",
            "such",
        )
    return word == "that" and before in vocabulary.REPORTING


def _is_doubled(tokens: Sequence[Token], at: int) -> bool:
    """Return True if a word is there exactly twice, and not at the end of a quote, where it may be cut off."""
    word = tokens[at].text
    alike = [0 <= place < len(tokens) and tokens[place].text == word for place in range(at - 2, at + 3)]
    if alike in ([False, True, True, False, alike[4]], [alike[0], False, True, True, False]):
        return at + 1 + alike[3] < len(tokens) and word.isalpha()
    return False


def is_footnote_mark(tokens: Sequence[Token], at: int) -> bool:
    """Return True if the raised number at `at` is a footnote mark and no exponent."""
    if at < 2 or tokens[at - 1].text != "^" or not tokens[at].text.isdigit() or len(tokens[at].text) > 2:
        return False
    before = tokens[at - 2].text
    return before in MARKS or before in "?!%" or (before.isalpha() and len(before) > 3)


def are_same_characters(quote: Sequence[Token], of_quote: range, paper: Sequence[Token], of_paper: range) -> bool:
    """Return True if two stretches are the same characters, only divided, spaced or marked up differently."""
    left, right = join(quote, of_quote), join(paper, of_paper)
    if not left or left != right:
        return False
    pieces = {quote[at].text for at in of_quote} | {paper[at].text for at in of_paper}
    if left.isalpha() and not any(len(piece) == 1 and piece not in "ai" for piece in pieces):  # "N EAR D UP"
        if pieces & vocabulary.PROTECTED:
            return False  # "in direct" and "indirect"
        if "a" in pieces and len(pieces) == 3 and all(vocabulary.is_word(piece) for piece in pieces):
            return False  # "a typical" and "atypical"
    return _list_numbers(quote, of_quote) == _list_numbers(paper, of_paper)


def join(tokens: Sequence[Token], stretch: range) -> str:
    """Return the folded tokens of a stretch without spaces and markup."""
    return "".join("" if _is_dash_between_words(tokens, at) else fold_token(tokens[at].text) for at in stretch)


def _is_dash_between_words(tokens: Sequence[Token], at: int) -> bool:
    """Return True if a dash is between two words, so that the other side may lack it."""
    if tokens[at].text != "—" or not 0 < at < len(tokens) - 1:
        return False
    return tokens[at - 1].text[0].isalpha() and tokens[at + 1].text[0].isalpha() and is_droppable(tokens, at)


def _list_numbers(tokens: Sequence[Token], stretch: range) -> list[str]:
    """Return the numbers of a stretch. Digits with a space between them are two numbers, unlike 10³ and 103.

    Only the space that some PDFs print after the comma of thousands ("1, 800") is ignored.
    """
    text = " ".join(fold_token(tokens[at].text) or tokens[at].text for at in stretch)
    return [fold_token(number) for number in _NUMBER.findall(_THOUSANDS.sub(",", text))]
