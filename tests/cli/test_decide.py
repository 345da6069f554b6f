"""`queue` and the decisions, as a person types them."""

from __future__ import annotations

import pytest

from curator.workspace import Workspace
from tests.cli.conftest import Curator

ITEM_KEYS = {"id", "paper", "title", "kind", "text", "topics", "status", "drafter", "quotes", "support", "warnings"}


@pytest.fixture
def ids(demo: Workspace, curator: Curator) -> list[str]:
    """What waits, best first."""
    return [item["id"] for item in curator("queue", "--json").json]


def status_of(curator: Curator, candidate: str) -> str:
    return str(curator("why", candidate, "--json").json["status"])


def test_queue_shows_each_candidate_with_its_quotes_and_how_to_decide(ids: list[str], curator: Curator) -> None:
    said = curator("queue")
    assert said.code == 0
    assert said.err == ""
    assert all(one[:6] in said.out for one in ids)
    assert said.out.count("(exact, p. ") >= len(ids)
    assert said.out.count("Support: supported") >= len(ids) - 2
    assert f"{len(ids)} candidates." in said.out
    for command in ("accept ID", "reject ID --reason R", "defer ID", "merge ID INTO", "undo", "why ID"):
        assert command in said.out


def test_queue_as_json_has_the_keys_that_others_rely_on(ids: list[str], curator: Curator) -> None:
    for item in curator("queue", "--json").json:
        assert item.keys() >= ITEM_KEYS
        assert item["status"] == "pending"
        assert item["quotes"][0].keys() >= {"text", "grade", "page"}
        assert item["drafter"] == "extractive 1"


def test_accept_gives_a_frame_and_takes_the_candidate_off_the_queue(
    ids: list[str], curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATOR_REVIEWER", "Grace")
    said = curator("accept", ids[0])
    assert said.code == 0
    assert f"Accepted {ids[0][:6]} as F1:" in said.out
    assert ids[0] not in [item["id"] for item in curator("queue", "--json").json]
    why = curator("why", "F1").out
    assert "accepted · F1" in why
    assert "Grace: accept" in why


def test_accept_with_ones_own_text_keeps_the_draft(ids: list[str], curator: Curator) -> None:
    draft = curator("why", ids[0], "--json").json["draft_text"]
    assert "Models do as I say." in curator("accept", ids[0], "--text", "Models do as I say.").out
    kept = curator("why", ids[0], "--json").json
    assert (kept["text"], kept["draft_text"], kept["frame"]) == ("Models do as I say.", draft, "F1")
    assert "drafted as: " in curator("why", ids[0]).out


def test_reject_needs_a_reason_and_keeps_it(ids: list[str], curator: Curator) -> None:
    assert curator("reject", ids[0]).code == 2
    assert curator("reject", ids[0], "--reason", "  ").code == 1
    assert status_of(curator, ids[0]) == "pending"
    assert curator("reject", ids[0], "--reason", "one seed only").code == 0
    assert status_of(curator, ids[0]) == "rejected"
    assert "one seed only" in curator("why", ids[0]).out


def test_deferred_candidates_come_back_with_all(ids: list[str], curator: Curator) -> None:
    assert curator("defer", ids[0]).code == 0
    assert ids[0][:6] not in curator("queue").out
    assert f"{ids[0][:6]}" in curator("queue", "--all").out
    assert "· deferred" in curator("queue", "--all").out
    assert [item["id"] for item in curator("queue", "--status", "deferred", "--json").json] == [ids[0]]


def test_merge_makes_evidence_of_a_frame(ids: list[str], curator: Curator) -> None:
    curator("accept", ids[0])
    assert curator("merge", ids[1], "F1").code == 0
    assert status_of(curator, ids[1]) == "merged"
    assert curator("merge", ids[0], ids[1]).code == 1


def test_undo_goes_back_step_by_step_and_says_when_there_is_nothing_left(ids: list[str], curator: Curator) -> None:
    curator("accept", ids[0])
    curator("reject", ids[1], "--reason", "weak")
    assert f"Undid: reject {ids[1][:6]}" in curator("undo").out
    assert f"Undid: accept {ids[0][:6]}" in curator("undo").out
    last = curator("undo")
    assert (last.code, last.out) == (1, "")
    assert "no decision to undo" in last.err
    assert [item["id"] for item in curator("queue", "--json").json] == ids


def test_an_accepted_candidate_keeps_its_number_through_undo(ids: list[str], curator: Curator) -> None:
    curator("accept", ids[0])
    curator("undo")
    assert "as F2:" in curator("accept", ids[1]).out
    assert "as F1:" in curator("accept", ids[0]).out


@pytest.mark.parametrize(
    "command",
    [
        ["accept", "zzzzzz"],
        ["defer", "F9"],
        ["reject", "zzzzzz", "--reason", "x"],
        ["merge", "zzzzzz", "F1"],
        ["why", "zzzzzz"],
    ],
    ids=" ".join,
)
def test_an_unknown_candidate_is_told(demo: Workspace, curator: Curator, command: list[str]) -> None:
    said = curator(*command)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("curator: There is no candidate")
    assert said.err.strip().endswith(".")


def test_a_status_that_is_none_is_a_usage_error_naming_those_there_are(demo: Workspace, curator: Curator) -> None:
    said = curator("queue", "--status", "open")
    assert said.code == 2
    assert "pending, accepted, rejected, deferred, merged" in said.err


def test_an_empty_queue_says_what_to_do(ids: list[str], curator: Curator) -> None:
    for one in ids:
        curator("defer", one)
    assert "Nothing waits" in curator("queue").out
    assert curator("queue", "--json").json == []
