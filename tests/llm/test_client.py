"""The model's endpoint may do anything; what was asked and answered is on record, and nobody pays twice."""

from __future__ import annotations

import gzip
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from curator.errors import ModelError, ModelRefused, ModelUnavailable, RequestRejected, SettingsError
from curator.llm import GIVE_UP_AFTER, OPENAI, LanguageModel, is_configured
from curator.llm.endpoint import Endpoint
from curator.settings import DraftSettings
from curator.warehouse import Warehouse
from tests.helpers.asking import GOOD, KEY, MESSAGES, PROMPT, SOON, Verdict, ask, calls, fault, model
from tests.helpers.model_server import ModelServer, Reply, tokens_of
from tests.warehouse.things import paper


class TestAnswers:
    def test_an_answer_fits_the_schema_and_the_call_is_on_record(
        self, server: ModelServer, warehouse: Warehouse
    ) -> None:
        assert ask(model(warehouse)) == Verdict(score=7, reason="it says so")
        (asked,) = server.asked
        assert asked["model"] == "test-model"
        assert asked["messages"] == MESSAGES
        assert asked["response_format"]["json_schema"]["schema"] == Verdict.model_json_schema()
        assert asked["max_completion_tokens"] == 4000
        assert "temperature" not in asked
        columns = "purpose, prompt, prompt_sha256, model, outcome, reply, finish_reason, paper, version, run"
        assert calls(warehouse, columns) == [
            ("draft", "draft", "5" * 64, "test-model", "ok", GOOD.content, "stop", paper().id, 1, "run")
        ]
        ((kept,),) = calls(warehouse, "messages")
        assert json.loads(kept) == MESSAGES

    def test_a_temperature_is_sent_where_it_is_set(self, server: ModelServer, warehouse: Warehouse) -> None:
        ask(model(warehouse, temperature=0.0))
        assert server.asked[0]["temperature"] == 0.0

    def test_a_question_that_was_answered_is_never_paid_for_again(
        self, server: ModelServer, warehouse: Warehouse
    ) -> None:
        first = model(warehouse)
        paid = first.ask(PROMPT, MESSAGES, Verdict, purpose="draft")
        again = first.ask(PROMPT, MESSAGES, Verdict, purpose="draft")
        restarted = model(Warehouse(warehouse.file)).ask(PROMPT, MESSAGES, Verdict, purpose="draft")
        assert (paid.paid_before, again.paid_before, restarted.paid_before) == (False, True, True)
        assert again.call == restarted.call == paid.call
        assert restarted.reply == paid.reply
        assert len(server.asked) == len(calls(warehouse, "call")) == 1

    def test_another_question_model_or_schema_is_another_call(self, server: ModelServer, warehouse: Warehouse) -> None:
        class Other(Verdict):
            pass

        ask(model(warehouse))
        ask(model(warehouse), "another question")
        ask(model(warehouse, temperature=1.0))
        ask(LanguageModel("other-model", DraftSettings(), warehouse, "run"))
        model(warehouse).ask(PROMPT, MESSAGES, Other, purpose="draft")
        assert len(server.asked) == 5

    def test_the_cost_is_worked_out_from_prices_and_cached_tokens(
        self, server: ModelServer, warehouse: Warehouse
    ) -> None:
        question = "x" * 3995  # with "rules" 4000 characters: 1000 tokens by the server's count, half of them cached
        ask(model(warehouse, price_in=2.0, price_cached=0.5, price_out=10.0), question)
        answered = tokens_of(GOOD.content or "")
        ((tokens_in, cached, out, cost),) = calls(warehouse, "tokens_in, tokens_cached, tokens_out, cost")
        assert (tokens_in, cached, out) == (1000, 500, answered)
        assert cost == pytest.approx((500 * 2.0 + 500 * 0.5 + answered * 10.0) / 1e6)

    def test_cached_tokens_cost_the_full_price_where_no_other_is_set(
        self, server: ModelServer, warehouse: Warehouse
    ) -> None:
        ask(model(warehouse, price_in=2.0, price_out=0.0), "x" * 3995)
        assert calls(warehouse, "cost") == [(pytest.approx(0.002),)]

    def test_without_prices_there_is_no_cost(self, server: ModelServer, warehouse: Warehouse) -> None:
        ask(model(warehouse, price_in=2.0))
        assert calls(warehouse, "cost") == [(None,)]


def failing(status: int, message: str = "no", code: str | None = None) -> Reply:
    return Reply(status=status, body=json.dumps({"error": {"message": message, "code": code}}).encode(), headers=SOON)


class TestFailures:
    @pytest.mark.parametrize(
        ("status", "code"), [(429, "rate-limited"), (500, "server-error"), (503, "server-error"), (502, "server-error")]
    )
    def test_a_temporary_failure_is_retried_twice_and_each_time_is_a_call(
        self, server: ModelServer, warehouse: Warehouse, status: int, code: str
    ) -> None:
        of = model(warehouse)
        ask(of, "before")
        server.enqueue(*[failing(status)] * 3)
        error = fault(of)
        assert (type(error), error.code, error.transient) == (ModelUnavailable, code, True)
        assert len(server.asked) == 4
        assert calls(warehouse, "outcome, reply")[1:] == [(code, None)] * 3

    def test_a_retry_that_is_answered_is_an_answer(self, server: ModelServer, warehouse: Warehouse) -> None:
        server.enqueue(failing(429), failing(500))
        assert ask(model(warehouse)).score == 7
        assert calls(warehouse, "outcome") == [("rate-limited",), ("server-error",), ("ok",)]

    @pytest.mark.parametrize(
        ("reply", "code"),
        [
            (failing(401), "key"),
            (failing(403), "key"),
            (failing(404, "model not found"), "not-found"),
            (Reply(body=b"<html>Welcome</html>"), "not-an-api"),
        ],
    )
    def test_a_refusal_ends_the_asking(
        self, server: ModelServer, warehouse: Warehouse, reply: Reply, code: str
    ) -> None:
        server.enqueue(reply)
        of = model(warehouse)
        for question in ("one", "two", "three"):
            error = fault(of, question)
            assert (type(error), error.code, error.transient) == (ModelRefused, code, False)
        assert len(server.asked) == 1
        assert calls(warehouse, "outcome") == [(code,)]

    def test_an_account_without_credit_is_a_refusal(self, server: ModelServer, warehouse: Warehouse) -> None:
        server.enqueue(failing(429, code="insufficient_quota"))
        error = fault(model(warehouse))
        assert (type(error), error.code) == (ModelRefused, "no-credit")
        assert len(server.asked) == 1, "asking again is no use"

    def test_a_question_that_alone_is_rejected_leaves_the_others(
        self, server: ModelServer, warehouse: Warehouse
    ) -> None:
        of = model(warehouse)
        assert ask(of, "before").score == 7
        server.enqueue(failing(400, "this text is not for us"))
        error = fault(of)
        assert (type(error), error.code) == (RequestRejected, "rejected")
        assert "this text is not for us" in error.message
        assert ask(of, "after").score == 7
        assert len(server.asked) == 3, "a form that was accepted is not searched for again"

    def test_an_endpoint_that_is_down_is_given_up_after_five_questions(
        self, server: ModelServer, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with ModelServer() as gone:
            pass
        monkeypatch.setenv("OPENAI_BASE_URL", gone.url)
        of = model(warehouse)
        with ThreadPoolExecutor(GIVE_UP_AFTER) as pool:  # at once, for the waits between retries are long
            found = list(pool.map(lambda number: fault(of, f"question {number}"), range(GIVE_UP_AFTER)))
        assert sorted(error.code for error in found) == ["down"] + ["no-answer"] * (GIVE_UP_AFTER - 1)
        refused = next(error for error in found if isinstance(error, ModelRefused))
        assert fault(of, "another") is refused
        assert calls(warehouse, "outcome") == [("no-answer",)] * GIVE_UP_AFTER * 3

    @pytest.mark.parametrize("between", [GOOD, failing(400)])
    def test_any_answer_in_between_shows_that_the_endpoint_is_up(
        self, server: ModelServer, warehouse: Warehouse, between: Reply
    ) -> None:
        of = model(warehouse)
        ask(of, "before")
        down = [failing(500)] * 3 * (GIVE_UP_AFTER - 1)
        server.enqueue(*down, between, *down)
        codes = []
        for number in range(2 * GIVE_UP_AFTER - 1):
            try:
                ask(of, f"question {number}")
                codes.append("ok")
            except ModelError as error:
                codes.append(error.code)
        assert codes.count("server-error") == 2 * (GIVE_UP_AFTER - 1)
        assert "down" not in codes


class TestTransport:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_is_one_request_and_a_refusal_that_names_its_aim(
        self, server: ModelServer, warehouse: Warehouse, status: int
    ) -> None:
        aim = f"{server.url}/elsewhere/chat/completions"
        server.answer = lambda asked: Reply(status=status, body=b"", headers=(("Location", aim),))
        error = fault(model(warehouse, price_in=1, price_out=1))
        assert isinstance(error, ModelRefused)
        assert f"redirects to {aim} (HTTP {status})" in error.message
        assert len(server.asked) == 1
        assert calls(warehouse, "outcome, cost, estimated") == [("redirected", 0.0, False)]

    def test_a_redirect_without_an_aim_is_a_refusal_too(self, server: ModelServer, warehouse: Warehouse) -> None:
        server.answer = lambda asked: Reply(status=302, body=b"")
        assert "an address that it does not name" in fault(model(warehouse)).message

    @pytest.mark.parametrize("charset", ["zlib", "bz2", "hex", "uu", "rot13", "utf-7", "none-at-all"])
    def test_the_character_set_that_an_answer_names_does_not_matter(
        self, server: ModelServer, warehouse: Warehouse, charset: str
    ) -> None:
        named = ("Content-Type", f"application/json; charset={charset}")
        answers = [GOOD, Reply(body=b"\xff"), failing(400, "no"), failing(503), failing(503), failing(503)]
        server.enqueue(*(replace(one, headers=(named, *SOON)) for one in answers))
        of = model(warehouse, price_in=0, price_out=250)
        assert ask(of).score == 7
        assert [fault(of, question).code for question in ("a", "b", "c")] == ["garbled", "rejected", "server-error"]
        costs = [cost for (cost,) in calls(warehouse, "cost")]
        assert costs[1:] == pytest.approx([1.0, 0.0, 0.0, 0.0, 0.0])

    @pytest.mark.parametrize("status", [200, 500])
    def test_an_answer_that_is_too_large_is_garbled_and_costs_the_most(
        self, server: ModelServer, warehouse: Warehouse, status: int
    ) -> None:
        bomb = gzip.compress(b" " * (40 * 2**20), 1)
        server.enqueue(Reply(status=status, body=bomb, headers=(("Content-Encoding", "gzip"),)))
        of = model(warehouse, price_in=0, price_out=250)
        error = fault(of)
        assert (error.code, error.message) == ("garbled", "The endpoint's answer is larger than 32 MB.")
        assert calls(warehouse, "cost, estimated") == [(pytest.approx(1.0), True)]
        server.enqueue(replace(GOOD, body=None))
        assert ask(of, "another").score == 7

    def test_a_packed_answer_is_unpacked(self, server: ModelServer, warehouse: Warehouse) -> None:
        completion = {"choices": [{"message": {"content": GOOD.content}, "finish_reason": "stop"}]}
        packed = gzip.compress(json.dumps(completion).encode())
        json_ = ("Content-Type", "application/json")
        server.enqueue(Reply(body=packed, headers=(json_, ("Content-Encoding", "gzip"))))
        assert ask(model(warehouse)).score == 7

    def test_the_model_is_asked_through_the_proxy_that_the_environment_names(
        self, server: ModelServer, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "http_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTP_PROXY", server.url.removesuffix("/v1"))
        monkeypatch.setenv("OPENAI_BASE_URL", "http://model.invalid/v1")
        assert ask(model(warehouse)).score == 7


def without_schemas(asked: dict[str, Any]) -> Reply:
    if asked["response_format"]["type"] == "json_schema":
        return failing(400, "'response_format.type' must be text or json_object")
    return GOOD


class TestEndpointsWithoutSchemas:
    def test_the_schema_is_said_in_words_and_the_next_call_knows(
        self, server: ModelServer, warehouse: Warehouse
    ) -> None:
        server.answer = without_schemas
        of = model(warehouse)
        assert ask(of, "one").score == 7
        assert ask(of, "two").score == 7
        assert [one["response_format"]["type"] for one in server.asked] == ["json_schema", "json_object", "json_object"]
        system = server.asked[1]["messages"][0]["content"]
        assert system.startswith("rules\n")
        assert json.dumps(Verdict.model_json_schema()) in system
        assert calls(warehouse, "outcome") == [("rejected",), ("ok",), ("ok",)]

    def test_calls_that_find_it_out_at_the_same_moment_all_fall_back(
        self, server: ModelServer, warehouse: Warehouse
    ) -> None:
        together = threading.Barrier(6)

        def answer(asked: dict[str, Any]) -> Reply:
            if asked["response_format"]["type"] == "json_schema":
                together.wait(20)
            return without_schemas(asked)

        server.answer = answer
        of = model(warehouse)
        with ThreadPoolExecutor(6) as pool:
            found = list(pool.map(lambda number: ask(of, f"question {number}").score, range(6)))
        assert found == [7] * 6

    def test_an_endpoint_that_takes_neither_form_is_told_and_not_asked_forever(
        self, server: ModelServer, warehouse: Warehouse
    ) -> None:
        server.answer = lambda asked: failing(400, "response_format is not supported")
        of = model(warehouse)
        assert [fault(of, question).code for question in ("one", "two", "three", "four")] == ["rejected"] * 4
        assert len(server.asked) == 6 + 2, "all forms for the first question, then one call each until the run ends"


class TestSecrets:
    @pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
    def test_the_key_stands_in_no_message_and_not_in_the_warehouse(
        self, server: ModelServer, warehouse: Warehouse, status: int
    ) -> None:
        server.answer = lambda asked: failing(status, f"Bad key {KEY}, sent as 'Bearer {KEY}'")
        of = model(warehouse)
        assert KEY not in repr(fault(of))
        assert len(calls(warehouse, "call")) == len(server.asked)
        for file in warehouse.file.parent.iterdir():
            assert KEY.encode() not in file.read_bytes()

    def test_a_line_end_behind_the_key_does_no_harm(
        self, server: ModelServer, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\r\n")
        assert ask(model(warehouse)).score == 7

    @pytest.mark.parametrize("key", ["sk-ключ", "sk-a\nb"])
    def test_a_key_that_cannot_be_one_is_refused_without_being_shown(
        self, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, key: str
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", key)
        with pytest.raises(SettingsError, match="OPENAI_API_KEY") as caught:
            model(warehouse)
        assert key not in str(caught.value)


class TestSettings:
    def test_a_model_is_there_with_a_key_or_an_endpoint(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert not is_configured()
        for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
            monkeypatch.setenv(name, "")
            assert not is_configured()
            monkeypatch.setenv(name, "x")
            assert is_configured()
            monkeypatch.delenv(name)

    @pytest.mark.parametrize("name", [None, ""])
    def test_without_a_models_name_nothing_is_asked(
        self, server: ModelServer, warehouse: Warehouse, name: str | None
    ) -> None:
        with pytest.raises(SettingsError, match="CURATOR_MODEL"):
            LanguageModel(name, DraftSettings(), warehouse, "run")

    def test_an_empty_address_is_openais_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", "")
        assert str(Endpoint(60).client().base_url).rstrip("/") == OPENAI

    @pytest.mark.parametrize("address", ["localhost:8080/v1", "ftp://x"])
    def test_what_is_no_address_is_refused(
        self, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, address: str
    ) -> None:
        monkeypatch.setenv("OPENAI_BASE_URL", address)
        with pytest.raises(SettingsError, match="OPENAI_BASE_URL"):
            model(warehouse)

    def test_an_endpoint_of_ones_own_needs_no_key(
        self, server: ModelServer, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("OPENAI_API_KEY")
        assert ask(model(warehouse)).score == 7


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_calls_are_under_way_at_once_than_allowed(server: ModelServer, warehouse: Warehouse, most: int) -> None:
    gauge = Gauge(most)
    server.answer = gauge.answer
    of = model(warehouse, calls_at_once=most)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: ask(of, f"question {number}"), range(9)))
    assert gauge.highest == most


def test_a_second_model_beside_the_first_keeps_to_the_same_limit_and_its_own_name(
    server: ModelServer, warehouse: Warehouse
) -> None:
    gauge = Gauge(2)
    server.answer = gauge.answer
    first = model(warehouse, calls_at_once=2)
    both = [first, first.with_model("other-model", DraftSettings(calls_at_once=2))]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: ask(both[number % 2], f"question {number}"), range(8)))
    assert gauge.highest == 2
    assert sorted(calls(warehouse, "model")) == [("other-model",)] * 4 + [("test-model",)] * 4


def test_a_second_model_that_is_refused_leaves_the_first_at_work(server: ModelServer, warehouse: Warehouse) -> None:
    server.answer = lambda asked: GOOD if asked["model"] == "test-model" else Reply(status=404, body=b'{"error": {}}')
    first = model(warehouse)
    other = first.with_model("unknown-model", DraftSettings())
    assert isinstance(fault(other), ModelRefused)
    assert ask(first).score == 7


class Gauge:
    """Counts the requests that are being answered; each waits for `expected` to be there, but not for long."""

    def __init__(self, expected: int) -> None:
        self.highest = 0
        self._now = 0
        self._expected = expected
        self._lock = threading.Condition()

    def answer(self, asked: dict[str, Any]) -> Reply:
        with self._lock:
            self._now += 1
            self.highest = max(self.highest, self._now)
            self._lock.notify_all()
            self._lock.wait_for(lambda: self.highest >= self._expected, timeout=5)
            self._lock.wait(0.02)  # time for one too many to come in
            self._now -= 1
        return GOOD


def test_a_call_may_belong_to_no_paper(server: ModelServer, warehouse: Warehouse) -> None:
    model(warehouse).ask(PROMPT, MESSAGES, Verdict, purpose="screen")
    assert calls(warehouse, "purpose, paper, version") == [("screen", None, None)]
