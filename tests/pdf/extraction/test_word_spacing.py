"""Blanks that are narrower than MuPDF's own."""

from __future__ import annotations

import pymupdf

from tests.pdf.pdfs import Sheets, prose

SAID = "Composition of the training data for all of our models"


def spaced(words: list[str], white: float, font: str = "helv") -> Sheets:
    """A heading above some prose, its words set apart by this much white (ems)."""
    sheets = Sheets()
    x = 60.0
    for word in words:
        sheets.page.insert_text((x, 60), word, fontsize=10, fontname=font)
        x += pymupdf.get_text_length(word, fontname=font, fontsize=10) + 10 * white
    sheets.justified(60, 100, 492, prose("body", 8))
    return sheets


def test_words_set_apart_by_narrow_blanks_are_parted() -> None:
    assert spaced(SAID.split(), 0.13).read().pages[0].text.startswith(SAID)


def test_one_long_word_stays_one() -> None:
    word = "electroencephalographically"
    assert spaced([word], 0.13).read().pages[0].text.startswith(word)


def test_letters_that_are_spaced_out_are_not_parted() -> None:
    assert spaced(list(SAID.replace(" ", "")), 0.13).read().pages[0].text.startswith(SAID.replace(" ", ""))


def test_a_font_once_known_for_it_is_parted_on_later_pages() -> None:
    sheets = spaced(SAID.split(), 0.13)
    sheets.add()
    sheets.page.insert_text((60, 60), "Table", fontsize=10, fontname="helv")
    sheets.page.insert_text((60 + pymupdf.get_text_length("Table", "helv", 10) + 1.3, 60), "1", fontsize=10)
    sheets.justified(60, 100, 492, prose("more", 8))
    assert sheets.read().pages[1].text.startswith("Table 1")
