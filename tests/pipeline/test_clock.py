"""A clock that jumps, ahead or back, costs no paper, no turn and no retry, and does nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from curator.pipeline import IngestRequest, has_run_since, ingest
from curator.workspace import Workspace
from tests.helpers.arxiv_faults import MISSING, FaultyArxiv, held, on_pdf
from tests.helpers.model_server import ModelServer
from tests.pipeline.looking import ask, drafted


@pytest.mark.parametrize("days", [400, 3, -3, -400])
def test_what_comes_after_a_jump_is_found_and_nothing_twice(list_: Workspace, arxiv: FaultyArxiv, days: int) -> None:
    assert ingest(list_).outcome == "done"
    with time_machine.travel(datetime.now(UTC) + timedelta(days=days)):
        ingest(list_)
    arxiv.add(held(30, days_ago=0.5), held(31, days_ago=12))
    assert ingest(list_).outcome == "done"
    assert sorted(drafted(list_)) == ["2611.00001", "2611.00002", "2611.00003", "2611.00030", "2611.00031"]
    assert ask(list_, "select paper from record.drafts group by all having count(*) > 1") == []


def test_what_failed_under_a_clock_that_was_ahead_is_tried_again_now(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.faults = [on_pdf("2611.00001", MISSING)]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2)):
        assert ingest(list_).outcome == "done with failures"
    arxiv.faults = []
    ingest(list_)
    assert "2611.00001" in drafted(list_)
    assert ask(list_, "select * from failures where open") == []


def test_a_run_of_the_future_makes_up_for_none_that_is_due(list_: Workspace) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2)):
        ingest(list_)
    assert not has_run_since(list_, datetime.now(UTC) - timedelta(hours=1))
    ingest(list_)
    assert has_run_since(list_, datetime.now(UTC) - timedelta(hours=1))


def test_a_batch_that_ended_under_a_clock_set_back_has_ended(list_: Workspace, model: ModelServer) -> None:
    provider = model.take_batches()
    ingest(list_, IngestRequest(batch=True))
    provider.finish()
    with time_machine.travel(datetime.now(UTC) - timedelta(days=1)):
        assert ingest(list_, IngestRequest(collect=True)).answers == 3
    assert ask(list_, "select state from batches") == [("answered",)]
    asked = len(provider.asked)
    ingest(list_, IngestRequest(collect=True))
    assert len(provider.asked) == asked
