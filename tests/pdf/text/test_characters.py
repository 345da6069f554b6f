"""Characters and hyphens: what stands between a reader and the words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.pdf.text.characters import clean_text
from curator.pdf.text.hyphens import Hyphenation
from tests.pdf.pdfs import Sheets


@pytest.mark.parametrize(
    ("dirty", "wanted"),
    [
        (
            "e\ufb03cient \ufb01nding of \ufb02aws, o\ufb00 the \ufb04oor, la\ufb05",
            "efficient finding of flaws, off the ffloor, last",
        ),
        ("so\u00adft hy\u00adphens", "soft hyphens"),
        ("zero\u200b width\u2060 and \ufeffbidi \u202eabc\u202c", "zero width and bidi abc"),
        ("nul\x00 and\x07 bell \x9f", "nul and bell"),
        ("lone \ud800 surrogate \udfff", "lone surrogate"),
        ("cafe\u0301", "caf\u00e9"),
        ("R¨ottger and Marasovi´c", "Röttger and Marasović"),
        ("tabs\tand\u00a0hard\u2003blanks ", "tabs and hard blanks"),
        ("ignored \U000e0041\U000e0042 tags", "ignored tags"),
        ("di\x0berent de\x0cnition", "different definition"),
        ("x² and 𝛼 stay; so does ℝ", "x² and 𝛼 stay; so does ℝ"),
    ],
)
def test_what_a_person_does_not_see_is_taken_out(dirty: str, wanted: str) -> None:
    assert clean_text(dirty) == wanted


@given(st.text(alphabet=st.characters(), max_size=80))
def test_clean_text_has_nothing_invisible_left(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in cleaned)
    assert cleaned == " ".join(cleaned.split(" ")).strip()
    assert unicodedata.is_normalized("NFC", cleaned)


@given(st.text(alphabet=st.characters(), max_size=80))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


LINES = [
    "we run the experiment with in-context learning",
    "a state-of-the-art model of the world",
    "the tree grows well",
]


@pytest.mark.parametrize(
    ("before", "after", "belongs"),
    [
        ("an experi-", "ment", False),
        ("by in-", "context learning", True),
        ("the state-", "of-the-art", True),
        ("the state-of-", "the-art", True),
        ("widely-", "used", True),
        ("GPT-", "based", True),
        ("the Image-", "Net", True),
        ("tree-", "structured", True),
        ("well-", "calibrated", True),
        ("obvi-", "ously", False),
        ("a 70-", "billion", True),
        ("con-", "text", False),
    ],
)
def test_a_hyphen_at_a_lines_end_stays_where_the_word_has_one(before: str, after: str, belongs: bool) -> None:
    assert Hyphenation(LINES).keeps_hyphen(before, after) is belongs


def test_the_document_decides_how_a_word_is_spelt() -> None:
    assert Hyphenation(["a dataset of datasets"]).keeps_hyphen("data-", "set") is False
    assert Hyphenation(["a data-set and another data-set"]).keeps_hyphen("data-", "set") is True


def test_halves_of_broken_words_do_not_count_as_words() -> None:
    halves = ["the first experi-", "ment and the treat-", "ment of it, an assess-", "ment with experi of it"]
    assert Hyphenation(halves).keeps_hyphen("the experi-", "ment") is False


def test_words_broken_at_a_lines_end_are_whole_in_the_text() -> None:
    sheets = Sheets()
    sheets.lines(
        60, 80, ["Each of the experi-", "ments uses in-context learning, and in-", "context examples are efficient."]
    )
    assert (
        sheets.read().pages[0].text
        == "Each of the experiments uses in-context learning, and in-context examples are efficient."
    )


def test_quotation_marks_made_of_two_become_one() -> None:
    assert clean_text("‘‘noblesse oblige’’, so ‘called’") == "“noblesse oblige”, so ‘called’"
    assert clean_text("text = ’’ and print(’’)") == "text = ’’ and print(’’)"
    assert clean_text("‘‘‘python and ‘‘‘") == "‘‘‘python and ‘‘‘"
