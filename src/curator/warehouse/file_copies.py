"""Whole copies of the warehouse: taken while others use it, checked, and put in its place again.

A copy that comes from outside may be anybody's. It is only ever attached, read-only, to a database of our own, where
its macros and views have no name that we use; no statement of ours runs anything of it (views, macros, defaults,
generated columns, indexes, constraints). What is put in place is made anew by our own migrations, and holds the rows.
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
"""Rows that any file may hold. Beyond them it may hold one for each of its bytes: compressed, a row of ours has 10."""

_BOUNDED: Config = {
    "memory_limit": "2GB",
    "threads": 2,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
}
_MIN_BYTES_PER_SECOND = 200_000  # bytes a second that a copy is made at, beyond _PATIENCE
_MIN_SECONDS = 300.0  # seconds
_MAX_GROWTH = 4  # times the bytes of what is copied, beyond _FREE_BYTES
_MIN_BYTES = 256 << 20
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


_FOREIGN_IDS = {  # ids become the names of exported files and links
    "frames": "frame is distinct from 'F' || number or number < 1",
    "entries": "not coalesce(regexp_full_match(entry, '[QTWC][1-9][0-9]*'), false)",
}


def copy_warehouse(warehouse: Warehouse, target: Path) -> None:
    """Copy the warehouse, as it is at one moment, to a file that must not exist yet.

    Writers wait for as long as copying the file takes. The copy has been opened and read once when this returns.
    Raises WarehouseMissing, WarehouseBusy, WarehouseError.
    """
    warehouse.read(lambda _: None)  # raises where there is none
    log = wal_path(target)
    with warehouse.held(read_only=True):
        shutil.copyfile(warehouse.file, target)
        with suppress(FileNotFoundError):  # what is committed and not yet in the file
            shutil.copyfile(wal_path(warehouse.file), log)
    with translate_errors(), duckdb.connect(str(target), config=ISOLATED) as connection:
        connection.execute("force checkpoint")
    log.unlink(missing_ok=True)
    check_copy(target)


def check_copy(file: Path) -> None:
    """Read every row of a copy of the warehouse, which may be anybody's.

    Raises:
        WarehouseError: It is no warehouse of Curator's, or damaged.
        WarehouseNewer: A later version of Curator wrote it.
    """
    with _attached(file, ":memory:") as connection:
        for table in _tables_in(connection, file):
            connection.execute(f'select count(columns(t.*)) from stranger.record."{table}" t').fetchall()  # noqa: S608


def rebuild_copy(source: Path, target: Path) -> tuple[str, ...]:
    """Copy the rows of a warehouse that may be anybody's into a new one, and bring that up to date.

    Args:
        source: The file; there is no write-ahead log beside it.
        target: A file that must not be there yet.

    Returns:
        Names of what is in `source` outside of Curator's own tables and views, and is not in `target`.

    Raises:
        WarehouseError: `source` is no warehouse of Curator's, or damaged.
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
    """Let `source`, beside the warehouse's file, take its place; what was there, damaged or not, goes to `aside`.

    A write-ahead log belongs to its file: it goes with it, and none is left beside the new file. Nobody has the
    warehouse open meanwhile. Returns whether anything was there. Raises WarehouseBusy.
    """
    if not warehouse.file.exists():
        there = move_wal_aside(warehouse.file, aside)
        source.replace(warehouse.file)
        return there
    try:
        with warehouse.held(read_only=False) as connection:
            with translate_errors():
                connection.execute("force checkpoint")
            _exchange(warehouse.file, source, aside)
    except WarehouseBusy:
        raise
    except WarehouseError:  # what cannot be opened is nobody's
        _exchange(warehouse.file, source, aside)
    return True


@contextmanager
def _attached(other: Path, own: str) -> Iterator[Connection]:
    """Open our own database with a file from anybody attached as `stranger`, read-only."""
    try:
        with duckdb.connect(own, config=_BOUNDED | {"temp_directory": f"{other}.tmp"}) as connection:
            path = str(other).replace("'", "''")
            connection.execute(f"attach '{path}' as stranger (read_only, type duckdb)")
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
            yield connection
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise WarehouseError(
            f"{other.name} is no warehouse of Curator's, or damaged: {single_line(str(error))[:300]}"
        ) from error


def _tables_in(connection: Connection, file: Path) -> list[str]:
    """Make the tables of the attached file's version in our own database; return their names.

    Each is a table in the attached file too, defined by the same words. Raises WarehouseError, WarehouseNewer.
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
    found = [(kind, name) for kind, schema, name in connection.execute(_OBJECTS).fetchall() if schema == "record"]
    others = [name for kind, name in found if kind != "table" or name not in own]
    if others:
        raise WarehouseError(
            f"{file.name} cannot be used: its schema `record` holds {_named(others)}, which Curator did not make. If "
            "that is yours, drop it, or move it to another schema."
        )
    rows = sum(_count(connection, name) for name in own)
    if rows > MIN_ROW_ALLOWANCE + file.stat().st_size:
        raise WarehouseError(f"{file.name} is no warehouse of Curator's: it has more rows than bytes.")
    return own


def _refuse_other_definitions(connection: Connection, file: Path, tables: list[str]) -> None:
    ours, theirs = (_definitions(connection, name) for name in ("current_database()", "'stranger'"))
    for table in tables:
        if theirs.get(("record", table)) != ours[("record", table)]:
            raise WarehouseError(
                f"{file.name} is no warehouse of Curator's: its table record.{table} is missing, or is not defined as "
                "Curator defines it."
            )


def _definitions(connection: Connection, database: str) -> dict[tuple[str, str], str]:
    """Return the statement that creates each table of a database."""
    rows = connection.execute(
        f"select schema_name, table_name, sql from duckdb_tables() where database_name = {database}"  # noqa: S608
    ).fetchall()
    return {(schema, name): sql for schema, name, sql in rows}


def _left_out(connection: Connection) -> set[str]:
    found = connection.execute(_OBJECTS).fetchall()
    return {f"{schema}.{name}" for _, schema, name in found if schema != "record"}


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
    """Bring our own database up to date; return the names of its views."""
    migrate(connection)
    connection.execute(load_view_definitions())
    views = connection.execute("select view_name from duckdb_views() where not internal").fetchall()
    return {name for (name,) in views}


def _refuse_foreign_ids(connection: Connection, file: Path) -> None:
    for table, is_foreign in _FOREIGN_IDS.items():
        if connection.execute(f"from record.{table} where {is_foreign} limit 1").fetchone():
            raise WarehouseError(
                f"{file.name} is no warehouse of Curator's: its table record.{table} holds an id that Curator does not "
                "give."
            )


@contextmanager
def _bounded(connection: Connection, source: Path, target: Path) -> Iterator[None]:
    """Interrupt the copying if it takes much longer, or makes much more, than an honest file of that size could."""
    size = source.stat().st_size
    give_up = time.monotonic() + _MIN_SECONDS + size / _MIN_BYTES_PER_SECOND
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.5):
            made = sum(one.stat().st_size for one in (target, wal_path(target)) if one.exists())
            if made > _MIN_BYTES + _MAX_GROWTH * size or time.monotonic() > give_up:
                connection.interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _named(names: list[str]) -> str:
    """Return some of these names, which a stranger may have chosen, fit to print."""
    shown = ", ".join(repr(single_line(name)[:40]) for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def _exchange(file: Path, source: Path, aside: Path) -> None:
    """Keep a file and its write-ahead log as `aside`, and let `source` take its place."""
    try:
        aside.hardlink_to(file)
    except OSError:  # a file system without links
        shutil.copyfile(file, aside)
    make_private(aside)
    move_wal_aside(file, aside)
    source.replace(file)
