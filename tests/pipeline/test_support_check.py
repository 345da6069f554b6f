"""A model's word on support is advice: whatever goes wrong with it costs no candidate and fails no paper."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from curator.pipeline import IngestReport, IngestRequest, ingest
from curator.review.decisions import Reviewer
from curator.warehouse import Warehouse
from curator.warehouse.candidates import load_candidates, load_candidates_by_id
from curator.workspace import Workspace
from tests.helpers.arxiv_faults import FaultyArxiv, held
from tests.helpers.model_server import ModelServer, Reply, point_at_claims, pointed_at
from tests.pipeline.looking import ask, drafted, rows

AT_ONCE = ("retry-after-ms", "1")  # so that the model's SDK does not wait before it asks again
BAD = {
    "no-json": Reply("They are all fine."),
    "wrong-ids": Reply('{"verdicts": []}'),
    "refused": Reply(refusal="I will not judge."),
    "rejected": Reply(status=400, body=b'{"error": {"message": "too long"}}'),
    "server-error": Reply(status=500, body=b'{"error": {"message": "oh"}}', headers=(AT_ONCE,)),
    "key": Reply(status=403, body=b'{"error": {"message": "not this model"}}'),
}


def checking_badly(reply: Reply) -> Any:
    def answer(asked: dict[str, Any]) -> Reply:
        return reply if "<candidate number=" in asked["messages"][-1]["content"] else point_at_claims(asked)

    return answer


def checked(list_: Workspace) -> list[tuple[str, int]]:
    """How many verdicts there are from the keyless check, and from a model."""
    counted = "select if(call is null, 'lexical', 'model'), count(*) from record.supports group by all order by 1"
    return [(row[0], row[1]) for row in ask(list_, counted)]


def candidates(list_: Workspace) -> int:
    return rows(list_)["candidates"]


def test_every_candidate_gets_the_word_of_both_checkers(list_: Workspace, model: ModelServer) -> None:
    report = ingest(list_)
    assert (report.outcome, report.unchecked) == ("done", [])
    assert checked(list_) == [("lexical", candidates(list_)), ("model", candidates(list_))]
    assert len(model.asked_to_check()) == len(drafted(list_)) == 3
    for item in Warehouse(list_.warehouse_file).read(load_candidates):
        assert [one.checker.split(" ")[0] for one in item.support] == ["support.md", "lexical"]
    assert ask(list_, "select calls from costs where purpose = 'support'") == [(3,)]


def test_the_keyless_pipeline_checks_by_words_and_calls_nobody(list_: Workspace) -> None:
    ingest(list_)
    assert checked(list_) == [("lexical", candidates(list_))]
    assert {one.support[0].verdict for one in Warehouse(list_.warehouse_file).read(load_candidates)} == {"supported"}


def test_the_model_is_not_asked_where_the_settings_say_so(
    list_: Workspace, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATOR_DRAFT_CHECK_SUPPORT", "false")
    ingest(list_)
    assert model.asked_to_check() == []
    assert checked(list_) == [("lexical", candidates(list_))]


def test_a_cheaper_model_may_check_at_its_own_price(
    list_: Workspace, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATOR_DRAFT_SUPPORT_MODEL", "cheap-model")
    monkeypatch.setenv("CURATOR_DRAFT_PRICE_IN", "100")
    monkeypatch.setenv("CURATOR_DRAFT_PRICE_OUT", "100")
    ingest(list_)
    assert {one["model"] for one in model.asked_to_check()} == {"cheap-model"}
    assert {one["model"] for one in model.asked_to_draft()} == {"tested-model"}
    costs = dict(ask(list_, "select purpose, cost is null from costs"))
    assert costs == {"screen": False, "draft": False, "support": True}, "no price is known for the cheaper model"


def checking_each_badly(replies: list[Reply]) -> Any:
    """Answer each paper's check with a reply of its own, and the same check again with the same one."""
    given: dict[str, Reply] = {}
    lock = threading.Lock()

    def answer(asked: dict[str, Any]) -> Reply:
        text = asked["messages"][-1]["content"]
        if "<candidate number=" not in text:
            return point_at_claims(asked)
        described = text[text.index("<candidate number=") :]
        with lock:
            if described not in given:
                given[described] = replies[len(given)]
        return given[described]

    return answer


@pytest.mark.parametrize("codes", [BAD.keys() - {"key"}, {"key"}], ids=["a reply each", "a refusal of them all"])
def test_a_failed_check_leaves_the_candidates_queued_and_the_paper_drafted(
    list_: Workspace, arxiv: FaultyArxiv, model: ModelServer, codes: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATOR_DRAFT_SUPPORT_MODEL", "cheap-model")
    arxiv.add(held(4), held(5))
    each = [BAD[code] for code in codes]
    model.answer = checking_each_badly(each) if len(each) > 1 else checking_badly(*each)
    report = ingest(list_)
    assert (report.outcome, report.failures, report.stopped) == ("done", [], None)
    assert len(drafted(list_)) == len(report.unchecked) == 5
    assert rows(list_)["failures"] == 0
    waiting = Warehouse(list_.warehouse_file).read(load_candidates)
    assert len(waiting) == report.candidates > 0
    assert all([one.checker for one in item.support] == ["lexical 1"] for item in waiting)
    assert {kept for (kept,) in ask(list_, "select outcome from calls where purpose = 'support'")} == codes


def test_a_later_run_makes_up_for_a_failed_check_and_drafts_nothing_again(list_: Workspace, model: ModelServer) -> None:
    model.answer = checking_badly(BAD["no-json"])
    ingest(list_)
    drafts, model.answer = len(model.asked_to_draft()), point_at_claims
    assert ingest(list_, IngestRequest(limit=1)).unchecked == []
    assert checked(list_)[1:] == [("model", 2)], "--limit holds for what is made up, too"
    ingest(list_)
    assert checked(list_) == [("lexical", candidates(list_)), ("model", candidates(list_))]
    assert len(model.asked_to_draft()) == drafts
    calls = len(model.asked)
    ingest(list_)
    assert len(model.asked) == calls


def test_a_check_that_keeps_failing_is_tried_as_often_as_the_settings_say(list_: Workspace, model: ModelServer) -> None:
    model.answer = checking_badly(BAD["no-json"])
    for _ in range(5):
        assert ingest(list_).outcome == "done"
    assert len(model.asked_to_check()) == 3 * list_.settings.draft.attempts


def test_an_outage_of_the_model_costs_no_attempt(list_: Workspace, model: ModelServer) -> None:
    model.answer = checking_badly(BAD["server-error"])
    for _ in range(list_.settings.draft.attempts + 1):
        ingest(list_)
    model.answer = point_at_claims
    ingest(list_)
    assert checked(list_)[1] == ("model", candidates(list_))


def test_what_died_between_queue_and_check_is_checked_later_and_a_paid_answer_is_used(
    list_: Workspace, model: ModelServer
) -> None:
    ingest(list_)
    calls = len(model.asked)
    Warehouse(list_.warehouse_file).write(lambda c: c.execute("delete from record.supports where call is not null"))
    ingest(list_)
    assert checked(list_)[1] == ("model", candidates(list_))
    assert len(model.asked) == calls


def test_what_was_decided_already_is_not_checked(list_: Workspace, model: ModelServer) -> None:
    model.answer = checking_badly(BAD["no-json"])
    ingest(list_)
    for item in Warehouse(list_.warehouse_file).read(load_candidates):
        Reviewer(Warehouse(list_.warehouse_file), "Ada").reject(item.id, "no")
    asked = len(model.asked_to_check())
    ingest(list_)
    assert len(model.asked_to_check()) == asked


def reworded(list_: Workspace, number: int = 1) -> list[str]:
    """Accept so many candidates in other words; return their ids."""
    warehouse = Warehouse(list_.warehouse_file)
    taken = warehouse.read(load_candidates)[:number]
    for item in taken:
        Reviewer(warehouse, "Ada").accept(item.id, f"In my words, {item.id}.")
    return [item.id for item in taken]


def of_model(list_: Workspace, candidate: str) -> list[tuple[str, bool]]:
    """Which words of a candidate a model has judged, and whether they stand."""
    warehouse = Warehouse(list_.warehouse_file)
    (item,) = warehouse.read(load_candidates_by_id, [candidate])
    return [(one.judged, one.current) for one in item.support if one.checker != "lexical 1"]


def test_the_next_run_asks_about_the_accepted_words_once(list_: Workspace, model: ModelServer) -> None:
    ingest(list_)
    (one,) = reworded(list_)
    assert of_model(list_, one) == [("draft", False)]
    asked = len(model.asked_to_check())
    for _ in range(2):
        ingest(list_)
    assert of_model(list_, one) == [("final", True), ("draft", False)]
    (told,) = model.asked_to_check()[asked:]
    assert f"Statement: In my words, {one}." in told["messages"][-1]["content"]
    assert ask(list_, "select count(*) from supports where judged = 'final' and call is not null") == [(1,)]


def test_what_was_drafted_by_rules_and_accepted_in_other_words_is_asked_about_and_the_rest_is_not(
    list_: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(list_)
    (one,) = reworded(list_)
    with ModelServer() as model, pointed_at(model):
        ingest(Workspace(list_.root))
        assert len(model.asked_to_check()) == 1
    assert of_model(list_, one) == [("final", True)]


def test_what_was_accepted_before_its_check_is_asked_about_in_the_words_that_stand(
    list_: Workspace, model: ModelServer
) -> None:
    model.answer = checking_badly(BAD["server-error"])
    ingest(list_)
    (own,) = reworded(list_)
    drafted_as = Warehouse(list_.warehouse_file).read(load_candidates)[0].id
    Reviewer(Warehouse(list_.warehouse_file), "Ada").accept(drafted_as)
    model.answer = point_at_claims
    ingest(list_)
    assert (of_model(list_, own), of_model(list_, drafted_as)) == ([("final", True)], [("final", True)])


def test_asking_about_accepted_words_is_tried_as_often_as_the_settings_say_and_within_the_budget(
    list_: Workspace, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(list_)
    (one,) = reworded(list_)
    for name, value in {"DRAFT_PRICE_IN": "100", "DRAFT_PRICE_OUT": "100", "BUDGET_PER_RUN": "0.000001"}.items():
        monkeypatch.setenv(f"CURATOR_{name}", value)
    asked = len(model.asked_to_check())
    ingest(Workspace(list_.root))
    assert len(model.asked_to_check()) == asked, "the budget holds"
    monkeypatch.delenv("CURATOR_BUDGET_PER_RUN")
    model.answer = checking_badly(BAD["no-json"])
    for _ in range(list_.settings.draft.attempts + 1):
        ingest(Workspace(list_.root))
    assert len(model.asked_to_check()) - asked == list_.settings.draft.attempts
    Reviewer(Warehouse(list_.warehouse_file), "Ada").accept(one, "In words that are other again.")
    model.answer = point_at_claims
    ingest(list_)
    assert of_model(list_, one)[0] == ("final", True), "other words are asked about anew"


def test_papers_asked_for_by_id_make_up_for_nothing_else(
    list_: Workspace, model: ModelServer, arxiv: FaultyArxiv
) -> None:
    model.answer = checking_badly(BAD["no-json"])
    ingest(list_)
    arxiv.add(held(60))
    model.answer, asked = point_at_claims, len(model.asked_to_check())
    report: IngestReport = ingest(list_, IngestRequest(ids=("2611.00060",)))
    assert (report.outcome, report.unchecked) == ("done", [])
    assert len(model.asked_to_check()) == asked + 1
