"""Strangers' text loses what terminals, JSON and the warehouse choke on, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.sanitize import load_json, single_line, to_storable

wild = st.text(st.characters(), max_size=40) | st.lists(
    st.sampled_from(
        ["\ud800", "\x00", "\x1b[31m", "\u202e", "\u2066", "\u2028", "\r\n", "\U000e0041", "é", "文", "a", " "]
    )
).map("".join)


@given(wild)
def test_what_is_storable_encodes_and_holds_no_control_character(text: str) -> None:
    kept = to_storable(text)
    kept.encode("utf-8")
    assert not [c for c in kept if (ord(c) < 32 or 127 <= ord(c) < 160) and c not in "\t\n\r"]
    assert to_storable(kept) == kept


@given(wild)
def test_one_line_is_one_line_and_stays_so(text: str) -> None:
    line = single_line(text)
    assert line.splitlines() in ([], [line])
    assert line == line.strip()
    assert "  " not in line
    assert single_line(line) == line


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=40))
def test_letters_numbers_and_signs_are_kept(text: str) -> None:
    assert to_storable(text) == text
    assert single_line(text) == text


@pytest.mark.parametrize("invisible", ["\u200b", "\u202e", "\u2067", "\ufeff", "\u00ad", "\U000e0041", "\x07", "\x9b"])
def test_invisible_characters_vanish(invisible: str) -> None:
    assert single_line(f"mod{invisible}els") == "models"


@pytest.mark.parametrize("space", ["\n", "\t", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\u00a0", " \u200b "])
def test_every_kind_of_white_space_parts_words(space: str) -> None:
    assert single_line(f"language{space}models") == "language models"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text('[]{}",\\\\:a\n\ud800'),
        lambda inner: st.lists(inner) | st.dictionaries(st.text('[]{}"\\\\'), inner),
    )
)
def test_json_that_is_no_deeper_than_answers_are_is_read_as_it_stands(told: Any) -> None:
    assert load_json(json.dumps(told)) == told
    assert load_json(json.dumps(told, ensure_ascii=False, indent=1)) == told


DEEP_OR_NONE = {
    "lists": "[" * 5000,
    "objects": '{"a":' * 5000,
    "lists after a backslash": '["\\\\", ' * 5000,
    "lists after a list": "[]" + "[" * 5000,
    "a string without an end": '"' + '\\"' * 200_000,
    "half an escape": '"\\',
}


@pytest.mark.parametrize("text", DEEP_OR_NONE.values(), ids=DEEP_OR_NONE.keys())
def test_json_that_is_deeper_or_none_is_told_by_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested|line 1"):
        load_json(text)
