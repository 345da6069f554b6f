"""Every call is paid for: at what its endpoint reports or, where that is unknown, at the most that it may have cost."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from curator.errors import BudgetReached, ModelError
from curator.llm import LanguageModel
from curator.llm.budget import Budget
from curator.settings import DraftSettings
from curator.warehouse import Warehouse
from curator.warehouse.costs import sum_spent_this_month
from tests.helpers.asking import GOOD, KEY, MESSAGES, PROMPT, SOON, Verdict, ask, calls, fault
from tests.helpers.model_server import UNREPORTED, ModelServer, Reply

PRICED = DraftSettings(
    price_in=0.0, price_out=250.0, calls_at_once=16
)  # 4000 tokens of answer: a call costs at most 1.0
BOTH = DraftSettings(price_in=1.0, price_out=100.0, price_cached=0.5)


def priced(warehouse: Warehouse, budget: Budget | None = None, settings: DraftSettings = PRICED) -> LanguageModel:
    return LanguageModel("test-model", settings, warehouse, "run", budget)


def answering(usage: Any) -> Reply:
    return replace(GOOD, usage=usage)


def failing(status: int, body: bytes = b'{"error": {"message": "no"}}') -> Reply:
    return Reply(status=status, body=body, headers=SOON)


def booked(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return calls(warehouse, "cost, estimated")


UNKNOWN: dict[str, Any] = {
    "no usage": UNREPORTED,
    "null": None,
    "a text": "much",
    "a list": [11, 5],
    "nothing": {},
    "other names": {"tokens": 16},
    "nulls": {"prompt_tokens": None, "completion_tokens": None},
    "negative": {"prompt_tokens": -(10**9), "completion_tokens": -(10**9), "total_tokens": 0},
    "zero": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    "fractions": {"prompt_tokens": 11.5, "completion_tokens": 5.25},
    "infinite": {"prompt_tokens": float("inf"), "completion_tokens": float("nan")},
    "true": {"prompt_tokens": True, "completion_tokens": True},
    "words": {"prompt_tokens": "eleven", "completion_tokens": "5 or so"},
    "other names, negative": {"input_tokens": -1, "output_tokens": -1},
}


def test_a_call_whose_usage_is_unknown_costs_what_was_set_aside_and_is_marked(
    server: ModelServer, warehouse: Warehouse
) -> None:
    of = priced(warehouse)
    for name, usage in UNKNOWN.items():
        server.enqueue(answering(usage))
        assert ask(of, name).score == 7
    assert dict(zip(UNKNOWN, booked(warehouse), strict=True)) == dict.fromkeys(UNKNOWN, (pytest.approx(1.0), True))
    assert min(calls(warehouse, "tokens_in")) > (500,), "no fewer than the question's bytes"
    assert set(calls(warehouse, "tokens_out")) == {(4000,)}


BEYOND: dict[str, dict[str, Any]] = {
    "by one": {"prompt_tokens": 11, "completion_tokens": 32_001},
    "by far": {"prompt_tokens": 11, "completion_tokens": 10**300},
    "in a text": {"prompt_tokens": 11, "completion_tokens": "9" * 20},
    "by a newer name": {"input_tokens": 11, "output_tokens": 32_001},
    "in the total": {"prompt_tokens": 11, "total_tokens": 32_012},
    "and no prompt": {"completion_tokens": 32_001},
}


@pytest.mark.parametrize("usage", BEYOND.values(), ids=BEYOND)
def test_an_answer_reported_as_longer_than_the_window_is_booked_at_the_window(
    server: ModelServer, warehouse: Warehouse, usage: dict[str, Any]
) -> None:
    server.enqueue(answering(usage))
    ask(priced(warehouse))
    assert calls(warehouse, "tokens_out, cost, estimated") == [(32_000, pytest.approx(8.0), True)]


def test_an_endpoint_that_ignored_the_limit_once_is_expected_to_do_so_again(
    server: ModelServer, warehouse: Warehouse
) -> None:
    server.enqueue(answering({"prompt_tokens": 11, "completion_tokens": 12_000}), answering(UNREPORTED))
    of = priced(warehouse, Budget(8.5))
    ask(of, "one")
    ask(of, "two")
    assert booked(warehouse) == [(pytest.approx(3.0), False), (pytest.approx(3.0), True)]
    error = fault(of, "three")
    assert isinstance(error, BudgetReached)
    assert "the next call, which may cost 3.00, could exceed it" in error.message
    assert len(server.asked) == 2


def test_a_budget_too_small_for_one_call_says_what_a_call_may_cost(server: ModelServer, warehouse: Warehouse) -> None:
    for budget in (Budget(0.5), Budget(month=0.5)):
        error = fault(priced(warehouse, budget))
        assert isinstance(error, BudgetReached)
        assert "0.5 is too small: this call alone may cost 1.00." in error.message
    assert server.asked == []


@pytest.mark.parametrize("status", [200, 400, 500])
def test_an_error_that_comes_with_a_reply_is_no_refusal(server: ModelServer, warehouse: Warehouse, status: int) -> None:
    body = {"error": {"message": "slow down", "code": 429}, "choices": [{"message": {"content": "It says"}}]}
    server.answer = lambda asked: failing(status, json.dumps(body).encode())
    fault(priced(warehouse))
    assert {(round(cost, 6), estimated) for cost, estimated in booked(warehouse)} == {(1.0, True)}


KNOWN: dict[str, tuple[dict[str, Any], tuple[int, int | None, int]]] = {
    "whole": ({"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}, (11, None, 5)),
    "newer names": (
        {"input_tokens": 11, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 4}}, (11, 4, 5)
    ),
    "Anthropic's cache": (
        {"input_tokens": 3, "output_tokens": 5, "cache_read_input_tokens": 8, "cache_creation_input_tokens": 2},
        (13, 8, 5),
    ),
    "texts": ({"prompt_tokens": "11", "completion_tokens": " 5 "}, (11, None, 5)),
    "decimal points": ({"prompt_tokens": 11.0, "completion_tokens": 5.0}, (11, None, 5)),
    "zeros": ({"prompt_tokens": 0, "input_tokens": 11, "completion_tokens": 0, "output_tokens": 5}, (11, None, 5)),
    "thoughts in the total": ({"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 96}, (11, None, 85)),
    "a total and the prompt": ({"prompt_tokens": 11, "total_tokens": 16}, (11, None, 5)),
    "an odd total": ({"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 10**12}, (11, None, 5)),
    "an odd cache": (
        {"prompt_tokens": 11, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 12}}, (11, None, 5)
    ),
}  # fmt: skip


def test_what_is_reported_soundly_is_booked_as_reported(server: ModelServer, warehouse: Warehouse) -> None:
    of = priced(warehouse, settings=BOTH)
    for name, (usage, _) in KNOWN.items():
        server.enqueue(answering(usage))
        ask(of, name)
    kept = calls(warehouse, "tokens_in, tokens_cached, tokens_out, estimated")
    assert dict(zip(KNOWN, kept, strict=True)) == {name: (*told, False) for name, (_, told) in KNOWN.items()}
    costs = [((told_in - (hit or 0)) + 0.5 * (hit or 0) + 100 * out) / 1e6 for _, (told_in, hit, out) in KNOWN.values()]
    assert [cost for cost, _ in booked(warehouse)] == pytest.approx(costs)


def test_the_half_that_is_unknown_is_booked_at_its_most(server: ModelServer, warehouse: Warehouse) -> None:
    of = priced(warehouse, settings=BOTH)
    server.enqueue(answering({"completion_tokens": 5}), answering({"prompt_tokens": 11, "completion_tokens": -5}))
    ask(of, "one")
    ask(of, "two")
    (prompt_unknown, answer_unknown) = calls(warehouse, "tokens_in, tokens_out, cost, estimated")
    assert (prompt_unknown[0] > 500, prompt_unknown[1], prompt_unknown[3]) == (True, 5, True)
    assert prompt_unknown[2] == pytest.approx((prompt_unknown[0] + 500) / 1e6)
    assert answer_unknown == (11, 4000, pytest.approx((11 + 400_000) / 1e6), True)


def test_without_prices_tokens_are_estimated_all_the_same(server: ModelServer, warehouse: Warehouse) -> None:
    server.enqueue(answering(UNREPORTED))
    ask(priced(warehouse, settings=DraftSettings()))
    ((tokens_in, tokens_out, cost, estimated),) = calls(warehouse, "tokens_in, tokens_out, cost, estimated")
    assert (tokens_in > 500, tokens_out, cost, estimated) == (True, 4000, None, True)


def test_without_prices_a_call_under_way_has_no_cost(server: ModelServer, warehouse: Warehouse) -> None:
    def fail(reply: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        priced(warehouse, settings=DraftSettings()).ask(PROMPT, MESSAGES, Verdict, purpose="draft", check=fail)
    assert warehouse.read(lambda c: c.execute("select outcome, cost from calls").fetchall()) == [("unfinished", None)]
    assert warehouse.read(sum_spent_this_month) == 0.0


MAYBE_BILLED = {
    "a page of a gateway": failing(504, b"<html>Gateway timeout</html>"),
    "a gateway's 524": failing(524),
    "an error without a body": failing(500, b""),
    "an error inside, of a gateway": Reply(body=b'{"error": {"message": "upstream died", "code": 502}}'),
    "a body that is no JSON": Reply(body=b'{"choices": ['),
    "a body that breaks off": replace(GOOD, cut=True),
    "no answer": Reply(dropped=True),
}
NOT_BILLED = {
    "a wrong request": failing(400),
    "a rate limit": failing(429),
    "an overload": failing(503),
    "a fault": failing(500),
    "a rate limit inside": Reply(body=b'{"choices": null, "usage": null, "error": {"message": "slow", "code": 429}}'),
    "a refusal that counts nothing": failing(
        400, b'{"error": {}, "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}}'
    ),
    "a web page": Reply(body=b"<html>Log in</html>"),
}


def test_a_call_that_broke_off_costs_what_was_set_aside_and_one_that_was_refused_costs_nothing(
    server: ModelServer, warehouse: Warehouse
) -> None:
    for expected, replies in (((1.0, True), MAYBE_BILLED), ((0.0, False), NOT_BILLED)):
        for name, reply in replies.items():
            before = len(booked(warehouse))
            server.answer = lambda asked, reply=reply: reply  # type: ignore[misc]
            fault(priced(warehouse), name)
            kept = booked(warehouse)[before:]
            assert kept, name
            assert {(round(cost, 6), estimated) for cost, estimated in kept} == {expected}, name
    assert len(booked(warehouse)) == len(server.asked), "each request is a call of its own"


def test_a_failure_that_reports_its_usage_costs_that(server: ModelServer, warehouse: Warehouse) -> None:
    of = priced(warehouse)
    ask(of, "before")
    server.enqueue(failing(400, b'{"error": {}, "usage": {"prompt_tokens": 11, "completion_tokens": 2000}}'))
    fault(of)
    assert booked(warehouse)[1:] == [(pytest.approx(0.5), False)]


def test_an_endpoint_that_cannot_be_reached_costs_nothing(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelServer() as gone:
        pass
    monkeypatch.setenv("OPENAI_BASE_URL", gone.url)
    assert fault(priced(warehouse)).code == "no-answer"
    assert booked(warehouse) == [(0.0, False)] * 3


def test_a_call_that_times_out_is_one_request_and_costs_what_was_set_aside(
    server: ModelServer, warehouse: Warehouse
) -> None:
    server.answer = lambda asked: replace(GOOD, delay=2)
    error = fault(priced(warehouse, settings=PRICED.model_copy(update={"seconds": 0.3})))
    assert error.code == "no-answer"
    assert len(server.asked) == 1
    assert booked(warehouse) == [(pytest.approx(1.0), True)]


def test_a_retry_has_to_fit_into_the_budget(server: ModelServer, warehouse: Warehouse) -> None:
    server.enqueue(Reply(dropped=True))
    of = priced(warehouse, Budget(1.5))
    assert isinstance(fault(of), BudgetReached)
    assert len(server.asked) == len(booked(warehouse)) == 1
    assert ask(priced(warehouse, Budget(1.5))).score == 7, "the next run goes on from there"


def test_asking_without_a_schema_is_a_call_of_its_own(server: ModelServer, warehouse: Warehouse) -> None:
    refusal = b'{"error": {"message": "response_format"}, "usage": {"prompt_tokens": 9, "completion_tokens": 2400}}'
    server.enqueue(failing(400, refusal))
    assert isinstance(fault(priced(warehouse, Budget(1.5))), BudgetReached)
    assert booked(warehouse) == [(pytest.approx(0.6), False)]


def test_sixteen_calls_at_once_without_usage_keep_to_the_budget(server: ModelServer, warehouse: Warehouse) -> None:
    server.answer = lambda asked: answering(UNREPORTED)
    of = priced(warehouse, Budget(5.5))

    def one(number: int) -> str:
        try:
            ask(of, f"question {number}")
        except ModelError as error:
            return error.code
        return "ok"

    with ThreadPoolExecutor(16) as pool:
        found = sorted(pool.map(one, range(16)))
    assert found == ["budget"] * 11 + ["ok"] * 5
    assert len(server.asked) == 5


def test_a_call_under_way_counts_for_everybody_and_for_good_if_its_process_is_killed(
    server: ModelServer, warehouse: Warehouse
) -> None:
    """The server looks, and another process's budget tries to pay, before there is an answer."""
    seen: list[Any] = []

    def answer(asked: dict[str, Any]) -> Reply:
        if not seen:
            other = Warehouse(warehouse.file)
            seen.append(other.read(lambda c: c.execute("select outcome, cost, estimated from calls").fetchall()))
            seen.append(other.read(sum_spent_this_month))
            seen.append(fault(priced(other, Budget(month=1.5)), "another"))
        return GOOD

    server.answer = answer
    ask(priced(warehouse, Budget(month=1.5)))
    assert seen[:2] == [[("unfinished", pytest.approx(1.0), True)], pytest.approx(1.0)]
    assert isinstance(seen[2], BudgetReached)
    assert len(server.asked) == 1
    assert warehouse.read(lambda c: c.execute("select outcome, estimated from calls").fetchall()) == [("ok", False)]


def test_a_call_that_curator_itself_fails_at_counts_as_set_aside(server: ModelServer, warehouse: Warehouse) -> None:
    budget = Budget(1.5)

    def fail(reply: Any) -> None:
        raise ZeroDivisionError

    of = priced(warehouse, budget)
    with pytest.raises(ZeroDivisionError):
        of.ask(PROMPT, MESSAGES, Verdict, purpose="draft", check=fail)
    assert budget.left == pytest.approx(0.5)
    assert warehouse.read(sum_spent_this_month) == pytest.approx(1.0)


def test_a_key_that_an_answer_repeats_is_in_no_row(server: ModelServer, warehouse: Warehouse) -> None:
    server.enqueue(failing(504, f"no answer for {KEY}".encode()))
    fault(priced(warehouse))
    for file in warehouse.file.parent.iterdir():
        assert KEY.encode() not in file.read_bytes()
