"""Drafting by the provider's Batch API: sent once, collected later, paid once, asked live where nothing came."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from curator.errors import BudgetReached, ModelRefused
from curator.pipeline import IngestReport, IngestRequest, has_open_batches, ingest
from curator.warehouse import Warehouse, costs
from curator.workspace import Workspace
from tests.helpers.arxiv_faults import FaultyArxiv, held, make_workspace
from tests.helpers.batch_api import BatchApi
from tests.helpers.model_server import UNREPORTED, ModelServer, Reply, point_at_claims, pointed_at
from tests.helpers.templates import copy_workspace
from tests.pipeline.looking import ask, drafted

LEAVE = IngestRequest(batch=True)
DOWN = (503, b'{"error": {"message": "overloaded"}}')


def name_prices(patch: pytest.MonkeyPatch) -> None:
    for name, value in {"PRICE_IN": "1", "PRICE_OUT": "10", "CHECK_SUPPORT": "false"}.items():
        patch.setenv(f"CURATOR_DRAFT_{name}", value)


@pytest.fixture
def provider(model: ModelServer, monkeypatch: pytest.MonkeyPatch) -> BatchApi:
    name_prices(monkeypatch)
    return model.take_batches()


@pytest.fixture(scope="module")
def sent_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, BatchApi]:
    """A list whose three papers were left to a batch, and the provider that has it; to be copied."""
    with (
        FaultyArxiv([held(1), held(2, "refusal"), held(3, days_ago=5)]) as arxiv,
        ModelServer() as model,
        pytest.MonkeyPatch.context() as patch,
        pointed_at(model),
    ):
        list_ = make_workspace(tmp_path_factory.mktemp("sent") / "list", arxiv.url)
        name_prices(patch)
        provider = model.take_batches()
        assert len(ingest(list_, LEAVE).in_batch) == 3
    return list_, provider


@pytest.fixture
def sent(
    sent_once: tuple[Workspace, BatchApi], tmp_path: Path, arxiv: FaultyArxiv, model: ModelServer, provider: BatchApi
) -> Workspace:
    """A list of one's own whose three papers were left to a batch, which `provider` has."""
    made, once = sent_once
    copy_workspace(made.root, tmp_path / "sent")
    list_ = make_workspace(tmp_path / "sent", arxiv.url)
    where = {"url": model.url}
    Warehouse(list_.warehouse_file).write(lambda c: c.execute("update record.batches set endpoint = $url", where))
    provider.batches, provider.files = deepcopy(once.batches), dict(once.files)
    return list_


def collect(list_: Workspace) -> IngestReport:
    return ingest(list_, IngestRequest(collect=True))


def states(list_: Workspace) -> list[tuple[str, int, int]]:
    return ask(list_, "select state, questions, answers from batches order by added")


def test_what_is_left_to_a_batch_is_drafted_once_it_is_answered(
    list_: Workspace, model: ModelServer, provider: BatchApi
) -> None:
    first = ingest(list_, LEAVE)
    assert (first.outcome, len(first.in_batch), drafted(list_)) == ("done", 3, [])
    assert len(model.asked_to_draft()) == 0
    assert has_open_batches(list_)
    assert states(list_) == [("sent", 3, 0)]
    (batch,) = provider.batches
    assert {line["url"] for line in batch.lines} == {"/v1/chat/completions"}
    assert batch.lines[0]["body"]["response_format"]["json_schema"]["strict"] is True

    waiting = collect(list_)
    assert (waiting.outcome, waiting.answers, drafted(list_)) == ("done", 0, [])

    provider.finish()
    second = collect(list_)
    assert (second.outcome, second.answers, len(drafted(list_))) == ("done", 3, 3)
    assert second.candidates == 6
    assert not model.asked_to_draft()
    assert not has_open_batches(list_)
    assert states(list_) == [("answered", 3, 3)]


def test_answers_of_a_batch_cost_half_and_are_on_record_as_calls_are(sent: Workspace, provider: BatchApi) -> None:
    provider.finish()
    collect(sent)
    kept = ask(
        sent,
        "select count(*), bool_and(cost > 0), bool_and(abs(cost - 0.5 * (tokens_in + 10 * tokens_out) / 1e6) < 1e-12), "
        "bool_and(json_extract_string(messages, '$[1].role') = 'user') from calls where batch is not null",
    )
    assert kept == [(3, True, True, True)]


def test_nothing_is_asked_twice_while_a_batch_is_out(list_: Workspace, model: ModelServer, provider: BatchApi) -> None:
    ingest(list_, LEAVE)
    again = ingest(list_, LEAVE)
    live = ingest(list_)
    assert len(again.in_batch) == len(live.in_batch) == 3
    assert len(provider.batches) == 1
    assert not model.asked_to_draft()
    provider.finish()
    assert ingest(list_).answers == 3, "any run collects"
    assert len(drafted(list_)) == 3


@pytest.mark.parametrize("status", ["expired", "cancelled", "failed"])
def test_what_a_batch_ended_without_is_asked_live(
    sent: Workspace, model: ModelServer, provider: BatchApi, status: str
) -> None:
    provider.finish(status, answered=1)
    report = ingest(sent, LEAVE)
    assert (report.answers, len(drafted(sent)), len(model.asked_to_draft())) == (1, 3, 2)
    assert states(sent) == [(status, 3, 1)]
    assert len(provider.batches) == 1


def test_an_endpoint_without_batches_is_asked_live(list_: Workspace, model: ModelServer, provider: BatchApi) -> None:
    model.batch_api = None
    report = ingest(list_, LEAVE)
    assert (report.outcome, len(report.in_batch)) == ("done", 0)
    assert len(drafted(list_)) == len(model.asked_to_draft()) == 3


PAGE = (200, b"<html>Log in</html>")
LIST = (200, b'{"id": ["x"], "status": {"a": 1}, "data": 7}')
CUT = (200, b'{"id": ')


@pytest.mark.parametrize("answer", [PAGE, LIST, CUT], ids=["a page", "odd", "cut"])
def test_an_endpoint_that_answers_something_else_is_asked_live(
    list_: Workspace, model: ModelServer, provider: BatchApi, answer: tuple[int, bytes]
) -> None:
    provider.faults = {"POST /files": answer}
    assert ingest(list_, LEAVE).outcome == "done"
    assert len(drafted(list_)) == len(model.asked_to_draft()) == 3


@pytest.mark.parametrize("answer", [PAGE, LIST], ids=["a page", "odd"])
@pytest.mark.parametrize("what", ["GET /batches", "GET /files"])
def test_answers_that_are_none_leave_a_batch_for_later(
    sent: Workspace, provider: BatchApi, what: str, answer: tuple[int, bytes]
) -> None:
    provider.finish()
    provider.faults = {what: answer}
    report = collect(sent)
    if what == "GET /batches":
        assert report.outcome == "done with failures"
        provider.faults = {}
        assert collect(sent).answers == 3
    else:
        assert len(drafted(sent)) == 3, "a file without any answer: they are asked live"


@pytest.mark.parametrize(
    "errors", [7, [], {"data": 3}, {"data": []}, {"data": [{}]}, {"data": [{"message": "too much"}]}]
)
def test_a_failed_batch_has_ended_whatever_is_said_of_why(
    sent: Workspace, model: ModelServer, provider: BatchApi, errors: object
) -> None:
    told = provider.batches[0].told() | {"status": "failed", "errors": errors}
    provider.faults = {"GET /batches": (200, json.dumps(told).encode())}
    assert collect(sent).outcome == "done"
    assert states(sent) == [("failed", 3, 0)]
    assert len(drafted(sent)) == len(model.asked_to_draft()) == 3


def test_a_batch_that_could_not_be_sent_is_sent_by_the_next_run(
    list_: Workspace, model: ModelServer, provider: BatchApi
) -> None:
    provider.faults = {"POST /files": DOWN}
    report = ingest(list_, LEAVE)
    assert report.outcome == "done with failures"
    assert "could not be sent" in report.batch_problems[0]
    provider.faults = {}
    assert len(ingest(list_, LEAVE).in_batch) == 3
    assert len(provider.batches) == 1
    assert not model.asked_to_draft()


def test_one_that_was_taken_without_our_hearing_of_it_is_found_again(list_: Workspace, provider: BatchApi) -> None:
    provider.faults = {"POST /batches": None}
    assert "unconfirmed" in ingest(list_, LEAVE).batch_problems[0]
    provider.faults = {}
    assert len(provider.batches) == 1
    ingest(list_, LEAVE)
    assert len(provider.batches) == 1, "it is not sent, nor paid for, again"
    provider.finish()
    assert collect(list_).answers == 3


@pytest.mark.parametrize("answer", [DOWN, CUT], ids=["down", "cut"])
def test_one_that_was_never_taken_is_sent_again(
    list_: Workspace, provider: BatchApi, answer: tuple[int, bytes]
) -> None:
    provider.faults = {"POST /batches": answer}
    assert "unconfirmed" in ingest(list_, LEAVE).batch_problems[0]
    provider.faults = {}
    assert provider.batches == []
    assert len(ingest(list_, LEAVE).in_batch) == 3
    assert len(provider.batches) == 1


def test_a_provider_that_is_down_when_it_is_collected_from_is_asked_again(sent: Workspace, provider: BatchApi) -> None:
    provider.finish()
    provider.faults = {"GET": DOWN}
    assert collect(sent).outcome == "done with failures"
    assert has_open_batches(sent)
    provider.faults = {}
    assert collect(sent).answers == 3


SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "no json": lambda line: b"\x00 not json",
    "another's": lambda line: line.replace(b'"custom_id": "', b'"custom_id": "0'),
    "a list": lambda line: b"[]",
    "no body": lambda line: b'{"custom_id": ' + line.partition(b'"custom_id": ')[2].partition(b",")[0] + b"}",
    "an odd body": lambda line: line.partition(b'"body": ')[0] + b'"body": {"choices": 7}}, "error": null}',
    "an error": lambda line: line.replace(b'"status_code": 200', b'"status_code": 500'),
    "no frames": lambda line: line.replace(b"candidates", b"kandidates"),
    "cut": lambda line: line[: len(line) // 2],
}


def test_answers_that_cannot_be_used_cost_no_paper(
    list_: Workspace, arxiv: FaultyArxiv, model: ModelServer, provider: BatchApi
) -> None:
    """Each answer of a batch is spoiled in another way."""
    arxiv.add(*(held(number) for number in range(10, 10 + len(SPOILED) - 3)))
    ingest(list_, LEAVE)
    ways = iter(SPOILED.values())
    provider.finish(line=lambda line: next(ways)(line))
    assert next(ways, None) is None
    report = collect(list_)
    assert (report.outcome, report.answers) == ("done", 0)
    assert len(drafted(list_)) == len(model.asked_to_draft()) == len(SPOILED)


def test_one_that_takes_too_long_is_cancelled_and_then_given_up(
    sent: Workspace, model: ModelServer, provider: BatchApi
) -> None:
    warehouse = Warehouse(sent.warehouse_file)

    def age(by: timedelta) -> None:
        warehouse.write(lambda c: c.execute("update record.batches set added = added - $by", {"by": by}))

    age(timedelta(hours=27))
    collect(sent)
    assert provider.batches[0].status == "cancelling"
    assert has_open_batches(sent)
    collect(sent)
    assert provider.asked.count("POST /batches/batch_0/cancel") == 1
    age(timedelta(hours=60))
    assert collect(sent).answers == 0
    assert states(sent) == [("lost", 3, 0)]
    assert len(drafted(sent)) == len(model.asked_to_draft()) == 3


def test_what_is_out_counts_against_the_month(
    list_: Workspace, provider: BatchApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATOR_DRAFT_ANSWER_TOKENS", "1000")
    ingest(list_, LEAVE)
    warehouse = Warehouse(list_.warehouse_file)
    out = warehouse.read(costs.sum_spent_this_month)
    assert out > 3 * 0.005, "half of what so long an answer costs"
    provider.finish()
    collect(list_)
    assert 0 < warehouse.read(costs.sum_spent_this_month) < out


BOOKED = """
    select c.outcome, c.estimated, abs(c.cost - q.set_aside) < 1e-9 from record.calls c
    join record.batch_questions q on q.batch = c.batch and q.request = c.request order by c.outcome"""


def test_answers_longer_than_they_may_be_cost_more_than_was_set_aside(
    sent: Workspace, model: ModelServer, provider: BatchApi
) -> None:
    model.answer = lambda asked: replace(point_at_claims(asked), usage={"prompt_tokens": 9, "completion_tokens": 10**9})
    provider.finish()
    assert collect(sent).answers == 3
    assert (
        ask(sent, "select tokens_out, cost > 0.15, estimated from record.calls where batch is not null")
        == [(32_000, True, True)] * 3
    )


def test_answers_without_usage_cost_what_was_set_aside_for_them(
    sent: Workspace, model: ModelServer, provider: BatchApi
) -> None:
    out = Warehouse(sent.warehouse_file).read(costs.sum_spent_this_month)
    model.answer = lambda asked: replace(point_at_claims(asked), usage=UNREPORTED)
    provider.finish()
    assert collect(sent).answers == 3
    assert ask(sent, BOOKED) == [("ok", True, True)] * 3
    assert Warehouse(sent.warehouse_file).read(costs.sum_spent_this_month) == pytest.approx(out)
    assert ask(sent, "select cost = estimated_cost from batches") == [(True,)]


@pytest.mark.parametrize("status", ["expired", "cancelled", "completed"])
def test_questions_of_which_an_ended_batch_says_nothing_cost_what_was_set_aside(
    sent: Workspace, provider: BatchApi, status: str
) -> None:
    """The provider says of one that it was not carried out, answers another, and leaves the third out."""
    provider.finish(status, answered=1)
    (batch,) = provider.batches
    provider.files[batch.errors or ""] = provider.files[batch.errors or ""].partition(b"\n")[0]
    collect(sent)
    assert ask(sent, BOOKED) == [("no-answer", True, True), ("ok", False, False)]


def test_a_batch_that_was_never_run_costs_nothing(sent: Workspace, provider: BatchApi) -> None:
    provider.batches[0].status = "failed"
    collect(sent)
    assert ask(sent, BOOKED) == []


def test_a_batch_that_the_provider_has_lost_costs_what_was_set_aside(sent: Workspace, provider: BatchApi) -> None:
    provider.batches.clear()
    collect(sent)
    assert ask(sent, BOOKED) == [("no-answer", True, True)] * 3


def test_a_question_that_an_earlier_version_sent_costs_what_it_set_aside(sent: Workspace, provider: BatchApi) -> None:
    Warehouse(sent.warehouse_file).write(
        lambda c: c.execute("update record.batch_questions set most_in = null, most_out = null, set_aside = 0.001")
    )
    provider.batches.clear()
    collect(sent)
    assert ask(sent, BOOKED) == [("no-answer", True, True)] * 3


@pytest.mark.parametrize("status", [404, 410])
def test_answers_whose_file_is_gone_were_never_given(
    sent: Workspace, model: ModelServer, provider: BatchApi, status: int
) -> None:
    provider.finish()
    provider.faults = {"GET /files": (status, b'{"error": {"message": "no such file"}}')}
    report = collect(sent)
    assert (report.outcome, report.answers) == ("done", 0)
    assert ask(sent, BOOKED) == [("no-answer", True, True)] * 3
    ((state, message),) = ask(sent, "select state, message from batches")
    assert (state, "no longer has the file of its answers" in message) == ("answered", True)
    assert len(drafted(sent)) == len(model.asked_to_draft()) == 3
    assert not has_open_batches(sent)


@pytest.mark.parametrize("answer", [DOWN, (302, b"")], ids=["down", "a redirect"])
def test_a_file_that_is_never_handed_out_is_given_up_days_after_the_first_try(
    sent: Workspace, model: ModelServer, provider: BatchApi, answer: tuple[int, bytes]
) -> None:
    provider.finish()
    provider.faults = {"GET /files": answer}
    warehouse = Warehouse(sent.warehouse_file)

    def age(table: str) -> None:
        by = timedelta(hours=73)
        warehouse.write(lambda c: c.execute(f"update record.{table} set added = added - $by", {"by": by}))

    age("batches")
    assert "does not hand out the file" in collect(sent).batch_problems[0]
    assert has_open_batches(sent), "a run that comes late gives nothing up at its first try"
    age("batch_states")
    report = collect(sent)
    assert (report.outcome, report.answers) == ("done", 0)
    assert ask(sent, BOOKED) == [("no-answer", True, True)] * 3
    assert len(drafted(sent)) == len(model.asked_to_draft()) == 3


def test_counts_that_are_never_filled_in_hide_no_answer_that_may_have_been_billed(
    sent: Workspace, provider: BatchApi
) -> None:
    """A batch says that it ran none of its questions; its file answers one of them all the same."""
    provider.finish(answered=1)
    (batch,) = provider.batches
    batch.errors = None
    told = batch.told() | {"request_counts": {"total": 0, "completed": 0, "failed": 0}}
    provider.faults = {"GET /batches": (200, json.dumps(told).encode())}
    collect(sent)
    assert ask(sent, BOOKED) == [("no-answer", True, True)] * 2 + [("ok", False, False)]


@pytest.mark.parametrize(("total", "booked"), [(0, 3), (3, 0)])
def test_counts_of_nothing_done_are_believed_where_questions_were_counted(
    sent: Workspace, provider: BatchApi, total: int, booked: int
) -> None:
    counts = {"total": total, "completed": 0, "failed": total}
    told = provider.batches[0].told() | {"status": "expired", "request_counts": counts}
    provider.faults = {"GET /batches": (200, json.dumps(told).encode())}
    collect(sent)
    assert ask(sent, BOOKED) == [("no-answer", True, True)] * booked


@pytest.mark.parametrize("status", [408, 409])
def test_a_batch_whose_creation_may_have_worked_is_looked_for(
    list_: Workspace, provider: BatchApi, status: int
) -> None:
    carry_out = provider.handle

    def taken_but_denied(method: str, path: str, body: bytes) -> tuple[int, bytes] | None:
        told = carry_out(method, path, body)
        created = (method, path) == ("POST", "/v1/batches")
        return (status, b'{"error": {"message": "in conflict"}}') if created else told

    provider.handle = taken_but_denied  # type: ignore[method-assign]
    assert "unconfirmed" in ingest(list_, LEAVE).batch_problems[0]
    provider.finish()
    assert collect(list_).answers == 3
    assert len(provider.batches) == 1


def test_a_budget_bounds_what_is_sent(
    list_: Workspace, arxiv: FaultyArxiv, provider: BatchApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    arxiv.add(*(held(number) for number in range(10, 17)))
    monkeypatch.setenv("CURATOR_DRAFT_ANSWER_TOKENS", "1000")
    monkeypatch.setenv("CURATOR_BUDGET_PER_RUN", "0.03")
    report = ingest(list_, LEAVE)
    assert isinstance(report.stopped, BudgetReached)
    assert 0 < len(report.in_batch) < 10
    (batch,) = provider.batches
    assert len(batch.lines) == len(report.in_batch), "what there was money for is sent"


def test_what_no_batch_took_is_paid_for_once(
    list_: Workspace, model: ModelServer, provider: BatchApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATOR_DRAFT_ANSWER_TOKENS", "1000")
    monkeypatch.setenv("CURATOR_BUDGET_PER_RUN", "0.029")  # a call may cost 0.0125, half of that in a batch
    model.batch_api = None
    assert ingest(list_, LEAVE).outcome == "done"
    assert len(drafted(list_)) == 3


def test_a_wrong_key_stops_the_run_and_loses_no_batch(sent: Workspace, provider: BatchApi) -> None:
    provider.faults = {"GET": (401, b'{"error": {"message": "no such key"}}')}
    report = collect(sent)
    assert isinstance(report.stopped, ModelRefused)
    provider.faults = {}
    provider.finish()
    assert collect(sent).answers == 3


def test_answers_that_were_kept_before_the_rest_could_be_had_are_not_kept_or_paid_twice(
    sent: Workspace, provider: BatchApi
) -> None:
    provider.finish("expired", answered=2)
    provider.faults = {f"GET /files/{provider.batches[0].errors}": DOWN}
    assert "could not be fetched" in collect(sent).batch_problems[0]
    kept = "select count(*), count(distinct paper) from calls where batch is not null"
    assert ask(sent, kept) == [(2, 2)]
    provider.faults = {}
    collect(sent)
    assert ask(sent, kept) == [(2, 2)]
    assert len(drafted(sent)) == 3


def test_an_answer_that_stands_there_twice_counts_once(sent: Workspace, provider: BatchApi) -> None:
    provider.finish(line=lambda line: line + b"\n" + line)
    assert collect(sent).answers == 3


def test_the_part_of_the_prompt_that_stays_the_same_comes_first(list_: Workspace, model: ModelServer) -> None:
    """Providers keep the longest common beginning of prompts, and charge a tenth for it."""
    ingest(list_)
    asked = model.asked_to_draft()
    assert len(asked) == 3
    assert len({one["messages"][0]["content"] for one in asked}) == 1
    assert len({str(one["response_format"]) for one in asked}) == 1
    assert all("{{" not in one["messages"][0]["content"] for one in asked)
    assert len({one["messages"][1]["content"] for one in asked}) == 3
    cached = ask(list_, "select bool_and(tokens_cached > 0) from calls where purpose = 'draft'")
    assert cached == [(True,)]


def test_a_reply_that_a_model_refuses_live_is_no_batch(
    list_: Workspace, model: ModelServer, provider: BatchApi
) -> None:
    model.enqueue(Reply(status=401, body=b'{"error": {"message": "no"}}'))
    report = ingest(list_, LEAVE)
    assert isinstance(report.stopped, ModelRefused)
    assert provider.batches == []
