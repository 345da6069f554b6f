"""Hyphens at the ends of lines: those that belong to a word stay, and the others go."""

from __future__ import annotations

import pytest

from curator.pdf.text.hyphens import Hyphenation
from tests.pdf.pdfs import Sheets

LINES = [
    "we run the experiment with in-context learning",
    "a state-of-the-art model of the world",
    "the tree grows well",
]


@pytest.mark.parametrize(
    ("before", "after", "belongs"),
    [
        ("an experi-", "ment", False),
        ("by in-", "context learning", True),
        ("the state-", "of-the-art", True),
        ("the state-of-", "the-art", True),
        ("widely-", "used", True),
        ("GPT-", "based", True),
        ("the Image-", "Net", True),
        ("tree-", "structured", True),
        ("well-", "calibrated", True),
        ("obvi-", "ously", False),
        ("a 70-", "billion", True),
        ("con-", "text", False),
    ],
)
def test_a_hyphen_at_a_lines_end_stays_where_the_word_has_one(before: str, after: str, belongs: bool) -> None:
    assert Hyphenation(LINES).keeps_hyphen(before, after) is belongs


def test_the_document_decides_how_a_word_is_spelt() -> None:
    assert Hyphenation(["a dataset of datasets"]).keeps_hyphen("data-", "set") is False
    assert Hyphenation(["a data-set and another data-set"]).keeps_hyphen("data-", "set") is True


def test_halves_of_broken_words_do_not_count_as_words() -> None:
    halves = ["the first experi-", "ment and the treat-", "ment of it, an assess-", "ment with experi of it"]
    assert Hyphenation(halves).keeps_hyphen("the experi-", "ment") is False


def test_words_broken_at_a_lines_end_are_whole_in_the_text() -> None:
    sheets = Sheets()
    sheets.lines(
        60, 80, ["Each of the experi-", "ments uses in-context learning, and in-", "context examples are efficient."]
    )
    assert (
        sheets.read().pages[0].text
        == "Each of the experiments uses in-context learning, and in-context examples are efficient."
    )
