"""What form a sentence is set in: captions, cells, formulas and notes are told from prose."""

from __future__ import annotations

from curator.types import Document, Form
from tests.pdf.pdfs import Sheets, prose, sentences


def form_of(document: Document, words: str) -> Form:
    (found,) = {sentence.form for sentence in document.sentences if words in sentence.text}
    return found


def table(sheets: Sheets, y: float, size: float = 9) -> float:
    for row in range(6):
        for column, word in enumerate((f"Model {row}", f"0.{row}1", f"0.{row}2")):
            sheets.line(150 + 110 * column, y, word, size)
        y += 12
    return y


def test_every_sentence_of_a_caption_is_one() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 492, prose("body", 6))
    y = sheets.justified(60, y + 20, 492, "Table 1: Scores of all models. " + prose("caption", 2), 9)
    y = table(sheets, y + 10)
    sheets.justified(60, y + 20, 492, prose("later", 6))
    document = sheets.read()
    assert form_of(document, "Table 1: Scores of all models.") == "caption"
    assert form_of(document, "caption of experiment 2") == "caption"
    assert form_of(document, "body of experiment 6") == "prose"
    assert form_of(document, "later of experiment 1") == "prose"


def test_each_row_of_a_table_is_one_sentence_of_cells() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 492, prose("body", 6))
    y = table(sheets, y + 20)
    sheets.justified(60, y + 10, 492, "Table 1: Scores of all models. " + prose("caption", 2), 9)
    document = sheets.read()
    assert [s.text for s in document.sentences if s.form == "table"][:2] == ["Model 0 0.01 0.02", "Model 1 0.11 0.12"]
    assert not any(s.form == "prose" for s in document.sentences if s.text.startswith("Model"))


def test_labels_in_a_figure_are_no_prose() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 492, prose("body", 6)) + 20
    for x, at, label in ((100, 0, "1.0"), (100, 40, "0.5"), (180, 20, "Large model"), (300, 30, "Small model")):
        sheets.line(x, y + at, label, 6)
    sheets.justified(60, y + 70, 492, "Figure 1: Accuracy by size. " + prose("caption", 1), 9)
    document = sheets.read()
    assert {s.form for s in document.sentences if "model" in s.text and len(s.text) < 30} == {"table"}
    assert {s.form for s in document.sentences if "body of" in s.text} == {"prose"}


def test_a_table_between_two_halves_of_a_sentence_does_not_part_or_enter_it() -> None:
    sheets = Sheets()
    sheets.justified(60, 80, 492, prose("body", 6) + " This sentence is interrupted by a table and goes")
    sheets.add()
    y = table(sheets, 80, 10)
    y = sheets.justified(60, y + 10, 492, "Table 1: Scores of all models.", 9)
    sheets.justified(60, y + 20, 492, "on below it as if nothing had been there. " + prose("later", 6))
    wanted = "This sentence is interrupted by a table and goes on below it as if nothing had been there."
    assert wanted in sentences(sheets.read())


def test_a_heading_and_a_footnote_have_their_forms() -> None:
    sheets = Sheets()
    y = sheets.line(60, 80, "1 Introduction", 12, "tibo")
    sheets.justified(60, y, 492, prose("body", 6))
    sheets.line(60, 730, "1 A note in small print at the foot of the page.", 7.5)
    document = sheets.read()
    assert form_of(document, "1 Introduction") == "heading"
    assert form_of(document, "A note in small print") == "footnote"


def test_a_formula_on_its_own_is_one() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 492, prose("body", 6))
    sheets.line(240, y + 20, "x = 2 y + 3 z - 4 (1)")
    sheets.justified(60, y + 50, 492, prose("later", 6))
    assert form_of(sheets.read(), "x = 2 y") == "formula"


def test_a_caption_goes_on_below_in_another_weight() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 492, prose("body", 6)) + 30
    y = sheets.line(60, y, "Figure 1: The bold title of a figure that is followed by more words", 9, "tibo")
    sheets.line(60, y, "All of these words explain the figure and not the text.", 9)
    assert form_of(sheets.read(), "All of these words") == "caption"


def test_notes_without_a_full_stop_are_kept_apart() -> None:
    sheets = Sheets()
    sheets.justified(60, 80, 492, prose("body", 6))
    y = 720.0
    for number in (1, 2):
        sheets.line(60, y - 3, str(number), 5)
        y = sheets.line(63, y, f"See the code at our address number {number}", 8)
    texts = [s.text for s in sheets.read().sentences if s.form == "footnote"]
    assert texts == ["1See the code at our address number 1", "2See the code at our address number 2"]


def test_a_table_without_a_caption_is_told_by_its_columns() -> None:
    sheets = Sheets()
    y = sheets.line(60, 80, "1 Introduction", 12, "tibo")
    y = sheets.justified(60, y, 492, prose("body", 6)) + 20
    for row in ("larger models follow instructions", "smaller models follow nobody at all", "models of any size"):
        sheets.line(60, y, row)
        y = sheets.line(330, y, "as we see in the first experiment")
    sheets.justified(60, y + 20, 492, prose("later", 6))
    document = sheets.read()
    assert form_of(document, "smaller models follow nobody at all") == "table"
    assert form_of(document, "later of experiment 2") == "prose"


def test_running_words_inside_a_figure_belong_to_it_and_in_small_print_elsewhere_do_not() -> None:
    sheets = Sheets()
    y = sheets.line(60, 80, "1 Introduction", 12, "tibo")
    y = sheets.justified(60, y, 492, prose("body", 6))
    y = sheets.justified(100, y + 20, 400, prose("dialogue", 3), 9)
    y = sheets.justified(60, y + 20, 492, "Figure 1: What was said to the model.", 9)
    y = sheets.justified(60, y + 20, 492, prose("later", 6))
    sheets.justified(60, y + 20, 492, prose("remark", 3), 9)
    document = sheets.read()
    assert form_of(document, "dialogue of experiment 2") == "table"
    assert form_of(document, "remark of experiment 2") == "prose"
