"""JSON is found among whatever a model writes around it, and mended only where nothing can be lost by that."""

from __future__ import annotations

import json

import pytest

from curator.llm.answer_json import find_json, mend_json

GOOD = {"candidates": [{"text": "Heads copy tokens.", "kind": "functional"}]}
DRAFT = {"candidates": [{"text": "A thought.", "kind": "functional"}]}
TEXT, THOUGHT = json.dumps(GOOD), json.dumps(DRAFT)

AROUND = {
    "nothing": TEXT,
    "a byte-order mark": f"\ufeff{TEXT}",
    "a fence": f"```json\n{TEXT}\n```",
    "a fence without a language": f"```\n{TEXT}```",
    "words before": f"Sure! Here is what [12] and {{that}} say:\n{TEXT}",
    "words behind": f"{TEXT}\nI chose sentence [12], as {{asked}}.",
    "thoughts": f"<think>Perhaps {THOUGHT}?</think>\n{TEXT}",
    "thoughts without their start": f"Perhaps {THOUGHT}?</think>{TEXT}",
    "thoughts of Mistral": f"[THINK]{THOUGHT}[/THINK]{TEXT}",
    "channels of gpt-oss": f"<|channel|>analysis<|message|>{THOUGHT}<|channel|>final<|message|>{TEXT}",
    "thoughts in a fence": f"<thinking>\n```json\n{THOUGHT}\n```\n</thinking>\n```json\n{TEXT}\n```",
    "an earlier draft": f"First: {THOUGHT}. Better: {TEXT}",
    "a string of JSON": json.dumps(TEXT),
}


@pytest.mark.parametrize("text", AROUND.values(), ids=AROUND.keys())
def test_an_answer_is_found_in(text: str) -> None:
    found = next(found for found in find_json(text) if isinstance(found.value, dict))
    assert (found.value, found.is_mended) == (GOOD, False)


def test_a_thought_that_never_ends_is_no_answer() -> None:
    assert list(find_json(f"<think>Perhaps {THOUGHT}, but then")) == []
    assert list(find_json(f"<think>{THOUGHT}</think> I found nothing.")) == []


def test_the_name_of_a_mark_in_a_claim_is_a_word_like_others() -> None:
    said = {"candidates": [{"text": "Models end their reasoning with </think>.", "kind": "functional"}]}
    for text in (json.dumps(said), f"```json\n{json.dumps(said)}\n```"):
        assert next(find_json(text)).value == said


DAMAGED = {
    "commas at ends": '{"candidates": [{"text": "Heads copy tokens.", "kind": "functional",},],}',
    "single quotation marks": "{'candidates': [{'text': 'Heads copy tokens.', 'kind': 'functional'}]}",
    "bare keys": '{candidates: [{text: "Heads copy tokens.", kind: "functional"}]}',
    "a missing comma": '{"candidates": [{"text": "Heads copy tokens." "kind": "functional"}]}',
    "curly quotation marks": "{“candidates”: [{“text”: “Heads copy tokens.”, “kind”: “functional”}]}",
    "commas in a fence": '```json\n{"candidates": [{"text": "Heads copy tokens.", "kind": "functional"},]}\n```\nDone.',
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_json_is_mended_with(text: str) -> None:
    assert [found.value for found in find_json(text) if found.is_mended] == [GOOD]


CUT = {
    "in a text": '{"candidates": [{"text": "Heads copy tokens."}, {"text": "Models may',
    "behind a text": '{"candidates": [{"text": "Heads copy tokens."}, {"text": "Models may"',
    "in a text that ends with a bracket": '{"candidates": [{"text": "Heads copy tokens."}, {"text": "the set {a}',
    "before the last bracket": '{"candidates": [{"text": "Heads copy tokens.",}]',
    "in a number": '{"candidates": [{"text": "Heads copy tokens.", "sentence": 1',
}


@pytest.mark.parametrize("text", CUT.values(), ids=CUT.keys())
def test_an_answer_that_was_cut_off_is_not_mended(text: str) -> None:
    assert not any(found.is_mended and "candidates" in found.value for found in find_json(text))
    assert all(found.is_part or found.is_mended for found in find_json(text)), "no part of it passes for the answer"


@pytest.mark.parametrize("text", ['{"a": "said", /* not sure */ "b": 1,}', '{"a": "said" // not sure\n}'])
def test_json_is_not_mended_where_words_would_be_dropped(text: str) -> None:
    assert mend_json(text) is None
