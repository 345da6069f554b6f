"""Exponents: what is raised behind a number is its power, and no more digits of it."""

from __future__ import annotations

import pytest

from tests.pdf.pdfs import Sheets, text_width


def _raised(base: str, mark: str, rest: str, lift: float = 3.6, size: float = 7) -> str:
    """The text of a page on which `mark` is set behind `base` in another size and height."""
    sheets = Sheets()
    x = 60 + text_width(base)
    sheets.line(60, 100, base)
    sheets.line(x, 100 - lift, mark, size)
    sheets.line(x + text_width(mark, size), 100, rest)
    return sheets.read().pages[0].text


@pytest.mark.parametrize(("mark", "power"), [("3", "³"), ("12", "¹²"), ("-5", "⁻⁵")])
def test_a_power_behind_a_number_is_raised(mark: str, power: str) -> None:
    assert f"all 10{power} of the models" in _raised("The change was found in all 10", mark, " of the models.")


def test_a_sign_and_digits_in_spans_of_their_own_are_one_power() -> None:
    sheets = Sheets()
    x = 60 + text_width("The learning rate was 10")
    sheets.line(60, 100, "The learning rate was 10")
    sheets.line(x, 96.4, "-", 7)
    sheets.line(x + text_width("-", 7), 96.4, "4", 7, "tiit")
    sheets.line(x + text_width("-4", 7), 100, " in all of the runs.")
    assert "was 10⁻⁴ in all of the runs." in sheets.read().pages[0].text


def test_a_footnote_mark_behind_a_word_stays_a_digit() -> None:
    assert "results1 of the" in _raised("These are the results", "1", " of the models that were asked.")


def test_letters_raised_behind_a_number_stay_as_they_are() -> None:
    assert "the 20th of the" in _raised("It was found on the 20", "th", " of the month in question.")


def test_small_digits_below_the_line_are_no_power() -> None:
    assert "102 of" in _raised("The numbers are written as 10", "2", " of the binary kind.", lift=-2)


def test_digits_of_the_same_size_are_no_power_though_they_are_raised() -> None:
    assert "103 of" in _raised("The number was written as 10", "3", " of the odd kind.", lift=2, size=10)
