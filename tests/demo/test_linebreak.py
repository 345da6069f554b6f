"""Lines, hyphens and ligatures, measured with a face in which every letter is one unit wide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.demo.linebreak import (
    LIGATURES,
    Face,
    Line,
    break_lines,
    break_points,
    with_ligatures,
    with_quotes,
    words_of,
)


def one_each(text: str, face: Face) -> float:
    return float(len(text))


def text_of(line: Line) -> str:
    return " ".join("".join(text for text, _ in word.parts) for word in line.words)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("in-context", [("in-", "context")]),
        ("chain-of-thought,", [("chain-", "of-thought,"), ("chain-of-", "thought,")]),
        ("context", [("con-", "text")]),
        ("finding", [("find-", "ing")]),
        ("learned", []),
        ("short", []),
        ("−0.97", []),
        ("2610.90001", []),
    ],
)
def test_a_word_is_parted_at_its_own_hyphens_or_between_syllables(word: str, parts: list[tuple[str, str]]) -> None:
    assert break_points(word) == parts


def test_ligatures_take_the_longest_match() -> None:
    assert with_ligatures("efficient fluffy find baffle") == "eﬃcient ﬂuﬀy ﬁnd baﬄe"


def test_quotation_marks_become_curly() -> None:
    assert with_quotes('"It\'s so" ("no") \'yes\'') == "“It’s so” (“no”) ‘yes’"


def test_italics_and_footnote_marks_are_parts_of_words() -> None:
    words = words_of("a *slanted word*, and[^1] more", one_each)
    assert [word.parts for word in words] == [
        (("a", "roman"),),
        (("slanted", "italic"),),
        (("word", "italic"), (",", "roman")),
        (("and", "roman"), ("1", "raised")),
        (("more", "roman"),),
    ]
    assert words[3].footnotes == ("1",)


def test_justified_lines_fill_the_measure_and_the_last_does_not() -> None:
    lines = break_lines(words_of("one two three four five six", one_each), 12, one_each)
    assert [line.width for line in lines[:-1]] == [12.0] * (len(lines) - 1)
    assert lines[-1].width < 12


def letters(text: str) -> str:
    for letters, sign in LIGATURES.items():
        text = text.replace(sign, letters)
    return text.replace(" ", "").replace("-", "")


@given(st.lists(st.text("abcdefilmnot-", min_size=1, max_size=14), max_size=60).map(" ".join), st.integers(8, 60))
def test_no_letter_is_lost_and_no_line_sticks_out_that_could_be_broken(text: str, width: int) -> None:
    lines = break_lines(words_of(text, one_each), width, one_each)
    assert letters("".join(text_of(line) for line in lines)) == letters(text)
    for line in lines:
        assert line.width <= width + 1e-9 or len(line.words) == 1
