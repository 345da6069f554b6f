"""Lines, hyphens and ligatures, measured in a face whose letters are all one em wide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.typesetting.linebreak import (
    LIGATURES,
    Face,
    Line,
    break_lines,
    curl_quotes,
    find_breaks,
    set_ligatures,
    split_words,
)


def measure_letters(text: str, face: Face) -> float:
    return float(len(text))


def join_words(line: Line) -> str:
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
def test_a_word_is_broken_at_its_own_hyphens_or_between_syllables(word: str, parts: list[tuple[str, str]]) -> None:
    assert find_breaks(word) == parts


def test_ligatures_take_the_longest_match() -> None:
    assert set_ligatures("efficient fluffy find baffle") == "eﬃcient ﬂuﬀy ﬁnd baﬄe"


def test_quotation_marks_become_curly() -> None:
    assert curl_quotes('"It\'s so" ("no") \'yes\'') == "“It’s so” (“no”) ‘yes’"


def test_italics_and_footnote_marks_are_parts_of_words() -> None:
    words = split_words("a *slanted word*, and[^1] more", measure_letters)
    assert [word.parts for word in words] == [
        (("a", "roman"),),
        (("slanted", "italic"),),
        (("word", "italic"), (",", "roman")),
        (("and", "roman"), ("1", "raised")),
        (("more", "roman"),),
    ]
    assert words[3].footnotes == ("1",)


def test_justified_lines_fill_the_width_except_the_last() -> None:
    lines = break_lines(split_words("one two three four five six", measure_letters), 12, measure_letters)
    assert [line.width for line in lines[:-1]] == [12.0] * (len(lines) - 1)
    assert lines[-1].width < 12


def strip_to_letters(text: str) -> str:
    for letters, sign in LIGATURES.items():
        text = text.replace(sign, letters)
    return text.replace(" ", "").replace("-", "")


@given(st.lists(st.text("abcdefilmnot-", min_size=1, max_size=14), max_size=60).map(" ".join), st.integers(8, 60))
def test_no_letter_is_lost_and_only_a_single_word_overflows_its_line(text: str, width: int) -> None:
    lines = break_lines(split_words(text, measure_letters), width, measure_letters)
    assert strip_to_letters("".join(join_words(line) for line in lines)) == strip_to_letters(text)
    for line in lines:
        assert line.width <= width + 1e-9 or len(line.words) == 1
