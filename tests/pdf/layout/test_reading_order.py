"""Reading order: columns, what crosses them, and what must not be spliced into a sentence."""

from __future__ import annotations

from tests.pdf.pdfs import Sheets, prose, text_width


def two_columns(sheets: Sheets, y: float, left: str, right: str) -> None:
    sheets.justified(60, y, 235, left)
    sheets.justified(317, y, 235, right)


def test_the_left_column_is_read_before_the_right() -> None:
    sheets = Sheets()
    two_columns(sheets, 80, prose("left", 8), prose("right", 8))
    text = sheets.read().pages[0].text
    assert prose("left", 8) in text
    assert text.index("left of experiment 8") < text.index("right of experiment 1")


def test_columns_whose_lines_stand_at_different_heights_are_still_columns() -> None:
    sheets = Sheets()
    sheets.justified(60, 80, 235, prose("left", 8))
    sheets.justified(317, 86, 235, prose("right", 8))
    text = sheets.read().pages[0].text
    assert prose("left", 8) in text
    assert prose("right", 8) in text


def test_a_title_over_two_columns_is_read_first() -> None:
    sheets = Sheets()
    sheets.line(110, 70, "Larger Models Follow Instructions More Often", 18, "tibo")
    two_columns(sheets, 120, prose("left", 8), prose("right", 8))
    text = sheets.read().pages[0].text
    assert text.startswith("Larger Models Follow Instructions More Often\n\n")
    assert text.index("left of experiment 8") < text.index("right of experiment 1")


def test_a_wide_caption_in_the_middle_parts_the_columns_into_bands() -> None:
    sheets = Sheets()
    two_columns(sheets, 80, prose("upper left", 5), prose("upper right", 5))
    sheets.line(
        60, 300, "Figure 1: A caption that runs over both of the columns of this page, as captions of wide figures do."
    )
    two_columns(sheets, 340, prose("lower left", 5), prose("lower right", 5))
    text = sheets.read().pages[0].text
    order = ["upper left of experiment 1", "upper right of experiment 1", "Figure 1", "lower left of", "lower right of"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_one_column_beside_a_small_figure_is_not_mixed_with_its_caption() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 492, prose("first", 6))
    low = sheets.justified(60, y + 8, 300, prose("narrow", 6))
    sheets.justified(380, y + 40, 170, "Figure 2: Accuracy by size. " + prose("caption", 2), 9)
    sheets.justified(60, low + 8, 492, prose("last", 6))
    text = sheets.read().pages[0].text
    assert prose("narrow", 6) in text
    assert prose("caption", 2) in text


def test_a_table_of_short_cells_is_read_row_by_row() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 492, prose("text", 6)) + 20
    for row in range(6):
        for column, word in enumerate(("model", "score", "rank")):
            sheets.line(150 + 110 * column, y, f"{word} {row}")
        y += 12
    text = sheets.read().pages[0].text
    assert "model 2 score 2 rank 2" in text


def test_a_rotated_page_is_read_as_it_is_displayed() -> None:
    sheets = Sheets()
    matrix = sheets.page.derotation_matrix
    sheets.page.set_rotation(90)
    matrix = sheets.page.derotation_matrix
    for row, words in enumerate(("The first line of a page that is turned", "and its second line, both read upright.")):
        point = (60.0, 100.0 + 12 * row)
        x = point[0] * matrix.a + point[1] * matrix.c + matrix.e
        y = point[0] * matrix.b + point[1] * matrix.d + matrix.f
        sheets.page.insert_text((x, y), words, fontsize=10, fontname="tiro", rotate=90)
    page = sheets.read().pages[0]
    assert page.text == "The first line of a page that is turned and its second line, both read upright."
    assert (page.width, page.height) == (792, 612)
    first, second = page.boxes
    assert abs(first.x0 - 60) < 2
    assert abs((second.y0 - first.y0) - 12) < 1
    assert first.x1 > first.x0 + 100


def test_boxes_say_where_words_are_printed() -> None:
    sheets = Sheets()
    sheets.line(60, 100, "Only this line stands on the page of this test.")
    page = sheets.read().pages[0]
    (box,) = page.boxes
    assert page.text[box.start : box.end] == "Only this line stands on the page of this test."
    assert box.y0 < 100 < box.y1
    assert abs(box.x0 - 60) < 1
    assert 170 < box.x1 - box.x0 < 190


def test_words_that_were_placed_one_by_one_make_columns_too() -> None:
    sheets = Sheets()
    for x, side in ((60, "left"), (317, "right")):
        for row in range(20):
            at = float(x)
            for word in f"the {side} row {row} made of single words only".split():
                for piece in (word[:2], word[2:]):
                    sheets.line(at, 80 + 12 * row, piece)
                    at += text_width(piece)
                at += 4
    text = sheets.read().pages[0].text
    assert text.index("left row 19") < text.index("right row 0")


def test_a_small_table_in_one_column_does_not_move_the_gutter() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 235, prose("left", 4)) + 20
    for row in range(6):
        sheets.line(60, y, f"Category {row}")
        sheets.line(190, y, f"{row} %")
        sheets.line(222, y, f"An example {row}")
        y += 12
    sheets.justified(60, y + 20, 235, prose("low", 6))
    sheets.justified(317, 80, 235, prose("right", 14))
    text = sheets.read().pages[0].text
    assert prose("right", 14) in text
    assert text.index("low of experiment 6") < text.index("right of experiment 1")


def test_a_note_in_the_margin_is_not_read_into_the_line_beside_it() -> None:
    sheets = Sheets()
    sheets.justified(60, 80, 420, prose("body", 6))
    sheets.line(500, 101, "Margin note", 6)
    text = sheets.read().pages[0].text
    assert text == prose("body", 6) + "\n\nMargin note"


def test_the_short_last_line_of_a_wide_caption_belongs_to_it() -> None:
    sheets = Sheets()
    y = sheets.justified(
        60, 80, 492, "Figure 1: This caption is as wide as the page. " + prose("caption", 1) + " It ends here."
    )
    two_columns(sheets, y + 24, prose("left", 6), prose("right", 6))
    text = sheets.read().pages[0].text
    assert text.startswith(
        "Figure 1: This caption is as wide as the page. " + prose("caption", 1) + " It ends here.\n\nThe left"
    )
