"""Looseness that changes no meaning is forgiven; a bad item costs itself and is told."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict

from curator.llm.answer_fields import Misfit, fit


class Evidence(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sentence: int
    starts: str


class Claim(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str
    kind: Literal["functional", "representational"]
    topics: list[str]
    evidence: list[Evidence]
    question: str | None
    score: float


class Claims(BaseModel):
    model_config = ConfigDict(extra="forbid")

    claims: list[Claim]


def claim(**changes: Any) -> dict[str, Any]:
    whole = {"text": "Heads copy.", "kind": "functional", "topics": ["copying"], "question": None, "score": 8}
    return whole | {"evidence": [{"sentence": 12, "starts": "We find"}]} | changes


GOOD = Claim.model_validate(claim())


@pytest.mark.parametrize(
    "loose",
    [
        claim(confidence="high"),
        {name: value for name, value in claim().items() if name != "question"},
        claim(kind="Functional"),
        claim(kind=" FUNCTIONAL. "),
        claim(score="8"),
        claim(score="8/10"),
        claim(topics="copying"),
        claim(topics=["copying", "", None]),
        claim(evidence=[{"sentence": "<12>", "starts": "We find"}]),
        claim(evidence=[{"sentence": "sentence 12", "starts": "We find"}]),
        claim(evidence=[{"sentence": 12.0, "starts": "We find", "page": 3}]),
        claim(evidence={"sentence": 12, "starts": "We find"}),
        claim(evidence=[{"Sentence": 12, "STARTS": "We find"}, {"sentence": "none", "starts": ""}]),
    ],
)
def test_loose_json_means_the_same(loose: dict[str, Any]) -> None:
    assert fit({"claims": [loose]}, Claims)[0].claims == [GOOD]


@pytest.mark.parametrize(
    "root", [[claim()], {"answer": {"claims": [claim()]}}, {"Claims": [claim()]}, {"claims": claim()}]
)
def test_a_list_or_a_wrapping_around_the_answer_is_seen_through(root: Any) -> None:
    assert fit(root, Claims)[0].claims == [GOOD]


def test_no_topics_may_be_written_as_nothing() -> None:
    for nothing in ("", None, " "):
        assert fit({"claims": [claim(topics=nothing)]}, Claims)[0].claims[0].topics == []


@pytest.mark.parametrize(
    ("bad", "note"),
    [
        (claim(kind="behavioural"), "claim 2 left out: kind: it is 'behavioural' and none of"),
        (
            claim(evidence=[{"sentence": "12-14", "starts": "We"}]),
            "claim 2 left out: sentence: it is not a whole number",
        ),
        (claim(score="high"), "claim 2 left out: score: it is not a number but 'high'"),
        ("Heads copy.", "claim 2 left out: it is not an object but 'Heads copy.'"),
    ],
)
def test_a_bad_item_costs_itself_and_is_told(bad: Any, note: str) -> None:
    reply, notes = fit({"claims": [claim(), bad, claim(score=9)]}, Claims)
    assert [item.score for item in reply.claims] == [8, 9]
    assert len(notes) == 1
    assert notes[0].startswith(note)


@pytest.mark.parametrize(
    "value", [{"items": [claim()]}, [], [1, 2], {"claims": "none"}, {"claims": [claim(kind="x")]}, {}, {"a": {"b": 1}}]
)
def test_what_has_another_form_does_not_fit(value: Any) -> None:
    with pytest.raises(Misfit):
        fit(value, Claims)


def test_in_json_that_was_mended_or_is_a_part_an_unknown_key_is_no_harmless_looseness() -> None:
    with pytest.raises(Misfit):
        fit([claim()], Claims, is_exact=True)
    reply, notes = fit({"claims": [claim(), claim(said="more")]}, Claims, is_exact=True)
    assert (len(reply.claims), len(notes)) == (1, 1)
