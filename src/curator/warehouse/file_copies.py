"""Copies of the warehouse's file: make one while the warehouse is in use, check it, and restore it.

A copy that is to be restored may come from a stranger. It is therefore only attached, read-only, to a new database, in
which its macros and views have no name that Curator uses; no statement runs any code of the copy (views, macros,
defaults, generated columns, indexes, constraints). The restored file is made by Curator's own migrations and receives
only the copy's rows.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from curator.errors import WarehouseBusy, WarehouseError
from curator.private_files import make_private
from curator.sanitize import single_line
from curator.warehouse.connection import Connection, translate_errors
from curator.warehouse.database import Warehouse
from curator.warehouse.database_file import ISOLATED, Config, move_wal_aside, wal_path
from curator.warehouse.migrations import apply_migration, load_migrations, load_view_definitions, migrate, refuse_newer

MIN_ROW_ALLOWANCE = 1_000_000
"""Rows that a file of any size may contain; a larger file may contain one more for each of its bytes.

A row of Curator's takes about 10 bytes even when compressed, so a file with more rows was made to exhaust the disk.
"""

_BOUNDED: Config = {
    "memory_limit": "2GB",
    "threads": 2,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
}
_MIN_SECONDS = 300.0  # that copying may take, whatever the file's size
_MIN_BYTES_PER_SECOND = 200_000  # copying may take this much longer for a larger file
_MIN_BYTES = 256 << 20  # that the copy may have, whatever the file's size
_MAX_GROWTH = 4  # bytes of the copy, beyond _MIN_BYTES, for each byte of the file
_OBJECTS = """
    select 'table', schema_name, table_name from duckdb_tables() where database_name = 'stranger'
    union all
    select 'view', schema_name, view_name from duckdb_views() where database_name = 'stranger' and not internal
    union all
    select 'macro', schema_name, function_name from duckdb_functions() where database_name = 'stranger' and not internal
    union all
    select 'sequence', schema_name, sequence_name from duckdb_sequences() where database_name = 'stranger'
    union all
    select 'type', schema_name, type_name from duckdb_types() where database_name = 'stranger' and not internal
"""


_FOREIGN_IDS = {  # SQL conditions of ids that Curator never gives; ids become file names and links in exports
    "frames": "frame is distinct from 'F' || number or number < 1",
    "entries": "not coalesce(regexp_full_match(entry, '[QTWC][1-9][0-9]*'), false)",
}


def copy_warehouse(warehouse: Warehouse, target: Path) -> None:
    """Copy the warehouse as it is at one moment, and check the copy.

    Writers wait while the file is copied.

    Args:
        warehouse: The warehouse.
        target: The file to create; it must not exist yet.

    Raises:
        WarehouseMissing: There is no warehouse yet.
        WarehouseBusy: Another process holds the file for too long.
        WarehouseError: The warehouse or the copy is damaged.
    """
    warehouse.read(lambda _: None)  # raises WarehouseMissing; migrates a warehouse of an earlier version
    log = wal_path(target)
    with warehouse.held(read_only=True):
        shutil.copyfile(warehouse.file, target)
        with suppress(FileNotFoundError):  # rows that are committed but not yet in the file itself
            shutil.copyfile(wal_path(warehouse.file), log)
    with translate_errors(), duckdb.connect(str(target), config=ISOLATED) as connection:
        connection.execute("force checkpoint")
    log.unlink(missing_ok=True)
    check_copy(target)


def check_copy(file: Path) -> None:
    """Check a copy of the warehouse, which may come from a stranger, by reading every row.

    Raises:
        WarehouseError: The file is damaged or is not a warehouse of Curator's.
        WarehouseNewer: A later version of Curator wrote it.
    """
    with _attached(file, ":memory:") as connection:
        for table in _tables_in(connection, file):
            connection.execute(f'select count(columns(t.*)) from stranger.record."{table}" t').fetchall()  # noqa: S608


def rebuild_copy(source: Path, target: Path) -> tuple[str, ...]:
    """Copy the rows of a warehouse, which may come from a stranger, into a new one, and migrate that.

    Args:
        source: The file to copy; it must have no write-ahead log beside it.
        target: The file to create; it must not exist yet.

    Returns:
        The names of the tables, views, macros and other objects of `source` that are not Curator's. They are not in
        `target`.

    Raises:
        WarehouseError: `source` is damaged or is not a warehouse of Curator's.
        WarehouseNewer: A later version of Curator wrote it.
    """
    with _attached(source, str(target)) as connection:
        with _bounded(connection, source, target):
            for table in _tables_in(connection, source):
                _copy_rows(connection, table)
        left_out = _left_out(connection)
        connection.execute("detach stranger")
        left_out -= {f"main.{name}" for name in _make_views(connection)}
        _refuse_foreign_ids(connection, source)
        connection.execute("force checkpoint")
    make_private(target)
    return tuple(sorted(left_out))


def replace_warehouse(warehouse: Warehouse, source: Path, aside: Path) -> bool:
    """Replace the warehouse's file, and keep the old file, damaged or not, together with its write-ahead log.

    No other process can have the warehouse open meanwhile.

    Args:
        warehouse: The warehouse.
        source: The new file, in the same folder.
        aside: The new name of the old file.

    Returns:
        False if there was no old file and no write-ahead log.

    Raises:
        WarehouseBusy: Another process holds the file for too long.
    """
    if not warehouse.file.exists():
        had_log = move_wal_aside(warehouse.file, aside)
        source.replace(warehouse.file)
        return had_log
    try:
        with warehouse.held(read_only=False) as connection:
            with translate_errors():
                connection.execute("force checkpoint")
            _exchange(warehouse.file, source, aside)
    except WarehouseBusy:
        raise
    except WarehouseError:  # a file that cannot be opened is not in use either
        _exchange(warehouse.file, source, aside)
    return True


@contextmanager
def _attached(other: Path, own: str) -> Iterator[Connection]:
    """Open the database `own` with the file `other` attached read-only as `stranger`."""
    try:
        with duckdb.connect(own, config=_BOUNDED | {"temp_directory": f"{other}.tmp"}) as connection:
            path = str(other).replace("'", "''")
            connection.execute(f"attach '{path}' as stranger (read_only, type duckdb)")
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
            yield connection
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise WarehouseError(
            f"{other.name} is damaged or is not a warehouse of Curator's: {single_line(str(error))[:300]}"
        ) from error


def _tables_in(connection: Connection, file: Path) -> list[str]:
    """Create the tables of the attached file's version in Curator's own database, and return their names.

    Raises:
        WarehouseError: The attached file defines one of these tables differently, has other objects in their schema,
            or has more rows than its size allows.
        WarehouseNewer: A later version of Curator wrote the attached file.
    """
    connection.execute("create schema record")
    connection.execute("create table record.migrations (name varchar, sha256 varchar, added timestamp)")
    _refuse_other_definitions(connection, file, ["migrations"])
    applied = {name for (name,) in connection.execute("select name from stranger.record.migrations").fetchall()}
    known = load_migrations()
    refuse_newer(applied, known)
    for name, sql in known.items():
        if name in applied:
            apply_migration(connection, name, sql)
    own = [name for (schema, name) in _definitions(connection, "current_database()") if schema == "record"]
    _refuse_other_definitions(connection, file, own)
    objects = [(kind, name) for kind, schema, name in connection.execute(_OBJECTS).fetchall() if schema == "record"]
    others = [name for kind, name in objects if kind != "table" or name not in own]
    if others:
        raise WarehouseError(
            f"{file.name} cannot be used: its schema `record` contains {_format_names(others)}, which Curator did not "
            "create. If that is yours, drop it, or move it to another schema."
        )
    rows = sum(_count(connection, name) for name in own)
    if rows > MIN_ROW_ALLOWANCE + file.stat().st_size:
        raise WarehouseError(f"{file.name} is not a warehouse of Curator's: it has more rows than bytes.")
    return own


def _refuse_other_definitions(connection: Connection, file: Path, tables: list[str]) -> None:
    ours, theirs = (_definitions(connection, name) for name in ("current_database()", "'stranger'"))
    for table in tables:
        if theirs.get(("record", table)) != ours[("record", table)]:
            raise WarehouseError(
                f"{file.name} is not a warehouse of Curator's: its table record.{table} is missing, or is not defined "
                "as Curator defines it."
            )


def _definitions(connection: Connection, database: str) -> dict[tuple[str, str], str]:
    """Return the statement that creates each table of a database."""
    rows = connection.execute(
        f"select schema_name, table_name, sql from duckdb_tables() where database_name = {database}"  # noqa: S608
    ).fetchall()
    return {(schema, name): sql for schema, name, sql in rows}


def _left_out(connection: Connection) -> set[str]:
    objects = connection.execute(_OBJECTS).fetchall()
    return {f"{schema}.{name}" for _, schema, name in objects if schema != "record"}


def _count(connection: Connection, table: str) -> int:
    row = connection.execute(f'select count(*) from stranger.record."{table}"').fetchone()  # noqa: S608
    assert row is not None  # an aggregate always gives a row
    return int(row[0])


def _copy_rows(connection: Connection, table: str) -> None:
    described = connection.execute(f'describe record."{table}"').fetchall()
    columns = ", ".join(f'"{row[0]}"' for row in described)
    connection.execute(f'delete from record."{table}"')  # noqa: S608
    connection.execute(
        f'insert into record."{table}" ({columns}) select {columns} from stranger.record."{table}"'  # noqa: S608
    )


def _make_views(connection: Connection) -> set[str]:
    """Migrate Curator's own database, create its views, and return their names."""
    migrate(connection)
    connection.execute(load_view_definitions())
    views = connection.execute("select view_name from duckdb_views() where not internal").fetchall()
    return {name for (name,) in views}


def _refuse_foreign_ids(connection: Connection, file: Path) -> None:
    for table, is_foreign in _FOREIGN_IDS.items():
        if connection.execute(f"from record.{table} where {is_foreign} limit 1").fetchone():
            raise WarehouseError(
                f"{file.name} is not a warehouse of Curator's: its table record.{table} contains an id that Curator "
                "never gives."
            )


@contextmanager
def _bounded(connection: Connection, source: Path, target: Path) -> Iterator[None]:
    """Interrupt copying if it takes longer, or writes more, than a file of that size explains."""
    size = source.stat().st_size
    give_up = time.monotonic() + _MIN_SECONDS + size / _MIN_BYTES_PER_SECOND
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.5):
            written = sum(file.stat().st_size for file in (target, wal_path(target)) if file.exists())
            if written > _MIN_BYTES + _MAX_GROWTH * size or time.monotonic() > give_up:
                connection.interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _format_names(names: list[str]) -> str:
    """Return at most three names, which a stranger may have chosen, in a form that is safe to print."""
    shown = ", ".join(repr(single_line(name)[:40]) for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def _exchange(file: Path, source: Path, aside: Path) -> None:
    """Keep a file and its write-ahead log as `aside`, and replace the file with `source`."""
    try:
        aside.hardlink_to(file)
    except OSError:  # a file system without links
        shutil.copyfile(file, aside)
    make_private(aside)
    move_wal_aside(file, aside)
    source.replace(file)
