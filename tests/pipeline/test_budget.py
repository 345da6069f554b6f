"""A run stops before it would cost more than the settings allow, keeps what it has, and the next one goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from curator.pipeline import IngestRequest, ingest
from curator.workspace import Workspace
from tests.helpers.arxiv_faults import FaultyArxiv, held
from tests.helpers.model_server import UNREPORTED, ModelServer, Reply, point_at_claims
from tests.pipeline.looking import ask, drafted


class Notes:
    """Keeps what a run says on its way."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def started(self, run: str) -> None: ...
    def ended(self, outcome: str, message: str | None) -> None: ...
    def begin(self, stage: str, total: int | None) -> None: ...
    def advance(self, stage: str, done: int = 1, total: int | None = None) -> None: ...

    def note(self, text: str) -> None:
        self.said.append(text)

    def estimates(self) -> list[str]:
        return [text for text in self.said if "That costs" in text]


@pytest.fixture
def priced(list_: Workspace, arxiv: FaultyArxiv, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A list with ten papers to draft and prices that make a draft cost about a hundredth."""
    arxiv.add(*(held(number) for number in range(10, 17)))
    for name, value in {"PRICE_IN": "1", "PRICE_OUT": "10", "ANSWER_TOKENS": "1000", "CALLS_AT_ONCE": "4"}.items():
        monkeypatch.setenv(f"CURATOR_DRAFT_{name}", value)
    return list_


def spent(list_: Workspace) -> float:
    return float(ask(list_, "select coalesce(sum(cost), 0) from calls")[0][0])


def test_a_budget_for_a_run_is_never_passed_and_later_runs_finish(
    priced: Workspace, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(priced, progress=(notes := Notes()))
    assert len(drafted(priced)) == 10
    whole = spent(priced)
    assert whole > 0
    assert notes.estimates() == [
        "Abstracts to screen: 10, papers to draft: at most 10. That costs at most 0.43, "
        "because no call has been recorded yet; 0.00 spent this month",
        "Papers to draft: 10. That costs at most 0.42, because no call has been recorded yet; 0.00 spent this month",
    ]

    # and once more from the beginning, with room for a part of it
    priced.warehouse_file.unlink()
    limit = whole / 2 + 0.02  # a call may cost 0.01 and as much as its bytes, so that much has to be left
    monkeypatch.setenv("CURATOR_BUDGET_PER_RUN", str(limit))
    before, runs, stopped = 0.0, 0, True
    while stopped and runs < 10:
        report = ingest(Workspace(priced.root), progress=(notes := Notes()))
        runs, stopped = runs + 1, report.stopped is not None
        assert spent(priced) - before <= limit
        if stopped:
            assert report.outcome == "done with failures"
            assert "budget.per_run" in str(report.stopped)
            assert not report.failures, "no paper is at fault"
        before = spent(priced)
    assert len(drafted(priced)) == 10
    assert 2 <= runs < 10
    assert spent(priced) == pytest.approx(whole), "nothing is paid for twice"
    assert all("judging by recent papers" in one for one in notes.estimates())


def test_an_estimate_is_told_from_the_abstracts_and_from_what_passed_and_cost_before(
    priced: Workspace, model: ModelServer, arxiv: FaultyArxiv
) -> None:
    def half_passes(asked: dict[str, Any]) -> Reply:
        reply = point_at_claims(asked)
        verdicts = json.loads(reply.content or "").get("papers", [])
        for one in verdicts:
            one["score"] = 9 if int(one["id"][-1]) % 2 else 1
        return Reply(json.dumps({"papers": verdicts})) if verdicts else reply

    model.answer = half_passes
    ingest(priced)
    each = float(ask(priced, "select sum(cost) / 5 from calls where purpose <> 'screen'")[0][0])
    assert len(drafted(priced)) == 5

    arxiv.add(*(held(number) for number in range(40, 60)))
    ingest(priced, progress=(notes := Notes()))
    screened_and_drafted, then_drafted = notes.estimates()
    assert screened_and_drafted.startswith("Abstracts to screen: 20, papers to draft: about 10. That costs about ")
    assert then_drafted.startswith("Papers to draft: 10. That costs about ")
    told = [float(one.split("about ")[-1].split(",")[0]) for one in (screened_and_drafted, then_drafted)]
    assert told[1] == pytest.approx(10 * each, abs=0.006)
    assert 0.005 < told[0] - told[1] < 0.03, "what screening costs"

    arxiv.add(*(held(number) for number in range(60, 70)))
    ingest(priced, IngestRequest(limit=2), progress=(notes := Notes()))
    assert notes.estimates()[0].startswith("Abstracts to screen: 2, papers to draft: about 1.")


def test_an_estimate_where_no_usage_is_reported_is_what_calls_may_cost_at_most(
    priced: Workspace, model: ModelServer, arxiv: FaultyArxiv
) -> None:
    model.answer = lambda asked: replace(point_at_claims(asked), usage=UNREPORTED)
    ingest(priced, IngestRequest(limit=2))
    each = float(ask(priced, "select sum(cost) / 2 from calls where purpose <> 'screen'")[0][0])
    ingest(priced, IngestRequest(limit=2), progress=(notes := Notes()))
    told = notes.estimates()[-1]
    assert f"That costs at most {2 * each:.2f}, because the model's endpoint does not report usage" in told
    assert each > 0.02, "two answers of 1000 tokens"


def test_a_months_budget_counts_what_earlier_runs_spent(
    priced: Workspace, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(priced)
    monkeypatch.setenv("CURATOR_BUDGET_PER_MONTH", str(spent(priced)))
    calls = len(model.asked)
    arxiv_new = ask(priced, "select count(*) from papers")
    assert arxiv_new == [(10,)]
    report = ingest(Workspace(priced.root))
    assert report.outcome == "done", "where nothing is to be asked, nothing is in the way"
    assert len(model.asked) == calls


def test_a_new_paper_waits_for_the_next_month(
    priced: Workspace, model: ModelServer, arxiv: FaultyArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(priced)
    monkeypatch.setenv("CURATOR_BUDGET_PER_MONTH", str(spent(priced)))
    arxiv.add(held(30))
    calls = len(model.asked)
    report = ingest(Workspace(priced.root))
    assert report.outcome == "done with failures"
    assert "budget.per_month" in str(report.stopped)
    assert len(model.asked) == calls
    monkeypatch.setenv("CURATOR_BUDGET_PER_MONTH", "1000")
    assert ingest(Workspace(priced.root)).outcome == "done"
    assert "2611.00030" in drafted(priced)
