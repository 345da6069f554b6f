"""An answer is found wherever an endpoint puts it, and its error too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from curator.errors import ModelRefused, ModelUnavailable, PromptTooLong, RequestRejected
from curator.llm.answer_text import find_answer, parse_response
from curator.llm.endpoint import error_words, parse_window, translate_reported
from curator.warehouse import Warehouse
from tests.helpers.asking import GOOD, ask, calls, model
from tests.helpers.model_server import ModelServer, Reply

TEXT = GOOD.content or ""


def message(**parts: Any) -> dict[str, Any]:
    return {"choices": [{"finish_reason": "stop", "message": {"role": "assistant", **parts}}]}


def call(arguments: Any) -> dict[str, Any]:
    return {"id": "c", "type": "function", "function": {"name": "answer", "arguments": arguments}}


PLACES: dict[str, dict[str, Any]] = {
    "content": message(content=TEXT, reasoning_content='{"score": 1, "reason": "a thought"}'),
    "parts": message(content=[{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": TEXT}]),
    "pieces": message(content=[{"type": "text", "text": TEXT[:9]}, TEXT[9:]]),
    "a tool call": message(content=None, tool_calls=[call(TEXT)]),
    "a tool call whose arguments are an object": message(content="", tool_calls=[call(json.loads(TEXT))]),
    "a function call": message(content=None, function_call={"name": "answer", "arguments": TEXT}),
    "the reasoning": message(content="", reasoning_content=f"I think so.\n{TEXT}"),
    "the reasoning by its other name": message(content=None, reasoning=TEXT),
    "a completion's text": {"choices": [{"text": TEXT, "finish_reason": "stop"}]},
}


@pytest.mark.parametrize("body", PLACES.values(), ids=PLACES.keys())
def test_an_answer_stands_in(server: ModelServer, warehouse: Warehouse, body: dict[str, Any]) -> None:
    server.enqueue(Reply(body=json.dumps(body).encode()))
    assert ask(model(warehouse)).score == 7
    ((reply, outcome),) = calls(warehouse, "reply, outcome")
    assert outcome == "ok"
    assert json.loads(TEXT)["reason"] in reply, "the reply is on record"


def events(*deltas: dict[str, Any], usage: Any = None) -> bytes:
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    chunks += [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": usage}]
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    return "".join([": keep alive\n\n", *lines, "data: [DONE]\n\n"]).encode()


def test_a_stream_of_events_that_nobody_asked_for_is_one_answer_with_its_usage(
    server: ModelServer, warehouse: Warehouse
) -> None:
    body = events({"role": "assistant"}, {"content": TEXT[:8]}, {"content": TEXT[8:]},
                  usage={"prompt_tokens": 9, "completion_tokens": 4})  # fmt: skip
    server.enqueue(Reply(body=body, headers=(("Content-Type", "text/event-stream"),)))
    assert ask(model(warehouse)).score == 7
    assert calls(warehouse, "reply, tokens_in, tokens_out, estimated") == [(TEXT, 9, 4, False)]


def test_a_streamed_tool_call_is_put_together() -> None:
    body = events({"tool_calls": [{"index": 0, **call(TEXT[:5])}]}, {"tool_calls": [{"index": 0, **call(TEXT[5:])}]})
    assert find_answer(parse_response(body.decode())).text == TEXT


@pytest.mark.parametrize(
    "body",
    [None, [], "x", 1, {}, {"choices": {}}, {"choices": [1]}, message(content={"a": 1}), message(tool_calls="x"),
     message(tool_calls=[None, {"function": 1}]), message(content=[None, 3, {"text": 4}])],
)  # fmt: skip
def test_a_body_of_any_shape_is_an_empty_answer(body: object) -> None:
    assert find_answer(body).text == ""


REPORTED = [
    ({"code": 429, "message": "slow down"}, ModelUnavailable, "rate-limited"),
    ({"type": "rate_limit_error", "message": "slow down"}, ModelUnavailable, "rate-limited"),
    ({"code": "502", "message": "upstream"}, ModelUnavailable, "server-error"),
    ({"type": "overloaded_error", "message": "busy"}, ModelUnavailable, "server-error"),
    ({"code": 402, "message": "no credit"}, ModelRefused, "no-credit"),
    ({"code": "insufficient_quota", "message": "no credit"}, ModelRefused, "no-credit"),
    ({"code": 401, "message": "who?"}, ModelRefused, "key"),
    ({"code": "model_not_found", "message": "which?"}, ModelRefused, "not-found"),
    ({"code": 400, "message": "bad parameter"}, RequestRejected, "rejected"),
    ({"code": 400, "message": "maximum context length is 8192 tokens"}, PromptTooLong, "too-long"),
    ("it broke", ModelUnavailable, "server-error"),
    ({}, ModelUnavailable, "server-error"),
]


@pytest.mark.parametrize(("error", "kind", "code"), REPORTED)
def test_an_error_in_an_answer_means_what_its_status_would(error: object, kind: type, code: str) -> None:
    translated = translate_reported(error, "m")
    assert (type(translated), translated.code) == (kind, code)


@pytest.mark.parametrize("where", ["body", "choice", "finish reason"])
def test_an_error_with_http_200_is_retried_as_one_with_its_own_status_is(
    server: ModelServer, warehouse: Warehouse, where: str
) -> None:
    error = {"error": {"code": 502, "message": "upstream"}}
    bodies = {
        "body": error,
        "choice": {"choices": [{**error, "message": {"content": ""}}]},
        "finish reason": {"choices": [{"finish_reason": "error", "message": {"content": TEXT}}]},
    }
    server.enqueue(Reply(body=json.dumps(bodies[where]).encode()))
    assert ask(model(warehouse)).score == 7
    assert calls(warehouse, "outcome") == [("server-error",), ("ok",)]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "no such parameter", "code": "x"}}, "no such parameter"),
        ({"error": "plain"}, "plain"),
        ([{"error": {"message": "in a list"}}], "in a list"),
        ({"detail": [{"loc": ["body"], "msg": "extra inputs"}, {"msg": "another"}]}, "extra inputs; another"),
        ({"detail": "a detail"}, "a detail"),
        ({"message": "at the top", "type": "error"}, "at the top"),
        ("plain text\nof two lines", "plain text of two lines"),
        (
            {"error": {"message": "Provider error", "metadata": {"raw": "its own words"}}},
            "Provider error; its own words",
        ),
        ("<html>gateway</html>", ""),
        ({"a": {"b": 1}}, ""),
    ],
)
def test_an_endpoints_own_words_are_kept(body: object, words: str) -> None:
    assert error_words(body) == words


@pytest.mark.parametrize(
    ("words", "window"),
    [
        ("This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.", 8192),
        ("prompt is too long: 210000 tokens > 200000 maximum", 200000),
        ("the request exceeds the available context size (4096 tokens), try increasing it", 4096),
        ("Input length 5000 exceeds the maximum of 4,096 tokens", 4096),
        ("The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).", 1048576),
        ("The prompt exceeds the context window.", 1),
        ("Temperature must be at most 2.", 0),
        ("max_tokens is not supported", 0),
    ],
)
def test_the_window_that_a_refusal_names(words: str, window: int) -> None:
    assert parse_window(words, "") == window
