"""Quotes are checked against a text at hand or a PDF file, in one call."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.errors import PdfUnavailable
from curator.pdf.reader import read_pdf
from curator.pipeline.quote_check import check_quotes
from curator.quotes.checker import QuoteChecker
from tests.helpers.documents import document
from tests.pdf.pdfs import Sheets, prose

REPEATED = "The effect grows with model size in all of our runs."
TEXT = document([("body", f"{REPEATED} Nothing else was measured here.")], [("body", REPEATED)])


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    sheets = Sheets()
    sheets.justified(60, 80, 492, prose("copying", 6))
    path = tmp_path / "paper.pdf"
    path.write_bytes(sheets.data())
    return path


def test_quotes_come_back_in_their_order_with_grade_and_place() -> None:
    there, not_there = check_quotes(
        TEXT, ["The *effect* grows with model size", "Invented words that nobody wrote down."]
    )
    assert (there.grade, there.page, there.text) == ("normalised", 1, "The effect grows with model size")
    assert (not_there.grade, not_there.page) == ("absent", None)


def test_a_page_hint_decides_between_equal_places_and_may_be_left_out() -> None:
    quotes = check_quotes(TEXT, [REPEATED, REPEATED, REPEATED], pages=[2, None])
    assert [quote.page for quote in quotes] == [2, 1, 1]


def test_a_pdf_file_is_read_first(pdf: Path) -> None:
    text = read_pdf(pdf)
    wanted = [sentence.text for sentence in text.sentences]
    assert wanted
    assert check_quotes(pdf, wanted) == check_quotes(str(pdf), wanted) == [QuoteChecker(text).grade(q) for q in wanted]
    assert all(quote.holds for quote in check_quotes(pdf, wanted))


def test_quotes_of_an_unreadable_file_are_not_called_absent(tmp_path: Path) -> None:
    (tmp_path / "page.pdf").write_text("<html>", encoding="utf-8")
    assert [quote.grade for quote in check_quotes(tmp_path / "page.pdf", [REPEATED, "x"])] == ["unreadable"] * 2


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PdfUnavailable):
        check_quotes(tmp_path / "missing.pdf", [REPEATED])
