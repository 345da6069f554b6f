"""`curator doctor` finds what is wrong, says what to do, and tells no secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from curator.demo.server import Request, Response
from curator.warehouse import Warehouse
from curator.workspace import Workspace, exclusive_lock
from tests.cli.conftest import Curator
from tests.helpers.arxiv_faults import REFUSED, FaultyArxiv
from tests.helpers.model_server import UNREPORTED, ModelServer, Reply
from tests.helpers.recorder import recorder

KEY = "sk-secret-of-the-test"


def test_a_fresh_list_is_well(list_: Workspace, arxiv: FaultyArxiv, curator: Curator) -> None:
    list_.warehouse_file.unlink()
    said = curator("doctor")
    assert said.code == 0, said.out
    for what in ("settings", "prompts", "versions", "disk", "warehouse", "PDF reader", "arXiv", "clock", "model"):
        assert f"✓ {what}: " in said.out
    assert len(arxiv.log) == 1, "one polite call"
    assert not list_.warehouse_file.exists(), "looking makes nothing"


def test_a_list_that_was_not_kept_for_days_is_named(list_: Workspace, arxiv: FaultyArxiv, curator: Curator) -> None:
    with time_machine.travel(datetime.now(UTC) - timedelta(days=6)):
        assert curator("ingest").code == 0
    said = curator("doctor", "--offline")
    assert (said.code, "! last ingest: all topics were last searched on" in said.out) == (0, True), said.out
    assert curator("ingest").code == 0
    assert "✓ last ingest: " in curator("doctor", "--offline").out
    assert f"All topics were last searched on {datetime.now(UTC):%Y-%m-%d}" in curator("status").out


@pytest.mark.parametrize(("name", "version"), [("fastapi", "0.151.0"), ("SQLAlchemy", "2.1.0")])
def test_packages_that_prefect_cannot_work_with_are_named(
    list_: Workspace, curator: Curator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, version: str
) -> None:
    """Prefect's server starts with them, or so it seems, and no schedule ever runs."""
    for package, its in (("prefect", "3.8.8"), (name, version)):
        installed = tmp_path / "site" / f"{package}-{its}.dist-info"
        installed.mkdir(parents=True)
        (installed / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {its}\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    said = curator("doctor", "--offline")
    assert said.code == 1
    assert f"pip install '{name.lower()}<{version.removesuffix('.0')}'" in said.out


@pytest.mark.parametrize("command", ["resume", "go-on"])
def test_requests_resume_after_a_refusal_once_a_person_says_so(
    list_: Workspace, arxiv: FaultyArxiv, curator: Curator, command: str
) -> None:
    arxiv.faults = [lambda request: REFUSED]
    assert curator("ingest").code == 1
    said = curator("doctor")
    assert said.code == 1
    assert "run `curator resume`" in " ".join(said.out.split())
    assert len(arxiv.log) == 1, "nor does the doctor ask"
    arxiv.faults = []
    assert "From now on, runs send requests to arXiv again" in " ".join(curator(command).out.split())
    assert curator("ingest").code == 0
    assert "nothing was changed" in curator(command).out


def test_offline_asks_nobody(list_: Workspace, arxiv: FaultyArxiv, curator: Curator, model: ModelServer) -> None:
    assert curator("doctor", "--offline").code == 0
    assert not arxiv.log


def test_the_model_is_asked_one_tiny_question_and_the_key_is_not_shown(
    list_: Workspace, curator: Curator, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", model.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("CURATOR_MODEL", "tested-model")
    model.answer = lambda asked: Reply('{"answer": "yes"}')
    said = curator("doctor")
    assert said.code == 0, said.out
    assert "tested-model at 127.0.0.1 answers, with a key (not shown)" in " ".join(said.out.split())
    assert KEY not in said.out + said.err
    (asked,) = model.asked
    assert len(str(asked["messages"])) < 200
    model.answer = lambda asked: Reply(status=401, body=b'{"error": {"message": "no such key"}}')
    said = curator("doctor")
    assert said.code == 1
    assert "check OPENAI_API_KEY" in " ".join(said.out.split())
    assert KEY not in said.out + said.err


def test_an_endpoint_that_reports_no_usage_is_told_of_and_asked_within_the_budget(
    list_: Workspace, curator: Curator, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"OPENAI_BASE_URL": model.url, "CURATOR_MODEL": "tested-model", "CURATOR_DRAFT_PRICE_IN": "0"}
    told |= {"CURATOR_DRAFT_PRICE_OUT": "250", "CURATOR_BUDGET_PER_MONTH": "1.5"}  # a call costs at most 1
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    Warehouse(list_.warehouse_file).write(lambda c: None)
    model.answer = lambda asked: Reply('{"answer": "yes"}', usage=UNREPORTED)
    for said in ("does not report the tokens that a call used", "budget.per_month = 1.5 is reached"):
        (found,) = [one for one in curator("doctor", "--json").json if one["what"] == "model"]
        assert found["state"] == "look"
        assert said in found["said"]
        assert found["do"]
    assert len(model.asked) == 1


def test_an_endpoint_shows_what_it_accepts_and_lists(
    list_: Workspace, curator: Curator, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", model.url)
    monkeypatch.setenv("CURATOR_MODEL", "tested-model")

    def answer(asked: dict[str, Any]) -> Reply:
        if "max_completion_tokens" in asked or asked["messages"][0]["role"] == "system":
            return Reply(status=422, body=b'{"detail": "no"}')
        return Reply('{"answer": "yes"}')

    model.answer = answer
    pricing = {"prompt": "0.00000015", "completion": "0.0000006", "request": "0"}
    model.models = [
        {"id": "other", "context_length": 9},
        {"id": "tested-model", "context_length": 32768, "pricing": pricing},
    ]
    (found,) = [finding for finding in curator("doctor", "--json").json if finding["what"] == "model"]
    assert "max_tokens in place of max_completion_tokens; no system message" in found["said"]
    assert "reports the tokens that a call used, cached tokens included" in found["said"]
    assert "[draft] context_tokens = 32768; price_in = 0.15; price_out = 0.6" in found["do"]
    assert (found["state"], curator("doctor").code) == ("look", 0)


@pytest.mark.parametrize(
    ("answer", "what"),
    [(REFUSED, "arXiv"), (Response(200, b"<html>Log in</html>"), "arXiv")],
)
def test_what_arxiv_answers_is_judged(
    list_: Workspace, arxiv: FaultyArxiv, curator: Curator, answer: Response, what: str
) -> None:
    def fault(request: Request) -> Response:
        return answer

    arxiv.faults.append(fault)
    said = curator("doctor", "--json")
    assert said.code == 1
    (bad,) = [one for one in said.json if one["state"] == "bad"]
    assert bad["what"] == what
    assert bad["do"]


def test_broken_settings_and_prompts_are_named(list_: Workspace, curator: Curator) -> None:
    (list_.root / "prompts" / "draft.md").write_text("no parts")
    said = curator("doctor", "--offline")
    assert (said.code, "✗ prompts" in said.out) == (1, True)
    (list_.root / "curator.toml").write_text("title = 3")
    said = curator("doctor", "--offline")
    assert (said.code, "✗ settings" in said.out) == (1, True)


def test_a_warehouse_that_is_damaged_or_newer_is_told(list_: Workspace, curator: Curator) -> None:
    warehouse = Warehouse(list_.warehouse_file)
    warehouse.write(lambda c: c.execute("insert into record.migrations values ('999_later', '', now()::timestamp)"))
    said = curator("doctor", "--offline")
    assert (said.code, "later version of Curator" in " ".join(said.out.split())) == (1, True)
    warehouse.close()
    list_.warehouse_file.write_bytes(b"half")
    assert curator("doctor", "--offline").code == 1


def test_who_is_at_work_is_shown(list_: Workspace, curator: Curator) -> None:
    list_.warehouse_file.parent.mkdir(exist_ok=True)
    with exclusive_lock(list_, "ingest"):
        assert "✓ ingest: is running now" in curator("doctor", "--offline").out


def test_a_prefect_server_of_ones_own_is_asked_whether_it_wants_a_password_and_told_none(
    list_: Workspace, arxiv: FaultyArxiv, curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", KEY)
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", f"me:{KEY}")
    with recorder() as elsewhere, recorder() as server:
        monkeypatch.setenv("PREFECT_API_URL", f"http://me:{KEY}@127.0.0.1:{server.port}/api")
        server.headers = {"Location": elsewhere.url}
        for status, sign, words, code in (
            (200, "✗", "does not ask for a password: anyone who can reach it can run commands", 1),
            (401, "✓", "asks for a password (one is set; not shown)", 0),
            (403, "✓", "asks for a password (one is set; not shown)", 0),
            (302, "!", "answers HTTP 302, so Curator cannot tell", 0),
            (500, "!", "answers HTTP 500, so Curator cannot tell", 0),
        ):
            server.status = status
            said = curator("doctor")
            assert (said.code, f"{sign} Prefect: the server at 127.0.0.1 {words}" in " ".join(said.out.split())) == (
                code,
                True,
            ), said.out
            assert KEY not in said.out + said.err
        assert "– Prefect: --offline" in curator("doctor", "--offline").out
        server.status = 401
        monkeypatch.delenv("PREFECT_API_KEY")
        monkeypatch.delenv("PREFECT_API_AUTH_STRING")
        assert "! Prefect password: none is set" in curator("doctor").out
    assert (len(server.came), elsewhere.came) == (6, [])
    assert not [one for one in server.came if "authorization" in one.lower() or KEY in one]
    for address in (f"http://me:{KEY}@127.0.0.1:{server.port}/api", f"me:{KEY}@nowhere", f"http://[me:{KEY}"):
        monkeypatch.setenv("PREFECT_API_URL", address)
        said = curator("doctor")
        assert (said.code, "cannot be reached" in said.out, KEY in said.out + said.err) == (1, True, False), said.out


def findings(curator: Curator, *options: str) -> dict[str, dict[str, str]]:
    return {finding["what"]: finding for finding in curator("doctor", "--json", *options).json}


def test_all_checks_that_need_no_settings_run_where_the_settings_are_broken(list_: Workspace, curator: Curator) -> None:
    (list_.root / "curator.toml").write_text("title = \n", encoding="utf-8")
    found = findings(curator, "--offline")
    assert found["settings"]["state"] == "bad"
    for name in ("versions", "disk", "warehouse", "PDF reader", "prompts"):
        assert found[name]["state"] in ("good", "look")
    assert found["privacy"]["said"] == "needs valid settings"


def test_a_topic_whose_query_arxiv_would_reject_is_named(list_: Workspace, curator: Curator) -> None:
    settings = list_.root / "curator.toml"
    text = settings.read_text(encoding="utf-8")
    for query in ("(all:grokking", 'all:"grokking', "titel:grokking", "all:grokking AND"):
        settings.write_text(text.replace("all:grokking", query.replace('"', '\\"')), encoding="utf-8")
        found = findings(curator, "--offline")["topics"]
        assert found["state"] == "bad", query
        assert "'grokking'" in found["said"]
    settings.write_text(text, encoding="utf-8")
    assert findings(curator, "--offline")["topics"]["state"] == "good"


def test_proxies_are_named_by_the_service_that_they_serve_and_without_their_passwords(
    list_: Workspace, curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:s3cret@proxy.example.org:3128")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.example.org/v1")
    monkeypatch.setenv("CURATOR_MODEL", "m")
    said = findings(curator, "--offline")["proxies"]["said"]
    assert said == "arXiv (127.0.0.1) directly; the model (api.example.org) through http://***@proxy.example.org:3128"


def test_a_model_on_this_machine_is_asked_without_the_environments_proxy(
    list_: Workspace, curator: Curator, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_BASE_URL", model.url.replace("127.0.0.1", "localhost"))
    monkeypatch.setenv("CURATOR_MODEL", "tested-model")
    model.answer = lambda asked: Reply('{"answer": "yes"}')
    found = findings(curator)
    assert (found["model"]["state"], found["arXiv"]["state"]) == ("good", "good")
