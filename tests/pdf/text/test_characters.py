"""Characters and hyphens: what stands between a reader and the words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.pdf.text.characters import clean_text


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


def test_quotation_marks_made_of_two_become_one() -> None:
    assert clean_text("‘‘noblesse oblige’’, so ‘called’") == "“noblesse oblige”, so ‘called’"
    assert clean_text("text = ’’ and print(’’)") == "text = ’’ and print(’’)"
    assert clean_text("‘‘‘python and ‘‘‘") == "‘‘‘python and ‘‘‘"
