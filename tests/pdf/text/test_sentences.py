"""Where sentences end, and that their spans lead back to the page."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.pdf.text.parameters import SENTENCES
from curator.pdf.text.sentences import split_sentences
from curator.types import Document
from tests.pdf.pdfs import Sheets, prose, sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    "whole",
    [
        "This was shown by Smith et al. (2020) and others.",
        "It works with, e.g., Llama and i.e. Mistral models.",
        "See Fig. 3 and Eq. (2) in Sec. 4 for details.",
        "The work of J. R. Firth and D. Hovy is cited.",
        "Accuracy rises from 0.53 to 0.71 vs. Chance at 0.5 there.",
        "This holds, cf. Section 5, for Dr. Smith.",
        "Version 3.5 of GPT-3.5 was used.",
        "Did it really say “no.” to him?",
        "The proof is in Sec. A of the appendix.",
        "See table no. 3 for it.",
    ],
)
def test_an_abbreviation_ends_no_sentence(whole: str) -> None:
    assert cut(whole + " Then comes another.") == [whole, "Then comes another."]


@pytest.mark.parametrize(
    "first",
    [
        "Models refuse [12].",
        "It holds (see the appendix).",
        "“Models refuse.”",
        "Does it hold?",
        "The test uses models.3",
        "This was known.[4, 7]",
        "They follow Smith et al.",
        "The answer is no.",
        "We take it from the U.S.",
    ],
)
def test_a_sentence_ends_before_the_next_one_starts(first: str) -> None:
    assert cut(first + " We test this.") == [first, "We test this."]


def test_a_lower_case_word_starts_no_sentence() -> None:
    assert cut("It says stop. and goes on.") == ["It says stop. and goes on."]


def test_noise_without_sentences_is_cut_at_white_space() -> None:
    pieces = cut("0.71 " * 1000)
    assert all(0 < len(piece) <= SENTENCES.max_sentence for piece in pieces)
    assert " ".join(pieces) == ("0.71 " * 1000).strip()


@given(st.text(alphabet='ab A.!?()[]"”12 \u3002,;', max_size=200))
def test_sentences_cover_all_text_in_order(text: str) -> None:
    folded = " ".join(text.split())
    ends = 0
    for start, end in split_sentences(folded):
        assert folded[ends:start].strip() == ""
        assert folded[start:end] == folded[start:end].strip() != ""
        ends = end
    assert folded[ends:].strip() == ""


def assert_holds(document: Document) -> None:
    """The promise that quotes rest on: a sentence's spans give its text."""
    pages = {page.number: page.text for page in document.pages}
    for number, sentence in enumerate(document.sentences, start=1):
        assert sentence.number == number
        spans = [pages[span.page][span.start : span.end] for span in sentence.spans]
        assert " ".join(" ".join(spans).split()) == sentence.text
    for page in document.pages:
        end = 0
        for box in page.boxes:
            assert end <= box.start < box.end <= len(page.text)
            end = box.end


words = st.text(alphabet="abcdeXYZ.-,1() ", min_size=1, max_size=30)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(20, 780), words, st.sampled_from([6, 10, 14])), max_size=25))
def test_spans_and_boxes_hold_on_pages_of_scattered_text(scattered: list[tuple[int, int, str, int]]) -> None:
    sheets = Sheets()
    sheets.line(60, 400, "One ordinary line, so that there is a text at all.")
    for at, (x, y, text, size) in enumerate(scattered):
        if at == 12:
            sheets.add()
        sheets.line(x, y, text, size)
    assert_holds(sheets.read())


def test_a_sentence_over_a_page_break_has_two_spans() -> None:
    sheets = Sheets()
    sheets.justified(
        60, 80, 492, prose("first", 6) + " This sentence starts on the first page of this paper and there it"
    )
    sheets.line(60, 700, "1 A note at the foot of the page.", 7)
    sheets.add()
    sheets.justified(60, 80, 492, "goes on to the second. " + prose("second", 6))
    document = sheets.read()
    wanted = "This sentence starts on the first page of this paper and there it goes on to the second."
    (sentence,) = (s for s in document.sentences if s.text == wanted)
    assert [span.page for span in sentence.spans] == [1, 2]
    assert_holds(document)


def test_a_word_over_a_page_break_is_written_whole_on_the_first_page() -> None:
    sheets = Sheets()
    sheets.justified(60, 80, 492, prose("first", 6) + " This sentence starts on one page with a single experi-")
    sheets.add()
    sheets.justified(60, 80, 492, "ment and ends on the other. " + prose("second", 6))
    document = sheets.read()
    assert "This sentence starts on one page with a single experiment and ends on the other." in sentences(document)
    assert document.pages[0].text.endswith("a single experiment")
    assert document.pages[1].text.startswith("and ends")
    assert_holds(document)


def test_a_heading_is_a_sentence_of_its_own() -> None:
    sheets = Sheets()
    sheets.line(60, 80, "1 Introduction", 12, "tibo")
    sheets.justified(60, 100, 492, prose("body", 4))
    assert sentences(sheets.read())[:2] == ["1 Introduction", prose("body", 1)]
