"""A model that is out of reach for a day: nothing is marked as done, and keyless drafts come only where allowed."""

from __future__ import annotations

import pytest

from curator.errors import ModelRefused
from curator.pipeline import ingest
from curator.workspace import Workspace
from tests.helpers.model_server import ModelServer, Reply, point_at_claims
from tests.pipeline.looking import ask, drafted, rows

DOWN = Reply(status=500, body=b"{}", headers=(("retry-after-ms", "1"),))
NONSENSE = Reply("The weather is fine.")
NO_KEY = Reply(status=401, body=b"{}")


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATOR_DRAFT_KEYLESS_WHEN_DOWN", "true")


@pytest.mark.parametrize("answer", [DOWN, NONSENSE, NO_KEY], ids=["down", "nonsense", "no key"])
def test_without_leave_nothing_is_drafted_and_nothing_marked_as_done(
    list_: Workspace, model: ModelServer, answer: Reply
) -> None:
    model.answer = lambda asked: answer
    report = ingest(list_)
    assert report.outcome in ("failed", "done with failures")
    assert (rows(list_)["candidates"], rows(list_)["screenings"], drafted(list_)) == (0, 0, [])
    model.answer = point_at_claims
    assert ingest(list_).outcome == "done"
    assert len(drafted(list_)) == 3


@pytest.mark.usefixtures("allowed")
def test_with_leave_keyless_drafts_are_queued_and_the_model_drafts_once_it_is_back(
    list_: Workspace, model: ModelServer
) -> None:
    model.answer = lambda asked: NO_KEY
    report = ingest(list_)
    assert isinstance(report.stopped, ModelRefused)
    assert report.provisional == 3
    assert (drafted(list_), rows(list_)["screenings"]) == ([], 0)
    assert ask(list_, "select distinct drafter from candidates") == [("extractive 1",)]
    again = ingest(list_)
    assert again.provisional == 0, "they are there already"
    model.answer = point_at_claims
    assert ingest(list_).outcome == "done"
    assert len(drafted(list_)) == 3
    assert ask(list_, "select count(*) filter (where call is null), count(*) filter (where call is not null) "
                      "from record.candidates") == [(3, 6)]  # fmt: skip


@pytest.mark.usefixtures("allowed")
def test_papers_that_the_model_screened_before_it_went_down_are_drafted_from_too(
    list_: Workspace, model: ModelServer
) -> None:
    model.answer = lambda asked: NO_KEY if "<paper>" in asked["messages"][-1]["content"] else point_at_claims(asked)
    report = ingest(list_)
    assert report.provisional == 3
    assert rows(list_)["screenings"] == 3


@pytest.mark.usefixtures("allowed")
def test_a_budget_that_is_reached_is_no_model_that_is_down(
    list_: Workspace, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PRICE_IN": "1", "PRICE_OUT": "10"}.items():
        monkeypatch.setenv(f"CURATOR_DRAFT_{name}", value)
    monkeypatch.setenv("CURATOR_BUDGET_PER_RUN", "0.0001")
    assert ingest(list_).provisional == 0
