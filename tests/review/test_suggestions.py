"""Readers' suggestions are taken from tables, JSON Lines and issue forms; a fault is named with its line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import DecisionError
from curator.review.suggestions import Suggestion, read_suggestions

WHOLE = Suggestion("Models copy.", "2501.01234", "They copy.", "functional", ("copying", "icl"), "Bo", "seen in v2")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('frame,source,quote,kind,topics,by,note\r\n"Models copy.",2501.01234,They copy.,functional,"copying; icl",Bo,'
         '"seen\nin v2"\r\n', "a.csv"),
        ('\ufeffText\tLink\tEvidence\tType\tTopic\tName\tComments\nModels copy.\t2501.01234\tThey copy.\tFunctional\t'
         "copying, icl\tBo\tseen in v2\n", "a.tsv"),
        (json.dumps({"frame": "Models  copy.", "url": "2501.01234", "quote": "They copy.", "kind": "functional",
                     "topics": ["copying", "icl"], "suggested_by": "Bo", "why": "seen in v2", "more": 1}), "a.jsonl"),
        ("### Your frame\n\nModels copy.\n\n### Source\n\n2501.01234\n\n### Quote\n\nThey copy.\n\n### Kind\n\n"
         "functional\n\n### Topics\n\ncopying\nicl\n\n### Your name\n\nBo\n\n### Anything else?\n\nseen in v2\n",
         "issue.md"),
    ],
)  # fmt: skip
def test_every_shape_says_the_same(content: str, name: str) -> None:
    assert read_suggestions(content, name) == [WHOLE]
    assert read_suggestions(content) == [WHOLE]


def test_only_the_frame_must_be_there() -> None:
    form = "### Frame\n\nModels copy.\n\n### Source\n\n_No response_\n"
    assert read_suggestions(form) == [Suggestion("Models copy.")]
    assert read_suggestions("frame\nOne.\n\nTwo.\n", "a.csv") == [Suggestion("One."), Suggestion("Two.")]


@pytest.mark.parametrize(
    ("content", "name", "complaint"),
    [
        ("", "a.csv", "no column `frame`"),
        ("a,b\n1,2\n", "a.csv", "no column `frame`"),
        ("frame\n", "a.csv", "contains no suggestion"),
        ('frame,by\n"open', "a.csv", "not valid CSV"),
        ("frame,by\nx,y\n ,z\n", "a.csv", "line 3 has no `frame`"),
        ("frame,kind\nx,moral\n", "a.csv", "'moral'. Choose one of representational, functional"),
        ('{"frame": "x"}\nnope', "a.jsonl", "Line 2 is not a JSON object"),
        ("[1]", "a.jsonl", "Line 1 is not a JSON object"),
        ("[" * 100_000, "a.jsonl", "Line 1 is not a JSON object"),
        ("### Source\n\nx\n", "a.md", "the form has no `frame`"),
        ("frame\n" + "x\n" * 1001, "a.csv", "more than 1000"),
    ],
)
def test_a_fault_is_named_with_its_place(content: str, name: str, complaint: str) -> None:
    with pytest.raises(DecisionError, match=complaint):
        read_suggestions(content, name)


@given(st.text(max_size=200), st.sampled_from(["a.csv", "a.jsonl", "a.md", ""]))
def test_any_file_is_read_or_refused(content: str, name: str) -> None:
    try:
        found = read_suggestions(content, name)
    except DecisionError:
        return
    assert all(one.text and "\n" not in one.text for one in found)
