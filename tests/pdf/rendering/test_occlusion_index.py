"""The cheap search for text that may be hidden: it doubts too much rather than too little."""

from __future__ import annotations

from curator.pdf.rendering.contrast import BLACK, WHITE
from curator.pdf.rendering.traced_page import TracedPage, trace_page
from tests.pdf.pdfs import Sheets

PLACE = (60.0, 490.0, 160.0, 503.0)
AWAY = (60.0, 90.0, 160.0, 103.0)


def trace(sheets: Sheets) -> TracedPage:
    return trace_page(sheets.page, with_notes=False)


def written() -> Sheets:
    sheets = Sheets()
    sheets.line(60, 500, "Every reader of this page sees these words.")
    return sheets


def test_on_a_page_of_plain_text_nothing_is_compared() -> None:
    traced = trace(written())
    assert not traced.paint.is_doubtful
    assert traced.occlusion.texts == {}
    assert traced.occlusion.find_doubt(PLACE, BLACK) == ""
    assert traced.occlusion.find_doubt(PLACE, WHITE) == "ground"


def test_a_text_under_a_shape_is_covered_and_one_beside_it_is_not() -> None:
    sheets = written()
    sheets.line(60, 100, "These words are beside the shape.")
    sheets.page.draw_rect((50, 480, 500, 520), color=None, fill=(0.9, 0.9, 1))
    traced = trace(sheets)
    assert [text.is_suspect for text in traced.occlusion.texts.values()] == [True, False]
    assert traced.occlusion.find_doubt(PLACE, BLACK) == "depth"
    assert traced.occlusion.find_doubt(AWAY, BLACK) == ""


def test_a_shape_under_a_text_puts_letters_of_its_colour_in_doubt() -> None:
    sheets = Sheets()
    sheets.page.draw_rect((50, 480, 500, 520), color=None, fill=(0.2, 0.3, 0.4))
    sheets.line(60, 500, "Every reader of this page sees these words.")
    traced = trace(sheets)
    assert not any(text.is_suspect for text in traced.occlusion.texts.values())
    assert traced.occlusion.find_doubt(PLACE, BLACK) == ""
    assert traced.occlusion.find_doubt(PLACE, (0.21, 0.3, 0.42)) == "ground"


def test_films_cover_a_text_together_that_none_covers_alone() -> None:
    covered = []
    for films in (1, 2):
        sheets = written()
        for _ in range(films):
            sheets.page.draw_rect((50, 480, 500, 520), color=None, fill=(1, 0.9, 0.9), fill_opacity=0.5)
        covered += [text.is_covered for text in trace(sheets).occlusion.texts.values()]
    assert covered == [False, True]


def test_images_and_the_rectangle_of_the_page_are_known() -> None:
    sheets = written()
    sheets.page.insert_image((100, 100, 200, 200), pixmap=sheets.page.get_pixmap(dpi=20), keep_proportion=False)
    traced = trace(sheets)
    assert traced.box == (0.0, 0.0, 612.0, 792.0)
    assert [tuple(map(round, image)) for image in traced.paint.images] == [(100, 100, 200, 200)]
