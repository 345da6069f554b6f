"""A run stops before it would cost more than the settings allow, keeps what it has, and the next one goes on."""

from __future__ import annotations

import pytest

from curator.pipeline import ingest
from curator.workspace import Workspace
from tests.pipeline.looking import ask, drafted
from tests.support.arxiv_faults import FaultyArxiv, held
from tests.support.model_server import ModelServer


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
    assert any("10 papers to draft: about" in one and "at most" in one for one in notes.said)

    # and once more from the beginning, with room for a part of it
    priced.warehouse_file.unlink()
    limit = whole / 2 + 0.011  # a call may cost 0.01 and more, so that much has to be left
    monkeypatch.setenv("CURATOR_BUDGET_PER_RUN", str(limit))
    before, runs, done = 0.0, 0, 0
    while done < 10 and runs < 10:
        report = ingest(Workspace(priced.root), progress=(notes := Notes()))
        runs, done = runs + 1, len(drafted(priced))
        assert spent(priced) - before <= limit
        if done < 10:
            assert report.outcome == "done with failures"
            assert "budget.per_run" in str(report.stopped)
            assert not report.failures, "no paper is at fault"
        before = spent(priced)
    assert 2 <= runs < 10
    assert spent(priced) == pytest.approx(whole), "nothing is paid for twice"
    assert any("as papers have cost of late" in one for one in notes.said)


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
