"""A reply that cannot be used is told by its code, kept, and harms nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from curator.errors import ModelReplyUnusable
from curator.warehouse import Warehouse
from tests.helpers.asking import GOOD, Verdict, ask, calls, fault, model
from tests.helpers.model_server import ModelServer, Reply, tokens_of


def completion(**changes: Any) -> Reply:
    whole: dict[str, Any] = {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": GOOD.content}}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16},
    }
    return Reply(body=json.dumps(whole | changes).encode())


BAD = {
    "no JSON": (Reply("I would say seven."), "no-json"),
    "wrong type": (Reply('{"score": "high", "reason": "x"}'), "no-json"),
    "missing key": (Reply('{"reason": "x"}'), "no-json"),
    "none of the keys": (Reply('{"marks": 7, "why": "x"}'), "no-json"),
    "a list": (Reply("[]"), "no-json"),
    "deeply nested": (Reply("[" * 50_000), "no-json"),
    "cut short": (Reply('{"score": 7, "rea', finish_reason="length"), "cut-short"),
    "cut short though whole": (Reply(GOOD.content, finish_reason="length"), "cut-short"),
    "refusal": (Reply(None, refusal="I cannot help."), "refused"),
    "content filter": (Reply("", finish_reason="content_filter"), "refused"),
    "empty": (Reply(""), "empty"),
    "blank": (Reply(" \n"), "empty"),
    "null": (Reply(None), "empty"),
    "no choices": (completion(choices=[]), "empty"),
    "null choices": (completion(choices=None), "empty"),
    "null choice": (completion(choices=[None]), "empty"),
    "choice without message": (completion(choices=[{"index": 0, "finish_reason": "stop"}]), "empty"),
    "choices that are text": (completion(choices="none"), "empty"),
    "a list without JSON": (completion(choices=[{"message": {"content": [{"text": "x"}]}}]), "no-json"),
    "a list of thoughts": (
        completion(choices=[{"message": {"content": [{"type": "thinking", "text": GOOD.content}]}}]),
        "empty",
    ),
    "a body that is no JSON": (Reply(body=b'{"choices": ['), "garbled"),
    "a deeply nested body": (Reply(body=b'{"choices": ' + b"[" * 50_000), "garbled"),
}


class TestBadReplies:
    @pytest.mark.parametrize(("reply", "code"), BAD.values(), ids=BAD.keys())
    def test_an_unusable_reply_is_told_by_its_code_and_kept_and_asked_for_again_later(
        self, server: ModelServer, warehouse: Warehouse, reply: Reply, code: str
    ) -> None:
        server.enqueue(reply)
        of = model(warehouse)
        error = fault(of)
        assert type(error) is ModelReplyUnusable
        assert error.code == code
        assert len(error.message) < 400
        assert calls(warehouse, "outcome, message") == [(code, error.message)]
        if reply.body is None:
            kept = reply.content or reply.refusal or ""
            ((text, finish, tokens),) = calls(warehouse, "reply, finish_reason, tokens_out")
            assert (text, finish, tokens) == (kept, reply.finish_reason, tokens_of(kept))
        assert ask(of) == Verdict(score=7, reason="it says so")
        assert len(server.asked) == 2

    def test_words_of_the_model_in_a_message_are_clean_and_short(
        self, server: ModelServer, warehouse: Warehouse
    ) -> None:
        server.enqueue(Reply(json.dumps({"score": "\x00\x1b[31m\u202e" + "long" * 999, "reason": "x"})))
        message = fault(model(warehouse)).message
        assert len(message) < 400
        assert message.isprintable()
        assert "\u202e" not in message

    def test_half_a_character_costs_the_character_and_not_the_answer(
        self, server: ModelServer, warehouse: Warehouse
    ) -> None:
        server.enqueue(Reply('{"score": 7, "reason": "it\\ud800 does"}'))
        assert ask(model(warehouse)).reason == "it does"

    def test_control_characters_in_a_reply_are_not_kept(self, server: ModelServer, warehouse: Warehouse) -> None:
        server.enqueue(Reply('{"score": 7, "reason": "a\x00b\x1b[31mc"}'))
        assert ask(model(warehouse)).reason == "ab[31mc"
        assert calls(warehouse, "reply") == [('{"score": 7, "reason": "ab[31mc"}',)]
