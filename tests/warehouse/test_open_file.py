"""The file stays open between transactions that follow each other, and other processes get it nevertheless."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from curator.errors import QueryError, WarehouseError
from curator.warehouse import Warehouse, ad_hoc
from curator.warehouse.open_file import open_file
from curator.warehouse.rows import add_rows
from tests.helpers.templates import new_warehouse
from tests.helpers.waiting import wait_until


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "warehouse" / "w.duckdb")


def add_run(warehouse: Warehouse, run: str) -> None:
    warehouse.write(add_rows, "runs", [{"run": run, "drafter": "tests"}])


def list_runs(warehouse: Warehouse) -> list[str]:
    return [run for (run,) in warehouse.read(ad_hoc.run_query, "select run from record.runs order by run").rows]


def open_elsewhere(file: Path) -> int:
    """Open the file in another process that does not wait for it; return that process's exit code."""
    script = "import sys, duckdb; duckdb.connect(sys.argv[1]).close()"
    return subprocess.run([sys.executable, "-c", script, str(file)], stderr=subprocess.DEVNULL, check=False).returncode


def test_an_idle_file_is_closed_so_that_any_program_can_open_it(warehouse: Warehouse) -> None:
    add_run(warehouse, "first")
    wait_until(lambda: open_elsewhere(warehouse.file) == 0)
    add_run(warehouse, "second")
    assert list_runs(warehouse) == ["first", "second"]


def test_a_read_just_after_a_write_sees_the_rows_and_cannot_write(warehouse: Warehouse) -> None:
    add_run(warehouse, "first")
    assert list_runs(warehouse) == ["first"]
    add_run(warehouse, "second")
    with pytest.raises(WarehouseError, match="read-only"):
        warehouse.read(add_rows, "runs", [{"run": "third"}])
    assert list_runs(warehouse) == ["first", "second"]


def test_a_persons_sql_just_after_a_write_gets_a_connection_that_cannot_write(warehouse: Warehouse) -> None:
    for sql in ("commit; delete from record.runs", "rollback; drop view frames", "delete from record.runs"):
        add_run(warehouse, sql[:6])
        with pytest.raises(QueryError):
            warehouse.read_foreign_sql(ad_hoc.run_query, sql)
    assert len(list_runs(warehouse)) == 3


def test_a_temporary_table_of_one_use_is_gone_in_the_next(warehouse: Warehouse) -> None:
    warehouse.write(lambda c: c.execute("create temporary table runs_of_mine as select 1"))
    with pytest.raises(WarehouseError, match="runs_of_mine"):
        warehouse.write(lambda c: c.execute("from runs_of_mine"))


def test_a_file_that_was_replaced_is_opened_anew(warehouse: Warehouse, tmp_path: Path) -> None:
    other = new_warehouse(tmp_path / "other" / "w.duckdb")
    add_run(other, "other")
    other.close()
    add_run(warehouse, "mine")
    assert list_runs(warehouse) == ["mine"]
    warehouse.close()
    assert list_runs(warehouse) == ["mine"]
    other.file.replace(warehouse.file)
    assert list_runs(warehouse) == ["other"]


def test_a_use_that_fails_keeps_nothing_open(warehouse: Warehouse) -> None:
    add_run(warehouse, "first")
    with pytest.raises(WarehouseError):
        warehouse.read(lambda c: c.execute("from nowhere"))
    assert open_elsewhere(warehouse.file) == 0


STEADY_USER = """
import sys
from pathlib import Path
from curator.warehouse import Warehouse
from curator.warehouse.rows import add_rows
warehouse = Warehouse(Path(sys.argv[1]))
print("started", flush=True)
number = 0
while not Path(sys.argv[2]).exists():
    warehouse.write(lambda c: add_rows(c, "screenings", [{"paper": str(number)}]))
    number += 1
"""


def test_a_process_that_uses_the_file_without_pause_lets_another_use_it(warehouse: Warehouse, tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    command = [sys.executable, "-c", STEADY_USER, str(warehouse.file), str(stop)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "started\n"
            for number in range(10):
                add_run(warehouse, f"r{number}")
        finally:
            stop.touch()
        assert process.wait(60) == 0
    assert list_runs(warehouse) == [f"r{number}" for number in range(10)]


def test_sql_that_is_read_only_leaves_the_file_closed(warehouse: Warehouse) -> None:
    warehouse.read_foreign_sql(ad_hoc.run_query, "select 1")
    assert open_file(warehouse.file).close_if_due()
    assert open_elsewhere(warehouse.file) == 0
