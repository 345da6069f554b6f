"""The first thing that anybody runs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from curator.demo.samples import load_sample_papers
from curator.pdf.pipeline import read_bytes
from curator.pipeline.coverage import load_days
from curator.warehouse import Warehouse, ad_hoc
from curator.workspace import Workspace, create_files
from tests.cli.conftest import Curator, Said
from tests.helpers.arxiv_faults import held
from tests.warehouse.things import candidate, paper, stock

OFF_TOPIC = {"2610.90014", "2610.90015"}
BROKEN = "2610.90016"
KEPT = ("papers", "sightings", "screenings", "documents", "pages", "drafts", "candidates", "quotes", "decisions")


def rows(workspace: Workspace) -> dict[str, int]:
    counts = ", ".join(f"(select count(*) from record.{table}) as {table}" for table in KEPT)
    warehouse = Warehouse(workspace.warehouse_file)
    found: dict[str, int] = warehouse.read(ad_hoc.run_query, f"select {counts}").dicts()[0]
    return found


def test_the_demo_says_what_it_found_what_waits_and_how_to_review(demo_once: tuple[Path, Said]) -> None:
    said = demo_once[1]
    assert said.code == 0, said.err
    assert "15 papers found, 14 on topic, 13 read, 13 drafted, 1 failed (1 off topic).\n14 new candidates." in said.out
    assert re.search(r"\d+ candidates to review\. The first:", said.out)
    assert "export CURATOR_WORKSPACE=$PWD/demo" in said.out
    for command in ("queue", "why", "accept", "publish"):
        assert re.search(rf"^  curator {command}\b", said.out, re.MULTILINE), command
    assert re.search(rf"{BROKEN}v1 \(read, will not be tried again\): \w.*\.", " ".join(said.out.split()))
    assert "reading and drafting: 14/14" in said.err


def test_the_commands_that_the_demo_names_work_as_printed(
    demo: Workspace, demo_once: tuple[Path, Said], curator: Curator
) -> None:
    for command in re.findall(r"^  curator (\S+(?: [0-9a-f]{6})?)", demo_once[1].out, re.MULTILINE):
        if command == "review":  # serves until it is stopped: see the README's tests
            continue
        assert curator(*command.split()).code == 0, command
    assert "<a id=" in demo.list_file.read_text(encoding="utf-8")


def test_every_quote_of_the_demo_stands_in_its_papers_text(demo: Workspace, curator: Curator) -> None:
    held_ = {one.paper.versioned_id: one.pdf for one in load_sample_papers()}
    queue = curator("queue", "--json").json
    assert len(queue) >= 8
    for item in queue:
        pdf = held_[f"{item['paper']}v{item['version']}"]
        assert isinstance(pdf, bytes)
        document = read_bytes(pdf, item["paper"], item["version"], 400)
        pages = {page.number: " ".join(page.text.split()) for page in document.pages}
        assert item["quotes"]
        for quote in item["quotes"]:
            assert quote["grade"] == "exact"
            assert quote["text"] in pages[quote["page"]]


def test_papers_about_other_things_are_not_read(demo: Workspace, curator: Curator) -> None:
    read = {row["paper"] for row in curator("sql", "select paper from documents", "--json").json}
    assert len(read) == 13
    assert not read & OFF_TOPIC
    relevant = curator("sql", "select distinct paper from screenings where relevant", "--json").json
    assert not {row["paper"] for row in relevant} & OFF_TOPIC


def test_the_broken_paper_is_a_failure_with_a_reason(demo: Workspace, curator: Curator) -> None:
    (failure,) = curator("sql", "select paper, stage, code, message from failures", "--json").json
    assert (failure["paper"], failure["stage"], failure["code"]) == (BROKEN, "read", "damaged")
    assert failure["message"].endswith(".")
    assert BROKEN in curator("status").out


def test_running_the_demo_again_adds_nothing(demo: Workspace, curator: Curator) -> None:
    best = curator("queue", "--json").json[0]["id"]
    curator("accept", best)
    before = rows(demo)
    said = curator("demo", "--no-serve")
    assert said.code == 0
    assert "0 new candidates" in said.out
    assert rows(demo) == before
    assert curator("queue", "--status", "accepted", "--json").json[0]["id"] == best


def test_after_the_demo_no_day_reads_as_broken(demo: Workspace, curator: Curator) -> None:
    for _ in range(2):
        assert {day["state"] for day in curator("days", "--json").json} <= {"fresh", "quiet", "waiting", "not asked"}
        covered = Warehouse(demo.warehouse_file).read(load_days, demo, 40, datetime(2026, 11, 24, tzinfo=UTC))
        assert {day.state for day in covered} == {"fresh", "quiet", "waiting", "not asked"}
        assert sum(day.papers for day in covered) >= 14
        assert "stalled" not in curator("days").out
        again = curator("demo", "--no-serve")
        assert "stalled" not in again.out + again.err
    demo.demo_mark.unlink()
    assert "stalled" in curator("days").out, "a real list's silence is still doubted"


def test_the_demo_does_not_run_among_real_papers(
    tmp_path: Path, curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(create_files(tmp_path))
    workspace = Workspace(tmp_path)
    stock(Warehouse(workspace.warehouse_file), candidate("aaaa00000001"), papers=[paper()])
    monkeypatch.setenv("CURATOR_WORKSPACE", str(tmp_path))
    said = curator("demo", "--no-serve")
    assert said.code == 1
    assert "contains a list of your own" in said.err
    assert rows(workspace)["papers"] == 1


def test_the_demo_uses_no_model_even_where_one_is_set(
    tmp_path: Path, curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATOR_WORKSPACE", str(tmp_path / "own"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    said = curator("demo", "--no-serve")
    assert said.code == 0
    assert "drafted by extractive" in said.out
    assert curator("costs", "--json").json == []


def test_sample_papers_have_numbers_that_arxiv_does_not_reach() -> None:
    assert all(one.paper.id.startswith("2610.900") for one in load_sample_papers())
    assert not held(1).paper.id.startswith("2610.900")
    assert all(one.paper.published < datetime(2026, 12, 1, tzinfo=UTC) for one in load_sample_papers())
