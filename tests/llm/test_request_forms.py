"""The form of request that an endpoint accepts is found by trying, whatever it says, and remembered."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from curator.errors import ModelRefused, RequestRejected
from curator.llm.form_finder import REMEMBERED
from curator.warehouse import Warehouse
from tests.helpers.asking import GOOD, MESSAGES, PROMPT, SOON, ask, calls, fault, model
from tests.helpers.model_server import ModelServer, Reply

Limit = Callable[[dict[str, Any]], bool]

LIMITS: dict[str, Limit] = {
    "no schemas": lambda asked: asked.get("response_format", {}).get("type") == "json_schema",
    "no response_format": lambda asked: "response_format" in asked,
    "max_tokens only": lambda asked: "max_completion_tokens" in asked,
    "no temperature": lambda asked: "temperature" in asked,
    "no system message": lambda asked: asked["messages"][0]["role"] == "system",
}
TOGETHER = [
    ("no schemas", "max_tokens only"),
    ("no response_format", "no system message", "no temperature"),
    tuple(LIMITS),
]

WORDS = [
    (400, b'{"error": {"message": "Bad Request"}}'),
    (422, b'[{"detail": "Unprocessable"}]'),
    (500, b"Internal Server Error"),
]


def limited(names: tuple[str, ...], status: int, body: bytes) -> Callable[[dict[str, Any]], Reply]:
    def answer(asked: dict[str, Any]) -> Reply:
        return Reply(status=status, body=body, headers=SOON) if any(LIMITS[name](asked) for name in names) else GOOD

    return answer


@pytest.mark.parametrize(("status", "body"), WORDS)
@pytest.mark.parametrize("names", [*((name,) for name in LIMITS), *TOGETHER], ids=", ".join)
def test_a_form_is_found_and_the_next_run_knows_it(
    server: ModelServer, warehouse: Warehouse, names: tuple[str, ...], status: int, body: bytes
) -> None:
    server.answer = limited(names, status, body)
    of = model(warehouse, temperature=0.5)
    assert [ask(of, question).score for question in ("one", "two")] == [7, 7]
    before = len(server.asked)
    assert ask(of, "three").score == 7
    assert ask(model(warehouse, temperature=0.5), "in another run").score == 7
    assert len(server.asked) == before + 2


def test_each_parameter_that_is_not_refused_is_kept(server: ModelServer, warehouse: Warehouse) -> None:
    server.answer = limited(("max_tokens only",), 400, b'{"error": "no"}')
    ask(model(warehouse, temperature=0.5))
    asked = server.asked[-1]
    assert asked["response_format"]["type"] == "json_schema"
    assert (asked["temperature"], asked["messages"][0]["role"], "max_tokens" in asked) == (0.5, "system", True)


def test_words_that_name_a_parameter_make_it_the_first_to_be_tried(server: ModelServer, warehouse: Warehouse) -> None:
    server.answer = limited(("no system message",), 400, b'{"error": "System role not supported"}')
    ask(model(warehouse))
    assert len(server.asked) == 2
    assert server.asked[1]["messages"][0]["content"].startswith("rules\n")


def test_after_some_weeks_the_usual_form_is_tried_again(server: ModelServer, warehouse: Warehouse) -> None:
    server.answer = limited(("no schemas",), 400, b"{}")
    ask(model(warehouse))
    age = REMEMBERED + timedelta(days=1)
    warehouse.write(lambda c: c.execute("update record.request_forms set added = added - $age", {"age": age}))
    server.answer = lambda asked: GOOD
    ask(model(warehouse), "another")
    assert server.asked[-1]["response_format"]["type"] == "json_schema"


def test_a_password_in_the_address_is_not_recorded(
    server: ModelServer, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url.replace("//", "//ada:s3cret-word@"))
    server.answer = limited(("no schemas",), 400, b"{}")
    ask(model(warehouse))
    ((endpoint,),) = warehouse.read(lambda c: c.execute("select endpoint from record.request_forms").fetchall())
    assert endpoint == server.url


def test_a_server_error_that_passes_changes_no_form(server: ModelServer, warehouse: Warehouse) -> None:
    server.enqueue(*[Reply(status=500, body=b"{}", headers=SOON)] * 3)
    of = model(warehouse)
    assert [ask(of, question).score for question in ("one", "two")] == [7, 7]
    assert server.asked[-1]["response_format"]["type"] == "json_schema"
    assert ask(model(warehouse), "in another run").score == 7
    assert server.asked[-1]["response_format"]["type"] == "json_schema"


def test_questions_that_meet_the_same_short_fault_at_once_do_not_confirm_each_other(
    server: ModelServer, warehouse: Warehouse
) -> None:
    broken = threading.Barrier(3)
    failures: dict[str, int] = {}

    def answer(asked: dict[str, Any]) -> Reply:
        question = asked["messages"][-1]["content"]
        failures[question] = failures.get(question, 0) + 1
        if failures[question] <= 3:
            if failures[question] == 1:
                broken.wait(20)
            return Reply(status=500, body=b"{}", headers=SOON)
        return GOOD

    server.answer = answer
    of = model(warehouse)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda question: ask(of, question).score, ("one", "two", "three"))) == [7] * 3
    failures["four"] = 3
    assert ask(of, "four").score == 7
    assert server.asked[-1]["response_format"]["type"] == "json_schema"


def test_a_schema_may_be_refused_where_another_is_accepted(server: ModelServer, warehouse: Warehouse) -> None:
    class Other(BaseModel):
        score: int

    def answer(asked: dict[str, Any]) -> Reply:
        named = asked.get("response_format", {}).get("json_schema", {}).get("name")
        return Reply(status=400, body=b"{}") if named == "Other" else GOOD

    server.answer = answer
    of = model(warehouse)
    ask(of, "one")
    messages = [MESSAGES[0], {"role": "user", "content": "two"}]
    assert of.ask(PROMPT, messages, Other, purpose="draft").reply.score == 7


def test_an_endpoint_that_refuses_everything_ends_the_run_with_its_own_words_and_advice(
    server: ModelServer, warehouse: Warehouse
) -> None:
    server.answer = lambda asked: Reply(status=400, body=json.dumps({"detail": [{"msg": "not today"}]}).encode())
    of = model(warehouse)
    errors = [fault(of, question) for question in ("one", "two", "three", "four")]
    assert [type(error) for error in errors] == [RequestRejected, RequestRejected, ModelRefused, ModelRefused]
    assert "not today" in errors[2].message
    assert "doctor" in errors[2].message
    assert set(calls(warehouse, "cost is null or cost = 0")) == {(True,)}
