"""A passage's rectangles lie on its printed lines, and on nothing else."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.demo.samples import load_sample_papers
from curator.pdf.pipeline import read_bytes
from curator.quotes.highlight import Highlight, find_highlights
from curator.types import Box, Document, Page, Span
from tests.helpers.documents import document

SLACK = 0.01  # points: rounding
LETTER = 6.0  # points: about the width of a wide letter of body text


def of_boxes(text: str, *boxes: Box) -> Document:
    page = Page(1, text, 612, 792, boxes)
    return Document("2501.01234", 1, "0" * 64, (page,), (), (), document("x").extraction)


@cache
def sample() -> Document:
    (pdf,) = [one.pdf for one in load_sample_papers() if one.paper.id == "2610.90004"]
    assert isinstance(pdf, bytes)
    return read_bytes(pdf, "2610.90004", 1, 400)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    page = draw(st.sampled_from(sample().pages))
    start = draw(st.integers(0, len(page.text) - 1))
    return Span(page.number, start, draw(st.integers(start + 1, min(len(page.text), start + 800))))


def inside(small: Highlight, large: Highlight) -> bool:
    return (
        small[0] == large[0]
        and all(small[k] >= large[k] - SLACK for k in (1, 2))
        and all(small[k] <= large[k] + SLACK for k in (3, 4))
    )


@given(span=spans())
def test_every_rectangle_lies_within_the_boxes_of_the_lines_that_the_span_touches(span: Span) -> None:
    page = next(page for page in sample().pages if page.number == span.page)
    touched = [box for box in page.boxes if box.start < span.end and box.end > span.start]
    found = find_highlights(sample().pages, [span])
    assert bool(found) == any(page.text[max(b.start, span.start) : min(b.end, span.end)].strip() for b in touched)
    for number, x0, y0, x1, y1 in found:
        assert number == span.page
        on = [box for box in touched if box.y0 >= y0 - SLACK and box.y1 <= y1 + SLACK]
        assert min(box.x0 for box in on) - SLACK <= x0 <= x1 <= max(box.x1 for box in on) + SLACK
        assert min(box.y0 for box in on) - SLACK <= y0 < y1 <= max(box.y1 for box in on) + SLACK


@given(span=spans(), before=st.integers(0, 60), after=st.integers(0, 60))
def test_a_longer_span_covers_all_that_a_shorter_one_does(span: Span, before: int, after: int) -> None:
    longer = Span(span.page, max(0, span.start - before), span.end + after)
    wide = find_highlights(sample().pages, [longer])
    assert all(any(inside(one, other) for other in wide) for one in find_highlights(sample().pages, [span]))


@given(span=spans())
def test_neither_half_covers_more_than_the_whole(span: Span) -> None:
    middle = (span.start + span.end) // 2
    whole = find_highlights(sample().pages, [span])
    halves = find_highlights(sample().pages, [Span(span.page, span.start, middle), Span(span.page, middle, span.end)])
    assert all(any(inside(half, one) for one in whole) for half in halves)


@pytest.mark.parametrize("phrase", ["inversely proportional", "training set", "generalising"])
def test_a_phrase_is_marked_where_the_pdf_prints_it(phrase: str) -> None:
    """PyMuPDF's own search says where; ours works from line fragments alone, so it may be a letter off."""
    import pymupdf

    (pdf,) = [one.pdf for one in load_sample_papers() if one.paper.id == "2610.90004"]
    printed = pymupdf.open(stream=pdf)  # type: ignore[no-untyped-call]
    checked = 0
    for page in sample().pages:
        start = page.text.find(phrase)
        if start < 0:
            continue
        ours = find_highlights(sample().pages, [Span(page.number, start, start + len(phrase))])
        theirs = printed[page.number - 1].search_for(phrase)
        if len(ours) > 1 or not theirs:  # broken over two lines
            continue
        (_, x0, y0, x1, y1) = ours[0]
        assert any(
            abs(x0 - r.x0) < LETTER and abs(x1 - r.x1) < LETTER and min(y1, r.y1) - max(y0, r.y0) > 0.7 * (y1 - y0)
            for r in theirs
        )
        checked += 1
    assert checked


def test_fragments_of_one_printed_line_are_one_rectangle_and_columns_are_two() -> None:
    text = "left one x2\nright one"
    boxes = (
        Box(0, 8, 50, 700, 90, 710),
        Box(9, 11, 93, 698, 103, 710),  # a formula, somewhat higher
        Box(12, 21, 320, 700, 360, 710),  # the other column, at the same height
    )
    assert find_highlights(of_boxes(text, *boxes).pages, [Span(1, 0, len(text))]) == [
        (1, 50, 698, 103, 710),
        (1, 320, 700, 360, 710),
    ]


def test_a_line_that_is_printed_upwards_is_marked_whole() -> None:
    boxes = (Box(0, 10, 20, 100, 30, 300),)
    assert find_highlights(of_boxes("arXiv side", *boxes).pages, [Span(1, 0, 3)]) == [(1, 20, 100, 30, 300)]


def test_pages_without_boxes_and_pages_that_are_none_have_no_rectangles() -> None:
    assert find_highlights(of_boxes("Some text.").pages, [Span(1, 0, 4), Span(7, 0, 4)]) == []
