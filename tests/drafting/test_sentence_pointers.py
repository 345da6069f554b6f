from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.drafting.sentence_pointers import MAX_DISTANCE, Pointer, number_sentences, quote_sentence, resolve_pointer
from curator.llm.prompts import prompt_text
from curator.types import Document, Quote, Sentence, Span
from tests.helpers.documents import document

PAPER = document(
    [
        ("abstract", "We find that models refuse. Refusal is one direction."),
        (
            "body",
            "Alpha is the first test. Beta is the second test. Gamma is the third test. Delta is the fourth test.",
        ),
        ("body", "We find that accuracy < 5 % here. Done."),
        ("body", "The last sentence goes on over"),
    ],
    [("body", "the page break and ends. Nothing else."), ("references", "Smith et al. Cited words.")],
)
BY_NUMBER = {sentence.number: sentence for sentence in PAPER.sentences}

HOSTILE = st.lists(
    st.sampled_from(["<7> ", "\n", "\r", "\x0b", "\x85", "\u2028", "\u2029", "\x1c", "＜7＞", "﹤", "\u202e", "\ud800"])
    | st.text(max_size=8),
    max_size=8,
).map("".join)


def point(number: int, starts: str) -> Quote:
    return resolve_pointer(Pointer(number, starts), BY_NUMBER, PAPER)


def sentences(texts: list[str]) -> list[Sentence]:
    return [Sentence(number, text, (Span(1, 0, 1),), "body") for number, text in enumerate(texts, start=3)]


@given(st.lists(HOSTILE))
def test_every_line_starts_with_its_own_number_and_no_text_can_pose_as_one(texts: list[str]) -> None:
    numbered = sentences(texts)
    text = number_sentences(numbered)
    lines = text.splitlines()
    assert len(lines) == len(texts)
    for line, sentence in zip(lines, numbered, strict=True):
        assert line.startswith(f"<{sentence.number}>")
        assert line.count("<") == line.count(">") == 1
    json.dumps(text, ensure_ascii=False).encode()


@given(st.text())
def test_ordinary_words_are_shown_as_they_stand(text: str) -> None:
    assert re.findall("[a-z]+", prompt_text(text)) or not re.search("[a-z]", text)
    assert prompt_text("＜7＞ ﹤8﹥ <9>") == "‹7› ‹8› ‹9›"
    assert prompt_text("Plain words, 5 % – “so”.") == "Plain words, 5 % – “so”."


def test_a_sentence_named_rightly_is_quoted_in_the_papers_words() -> None:
    assert point(4, "Beta is the") == Quote("Beta is the second test.", "exact", BY_NUMBER[4].spans, "body", "prose")


@pytest.mark.parametrize(
    "starts",
    ["<4> Beta is", "‹4› Beta is the", '"Beta is the', "“beta IS the…”", "Beta is...", "Beta is the second test."],
)
def test_what_models_put_around_opening_words_does_not_matter(starts: str) -> None:
    assert point(4, starts).text == "Beta is the second test."


def test_opening_words_are_compared_as_they_were_shown() -> None:
    for starts in ("We find that accuracy < 5 %", "We find that accuracy ‹ 5 %"):
        assert point(7, starts).text == "We find that accuracy < 5 % here."


@pytest.mark.parametrize("number", range(4 - MAX_DISTANCE, 5 + MAX_DISTANCE))
def test_a_number_that_is_off_by_a_few_is_put_right(number: int) -> None:
    assert point(number, "Beta is the").text == "Beta is the second test."


@pytest.mark.parametrize("number", [3 - MAX_DISTANCE, 5 + MAX_DISTANCE, -(10**30), 10**30])
def test_a_number_that_is_far_off_is_absent(number: int) -> None:
    assert point(number, "Beta is the") == Quote("Beta is the", "absent")


def test_of_two_fitting_sentences_the_nearest_is_taken() -> None:
    assert point(1, "We find that").text == "We find that models refuse."
    assert point(6, "We find that").text == "We find that accuracy < 5 % here."


@pytest.mark.parametrize(
    "starts", ["", "  ", "...", "<4>", '""', "Beta", "Beta is no", "Beta is the sec", "is the second"]
)
def test_words_that_do_not_open_the_sentence_are_absent(starts: str) -> None:
    assert point(4, starts) == Quote(" ".join(starts.split()), "absent")


def test_a_sentence_of_one_word_is_named_by_it() -> None:
    assert point(8, "Done").text == "Done."


def test_a_sentence_over_a_page_break_has_two_spans() -> None:
    quote = point(9, "The last sentence")
    assert quote.text == "The last sentence goes on over the page break and ends."
    assert [span.page for span in quote.spans] == [1, 2]
    assert quote.page == 1


def test_a_reference_is_no_evidence() -> None:
    reference = next(s for s in PAPER.sentences if s.section == "references")
    assert point(reference.number, "Smith et al") == Quote("Smith et al", "absent")


def test_a_sentence_that_was_not_shown_cannot_be_named() -> None:
    assert resolve_pointer(Pointer(4, "Beta is the"), {}, PAPER).grade == "absent"


def test_a_sentence_of_another_document_is_absent() -> None:
    other: Document = document("Entirely different words stand in this paper and nothing else.")
    assert quote_sentence(BY_NUMBER[4], other) == Quote("Beta is the second test.", "absent")


@given(st.integers(), st.text())
def test_no_answer_yields_words_that_are_not_the_papers(number: int, starts: str) -> None:
    quote = point(number, starts)
    assert not quote.holds or quote.text in {sentence.text for sentence in PAPER.sentences}
