"""`queue` and the decisions, as a person types them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from curator.review.decisions import DecisionRequest, Reviewer
from curator.warehouse import Warehouse
from curator.workspace import Workspace
from tests.cli.conftest import Curator, environment, run_apart

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
    flat = " ".join(said.out.split())  # lines end where the terminal's width has them end
    assert flat.count("(exact, p. ") >= len(ids)
    assert flat.count("Support: supported") >= len(ids) - 2
    assert f"{len(ids)} candidates." in flat
    for command in ("accept ID", "reject ID --reason R", "defer ID", "merge ID INTO", "undo", "why ID"):
        assert command in flat


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


def test_redo_brings_back_what_was_undone_and_says_when_there_is_nothing(ids: list[str], curator: Curator) -> None:
    curator("accept", ids[0], "--text", "Mine.")
    assert "`curator redo` restores it" in curator("undo").out
    assert f"Redid: accept {ids[0][:6]} by " in curator("redo").out
    assert curator("why", ids[0], "--json").json["text"] == "Mine."
    last = curator("redo")
    assert (last.code, last.out) == (1, "")
    assert "nothing to redo" in last.err


def test_accepting_again_keeps_the_words_that_stand(ids: list[str], curator: Curator, demo: Workspace) -> None:
    def text() -> str:
        return str(curator("why", ids[0], "--json").json["text"])

    drafted = text()
    curator("accept", ids[0], "--text", "Mine.")
    again = curator("accept", ids[0])
    assert (again.code, text()) == (0, "Mine.")
    assert "You have already accepted F1 in these words" in again.out
    assert "nothing was changed" in curator("accept", ids[0], "--text", " Mine. ").out
    assert curator("sql", "select count(*) as n from decisions", "--json").json == [{"n": 1}]
    Reviewer(Warehouse(demo.warehouse_file), "Bo").accept(ids[0])
    assert text() == "Mine."
    assert curator("accept", ids[0], "--yes").code == 0
    assert (text(), curator("why", ids[0], "--json").json["reviewer"] != "Bo") == ("Mine.", True)
    curator("accept", ids[0], "--as-drafted")
    assert text() == drafted
    assert curator("accept", ids[0], "--as-drafted", "--text", "Both.").code == 2


@pytest.mark.parametrize(
    "again", [["reject", "--reason", "weak"], ["defer"], ["merge", "F1"]], ids=lambda again: again[0]
)
def test_the_same_decision_again_changes_nothing(ids: list[str], curator: Curator, again: list[str]) -> None:
    curator("accept", ids[1])
    command = [again[0], ids[0], *again[1:]]
    assert "already" not in curator(*command).out
    assert curator(*command).out.startswith(f"You have already {again[0].removesuffix('e')}")
    assert curator("sql", "select count(*) as n from decisions", "--json").json == [{"n": 2}]


@pytest.mark.parametrize(
    "command",
    [["accept"], ["accept", "--text", "Mine."], ["reject", "--reason", "no"], ["defer"], ["merge", "F2"],
     ["retire", "--reason", "no"]],
    ids=" ".join,
)  # fmt: skip
def test_another_reviewers_decision_is_replaced_only_where_that_is_agreed_to(
    ids: list[str], curator: Curator, demo: Workspace, command: list[str]
) -> None:
    bo = Reviewer(Warehouse(demo.warehouse_file), "Bo")
    bo.accept(ids[0], "The words of Bo.")
    bo.accept(ids[1])
    whole = [command[0], ids[0], *command[1:]]
    refused = curator(*whole)
    assert refused.code == 1
    assert "Accepted" not in refused.out
    assert f"Bo accepted {ids[0][:6]} on 20" in refused.err
    assert "Add --yes" in refused.err
    assert curator("why", ids[0], "--json").json["reviewer"] == "Bo"
    agreed = curator(*whole, "--yes")
    assert agreed.code == 0
    assert f"Bo accepted {ids[0][:6]} on 20" in agreed.out
    assert curator("why", ids[0], "--json").json["reviewer"] != "Bo"


def test_at_a_terminal_it_asks_and_asks_again_where_somebody_decided_meanwhile(
    ids: list[str], curator: Curator, demo: Workspace
) -> None:
    warehouse = Warehouse(demo.warehouse_file)
    Reviewer(warehouse, "Bo").reject(ids[0], "weak")
    with Terminal("accept", ids[0]) as shell:
        shell.wait_for("Replace the decision by Bo?")
        Reviewer(warehouse, "Cy").defer(ids[0])
        shell.say("y")
        shell.wait_for("Replace the decision by Cy?")
        shell.say("n")
        assert shell.process.wait(60) == 1
    assert status_of(curator, ids[0]) == "deferred"


def test_undoing_more_than_one_decision_is_shown_first_and_asked(
    ids: list[str], curator: Curator, demo: Workspace
) -> None:
    desk = Reviewer(Warehouse(demo.warehouse_file), "Ada")
    desk.decide_many(ids[:2], DecisionRequest("defer"))
    env = {"CURATOR_REVIEWER": "Ada"}
    refused = run_apart("undo", env={"CURATOR_WORKSPACE": str(demo.root), **env})
    assert (refused.code, refused.out) == (1, "")
    assert all(
        part in refused.err
        for part in ("undoes 2 decisions that you made together", ids[0][:6], ids[1][:6], "Add --yes")
    )
    for answer, code, after in (("n", 1, "deferred"), ("y", 0, "pending")):
        with Terminal("undo", **env) as shell:
            shell.wait_for("Undo all of these?")
            shell.say(answer)
            assert shell.process.wait(60) == code
        assert status_of(curator, ids[0]) == after


class Terminal:
    """`curator ...` at a terminal of its own, which answers what it is asked. A context manager."""

    def __init__(self, *arguments: str, **env: str) -> None:
        self._ours, theirs = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "curator", *arguments], stdin=theirs, stdout=theirs, stderr=theirs,
            env=environment({"CURATOR_WORKSPACE": os.environ["CURATOR_WORKSPACE"], **env}),
        )  # fmt: skip
        os.close(theirs)
        self._seen = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def wait_for(self, text: str) -> None:
        while text not in self._seen:
            self._seen += os.read(self._ours, 10_000).decode()

    def say(self, text: str) -> None:
        os.write(self._ours, f"{text}\n".encode())


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
    assert "The queue is empty" in curator("queue").out
    assert curator("queue", "--json").json == []
