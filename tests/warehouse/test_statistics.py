"""People's own SQL sees the warehouse and nothing else, and changes nothing."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from curator.errors import QueryError
from curator.review.decisions import Reviewer
from curator.warehouse import (
    Warehouse,
    ad_hoc,
    candidates,
    costs,
    model_calls,
    overview,
    papers,
    publications,
    rows,
    runs,
    statistics,
    work_queue,
)
from tests.helpers.templates import new_warehouse
from tests.warehouse.things import ABSENT, as_told, candidate, paper, stock


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "w.duckdb")


def ask(warehouse: Warehouse, sql: str) -> rows.Table:
    return warehouse.read_foreign_sql(ad_hoc.run_query, sql)


def test_a_query_gives_columns_and_rows(warehouse: Warehouse) -> None:
    table = ask(warehouse, "select 1 as one, 'b' as two;")
    assert table.columns == ("one", "two")
    assert table.dicts() == [{"one": 1, "two": "b"}]


@pytest.mark.parametrize(
    "sql",
    [
        "insert into record.runs (run) values ('r')",
        "update record.runs set run = 'r'",
        "delete from record.runs",
        "drop view frames",
        "create table t (a integer)",
        "create view v as select 1",
        "alter table record.runs add column a integer",
        "select 1; drop schema record cascade",
        "attach '{folder}/other.duckdb' as other",
        "attach ':memory:' as other",
        "copy (select 1) to '{folder}/out.csv'",
        "copy record.runs from '{folder}/in.csv'",
        "export database '{folder}/out'",
        "select * from read_csv('{folder}/in.csv')",
        "select * from read_text('/etc/passwd')",
        "select * from '{folder}/in.csv'",
        "from glob('{folder}/*')",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "create secret s (type s3, key_id 'a', secret 'b')",
        "select getenv('HOME')",
        "select * from warehouse",  # a variable of this test
        "import database '{folder}'",
    ],
)
def test_a_query_cannot_write_attach_copy_read_files_or_extend(warehouse: Warehouse, tmp_path: Path, sql: str) -> None:
    (tmp_path / "in.csv").write_text("a\n1\n")
    warehouse.close()
    before = warehouse.file.read_bytes(), sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(QueryError, match=r"curator query|only reads; nothing was changed"):
        ask(warehouse, sql.format(folder=tmp_path))
    assert (warehouse.file.read_bytes(), sorted(path.name for path in tmp_path.iterdir())) == before


@pytest.mark.parametrize(
    "sql", ["", "  ", "-- only a remark", ";", "selec 1", "select $x", "selec \udcff", "select 'a\0"]
)
def test_what_is_no_query_is_told_as_such(warehouse: Warehouse, sql: str) -> None:
    with pytest.raises(QueryError):
        ask(warehouse, sql)


def test_status_counts_candidates_by_where_they_stand(warehouse: Warehouse) -> None:
    run = stock(
        warehouse,
        candidate("aa11"),
        candidate("bb22"),
        candidate("cc33"),
        candidate("dd44"),
        candidate("ee55", quotes=(ABSENT,)),
    )
    desk = Reviewer(warehouse, "t")
    desk.accept("aa11")
    desk.reject("bb22", "no")
    desk.defer("cc33")
    warehouse.write(publications.add_publication, "list.md", "0", {"F1": publications.PublishedText("t", ())})
    warehouse.write(work_queue.add_failure, run, "read", paper(2), "empty", "m", None)
    assert warehouse.read(statistics.load_status) == {
        "papers": 1,
        "documents": 0,
        "candidates": {"pending": 1, "accepted": 1, "rejected": 1, "deferred": 1, "merged": 0, "without_evidence": 1},
        "published": 1,
        "returned": 0,
        "failures": 1,
        "in_batches": 0,
        "last_ingest": None,
    }


def test_a_run_without_an_end_is_unfinished_and_counts_what_it_did(warehouse: Warehouse) -> None:
    first = stock(warehouse, candidate("aa11"))
    warehouse.write(runs.add_topic_run, first, "refusal", "quiet", announced=2, problems=["it's slow"])
    call = model_calls.ModelCall("req", "draft", "draft", "sha", "m", [], "no-json", cost=0.25)
    warehouse.write(model_calls.add_call, first, call, paper())
    second = warehouse.write(runs.start_run, {}, "tests")
    for outcome in ("done", "failed"):  # only the first end counts
        warehouse.write(runs.end_run, second, outcome)
    found = {row["id"]: row for row in warehouse.read(statistics.load_runs)}
    assert found[first]["outcome"] == "unfinished"
    assert [found[first][name] for name in ("papers", "candidates", "calls", "cost")] == [1, 1, 1, 0.25]
    assert found[first]["topics"][0]["problems"] == ["it's slow"]
    assert (found[second]["outcome"], found[second]["topics"]) == ("done", [])


def test_the_chain_behind_a_candidate_goes_back_to_screening_and_reply(warehouse: Warehouse) -> None:
    run = warehouse.write(runs.start_run, {}, "tests")
    warehouse.write(runs.add_found, run, "refusal", [as_told(paper())])
    screening = papers.Screening(paper().id, "refusal", 0.8, True, "its title", "s")
    warehouse.write(papers.add_screenings, run, [screening])
    call = model_calls.ModelCall(
        "req", "draft", "draft", "sha", "m", [{"role": "user", "content": "x"}], "ok", reply="{}"
    )
    call_id = warehouse.write(model_calls.add_call, run, call, paper())
    dropped = ["appendix (3 sentences)"]
    warehouse.write(candidates.add_draft, run, paper(), "tests", [candidate("aa11")], call=call_id, dropped=dropped)
    chain = warehouse.read(overview.explain_candidate, "aa11")
    assert (chain["call"], chain["reply"], chain["dropped"]) == (call_id, "{}", dropped)
    assert [row["reason"] for row in chain["screenings"]] == ["its title"]


def test_what_calls_usually_cost_is_of_those_whose_usage_is_known(warehouse: Warehouse) -> None:
    def keep(purpose: str, cost: float, estimated: bool | None, tokens: int | None = 10) -> None:
        call = model_calls.ModelCall(
            purpose, purpose, "p", "0", "m", [], "ok", tokens_in=tokens, tokens_out=tokens, cost=cost
        )
        call = dataclasses.replace(call, estimated=estimated)  # type: ignore[arg-type]
        warehouse.write(model_calls.add_call, "run", call, None)

    for purpose, cost, estimated in [("draft", 0.01, False), ("draft", 0.03, None), ("draft", 1.0, True)]:
        keep(purpose, cost, estimated)
    keep("support", 1.0, True)
    for purpose in ("draft", "support", "screen"):
        keep(purpose, 0.0, None, tokens=None)  # what an earlier version booked as free
    usual = warehouse.read(costs.load_usual_costs)
    assert {purpose: (round(one.cost, 9), one.known) for purpose, one in usual.items()} == {
        "draft": (0.02, True),
        "support": (1.0, False),
    }
