"""Days of an endpoint's faults cost no paper: once it is well again, every paper is drafted."""

from __future__ import annotations

import json

import pytest

from curator.pipeline import ingest
from curator.workspace import Workspace
from tests.helpers.model_server import ModelServer, Reply, point_at_claims
from tests.pipeline.looking import ask, drafted

SOON = (("Retry-After-Ms", "1"),)

FAULTS = {
    "an error with HTTP 200": Reply(
        body=json.dumps({"error": {"code": 429, "message": "slow down"}}).encode(), headers=SOON
    ),
    "no credit": Reply(status=402, body=b'{"error": {"message": "add credit"}}'),
    "a refused role": Reply(status=400, body=b'"System role not supported"'),
    "a broken server": Reply(status=503, body=b"{}", headers=SOON),
    "a broken answer": Reply(body=b'{"choices": [', headers=(("Content-Type", "application/json"),)),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_no_fault_of_an_endpoint_uses_up_a_papers_attempts(
    list_: Workspace, model: ModelServer, monkeypatch: pytest.MonkeyPatch, fault: Reply
) -> None:
    monkeypatch.setenv("CURATOR_DRAFT_ATTEMPTS", "2")
    model.answer = lambda asked: point_at_claims(asked) if "<paper id=" in asked["messages"][-1]["content"] else fault
    for _ in range(4):
        assert ingest(list_).outcome != "done"
    assert ask(list_, "select coalesce(max(attempts), 0) from failures") == [(0,)]
    model.answer = point_at_claims
    assert ingest(list_).outcome == "done"
    assert len(drafted(list_)) == 3
