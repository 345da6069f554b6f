"""Looking things up: what people read, and the JSON that programs read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from curator.demo.samples import load_sample_papers
from curator.demo.server import Request, Response
from curator.resources import resource_path
from curator.workspace import Workspace
from tests.cli.conftest import Curator
from tests.helpers.arxiv_faults import FaultyArxiv
from tests.helpers.model_server import UNREPORTED, ModelServer, Reply, point_at_claims

QUERIES = sorted(file.stem for file in resource_path("warehouse", "queries").glob("*.sql"))
QUOTE = "We find that the delay between fitting the training set and generalising is inversely proportional"


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    (data,) = [one.pdf for one in load_sample_papers() if one.paper.id == "2610.90004"]
    assert isinstance(data, bytes)
    file = tmp_path / "grokking.pdf"
    file.write_bytes(data)
    return file


def test_status_counts_everything(demo: Workspace, curator: Curator) -> None:
    counts = curator("status", "--json").json
    assert counts.keys() >= {"papers", "documents", "candidates", "published", "failures"}
    assert counts["candidates"].keys() >= {"pending", "accepted", "rejected", "deferred"}
    waiting = len(curator("queue", "--json").json)
    assert (counts["papers"], counts["documents"], counts["failures"]) == (15, 13, 1)
    assert counts["candidates"]["pending"] == waiting
    said = curator("status").out
    assert "15 papers known, 13 read." in said
    assert counts["last_ingest"].endswith("Z")
    assert f"{waiting} candidates waiting; 0 accepted" in said
    assert "damaged" in said


def test_runs_tells_of_each_topic(demo: Workspace, curator: Curator) -> None:
    (run,) = curator("runs", "--json").json
    assert run.keys() >= {"id", "started", "ended", "outcome", "topics", "papers", "candidates", "failures", "cost"}
    assert all(topic.keys() >= {"topic", "state", "announced", "new"} for topic in run["topics"])
    assert (run["outcome"], run["papers"], run["failures"], len(run["topics"])) == ("done", 15, 1, 7)
    assert run["started"].endswith("Z")
    said = curator("runs").out
    assert run["id"] in said
    assert "grokking: fresh, 3 announced, 3 new" in said


def test_runs_shows_as_many_as_asked_for_latest_first(list_: Workspace, curator: Curator) -> None:
    for _ in range(3):
        curator("ingest")
    found = curator("runs", "--limit", "2", "--json").json
    assert [run["papers"] for run in found] == [0, 0]
    assert found[0]["started"] > found[1]["started"]


def test_costs_of_a_keyless_list_are_nothing(demo: Workspace, curator: Curator) -> None:
    assert "costs nothing" in curator("costs").out
    assert curator("costs", "--json").json == []


def test_costs_and_why_tell_of_the_model(
    list_: Workspace, model: ModelServer, curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"OPENAI_BASE_URL": model.url, "CURATOR_MODEL": "tested-model"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CURATOR_DRAFT_PRICE_IN", "1000000")
    monkeypatch.setenv("CURATOR_DRAFT_PRICE_OUT", "0")
    model.enqueue(Reply("no JSON"))
    assert curator("ingest").code == 3
    costs = {row["purpose"]: row for row in curator("costs", "--json").json}
    assert costs["screen"]["calls"] == 2
    assert costs["screen"]["failed"] == 1
    assert costs["support"]["calls"] == costs["draft"]["calls"]
    for row in costs.values():
        assert row["cost"] == row["tokens_in"] > 0  # a million for a million tokens
    assert "tested-model" in curator("costs").out
    (run,) = curator("runs", "--json").json
    assert run["cost"] == sum(row["cost"] for row in costs.values())
    why = curator("why", curator("queue", "--json").json[0]["id"]).out
    assert "tested-model" in why
    assert "prompts/draft.md" in why
    assert "tokens in" in why


@pytest.mark.parametrize("usage", [UNREPORTED, None, {"prompt_tokens": -1, "completion_tokens": -1}])
def test_a_budget_ends_a_run_whose_model_reports_no_usage_and_costs_say_so(
    list_: Workspace, model: ModelServer, curator: Curator, monkeypatch: pytest.MonkeyPatch, usage: object
) -> None:
    told = {"OPENAI_BASE_URL": model.url, "CURATOR_MODEL": "tested-model", "CURATOR_DRAFT_CALLS_AT_ONCE": "1"}
    told |= {"CURATOR_DRAFT_PRICE_IN": "0.001", "CURATOR_DRAFT_PRICE_OUT": "250", "CURATOR_BUDGET_PER_RUN": "1.5"}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    model.answer = lambda asked: replace(point_at_claims(asked), usage=usage)
    assert curator("ingest", "--id", "2611.00001", "--id", "2611.00002", "--id", "2611.00003").code == 3
    assert len(model.asked) == 1, "a call costs at most 1, and two are more than 1.5"
    for by in ("day", "topic", "stage"):
        (row,) = curator("costs", "--by", by, "--json").json
        assert row["estimated_calls"] == 1
        assert row["estimated_cost"] == row["cost"] == pytest.approx(1.0, abs=0.001)
        assert "Estimated: 1 call of unknown usage" in " ".join(curator("costs", "--by", by).out.split())
    (run,) = curator("runs", "--json").json
    assert run["estimated_cost"] == run["cost"]
    assert "of it estimated" in curator("runs").out
    assert "(estimated)" in " ".join(curator("why", curator("queue", "--json").json[0]["id"]).out.split())
    (month,) = curator("query", "spending", "--json").json
    assert month["estimated_cost"] == run["cost"]


def test_why_leads_from_the_candidate_to_the_page(demo: Workspace, curator: Curator) -> None:
    item = curator("queue", "--json").json[0]
    said = curator("why", item["id"])
    assert said.code == 0
    flat = " ".join(said.out.split())
    for part in (item["id"], item["title"], f"arxiv.org/abs/{item['paper']}v", "Screened for", "in run", "(exact, p. "):
        assert part in flat, part
    chain = curator("why", item["id"], "--json").json
    assert chain.keys() >= {"id", "run", "drafter", "quotes", "screenings", "decisions", "frame"}
    assert chain["quotes"][0]["page"] == item["quotes"][0]["page"]


def test_every_named_query_runs(demo: Workspace, curator: Curator) -> None:
    curator("accept", curator("queue", "--json").json[0]["id"])
    listed = curator("query", "--json").json
    assert [one["name"] for one in listed] == QUERIES
    assert all(one["about"].endswith(".") for one in listed)
    assert [line.split()[0] for line in curator("query").out.splitlines()] == QUERIES
    for name in QUERIES:
        said = curator("query", name)
        assert (said.code, said.err.split()[-1]) in ((0, "row"), (0, "rows")), said.err
        assert isinstance(curator("query", name, "--json").json, list)
    assert curator("query", "list", "--json").json[0]["frame"] == "F1"


def test_a_query_of_ones_own_stands_before_those_that_come_with_curator(demo: Workspace, curator: Curator) -> None:
    (demo.root / "warehouse" / "queries").mkdir(exist_ok=True)
    (demo.root / "warehouse" / "queries" / "list.sql").write_text("-- Mine.\nselect 42 as answer", encoding="utf-8")
    assert curator("query", "list", "--json").json == [{"answer": 42}]


def test_an_unknown_query_names_those_there_are(demo: Workspace, curator: Curator) -> None:
    said = curator("query", "lists")
    assert (said.code, said.out) == (1, "")
    assert all(name in said.err for name in QUERIES)


def test_sql_shows_a_table_and_counts_on_stderr(demo: Workspace, curator: Curator) -> None:
    said = curator("sql", "select 'a' as letter, 1.5 as number, null as nothing")
    assert (said.code, said.err) == (0, "1 row\n")
    assert "letter" in said.out
    assert curator("sql", "select 1 as x, timestamp '2026-01-02 03:04:05' as t", "--json").json == [
        {"x": 1, "t": "2026-01-02T03:04:05Z"}
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "select nothing from nowhere",
        "",
        "delete from record.papers",
        "drop view papers",
        "copy papers to 'out.csv'",
        "select * from read_text('curator.toml')",
        "attach 'other.duckdb'",
        "install httpfs",
    ],
)
def test_sql_that_cannot_or_must_not_run_is_told(
    demo: Workspace, curator: Curator, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(demo.root)
    said = curator("sql", sql)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("curator: ")
    assert "Traceback" not in said.err
    assert curator("status", "--json").json["papers"] == 15
    assert not (demo.root / "out.csv").exists()


def test_read_shows_a_file_page_by_page(pdf: Path, curator: Curator) -> None:
    said = curator("read", str(pdf))
    assert said.code == 0
    assert said.out.startswith("--- page 1 ---")
    assert "--- page 2 ---" in said.out


def test_read_as_json_has_pages_sections_and_what_is_hidden(pdf: Path, curator: Curator) -> None:
    found = curator("read", str(pdf), "--json").json
    assert found.keys() >= {"paper", "pages", "sections", "hidden"}
    assert found["paper"] == str(pdf)
    assert [page["number"] for page in found["pages"]] == list(range(1, len(found["pages"]) + 1))
    assert QUOTE in " ".join(found["pages"][0]["text"].split())
    assert {"title", "page"} <= found["sections"][0].keys()


def test_read_of_a_paper_in_the_warehouse_names_its_version(demo: Workspace, curator: Curator) -> None:
    assert curator("read", "2610.90004", "--json").json["paper"] == "2610.90004v1"
    assert curator("read", "2610.90003v2", "--json").json["paper"] == "2610.90003v2"


@pytest.mark.parametrize("source", ["2610.90014", "2501.00001", "no-such.pdf"])
def test_read_of_what_was_never_read_says_so(demo: Workspace, curator: Curator, source: str) -> None:
    said = curator("read", source)
    assert (said.code, said.out) == (1, "")
    assert source in said.err


def test_read_of_a_file_that_is_no_pdf_says_so(tmp_path: Path, curator: Curator) -> None:
    (tmp_path / "page.pdf").write_text("<html>", encoding="utf-8")
    said = curator("read", str(tmp_path / "page.pdf"), "--json")
    assert (said.code, said.out) == (1, "")
    assert "not a PDF" in said.err


def test_check_quotes_grades_what_stands_there_and_what_does_not(pdf: Path, tmp_path: Path, curator: Curator) -> None:
    asked = [{"id": 1, "quote": QUOTE}, {"id": "b", "quote": "Language models dream of electric sheep at night."}]
    file = tmp_path / "quotes.jsonl"
    file.write_text("\r\n".join(json.dumps(one) for one in asked) + "\n\n", encoding="utf-8-sig")
    found = curator("check-quotes", str(pdf), "--quotes", str(file), "--json").json
    assert [one.keys() >= {"id", "grade", "page", "found"} for one in found] == [True, True]
    assert [(one["id"], one["grade"], one["page"]) for one in found] == [(1, "exact", 1), ("b", "absent", None)]
    assert found[0]["found"] == QUOTE
    assert found[1]["found"] is None
    said = curator("check-quotes", str(pdf), "--quotes", str(file))
    assert said.code == 0
    assert "absent" in said.out


def test_check_quotes_of_an_unreadable_pdf_is_not_absent(tmp_path: Path, curator: Curator) -> None:
    (data,) = [one.pdf for one in load_sample_papers() if one.paper.id == "2610.90016"]
    assert isinstance(data, bytes)
    (tmp_path / "broken.pdf").write_bytes(data)
    (tmp_path / "quotes.jsonl").write_text(json.dumps({"id": 1, "quote": QUOTE}), encoding="utf-8")
    said = curator("check-quotes", str(tmp_path / "broken.pdf"), "--quotes", str(tmp_path / "quotes.jsonl"), "--json")
    assert [one["grade"] for one in said.json] == ["unreadable"]
    assert said.err.startswith("curator: ")


@pytest.mark.parametrize("content", [b"not json", b'{"id": 1}', b"[1]", b"\xff\xfe\x00", b"[" * 100_000])
def test_check_quotes_of_a_file_of_something_else_says_which_line(
    pdf: Path, tmp_path: Path, curator: Curator, content: bytes
) -> None:
    file = tmp_path / "quotes.jsonl"
    file.write_bytes(content)
    said = curator("check-quotes", str(pdf), "--quotes", str(file))
    assert (said.code, said.out) == (1, "")
    assert "quotes.jsonl" in said.err
    assert said.err.strip().endswith(".")


def test_check_quotes_knows_papers_of_the_warehouse(
    list_: Workspace, arxiv: FaultyArxiv, tmp_path: Path, curator: Curator
) -> None:
    curator("ingest")
    quote = curator("queue", "--json").json[0]
    file = tmp_path / "quotes.jsonl"
    file.write_text(json.dumps({"id": "q", "quote": quote["quotes"][0]["text"]}), encoding="utf-8")
    (found,) = curator("check-quotes", quote["paper"], "--quotes", str(file), "--json").json
    assert found["grade"] == "exact"


def test_costs_are_told_by_topic_and_by_stage_and_for_each_frame(
    list_: Workspace, curator: Curator, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = {"CURATOR_DRAFT_PRICE_IN": "1", "CURATOR_DRAFT_PRICE_OUT": "2"}
    for name, value in ({"OPENAI_BASE_URL": model.url, "CURATOR_MODEL": "m"} | prices).items():
        monkeypatch.setenv(name, value)
    curator("ingest")
    curator("accept", curator("queue", "--json").json[0]["id"])
    whole = sum(one["cost"] for one in curator("costs", "--json").json)
    assert whole > 0
    for by, names in (("topic", {"grokking", "refusal"}), ("stage", {"screen", "draft", "support"})):
        rows = curator("costs", "--by", by, "--json").json
        assert {one[by] for one in rows} == names
        assert sum(one["cost"] for one in rows) == pytest.approx(whole)
    assert f"{whole:.4f} for each frame on the list." in curator("costs").out


def test_runs_name_what_was_expected_and_not_got(list_: Workspace, arxiv: FaultyArxiv, curator: Curator) -> None:
    def garbled(request: Request) -> Response | None:
        if "grokking" not in request.query.get("search_query", ""):
            return None
        answer = FaultyArxiv(arxiv.papers).answer(request)
        return replace(answer, body=answer.body.replace(b"<published>", b"<published>x", 1))

    arxiv.faults = [garbled]
    curator("ingest")
    assert "announced but not returned: 1 (2611.0000" in curator("runs").out
    arxiv.faults = []
    curator("ingest")
    assert "announced but not returned" not in curator("runs", "--limit", "1").out


def test_the_ledger_of_mailing_days_has_every_topic(list_: Workspace, curator: Curator) -> None:
    curator("ingest")
    told = curator("days", "--last", "3", "--json").json
    assert len(told) == (3 + 1) * 2
    assert {one["topic"] for one in told} == {"grokking", "refusal"}
    ahead = {one["topic"]: one["state"] for one in told[:2]}  # the paper may be part of the next mailing already
    assert ahead["refusal"] in ("waiting", "fresh")
    said = curator("days", "--last", "3")
    assert said.code == 0
    assert "invented" not in said.out, "every day of a list of one's own is shown"
    assert "grokking" in said.out
    assert told[0]["state"] in said.out


def test_sql_that_would_write_is_told_how_things_are_changed(demo: Workspace, curator: Curator) -> None:
    for statement in ("delete from record.papers", "update record.papers set title = ''", "create table t (a int)",
                      "insert into papers values (1)", "select 1; drop view papers"):  # fmt: skip
        said = curator("sql", statement)
        assert (said.code, "only reads; nothing was changed" in said.err) == (1, True), said.err
