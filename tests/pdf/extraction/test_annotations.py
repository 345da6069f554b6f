"""Text in annotations and form fields: reported, and not read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pdf.extraction.traps import TRAP, paper, reports
from tests.pdf.pdfs import pymupdf, read


def text_note(page: Any) -> None:
    page.add_text_annot((300, 400), TRAP)


def free_text(page: Any) -> None:
    page.add_freetext_annot((60, 400, 400, 430), TRAP)


def marked_words(page: Any) -> None:
    page.add_highlight_annot((60, 70, 200, 90)).set_info(content=TRAP)


def hidden_note(page: Any) -> None:
    note = page.add_freetext_annot((60, 400, 400, 430), TRAP)
    note.set_flags(pymupdf.PDF_ANNOT_IS_HIDDEN)


def form_field(page: Any) -> None:
    widget = pymupdf.Widget()
    widget.field_type, widget.field_name = pymupdf.PDF_WIDGET_TYPE_TEXT, "field"
    widget.rect, widget.field_value = pymupdf.Rect(60, 400, 400, 430), TRAP
    page.add_widget(widget)


@pytest.mark.parametrize(
    ("attach", "why"),
    [
        (text_note, "in an annotation"),
        (free_text, "in an annotation"),
        (marked_words, "in an annotation"),
        (hidden_note, "in an annotation"),
        (form_field, "in a form field"),
    ],
)
def test_what_is_attached_to_a_page_is_reported_and_not_read(attach: Any, why: str) -> None:
    sheets = paper()
    attach(sheets.page)
    assert reports(read(sheets.data())) == [(1, why)]


def test_links_and_empty_highlights_are_nothing_to_report() -> None:
    sheets = paper()
    link = {"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(60, 70, 100, 90), "uri": "https://example.org/praise"}
    sheets.page.insert_link(link)
    sheets.page.add_highlight_annot((60, 70, 200, 90))
    assert read(sheets.data()).hidden == ()


def test_endless_annotations_are_not_all_looked_at() -> None:
    sheets = paper()
    for number in range(300):
        sheets.page.add_text_annot((10 + number, 400), f"Note {number} " + "praise " * 500)
    document = read(sheets.data())
    assert 0 < len(document.hidden) <= 50
    assert all(len(hidden.text) <= 2000 for hidden in document.hidden)


@pytest.mark.parametrize("ground", [(1, 1, 1), (0.9, 0.9, 1)])
def test_a_text_beneath_an_annotation_is_hidden(ground: tuple[float, float, float]) -> None:
    sheets = paper()
    sheets.line(60, 500, TRAP)
    cover = sheets.page.add_rect_annot((50, 485, 400, 510))
    cover.set_colors(stroke=ground, fill=ground)
    cover.update()
    assert reports(read(sheets.data())) == [(1, "covered by a picture or a shape")]


def test_words_that_a_reader_marked_stay() -> None:
    sheets = paper()
    sheets.line(60, 500, "Every reader of this page sees these words.")
    words = (55, 488, 300, 505)
    for mark in (sheets.page.add_highlight_annot, sheets.page.add_underline_annot, sheets.page.add_rect_annot):
        mark(words)
    document = read(sheets.data())
    assert "Every reader of this page sees these words." in document.pages[0].text
    assert document.hidden == ()
