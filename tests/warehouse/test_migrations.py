"""The schema comes to be in order, each step whole or not at all, and views follow their files."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from curator.errors import WarehouseError, WarehouseNewer
from curator.resources import resource_path
from curator.warehouse import Connection, Warehouse
from curator.warehouse.migrations import migrate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the SQL that comes with Curator."""
    for name in ("migrations", "views"):
        shutil.copytree(resource_path("warehouse", name), tmp_path / "sql" / name)
    return tmp_path / "sql"


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    return duckdb.connect(str(tmp_path / "w.duckdb"))


def applied(connection: Connection) -> list[str]:
    return [
        name for (name,) in connection.execute("select name from record.migrations order by added, name").fetchall()
    ]


def tables(connection: Connection) -> set[str]:
    return {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}


def test_each_migration_is_applied_once(connection: Connection, folder: Path) -> None:
    migrate(connection, folder)
    once = applied(connection)
    migrate(connection, folder)
    assert applied(connection) == once
    assert once[:3] == ["001_record", "002_proof", "003_review"]
    assert once[3:7] == ["004_list", "005_watch", "006_unattended", "007_later"]
    files = sorted(file.stem for file in (folder / "migrations").glob("*.sql"))
    assert once[:-1] == files, "and the views come last"


def test_every_view_of_the_files_can_be_asked(connection: Connection) -> None:
    migrate(connection)
    text = "".join(path.read_text() for path in resource_path("warehouse", "views").glob("*.sql"))
    views = re.findall(r"create or replace view (\w+)", text)
    assert {"papers", "candidates", "frames", "failures", "runs", "decisions"} <= set(views)
    for view in views:
        assert connection.execute(f"select count(*) from {view}").fetchone() == (0,)


def test_every_named_query_can_be_asked(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "w.duckdb")
    warehouse.write(lambda _: None)
    for file in resource_path("warehouse", "queries").glob("*.sql"):
        sql = file.read_text(encoding="utf-8")
        assert warehouse.read(lambda c, q=sql: c.execute(q).fetchall()) == [], file.name  # type: ignore[misc]


def test_later_migrations_are_applied_in_order_to_what_is_there(connection: Connection, folder: Path) -> None:
    migrate(connection, folder)
    connection.execute("insert into record.runs (run) values ('r1')")
    (folder / "migrations" / "003_b.sql").write_text("alter table record.runs rename column mood to humour")
    (folder / "migrations" / "002_a.sql").write_text("alter table record.runs add column mood varchar default 'good'")
    migrate(connection, folder)
    assert connection.execute("select run, humour from record.runs").fetchall() == [("r1", "good")]


def test_a_failing_migration_is_rolled_back_whole(connection: Connection, folder: Path) -> None:
    migrate(connection, folder)
    before = tables(connection), applied(connection)
    (folder / "migrations" / "002_a.sql").write_text(
        "create table record.extra (a integer); delete from record.migrations; select nothing from nowhere;"
    )
    with pytest.raises(WarehouseError):
        migrate(connection, folder)
    assert (tables(connection), applied(connection)) == before
    (folder / "migrations" / "002_a.sql").write_text("create table record.extra (a integer)")
    migrate(connection, folder)
    assert "extra" in tables(connection)


def test_a_failing_first_migration_leaves_nothing(connection: Connection, folder: Path) -> None:
    first = folder / "migrations" / "001_record.sql"
    first.write_text(first.read_text() + "\nselect nothing from nowhere;")
    with pytest.raises(WarehouseError):
        migrate(connection, folder)
    assert tables(connection) <= {"migrations"}
    assert applied(connection) == []


def test_a_warehouse_of_a_later_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "w.duckdb"
    warehouse = Warehouse(file)
    warehouse.write(lambda c: c.execute("insert into record.migrations values ('999_later', '', now()::timestamp)"))
    warehouse.close()
    before = file.read_bytes()
    for use in (Warehouse(file).write, Warehouse(file).read):
        with pytest.raises(WarehouseNewer, match="999_later"):
            use(lambda c: c.execute("select 1"))
    assert file.read_bytes() == before


def test_views_are_made_anew_when_their_files_changed_and_only_then(connection: Connection, folder: Path) -> None:
    migrate(connection, folder)
    file = folder / "views" / "99_extra.sql"
    file.write_text("create or replace view extra as select 1 as a")
    migrate(connection, folder)
    file.write_text("create or replace view extra as select 2 as a")
    migrate(connection, folder)
    assert connection.execute("select a from extra").fetchone() == (2,)
    count = len(applied(connection))
    migrate(connection, folder)
    assert len(applied(connection)) == count
    file.write_text("create or replace view extra as select 1 as a")  # back to an earlier version of Curator
    migrate(connection, folder)
    assert connection.execute("select a from extra").fetchone() == (1,)


def test_a_warehouse_from_an_earlier_run_gets_its_views_when_it_is_first_read(tmp_path: Path) -> None:
    file = tmp_path / "w.duckdb"
    Warehouse(file).write(lambda c: c.execute("drop view frames"))
    Warehouse(file).write(lambda c: c.execute("delete from record.migrations where name like 'views %'"))
    assert Warehouse(file).read(lambda c: c.execute("select count(*) from frames").fetchone()) == (0,)


def test_a_list_from_before_questions_had_numbers_gets_them(connection: Connection, folder: Path) -> None:
    later = [file for file in (folder / "migrations").glob("*.sql") if file.name >= "004"]
    kept = {file: file.read_text(encoding="utf-8") for file in later}
    views = sorted((folder / "views").glob("*.sql"))
    told = {file: file.read_text(encoding="utf-8") for file in views}
    for file in (*later, *views):
        file.unlink()
    migrate(connection, folder)
    for number, question in enumerate(["Why?", " why? ", None, "How?"], 1):
        connection.execute(
            "insert into record.candidates (candidate, kind, question) values ($id, 'functional', $question)",
            {"id": f"c{number}", "question": question},
        )
        connection.execute(
            "insert into record.frames values ($frame, $number, $id, now()::timestamp)",
            {"frame": f"F{number}", "number": number, "id": f"c{number}"},
        )
    for file, sql in (kept | told).items():
        file.write_text(sql, encoding="utf-8")
    migrate(connection, folder)
    rows = connection.execute("select entry, text from record.entries order by number").fetchall()
    assert rows == [("Q1", "Why?"), ("Q2", "How?")]
    assert connection.execute("from frames").fetchall() == []
