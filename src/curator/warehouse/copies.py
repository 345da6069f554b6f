"""Whole copies of the warehouse: taken while others use it, and put in its place again."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import duckdb

from curator.errors import WarehouseBusy, WarehouseError
from curator.warehouse.store import Warehouse, outstanding, translated


def copy_to(warehouse: Warehouse, target: Path) -> None:
    """A copy of the warehouse as it is at one moment, in a file that must not be there yet.

    Writers wait for as long as copying the file takes. The copy has been opened and read once when this returns.
    Raises WarehouseMissing, WarehouseBusy, WarehouseError.
    """
    warehouse.read(lambda _: None)  # raises where there is none
    log = _log(target)
    with warehouse.held(read_only=True):
        shutil.copyfile(warehouse.file, target)
        with suppress(FileNotFoundError):  # what is committed and not yet in the file
            shutil.copyfile(_log(warehouse.file), log)
    with translated(), duckdb.connect(str(target)) as connection:
        connection.execute("force checkpoint")
    log.unlink(missing_ok=True)
    check(target)


def check(file: Path) -> None:
    """Raises WarehouseError where the file is no warehouse, or damaged; WarehouseNewer where we cannot read it yet."""
    with translated(), duckdb.connect(str(file), read_only=True) as connection:
        outstanding(connection)
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'record'").fetchall()
        if ("papers",) not in tables:
            raise WarehouseError(f"{file} is no warehouse of Curator's.")
        for (table,) in tables:
            connection.execute(f"select count(columns(*)) from record.{table}").fetchall()  # noqa: S608


def put_in_place(warehouse: Warehouse, source: Path, aside: Path) -> None:
    """Let `source`, beside the warehouse's file, take its place; what was there, damaged or not, goes to `aside`.

    Nobody has the warehouse open meanwhile. Raises WarehouseBusy.
    """
    if not warehouse.file.exists():
        source.replace(warehouse.file)
        return
    try:
        with warehouse.held(read_only=False) as connection:
            connection.execute("force checkpoint")
            _keep(warehouse.file, aside)
            source.replace(warehouse.file)
    except WarehouseBusy:
        raise
    except WarehouseError:  # what cannot be opened is nobody's
        _keep(warehouse.file, aside)
        source.replace(warehouse.file)
        _log(warehouse.file).unlink(missing_ok=True)


def _keep(file: Path, aside: Path) -> None:
    try:
        aside.hardlink_to(file)
    except OSError:  # a file system without links
        shutil.copyfile(file, aside)


def _log(file: Path) -> Path:
    return file.with_name(f"{file.name}.wal")
