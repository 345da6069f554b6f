"""Block quotes: other people's words are told from what the authors themselves set off."""

from __future__ import annotations

import pytest

from tests.pdf.pdfs import Sheets, prose

WORDS = (
    "The machine has no pretensions to originate anything, and it can do whatever we know how to order it to perform."
)


def forms(before: str, block: str, indent: float = 30, signature: str = "") -> set[str]:
    """The forms of the sentences in a block that is set in between two paragraphs."""
    sheets = Sheets()
    y = sheets.justified(60, 80, 492, prose("first", 5) + " " + before)
    y = sheets.justified(60 + indent, y + 8, 492 - 2 * indent, block)
    if signature:
        y = sheets.justified(300, y, 200, signature)
    sheets.justified(60, y + 8, 492, prose("last", 5))
    document = sheets.read()
    assert {s.form for s in document.sentences if "of experiment" in s.text} == {"prose"}
    return {s.form for s in document.sentences if "pretensions" in s.text}


@pytest.mark.parametrize(
    ("before", "block"),
    [
        ("As Lovelace (1843) wrote:", WORDS),
        ("This is an old thought.", f"“{WORDS}” (Lovelace, 1843)"),
        ("This is an old thought.", f"{WORDS} [12]"),
        ("In the words of Smith et al. (2020):", f"“{WORDS}”"),
    ],
)
def test_words_of_others_set_in_on_both_sides_are_a_quotation(before: str, block: str) -> None:
    assert forms(before, block) == {"quotation"}


def test_a_name_after_a_dash_makes_a_quotation() -> None:
    assert forms("This is an old thought.", f"“{WORDS}”", signature="— Ada Lovelace") == {"quotation"}


@pytest.mark.parametrize(
    ("before", "block"),
    [
        ("We use the following prompt of Smith et al. (2020):", f"“{WORDS}”"),
        ("Our main result is this.", WORDS),
        ("Our main result is this.", f"Theorem 1. {WORDS}"),
        ("Our main result is this.", f"Takeaway: {WORDS} [12]"),
        ("We summarise what we found:", f"“{WORDS}”"),
    ],
)
def test_what_the_authors_set_off_themselves_is_none(before: str, block: str) -> None:
    assert forms(before, block) == {"prose"}


def test_words_that_are_not_set_in_are_none() -> None:
    assert forms("As Lovelace (1843) wrote:", f"“{WORDS}”", indent=0) == {"prose"}
