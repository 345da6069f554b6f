"""Rows go in whole, once, and come back as they were; processes and threads get along."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import WarehouseBusy, WarehouseError, WarehouseMissing
from curator.warehouse import Connection, Warehouse
from curator.warehouse.rows import add_rows
from tests.helpers.forms import form

ODD = [
    "'",
    '"',
    "\\",
    "\\alpha",
    "\\u0041",
    "\n",
    "\t",
    "🙂",
    "null",
    "NaN",
    "{}",
    '{"a": 1}',
    "[1]",
    "$rows",
    "--",
    "%",
    "",
]
odd_text = st.lists(
    st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=5
).map("".join)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "warehouse" / "w.duckdb", wait=30)


def note(run: str) -> dict[str, str]:
    return {"run": run, "drafter": "tests"}


def noted(warehouse: Warehouse) -> list[str]:
    return warehouse.read(
        lambda c: [run for (run,) in c.execute("select run from record.runs order by run").fetchall()]
    )


class TestRows:
    @settings(max_examples=form(20, 40))
    @given(st.lists(st.tuples(odd_text, odd_text, odd_text), max_size=6))
    def test_odd_strings_come_back_as_they_were_and_nothing_is_added_twice(
        self, rows: list[tuple[str, str, str]]
    ) -> None:
        def fill(connection: Connection) -> None:
            given = [
                {"paper": paper, "topic": topic, "reason": reason, "score": 0.5, "relevant": True}
                for paper, topic, reason in rows
            ]
            first = {(paper, topic): reason for paper, topic, reason in reversed(rows)}
            added = add_rows(connection, "screenings", given, identity=("paper", "topic"))
            assert {(row["paper"], row["topic"]): row["reason"] for row in added} == first
            assert add_rows(connection, "screenings", given, identity=("paper", "topic")) == []
            kept = connection.execute("select paper, topic, reason from record.screenings").fetchall()
            assert sorted(kept) == sorted((*key, reason) for key, reason in first.items())
            connection.execute("delete from record.screenings")

        shared().write(fill)

    @settings(max_examples=20)
    @given(odd_text, odd_text, st.floats(allow_nan=False), st.booleans())
    def test_lists_json_numbers_and_nothing_come_back(self, text: str, key: str, number: float, flag: bool) -> None:
        def fill(connection: Connection) -> None:
            call = {"messages": [{"role": key, "content": text}], "cost": number, "reply": None}
            add_rows(connection, "calls", [call])
            add_rows(connection, "papers", [{"authors": (text, key), "categories": []}])
            add_rows(connection, "screenings", [{"relevant": flag}])
            found = connection.execute(
                "select messages->>'$[0].content', messages->>'$[0].role', cost, reply from record.calls"
            ).fetchall()
            assert found == [(text, key, number, None)]
            found = connection.execute("select authors, categories, title from record.papers").fetchall()
            assert found == [([text, key], [], None)]
            assert connection.execute("select relevant from record.screenings").fetchall() == [(flag,)]
            for table in ("calls", "papers", "screenings"):
                connection.execute(f"delete from record.{table}")

        shared().write(fill)

    def test_times_are_kept_as_utc(self, warehouse: Warehouse) -> None:
        moment = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
        warehouse.write(add_rows, "runs", [{"run": "r", "started": moment}])
        assert warehouse.read(lambda c: c.execute("select started from record.runs").fetchone()) == (
            datetime(2026, 2, 28, 23, 30),
        )
        assert moment.astimezone(UTC).hour == 23

    def test_the_identity_is_all_of_its_columns(self, warehouse: Warehouse) -> None:
        rows = [{"paper": "a", "version": 1}, {"paper": "a", "version": 2}, {"paper": "a", "version": 1}]
        added = warehouse.write(add_rows, "requests", rows, identity=("paper", "version"))
        assert added == rows[:2]


_SHARED: dict[int, Warehouse] = {}


def shared() -> Warehouse:
    """One warehouse for a property's examples, which leave it empty; a fixture would be one for all tests."""
    if os.getpid() not in _SHARED:
        import tempfile

        _SHARED[os.getpid()] = Warehouse(Path(tempfile.mkdtemp()) / "w.duckdb")
    return _SHARED[os.getpid()]


class TestTransactions:
    def test_what_fails_is_not_written_and_its_error_is_told(self, warehouse: Warehouse) -> None:
        def fail(connection: Connection) -> None:
            add_rows(connection, "runs", [note("half")])
            raise KeyError("mine")

        with pytest.raises(KeyError, match="mine"):
            warehouse.write(fail)
        assert noted(warehouse) == []

    def test_a_statement_that_duckdb_refuses_is_a_warehouse_error(self, warehouse: Warehouse) -> None:
        with pytest.raises(WarehouseError):
            warehouse.write(lambda c: c.execute("select nothing from nowhere"))
        with pytest.raises(WarehouseError):
            warehouse.read(lambda c: c.execute("select nothing from nowhere"))

    def test_reading_before_anything_was_written_says_what_to_do(self, warehouse: Warehouse) -> None:
        with pytest.raises(WarehouseMissing, match="curator ingest"):
            warehouse.read(lambda c: None)
        assert not warehouse.file.exists()

    def test_a_reader_cannot_write(self, warehouse: Warehouse) -> None:
        warehouse.write(lambda c: None)
        with pytest.raises(WarehouseError, match="read-only"):
            warehouse.read(add_rows, "runs", [note("r")])

    def test_a_damaged_file_is_not_taken_for_a_busy_one(self, tmp_path: Path) -> None:
        file = tmp_path / "block" / "lock.duckdb"  # words of these names stand in DuckDB's message
        file.parent.mkdir()
        file.write_bytes(b"no such thing" * 2000)
        with pytest.raises(WarehouseError, match="cannot be opened") as caught:
            Warehouse(file).write(lambda c: None)
        assert not isinstance(caught.value, WarehouseBusy)

    def test_a_damaged_block_is_not_taken_for_a_lock(self, warehouse: Warehouse) -> None:
        warehouse.write(add_rows, "runs", [note(f"r{n}") for n in range(500)])
        warehouse.close()
        content = bytearray(warehouse.file.read_bytes())
        for offset in range(12_288 + 100, len(content), 1000):
            content[offset] ^= 0xFF
        warehouse.file.write_bytes(content)
        with pytest.raises(WarehouseError) as caught:
            Warehouse(warehouse.file).read(lambda c: c.execute("select * from record.runs").fetchall())
        assert not isinstance(caught.value, WarehouseBusy)


class TestThreads:
    def test_sixteen_threads_lose_nothing(self, warehouse: Warehouse) -> None:
        def work(number: int) -> int:
            warehouse.write(add_rows, "runs", [note(f"r{number:03}")])
            return len(noted(warehouse))

        with ThreadPoolExecutor(16) as pool:
            seen = list(pool.map(work, range(48)))
        assert noted(warehouse) == [f"r{number:03}" for number in range(48)]
        assert max(seen) == 48

    def test_two_warehouses_of_one_file_in_one_process_get_along(self, warehouse: Warehouse) -> None:
        other = Warehouse(warehouse.file)
        warehouse.write(lambda c: None)

        def work(number: int) -> None:
            one, two = (warehouse, other) if number % 2 else (other, warehouse)
            one.write(add_rows, "runs", [note(f"r{number:03}")])
            noted(two)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(24)))
        assert len(noted(warehouse)) == 24

    def test_writes_that_wait_share_one_commit_and_one_that_fails_takes_none_along(self, warehouse: Warehouse) -> None:
        warehouse.write(lambda c: None)
        results: dict[int, str] = {}
        with held_up(warehouse) as waiting:

            def work(number: int) -> None:
                def write(connection: Connection) -> None:
                    add_rows(connection, "runs", [note(f"r{number}")])
                    if number == 3:
                        raise KeyError("mine")

                try:
                    warehouse.write(write)
                    results[number] = "kept"
                except KeyError:
                    results[number] = "told"

            threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
            for thread in threads:
                thread.start()
            waiting(6)
        for thread in threads:
            thread.join()
        assert results == {number: "told" if number == 3 else "kept" for number in range(6)}
        assert noted(warehouse) == ["r0", "r1", "r2", "r4", "r5"]

    def test_writes_that_wait_share_one_transaction(self, warehouse: Warehouse) -> None:
        warehouse.write(lambda c: None)
        seen: list[int] = []

        def write(connection: Connection) -> None:
            row = connection.execute("select txid_current()").fetchone()
            assert row is not None
            seen.append(row[0])

        with held_up(warehouse) as waiting:
            threads = [threading.Thread(target=warehouse.write, args=(write,)) for _ in range(5)]
            for thread in threads:
                thread.start()
            waiting(5)
        for thread in threads:
            thread.join()
        assert len(seen) == 5
        assert len(set(seen)) == 1


@contextmanager
def held_up(warehouse: Warehouse) -> Iterator[Callable[[int], None]]:
    """Keeps a transaction open until the block ends; yields a function that waits until so many writes wait."""
    entered, leave = threading.Event(), threading.Event()

    def hold(_: Connection) -> None:
        entered.set()
        leave.wait(20)

    def waiting(count: int) -> None:
        for _ in range(2000):
            if len(warehouse._pending) >= count:
                return
            leave.wait(0.005)
        raise AssertionError("the writes never came")

    holder = threading.Thread(target=warehouse.write, args=(hold,))
    holder.start()
    entered.wait(20)
    try:
        yield waiting
    finally:
        leave.set()
        holder.join()


WRITER = """
import sys
from pathlib import Path
from curator.warehouse import Warehouse
from curator.warehouse.rows import add_rows
file, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
warehouse = Warehouse(file)
for number in range(count):
    warehouse.write(lambda c: add_rows(c, "runs", [{"run": f"{name}{number:04}"}], identity=("run",)))
    if number % 20 == 0:
        own = warehouse.read(lambda c: c.execute("select count(*) from record.runs where starts_with(run, $n)",
                                                 {"n": name}).fetchone()[0])
        assert own == number + 1, (own, number)
print("done", flush=True)
"""

HOLDER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("holding", flush=True)
sys.stdin.read()
"""


class TestProcesses:
    def test_two_processes_that_write_and_read_at_once_never_fail_and_lose_nothing(self, warehouse: Warehouse) -> None:
        rows = form(30, 80)
        started = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(warehouse.file), name, str(rows)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for name in ("a", "b")
        ]
        for process in started:
            out, err = process.communicate(timeout=120)
            assert (process.returncode, out.strip()) == (0, "done"), err
        assert noted(warehouse) == [f"{name}{number:04}" for name in ("a", "b") for number in range(rows)]

    def test_a_foreign_holder_is_named_by_its_process_id_and_let_go_of_the_file_is_usable(
        self, warehouse: Warehouse
    ) -> None:
        warehouse.write(lambda c: None)
        warehouse.close()
        impatient = Warehouse(warehouse.file, wait=0.05)
        with subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(warehouse.file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as holder:
            assert holder.stdout is not None
            assert holder.stdin is not None
            assert holder.stdout.readline().strip() == "holding"
            for use in (impatient.write, impatient.read):
                with pytest.raises(WarehouseBusy, match=rf"process {holder.pid}\b") as caught:
                    use(lambda c: None)
                assert caught.value.transient
            holder.stdin.close()
            holder.wait(20)
        impatient.write(add_rows, "runs", [note("after")])
        assert noted(impatient) == ["after"]

    def test_a_killed_writer_leaves_a_warehouse_that_opens(self, warehouse: Warehouse) -> None:
        warehouse.write(add_rows, "runs", [note("before")])
        warehouse.close()
        script = (
            "import os, sys, duckdb\n"
            "c = duckdb.connect(sys.argv[1])\n"
            "c.execute(\"insert into record.runs (run) values ('committed')\")\n"
            "c.execute(\"begin; insert into record.runs (run) values ('not committed')\")\n"
            "os._exit(9)\n"
        )
        subprocess.run([sys.executable, "-c", script, str(warehouse.file)], check=False, timeout=60)
        assert noted(Warehouse(warehouse.file)) == ["before", "committed"]
