"""Paragraphs that a column, a float or a footnote interrupts are whole in the text."""

from __future__ import annotations

from tests.pdf.pdfs import Sheets, prose, sentences


def test_a_sentence_that_goes_on_in_the_next_column_is_whole() -> None:
    sheets = Sheets()
    sheets.justified(60, 80, 235, prose("left", 6) + " This sentence starts at the foot of one column and goes")
    sheets.justified(317, 80, 235, "on at the head of the next one. " + prose("right", 6))
    wanted = "This sentence starts at the foot of one column and goes on at the head of the next one."
    assert wanted in sentences(sheets.read())


def test_a_caption_at_a_columns_head_does_not_interrupt_the_sentence_around_it() -> None:
    sheets = Sheets()
    sheets.justified(60, 80, 235, prose("left", 6) + " This sentence is interrupted by a figure and goes")
    y = sheets.justified(317, 80, 235, "Figure 3: The caption of an interrupting figure.", 9)
    sheets.justified(317, y + 20, 235, "on below its caption. " + prose("right", 6))
    found = sentences(sheets.read())
    assert "This sentence is interrupted by a figure and goes on below its caption." in found
    assert "The caption of an interrupting figure." in " ".join(found)


def test_a_footnote_stands_at_the_end_of_its_page() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 235, prose("left", 6) + " This sentence has a note below it and goes")
    sheets.lines(
        60,
        max(y + 60, 700),
        ["1 The note of the first column, in small print, that has", "nothing to do with the text above it."],
        7.5,
    )
    sheets.justified(317, 80, 235, "on in the next column. " + prose("right", 6))
    document = sheets.read()
    assert "This sentence has a note below it and goes on in the next column." in sentences(document)
    assert document.pages[0].text.endswith("that has nothing to do with the text above it.")
