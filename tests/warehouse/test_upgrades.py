"""A warehouse of every earlier schema, as that version of Curator left it, is brought up to date and goes on.

In the short form of these tests the first schema, one in the middle and the last stand for all; `make long` takes each.
Each file of `earlier/` is the sample papers' warehouse, drafted without a model, with two frames accepted (one in the
reviewer's words), one candidate rejected and one deferred; packed with xz.
"""

from __future__ import annotations

import lzma
import re
from pathlib import Path

import duckdb
import pytest

from curator.publish.publisher import publish
from curator.resources import resource_path
from curator.review.decisions import DecisionRequest, Reviewer
from curator.warehouse import Warehouse, candidates, statistics, unconfirmed
from curator.workspace import Workspace, create_files
from tests.helpers.forms import form

EARLIER = sorted((Path(__file__).parent / "earlier").glob("*.duckdb.xz"))
MIGRATIONS = sorted(file.stem for file in resource_path("warehouse", "migrations").glob("*.sql"))


def schema_of(file: Path) -> str:
    return file.name.removesuffix(".duckdb.xz")


@pytest.fixture(params=form([EARLIER[0], EARLIER[3], EARLIER[-1]], EARLIER), ids=schema_of)
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    list(create_files(tmp_path))
    (tmp_path / "warehouse").mkdir(exist_ok=True)
    workspace = Workspace(tmp_path)
    workspace.warehouse_file.write_bytes(lzma.decompress(request.param.read_bytes()))
    return workspace


def counts(file: Path) -> dict[str, int]:
    """Rows of each table of the record."""
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'record'").fetchall()
        return {
            name: connection.execute(f'select count(*) from record."{name}"').fetchall()[0][0] for (name,) in tables
        }


def test_there_is_a_warehouse_of_every_schema_before_this_one() -> None:
    kept = [schema_of(file) for file in EARLIER]
    assert kept == MIGRATIONS[: len(kept)]
    assert len(MIGRATIONS) - len(kept) <= 1, "keep a warehouse of the schema that is the last but one now"


def test_it_is_brought_up_to_date_with_every_row(workspace: Workspace) -> None:
    before = counts(workspace.warehouse_file)
    warehouse = Warehouse(workspace.warehouse_file)
    warehouse.read(statistics.load_status)
    warehouse.close()
    after = counts(workspace.warehouse_file)
    assert after.pop("migrations") >= before.pop("migrations")
    assert after.pop("entries") >= before.pop("entries", 0)  # questions get their numbers
    assert {table: after[table] for table in before} == before


def test_every_view_can_be_asked(workspace: Workspace) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in resource_path("warehouse", "views").glob("*.sql"))
    warehouse = Warehouse(workspace.warehouse_file)
    rows = {
        view: len(warehouse.read(lambda c, view=view: c.execute(f"from {view}").fetchall()))  # type: ignore[misc]
        for view in re.findall(r"create or replace view (\w+)", text)
    }
    assert rows["frames"] == 2
    assert rows["papers"] > 0
    assert rows["candidates"] >= 12


def test_the_list_the_queue_and_undo_go_on_where_they_were(workspace: Workspace) -> None:
    warehouse = Warehouse(workspace.warehouse_file)
    waiting = warehouse.read(candidates.load_candidates)
    assert len(waiting) == 10
    assert all(item.quotes and item.holds for item in waiting)
    assert publish(workspace).frames == 2
    written = (workspace.root / "list.md").read_text(encoding="utf-8")
    assert re.search(r"A frame in my words, as version \d knew it\.", written)
    desk = Reviewer(warehouse, "Ada")
    desk.undo()  # the candidate that was deferred
    assert len(warehouse.read(candidates.load_candidates)) == 11
    assert (desk.redo().action, len(warehouse.read(candidates.load_candidates))) == ("defer", 10)
    desk.undo()
    desk.accept(waiting[0].id)
    assert publish(workspace).frames == 3


def test_questions_and_scopes_that_were_published_unasked_stay_and_are_listed(tmp_path: Path) -> None:
    list(create_files(tmp_path))
    workspace = Workspace(tmp_path)
    packed = next(file for file in EARLIER if schema_of(file) == "007_later")
    workspace.warehouse_file.parent.mkdir(exist_ok=True)
    workspace.warehouse_file.write_bytes(lzma.decompress(packed.read_bytes()))
    warehouse = Warehouse(workspace.warehouse_file)
    found = warehouse.read(unconfirmed.load_unconfirmed)
    assert [(one.frame, one.what, one.question) for one in found] == [("F1", "question", "Q1"), ("F1", "scope", None)]
    publish(workspace)
    assert "several steps remains open" in (workspace.root / "list.md").read_text(encoding="utf-8")
    desk = Reviewer(warehouse, "Ada")
    desk.decide("F1", DecisionRequest("accept", question=False, scope=True))
    assert warehouse.read(unconfirmed.load_unconfirmed) == []
    publish(workspace)
    assert "several steps remains open" not in (workspace.root / "list.md").read_text(encoding="utf-8")
    desk.accept(warehouse.read(candidates.load_candidates)[0].id)
    assert warehouse.read(unconfirmed.load_unconfirmed) == []
