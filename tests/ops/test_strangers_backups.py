"""Nothing of a backup that may be a stranger's runs, reaches out of the workspace or comes in, but rows and files."""

from __future__ import annotations

import io
import lzma
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import duckdb
import pytest

from curator.errors import BackupError, WarehouseError
from curator.ops.backup import back_up, put_back, restore, unpack_backup
from curator.ops.backup_names import WAREHOUSE
from curator.warehouse import Warehouse, ad_hoc, statistics
from curator.workspace import Workspace
from tests.ops.test_backup import filled, statuses, tar_of
from tests.warehouse.test_upgrades import EARLIER

__all__ = ["filled"]


def rows(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Each table of the record, in order."""
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'record'").fetchall()
        return {name: connection.execute(f'from record."{name}"').fetchall() for (name,) in tables}


@pytest.mark.parametrize("kept", EARLIER, ids=lambda file: file.name.partition("_")[0])
def test_a_backup_of_an_earlier_curator_comes_back_with_every_row(
    filled: Workspace, tmp_path: Path, kept: Path
) -> None:
    old = tmp_path / "old.duckdb"
    old.write_bytes(lzma.decompress(kept.read_bytes()))
    before = rows(old)
    restore(filled, tar_of(tmp_path / "b.tar.gz", **{WAREHOUSE: old.read_bytes()}))
    warehouse = Warehouse(filled.warehouse_file)
    warehouse.read(statistics.load_status)
    warehouse.close()
    after = rows(filled.warehouse_file)
    migrations = after.pop("migrations")
    assert migrations[: len(before["migrations"])] == before.pop("migrations")
    for table, old_rows in before.items():
        new = after[table][: len(old_rows)]  # a later migration numbers questions, in a table of its own
        assert [row[: len(old_row)] for row, old_row in zip(new, old_rows, strict=True)] == old_rows, table


def test_what_is_restored_has_the_same_rows_and_views(filled: Workspace, tmp_path: Path) -> None:
    before = rows(filled.warehouse_file)
    back_up(filled, tmp_path / "b.tar.gz")
    restore(filled, tmp_path / "b.tar.gz")
    assert rows(filled.warehouse_file) == before
    assert Warehouse(filled.warehouse_file).read(statistics.load_status)["candidates"]["pending"] == 2


def poisoned(workspace: Workspace, file: Path, *statements: str) -> Path:
    """A backup whose warehouse has been worked on by a stranger."""
    copy = file.with_suffix(".duckdb")
    shutil.copyfile(workspace.warehouse_file, copy)
    with duckdb.connect(str(copy)) as connection:
        for statement in statements:
            connection.execute(statement)
    return tar_of(file, **{WAREHOUSE: copy.read_bytes()})


STOLEN = "copy (select 1) to 'STOLEN'"

REFUSED = {
    "SQL in a table's name": f'create table record."papers; {STOLEN}; select 1 --" (a int)',
    "a view for a table": "alter table record.hidden rename to h; create view record.hidden as from record.h",
    "a table that is missing": "drop table record.imports",
    "a table with a column more": "alter table record.hidden add column extra varchar",
    "a table of other types": "drop table record.imports; create table record.imports (import json)",
    "a default": "alter table record.hidden alter text set default current_query()",
    "a generated column": "drop table record.retries; create table record.retries "
    "(paper varchar, reviewer varchar as (current_query()), added timestamp)",
    "a constraint": "drop table record.retries; create table record.retries "
    "(paper varchar, reviewer varchar check (length(reviewer) > 0), added timestamp)",
    "a macro in the record": "create macro record.papers() as 1",
    "a sequence in the record": "create sequence record.numbers",
    "a type in the record": "create type record.mood as enum ('a')",
    "no migrations": "drop table record.migrations",
    "a frame's id that is a path": "insert into record.frames (frame, number) values ('../../F1', 1)",
    "an entry's id that is a path": "insert into record.entries (entry, number) values ('/tmp/Q1', 1)",
    "a frame without a number": "insert into record.frames (frame, number) values ('F0', 0)",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_warehouse_that_curator_did_not_make_is_refused_before_anything_of_it_runs(
    filled: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file = poisoned(filled, tmp_path / "b.tar.gz", REFUSED[kind])
    before = filled.warehouse_file.read_bytes()
    with pytest.raises(WarehouseError, match=r"b\.tar\.gz was not restored"):
        restore(filled, file)
    assert filled.warehouse_file.read_bytes() == before
    assert not list(tmp_path.rglob("STOLEN"))
    assert not list(filled.root.rglob("*before*"))


def test_nothing_of_a_strangers_warehouse_but_its_rows_comes_in(filled: Workspace, tmp_path: Path) -> None:
    file = poisoned(
        filled,
        tmp_path / "b.tar.gz",
        "create macro main.duckdb_tables() as table select 'papers' as table_name",
        "create macro main.count(x) as error('count')",
        "create macro main.now() as error('now')",
        "create or replace view main.papers as select error('papers')",
        "create schema record2",
        "create table record2.mine as select 1 as a",
        "create index by_text on record.candidates (lower(text))",
    )
    before = rows(filled.warehouse_file)
    with unpack_backup(filled, file) as backup:
        assert set(backup.left_out) == {"main.duckdb_tables", "main.count", "main.now", "record2.mine"}
        put_back(filled, backup)
    assert rows(filled.warehouse_file) == before
    warehouse = Warehouse(filled.warehouse_file)
    assert warehouse.read(statistics.load_status)["papers"] == 1
    found = warehouse.read(
        ad_hoc.run_query, "select function_name from duckdb_functions() where function_type like '%macro' "
                                   "and not internal union all select index_name from duckdb_indexes()"
    )  # fmt: skip
    assert found.rows == []


def test_a_warehouse_of_more_rows_than_bytes_is_refused(filled: Workspace, tmp_path: Path) -> None:
    copies_of_one = "insert into record.run_ends (run) select 'r' from range(8_000_000)"
    file = poisoned(filled, tmp_path / "b.tar.gz", copies_of_one)
    with pytest.raises(WarehouseError, match="more rows than bytes"):
        restore(filled, file)


def test_no_connection_of_ours_reaches_other_files(filled: Workspace, tmp_path: Path) -> None:
    warehouse = Warehouse(filled.warehouse_file)
    for statement in (f"copy (select 1) to '{tmp_path}/out'", f"attach '{tmp_path}/other.duckdb'", "load parquet_"):
        for run in (warehouse.read, warehouse.write):
            with pytest.raises(WarehouseError, match=r"[Pp]ermission|disabled"):
                run(lambda c, statement=statement: c.execute(statement))  # type: ignore[misc]
    assert not list(tmp_path.glob("o*"))


def killed_with_rows_in_the_log(file: Path) -> None:
    """Leave a write-ahead log beside the warehouse, with a table in it that no backup has."""
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom curator.warehouse import Warehouse\n"
        "with (w := Warehouse(Path(sys.argv[1]))).bulk():\n"
        "    w.write(lambda c: c.execute('create table main.later as select 1 as a'))\n    os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(file)], check=False).returncode == 9
    assert file.with_name(f"{file.name}.wal").exists()


def has_later(workspace: Workspace) -> bool:
    sql = "from duckdb_tables() where table_name = 'later'"
    return bool(Warehouse(workspace.warehouse_file).read(ad_hoc.run_query, sql).rows)


@pytest.mark.parametrize("left", ["both", "log alone", "damaged"])
def test_a_write_ahead_log_is_kept_aside_with_its_file(filled: Workspace, tmp_path: Path, left: str) -> None:
    file, log = filled.warehouse_file, filled.warehouse_file.with_name("curator.duckdb.wal")
    back_up(filled, tmp_path / "b.tar.gz")
    killed_with_rows_in_the_log(file)
    written = log.read_bytes()
    if left == "log alone":
        file.unlink()
    elif left == "damaged":
        file.write_bytes(b"half a warehouse")
    restored = restore(filled, tmp_path / "b.tar.gz")
    assert not log.exists()
    assert not has_later(filled)
    assert statuses(filled) == {"aa11": "pending", "bb22": "pending"}
    (aside,) = (filled.root / name for name in restored.aside if "curator.duckdb" in name)
    assert aside.exists()
    if left == "both":
        aside.replace(file)
        assert has_later(filled)
    else:
        assert next(file.parent.glob("*.before-*.wal")).read_bytes() == written


def test_a_log_without_its_file_is_not_replayed_into_a_new_warehouse(filled: Workspace) -> None:
    killed_with_rows_in_the_log(filled.warehouse_file)
    filled.warehouse_file.unlink()
    Warehouse(filled.warehouse_file).write(lambda _: None)
    assert not has_later(filled)
    assert list(filled.warehouse_file.parent.glob("curator.duckdb.before-*.wal"))


@pytest.mark.parametrize(
    "names",
    [
        ["prompts/draft.md", "prompts/Draft.md"], ["prompts/stra\u00dfe.md", "prompts/strasse.md"],
        ["prompts/draft.md", "prompts/draft.md"], ["prompts/con.md"], ["prompts/COM1 .x.md"], ["prompts/a:b.md"],
        ["prompts/a\\b.md"], ["prompts/./a.md"], ["prompts/a\nb.md"], [f"prompts/{'x' * 200}.md"], ["other.md"],
        ["warehouse/curator.duckdb.wal"], ["warehouse/curator.duckdb/a.md"], ["warehouse/a.md"], ["Warehouse/a.md"],
        ["other.toml"], ["backups/a.md"], ["prompts/sub/a.md"], ["./list.md"], ["list.md/"],
    ],
    ids=repr,
)  # fmt: skip
def test_a_name_that_has_no_place_in_a_workspace_is_no_backup(
    filled: Workspace, tmp_path: Path, names: list[str]
) -> None:
    file = tmp_path / "b.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        for name in [WAREHOUSE, *names]:
            told = tarfile.TarInfo(name)
            told.size = 1
            tar.addfile(told, io.BytesIO(b"x"))
    with pytest.raises(BackupError, match="not a valid backup"):
        restore(filled, file)


def test_the_list_goes_only_where_the_backups_own_settings_say(filled: Workspace, tmp_path: Path) -> None:
    good = filled.warehouse_file.read_bytes()
    settings = b'list = "notes/frames.md"\n'
    for name, told in (("notes/frames.md", settings), ("list.md", b"")):
        files = {WAREHOUSE: good, "curator.toml": told, name: b"The list."}
        restore(filled, tar_of(tmp_path / "b.tar.gz", **files))
        assert (filled.root / name).read_bytes() == b"The list."
    for name, told in (("list.md", settings), ("x.md", b""), ("x.md", b"list = ["), ("x.md", b"list = 1")):
        with pytest.raises(BackupError, match="not a valid backup"):
            restore(filled, tar_of(tmp_path / "b.tar.gz", **{WAREHOUSE: good, "curator.toml": told, name: b"no"}))


def test_a_list_or_prompt_that_is_a_link_is_backed_up_as_a_file(filled: Workspace, tmp_path: Path) -> None:
    for file in (filled.list_file, filled.root / "prompts" / "draft.md"):
        file.replace(tmp_path / file.name)
        file.symlink_to(tmp_path / file.name)
    back_up(filled, tmp_path / "b.tar.gz")
    other = Workspace(tmp_path / "other")
    other.root.mkdir()
    restore(other, tmp_path / "b.tar.gz")
    assert (other.root / "list.md").read_text() == "Mine.\n"


def test_a_file_that_could_not_be_restored_is_named_when_it_is_backed_up(filled: Workspace, tmp_path: Path) -> None:
    (filled.root / "prompts" / "a:b.md").write_text("x")
    with pytest.raises(BackupError, match=r"a:b\.md.* Rename"):
        back_up(filled, tmp_path / "b.tar.gz")
    assert not (tmp_path / "b.tar.gz").exists()
