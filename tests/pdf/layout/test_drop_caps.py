"""Drop caps are put back on their words; other large letters stay by themselves."""

from __future__ import annotations

from tests.pdf.pdfs import Sheets


def test_an_initial_let_down_into_the_first_lines_is_put_back_on_its_word() -> None:
    sheets = Sheets()
    sheets.line(60, 92, "L", 30)
    sheets.line(80, 80, "ARGE models follow more instructions than small ones do, and they learn")
    sheets.line(80, 92, "from fewer examples. What they learn is a matter of dispute, since nobody")
    sheets.lines(60, 104, ["has yet looked into all of them. We look into some, and find that each of them", "learns."])
    text = sheets.read().pages[0].text
    assert text.startswith("LARGE models follow more instructions than small ones do, and they learn from fewer")


def test_a_large_letter_that_belongs_to_no_line_stays_by_itself() -> None:
    sheets = Sheets()
    sheets.line(60, 92, "A", 30)
    sheets.line(200, 80, "panel of a figure whose parts are named by letters")
    sheets.line(200, 92, "and explained at some distance from these")
    assert "Apanel" not in sheets.read().pages[0].text


def test_a_large_number_beside_a_title_is_no_initial() -> None:
    sheets = Sheets()
    sheets.line(60, 92, "I", 30)
    sheets.line(80, 92, "Where it begins", 16)
    assert "IWhere" not in sheets.read().pages[0].text
