"""No sentence is made of pieces that do not belong together: a splice would be a quote that nobody wrote."""

from __future__ import annotations

import pytest

from curator.pdf.layout.block_splitting import split_runs
from tests.pdf.pdfs import Sheets, prose, sentences, text_width

OPEN = " Thus, one might expect that more training will"


def test_text_that_breaks_off_is_not_joined_with_a_captions_second_line() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 492, prose("body", 4) + OPEN)
    sheets.line(60, 700, "1 A note at the foot of the page.", 7)
    y = sheets.line(60, y + 40, "Figure 1: What we did in this paper.", 10, "tibo")
    sheets.lines(60, y, ["we train models with a secret, apply more training to", "them, and see whether it stays."])
    found = sentences(sheets.read())
    assert "Thus, one might expect that more training will" in found
    assert "we train models with a secret, apply more training to them, and see whether it stays." in found


def test_text_that_breaks_off_does_not_go_on_in_a_caption_at_the_top_of_the_next_page() -> None:
    sheets = Sheets()
    sheets.justified(60, 80, 492, prose("body", 6) + OPEN)
    sheets.add()
    y = sheets.line(60, 80, "Figure 1: What we did in this paper.", 10, "tibo")
    y = sheets.lines(
        60, y, ["we train many models with a secret, apply more training to all of them, and see whether it", "stays."]
    )
    sheets.justified(60, y + 40, 492, prose("after", 4))
    found = sentences(sheets.read())
    assert not any("will we train" in sentence for sentence in found)
    assert any(sentence.startswith("we train many models with a secret") for sentence in found)


def test_a_caption_keeps_its_lines_though_their_fonts_differ() -> None:
    sheets = Sheets()
    y = sheets.line(60, 80, "Figure 1: The accuracy of all models that we tested and", 9, "tibo")
    sheets.line(60, y, "of those that others have tested before us.", 9)
    sheets.justified(60, y + 40, 492, prose("body", 4))
    found = " ".join(sentences(sheets.read())[:2])
    assert "The accuracy of all models that we tested and of those that others have tested before us." in found


@pytest.mark.parametrize("start", ["The next paragraph", "12 models", "Models"])
def test_text_that_breaks_off_goes_on_with_a_lower_case_letter_only(start: str) -> None:
    sheets = Sheets()
    sheets.justified(60, 80, 235, prose("left", 6) + OPEN)
    sheets.justified(317, 80, 235, f"{start} begins here. " + prose("right", 6))
    found = sentences(sheets.read())
    assert "Thus, one might expect that more training will" in found
    assert not any("will" in sentence and "begins" in sentence for sentence in found)


def test_text_in_another_size_or_font_does_not_go_on_with_a_sentence() -> None:
    for size, font in ((8.0, "tiro"), (10.0, "helv")):
        sheets = Sheets()
        sheets.justified(60, 80, 492, prose("first", 6) + OPEN)
        sheets.add()
        sheets.lines(
            60, 80, ["labels of a large figure at the top of the next page,", "set in their own way."], size, font
        )
        found = sentences(sheets.read())
        assert "Thus, one might expect that more training will" in found


def test_a_sentence_is_not_closed_over_a_formula_that_it_needs() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 492, prose("body", 4) + " The loss of the whole model is then given as")
    sheets.line(250, y + 20, "sum of 0.5 0.7 0.1 3", 7)
    sheets.justified(60, y + 50, 492, "where all of these are positive. " + prose("after", 4))
    assert not any("given as where" in sentence for sentence in sentences(sheets.read()))


def test_lines_of_an_algorithm_are_not_joined_with_the_text_after_it() -> None:
    sheets = Sheets()
    sheets.lines(
        60, 80, ["for all examples do", "compute the accuracy of it", "gradient update of all", "return the model"]
    )
    sheets.justified(317, 80, 235, "learning problem, as others said. " + prose("right", 8))
    assert not any("return" in s and "problem" in s for s in sentences(sheets.read()))


def cells(sheets: Sheets, x: float, y: float, texts: list[list[str]], gap: float) -> None:
    """Cells side by side, printed one after the other, as typesetting programs do."""
    for column in range(len(texts[0])):
        for row, words in enumerate(texts):
            sheets.line(x, y + 12 * row, words[column])
        x += max(text_width(words[column]) for words in texts) + gap


@pytest.mark.parametrize("gap", [5, 9, 20])
def test_cells_side_by_side_are_not_one_sentence(gap: float) -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 492, prose("body", 3)) + 30
    cells(
        sheets,
        60,
        y,
        [["I need to find the very", "the answer is thus"], ["smallest x and y here", "more than twenty"]],
        gap,
    )
    found = sentences(sheets.read())
    for left in ("I need to find the very", "smallest x and y here"):
        assert not any(left in s and ("the answer" in s or "more than" in s) for s in found)


def test_cells_printed_row_by_row_are_not_one_sentence() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 492, prose("body", 3)) + 30
    for row, (left, right) in enumerate(
        (("models find the very", "an answer of it is"), ("smallest of all", "twenty"))
    ):
        sheets.line(60, y + 12 * row, left)
        sheets.line(200, y + 12 * row, right)
    found = sentences(sheets.read())
    assert not any("very" in s and ("answer" in s or "smallest" in s) for s in found)


def test_boxes_whose_lines_interleave_are_not_one_sentence() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 492, prose("body", 3)) + 30
    for row, (left, right) in enumerate((("models answer the", "they refuse it"), ("question asked", "as unsafe"))):
        sheets.line(60, y + 14 * row, left)
        sheets.line(180, y + 14 * row + 7, right)
    found = sentences(sheets.read())
    assert not any(
        left in s and right in s for s in found for left in ("answer", "asked") for right in ("refuse", "unsafe")
    )


def test_small_labels_beside_a_line_are_not_read_into_it() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 440, prose("body", 6))
    first = "The method that we propose here first"
    sheets.line(60 + text_width(first) + 4, y - 2, "mean of chunks", 6)
    sheets.line(60, y, first)
    sheets.line(60, y + 12, "builds a database of all the texts.")
    assert not any("first mean" in sentence for sentence in sentences(sheets.read()))


def test_a_justified_line_with_wide_blanks_stays_whole() -> None:
    sheets = Sheets()
    lines = [
        ["All the generalisations", "of"],
        ["misunderstood models", "happen"],
        ["overnight in laboratories,", "and"],
    ]
    for row, words in enumerate(lines):
        x = 60.0
        slack = (128 - sum(map(text_width, words))) / (len(words) - 1)
        for word in words:
            sheets.line(x, 80 + 12 * row, word)
            x += text_width(word) + slack
    sheets.line(60, 116, "so do the failures of all of these.")
    wanted = "All the generalisations of misunderstood models happen overnight in laboratories, and so do"
    assert sentences(sheets.read()) == [wanted + " the failures of all of these."]


def test_a_bullet_and_an_equations_number_do_not_part_a_sentence() -> None:
    sheets = Sheets()
    sheets.line(60, 80, "•")
    sheets.lines(85, 80, ["models follow the instructions that people gave to", "them before the test began."])
    (sentence,) = sentences(sheets.read())
    assert sentence.endswith("models follow the instructions that people gave to them before the test began.")


def test_without_the_files_order_the_page_alone_decides() -> None:
    sheets = Sheets()
    for word, x in (("of", 112.0), ("this", 60.0), ("is", 80.0), ("part", 92.0), ("it", 124.0)):
        sheets.line(x, 80, word)
    assert "this is part of it" in sheets.read().pages[0].text
    assert split_runs([], []) == []
