"""`init` and `ingest`: exit codes, what is told where, and runs that end in the middle."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from curator.workspace import Workspace
from tests.cli.conftest import Curator, run_apart, start
from tests.helpers.arxiv_faults import ERROR_ENTRY, MISSING, REFUSED, FaultyArxiv, held, hold_pdf, on_pdf, on_topic
from tests.helpers.inbox import webhook
from tests.helpers.model_server import ModelServer, Reply, point_at_claims

RUN_KEYS = {"id", "started", "ended", "outcome", "topics", "papers", "candidates", "failures", "cost"}


def with_model(list_: Workspace, model: ModelServer) -> dict[str, str]:
    return {"CURATOR_WORKSPACE": str(list_.root), "OPENAI_BASE_URL": model.url, "CURATOR_MODEL": "tested-model"}


def query(curator: Curator, sql: str) -> list[Any]:
    return [tuple(row.values()) for row in curator("sql", sql, "--json").json]


class Hold:
    """Keeps back the model's answers to what holds `purpose`, after the first `free` ones."""

    def __init__(self, free: int = 0) -> None:
        self.free = free
        self.purpose = "<paper>"
        self.held = threading.Event()
        self.go_on = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, asked: dict[str, Any]) -> Reply:
        if self.purpose in asked["messages"][-1]["content"]:
            with self._lock:
                self.free -= 1
                wait = self.free < 0
            if wait:
                self.held.set()
                self.go_on.wait(60)
        return point_at_claims(asked)


# init


def test_init_lays_out_a_workspace_in_which_status_says_what_to_do(
    tmp_path: Path, curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = curator("init", str(tmp_path / "mine"))
    assert said.code == 0
    assert (tmp_path / "mine" / "curator.toml").is_file()
    assert "ingest --limit 5" in said.out
    monkeypatch.chdir(tmp_path / "mine")
    missing = curator("status")
    assert missing.code == 1
    assert "curator ingest" in missing.err


def test_init_leaves_what_is_there(tmp_path: Path, curator: Curator) -> None:
    curator("init", str(tmp_path))
    (tmp_path / "curator.toml").write_text("mine", encoding="utf-8")
    assert "nothing was changed" in curator("init", str(tmp_path)).out
    assert (tmp_path / "curator.toml").read_text(encoding="utf-8") == "mine"


def test_init_where_nothing_can_be_written_is_a_sentence(tmp_path: Path, curator: Curator) -> None:
    (tmp_path / "prompts").write_text("a file where a folder should be", encoding="utf-8")
    said = curator("init", str(tmp_path))
    assert said.code == 1
    assert "prompts" in said.err
    assert "Traceback" not in said.err


# Exit codes and where things are told


def test_ingest_tells_progress_on_stderr_and_the_result_on_stdout(list_: Workspace, curator: Curator) -> None:
    said = curator("ingest")
    assert said.code == 0
    assert "grokking: fresh, 2 announced, 2 new" in said.out
    assert "3 papers found, 3 on topic, 3 read, 3 drafted, 0 failed." in said.out
    assert "reading and drafting: 3/3" in said.err
    assert "reading and drafting" not in said.out


def test_ingest_as_json_is_one_document(list_: Workspace, curator: Curator) -> None:
    said = curator("ingest", "--json")
    assert said.code == 0
    assert said.json.keys() >= RUN_KEYS
    assert said.json["topics"][0].keys() >= {"topic", "state", "announced", "new"}
    assert (said.json["outcome"], said.json["papers"], said.json["failures"]) == ("done", 3, 0)
    assert said.json["ended"].endswith("Z")


def test_failures_that_will_be_tried_again_are_exit_code_3(
    list_: Workspace, arxiv: FaultyArxiv, curator: Curator
) -> None:
    arxiv.faults = [on_topic("refusal", ERROR_ENTRY), on_pdf("2611.00001", MISSING)]
    said = curator("ingest")
    assert said.code == 3
    assert "refusal: failed" in said.out
    assert "arXiv rejected the query" in said.out
    assert "2611.00001v1 (download, will be tried again)" in said.out
    assert curator("ingest", "--json").code == 3
    arxiv.faults = []
    assert curator("ingest").code == 0


def test_a_refusal_by_arxiv_is_exit_code_1_and_says_what_was_not_asked(
    list_: Workspace, arxiv: FaultyArxiv, curator: Curator
) -> None:
    arxiv.faults = [on_topic("grokking", REFUSED)]
    said = curator("ingest")
    assert said.code == 1
    assert "refusal: not asked" in said.out
    assert re.search(r"^curator: arXiv refused .*403", said.err, re.MULTILINE)
    as_json = curator("ingest", "--json")
    assert (as_json.code, as_json.json["outcome"]) == (1, "failed")
    assert [topic["state"] for topic in as_json.json["topics"]] == ["failed", "not asked"]


def test_a_wrong_key_is_exit_code_1_and_names_the_variable_but_not_the_key(
    list_: Workspace, model: ModelServer
) -> None:
    model.answer = lambda asked: Reply(status=401, body=b'{"error": {"message": "bad key sk-very-secret"}}')
    said = run_apart("ingest", env=with_model(list_, model) | {"OPENAI_API_KEY": "sk-very-secret"})
    assert said.code == 1
    assert re.search(r"^curator: .*OPENAI_API_KEY", said.err, re.MULTILINE)
    assert "sk-very-secret" not in said.out + said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--id", "2611.00001", "--topic", "grokking"], "--id"),
        (["--id", "2611.00001", "--since", "2026-01-01"], "--id"),
        (["--id", "2613.00001"], "2613.00001"),
        (["--id", "../../etc/passwd"], "../../etc/passwd"),
        (["--since", "yesterday"], "yesterday"),
        (["--since", "2026-02-01", "--until", "2026-01-01"], "2026-02-01"),
        (["--limit", "0"], "--limit"),
    ],
)
def test_what_cannot_be_asked_for_is_a_usage_error(
    list_: Workspace, arxiv: FaultyArxiv, curator: Curator, arguments: list[str], words: str
) -> None:
    said = curator("ingest", *arguments)
    assert said.code == 2
    assert words in said.err
    assert said.out == ""
    assert arxiv.log == []


def test_an_unknown_topic_is_told_with_the_known_ones(list_: Workspace, arxiv: FaultyArxiv, curator: Curator) -> None:
    said = curator("ingest", "--topic", "groking")
    assert said.code == 1
    assert "'groking'" in said.err
    assert "grokking, refusal" in said.err
    assert arxiv.log == []


def test_ids_in_all_their_shapes_are_taken_once(list_: Workspace, arxiv: FaultyArxiv, curator: Curator) -> None:
    arxiv.add(held(50, id="hep-th/9901001", days_ago=9000, title="Strings"))
    ids = ["hep-th/9901001", "arXiv:2611.00001v1", "https://arxiv.org/abs/2611.00001v1", "2611.77777"]
    said = curator("ingest", *(word for one in ids for word in ("--id", one)))
    assert said.code == 3, "one of them is unknown"
    assert "2611.77777" in said.out
    assert sorted(arxiv.asked("/pdf/")) == ["2611.00001v1", "hep-th/9901001v1"]
    paper = curator("queue", "--json").json[0]["id"]
    assert "Not screened" in curator("why", paper).out


def test_limit_says_what_it_left_and_a_later_run_takes_it(list_: Workspace, curator: Curator) -> None:
    said = curator("ingest", "--limit", "1")
    assert said.code == 0
    assert "Because of --limit, 2 papers will be read by a later run" in said.out
    assert "2 drafted, 0 failed" in curator("ingest").out


def test_since_and_until_choose_by_submission_date(list_: Workspace, arxiv: FaultyArxiv, curator: Curator) -> None:
    arxiv.add(held(40, days_ago=400))
    day = arxiv.papers[-1].paper.published
    since, until = f"{day:%Y-%m-01}", f"{day.replace(year=day.year + 1):%Y-%m-01}"
    assert curator("ingest", "--since", since, "--until", until, "--topic", "grokking").code == 0
    assert query(curator, "select paper from documents") == [("2611.00040",)]


# Runs that end in the middle


def test_a_killed_run_loses_nothing_and_pays_nothing_twice(
    list_: Workspace, arxiv: FaultyArxiv, model: ModelServer, curator: Curator
) -> None:
    arxiv.add(*(held(number) for number in range(10, 14)))
    hold = Hold(free=3)
    model.answer = hold
    running = start("ingest", env=with_model(list_, model))
    try:
        assert hold.held.wait(60)
        drafted = "select count(*) from record.calls where purpose = 'draft' and outcome = 'ok'"
        while query(curator, drafted) != [(3,)]:
            assert running.poll() is None
    finally:
        running.kill()
        running.communicate()
        hold.go_on.set()
    assert query(curator, "select outcome, ended from runs") == [("unfinished", None)]
    answered = {row[0] for row in query(curator, "select request from record.calls where outcome = 'ok'")}
    model.answer, asked_before = point_at_claims, len(model.asked)
    said = run_apart("ingest", env=with_model(list_, model))
    assert said.code == 0, said.err
    assert query(curator, "select count(*), count(distinct paper) from record.drafts") == [(7, 7)]
    assert query(curator, "select count(*) = count(distinct candidate) from record.candidates") == [(True,)]
    again = query(curator, "select request from record.calls where run = (select max(run) from runs)")
    assert not answered & {row[0] for row in again}
    assert len(model.asked) - asked_before == len(again)
    kinds = "select purpose, count(*) from calls where run = (select max(run) from runs) group by all"
    assert dict(query(curator, kinds))["draft"] == 4
    checked = "select count(distinct paper) from calls where purpose = 'support' and outcome = 'ok'"
    assert query(curator, checked) == [(7,)], "also what the killed run had drafted and not checked"
    unchecked = "select count(*) from candidates anti join (from supports where call is not null) using (candidate)"
    assert query(curator, unchecked) == [(0,)]
    assert all(arxiv.asked("/pdf/").count(one) == 1 for one in arxiv.asked("/pdf/"))


def test_a_run_killed_while_downloading_is_carried_on(list_: Workspace, arxiv: FaultyArxiv, curator: Curator) -> None:
    fault, asked, go_on = hold_pdf("2611.00003")
    arxiv.faults = [fault]
    running = start("ingest", env={"CURATOR_WORKSPACE": str(list_.root)})
    try:
        assert asked.wait(60)
    finally:
        running.kill()
        running.communicate()
        go_on.set()
    arxiv.faults = []
    assert curator("ingest").code == 0
    assert query(curator, "select count(*), count(distinct paper) from record.drafts") == [(3, 3)]


def stop(running: subprocess.Popen[str]) -> None:
    running.kill()
    running.communicate()


def interrupt_until_it_ends(running: subprocess.Popen[str]) -> tuple[str, str]:
    for _ in range(40):
        running.send_signal(signal.SIGINT)
        try:
            return running.communicate(timeout=0.5)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("Ctrl-C did not end it")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_one_ctrl_c_waits_for_the_answer_that_is_paid_for(
    list_: Workspace, model: ModelServer, curator: Curator, how: signal.Signals
) -> None:
    hold = Hold()
    model.answer = hold
    running = start("ingest", env=with_model(list_, model))
    try:
        assert hold.held.wait(60)
        running.send_signal(how)
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(timeout=0.2)
        if how == signal.SIGTERM:  # once more changes nothing
            running.send_signal(how)
            with pytest.raises(subprocess.TimeoutExpired):
                running.wait(timeout=0.2)
        hold.go_on.set()
        _, err = running.communicate(timeout=60)
    finally:
        hold.go_on.set()
        stop(running)
    assert running.returncode == (143 if how == signal.SIGTERM else 130)
    assert "Press Ctrl-C again to stop now" in err
    answered = query(curator, "select count(*) from calls where purpose = 'draft' and outcome = 'ok'")
    assert answered == [(len(model.asked_to_draft()),)], "every answer is on record"
    assert query(curator, "select outcome from runs") == [("interrupted",)]


@pytest.mark.parametrize("where", ["draft", "screen", "download"])
def test_ctrl_c_twice_ends_a_run_soon_and_the_next_one_carries_on(
    list_: Workspace, arxiv: FaultyArxiv, model: ModelServer, curator: Curator, where: str
) -> None:
    hold = Hold()
    fault, held_back, go_on = hold_pdf("2611.00003")
    if where == "download":
        arxiv.faults = [fault]
        hold.held, hold.go_on = held_back, go_on
    elif where == "draft":
        model.answer = hold
    else:
        hold.purpose = "<paper id="
        model.answer = hold
    running = start("ingest", env=with_model(list_, model))
    try:
        assert hold.held.wait(60)
        out, err = interrupt_until_it_ends(running)  # the model would take three times as long
    finally:
        hold.go_on.set()
        stop(running)
    assert running.returncode == 130
    assert "Interrupted. Finished work is kept" in err
    assert "Traceback" not in err
    assert out == ""
    assert query(curator, "select outcome, message from runs") == [("interrupted", None)]
    assert query(curator, "from record.failures") == []
    arxiv.faults, model.answer = [], point_at_claims
    assert run_apart("ingest", env=with_model(list_, model)).code == 0
    assert query(curator, "select count(*), count(distinct paper) from record.drafts") == [(3, 3)]


def test_a_second_ingest_says_that_one_is_going_on_and_a_person_can_decide_meanwhile(
    list_: Workspace, arxiv: FaultyArxiv, curator: Curator
) -> None:
    assert curator("ingest").code == 0
    best = curator("queue", "--json").json[0]["id"]
    arxiv.add(held(60))
    fault, asked, go_on = hold_pdf("2611.00060")
    arxiv.faults = [fault]
    running = start("ingest", "--json", env={"CURATOR_WORKSPACE": str(list_.root)})
    try:
        assert asked.wait(60)
        second = curator("ingest")
        assert second.code == 1
        assert "Another ingest" in second.err
        assert "unfinished" in curator("runs").out
        assert curator("accept", best).code == 0
        assert curator("undo").code == 0
        assert curator("accept", best[:6]).code == 0
        assert curator("publish").code == 0
    finally:
        go_on.set()
        out, err = running.communicate(timeout=60)
    assert running.returncode == 0, err
    assert json.loads(out)["outcome"] == "done"
    assert query(curator, "select count(*) from record.runs") == [(2,)]
    assert query(curator, "select paper from candidates where status = 'accepted'") != []


def test_what_is_left_to_a_batch_is_told_and_collected(
    list_: Workspace, curator: Curator, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", model.url)
    monkeypatch.setenv("CURATOR_MODEL", "tested-model")
    provider = model.take_batches()
    assert "No batch is waiting" in curator("collect").out
    said = curator("ingest", "--batch")
    assert said.code == 0
    assert "3 papers sent to the model in a batch" in said.out
    assert "3 papers sent to the model in batches" in curator("status").out
    assert "1 batch of earlier runs still without answers." in curator("collect").out
    provider.finish()
    said = curator("collect")
    assert said.code == 0
    assert "3 answers came from batches." in said.out
    assert len(curator("queue", "--json").json) == 6


def test_whoever_is_to_be_told_is_told_and_where_that_fails_the_run_is_as_good(
    list_: Workspace, curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook() as hook:
        monkeypatch.setenv("CURATOR_NOTIFY_TO", f"json://127.0.0.1:{hook.port}/secret-of-mine")
        assert curator("ingest", "--limit", "1").code == 0
        assert hook.came == [], "nobody asked for it"
        assert curator("ingest", "--limit", "1", "--notify").code == 0
        assert hook.came[0]["title"] == "Curator: 1 new candidate"
        hook.status = 500
        said = curator("ingest", "--notify", "--json")
    assert said.code == 0
    assert said.json["candidates"] == 1
    assert "could not be sent" in said.err
    assert "secret-of-mine" not in said.err


def test_a_batch_without_a_model_is_refused_with_what_to_set(
    list_: Workspace, arxiv: FaultyArxiv, curator: Curator
) -> None:
    said = curator("ingest", "--batch")
    assert said.code == 2
    assert "OPENAI_API_KEY" in said.err
    assert not arxiv.log
