"""JSON reads back to the same text, and its schema describes every key."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from curator import publish
from curator.types import Frame, Question
from curator.warehouse.frames import RetiredFrame
from tests.publish.frames import frame, hostile_text, listing, paper, quote, render_text

SCHEMA = json.loads(Path(publish.__file__).with_name("list.schema.json").read_text(encoding="utf-8"))


def exported(*frames: Frame, **changes: Any) -> str:
    return render_text("json", listing(*frames, **changes))


def test_json_is_a_versioned_document_with_quotes_as_a_list() -> None:
    document = json.loads(exported(frame(1), frame(2), title='A "list"'))
    assert (document["version"], document["title"]) == (1, 'A "list"')
    assert [item["id"] for item in document["frames"]] == ["F1", "F2"]
    assert document["frames"][0]["quotes"][0]["text"] == "Heads copy the token."
    assert document["frames"][0]["accepted"] == "2026-02-03T04:05:00Z"
    assert json.loads(exported()) == {
        "version": 1, "title": "A list", "topics": [], "questions": [], "retired": [], "frames": [],
    }  # fmt: skip


@given(hostile_text, st.lists(hostile_text, max_size=3))
def test_json_reads_back_to_the_same_text(text: str, topics: list[str]) -> None:
    [item] = json.loads(exported(frame(text=text, topics=tuple(topics))))["frames"]
    assert (item["text"], item["topics"]) == (text, topics)


def test_json_is_as_its_schema_says_and_the_schema_knows_every_key() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    absent = quote(grade="absent", spans=(), section=None)
    odd = frame(2, question="Why?", quotes=(quote(), absent), paper=paper(id="none"), accepted=datetime(2026, 2, 3))
    wanted = frame(3, paper=paper(id="none:1", place="none"), quotes=())
    questions = [Question("Q1", "Why?", None, ("F1",))]
    gone = {"F9": RetiredFrame("F9", "c0", "Gone.", "functional", "rejected", "old", "F1", "Ana", datetime(2026, 2, 3))}
    told = exported(frame(1), odd, wanted, questions=questions, retired=gone, topics=("A",))
    assert "Ana" not in told.replace('"reviewer": "Ana"', "")
    document = json.loads(told)
    assert (document["frames"][2]["paper"], document["frames"][2]["sources"]) == (None, [])
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(document)
    keys = SCHEMA["$defs"]["frame"]
    assert set(document["frames"][0]) == set(keys["properties"]) == set(keys["required"])
    assert set(document["frames"][0]["quotes"][0]) == set(SCHEMA["$defs"]["quote"]["properties"])


@pytest.mark.parametrize("change", [{"kind": "moral"}, {"id": "12"}, {"quotes": [{}]}, {"accepted": "yesterday"}])
def test_the_schema_refuses_what_is_no_list(change: dict[str, object]) -> None:
    document = json.loads(exported(frame(1)))
    document["frames"][0] |= change
    checker = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert not checker.is_valid(document)
