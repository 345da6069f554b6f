"""Expressions over layers come to what the standard says, and to something whatever they hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.pdf.extraction.optional_content import evaluate

SHOWN = {1: True, 2: False}


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("1 0 R", True),
        ("[/Not 1 0 R]", False),
        ("[/And 1 0 R 2 0 R]", False),
        ("[/Or 1 0 R 2 0 R]", True),
        ("[/And[/Not 2 0 R][/Or 2 0 R[/Not[/Not 1 0 R]]]]", True),
        ("[/Not 3 0 R]", False),
        ("", True),
    ],
)
def test_an_expression_is_true_or_false(expression: str, holds: bool) -> None:
    assert evaluate(expression, SHOWN) is holds


@given(st.lists(st.sampled_from(["[", "]", "/And", "/Or", "/Not", "1 0 R", "2 0 R", "/Nor", "x", " "]), max_size=60))
def test_whatever_an_expression_holds_it_comes_to_an_end(terms: list[str]) -> None:
    assert evaluate("".join(terms), SHOWN) in (True, False)


def test_an_expression_may_be_as_deep_as_it_likes() -> None:
    assert evaluate("[/Not" * 5000 + " 1 0 R" + "]" * 5000, SHOWN) is True
