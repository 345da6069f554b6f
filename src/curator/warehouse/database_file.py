"""The warehouse's file and its write-ahead log: create them, keep them private, and move them aside."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from curator.errors import WarehouseError
from curator.private_files import FILE_MODE, make_private, make_private_folder

Config = dict[str, str | bool | int | float | list[str]]

ISOLATED: Config = {
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "lock_configuration": True,
}
"""Settings of every connection: people's SQL, and what a file holds, see that file and nothing else of the machine."""


def create_database(file: Path) -> None:
    """Put an empty warehouse there, whole or not at all: a disk may be full, the power may go.

    Where another process was first, its file stands. The write-ahead log of a file that is gone is kept aside: DuckDB
    would replay it into the new one.

    Raises:
        WarehouseError: It cannot be made.
    """
    new = file.with_name(f".{file.name}.{secrets.token_hex(4)}.new")
    try:
        if not file.parent.exists():
            make_private_folder(file.parent)
        with duckdb.connect(str(new), config=ISOLATED):  # until it is closed nobody else can open it, by either name
            new.chmod(FILE_MODE)
            if _is_linked(file, new):
                move_wal_aside(file, name_aside(file))
        if not file.exists():  # a file system without links
            move_wal_aside(file, name_aside(file))
            new.replace(file)
    except (duckdb.Error, OSError) as error:
        raise WarehouseError(f"The warehouse {file} cannot be made: {error}") from error
    finally:
        new.unlink(missing_ok=True)


def name_aside(file: Path) -> Path:
    """Name the place beside `file` where it is kept from now on."""
    return file.with_name(f"{file.name}.before-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}")


def wal_path(file: Path) -> Path:
    """Name the write-ahead log of a DuckDB file, which belongs to that file alone."""
    return file.with_name(f"{file.name}.wal")


def move_wal_aside(file: Path, aside: Path) -> bool:
    """Let the write-ahead log of `file`, if there is one, become that of `aside`; return whether there was.

    Raises:
        OSError: It cannot be moved.
    """
    try:
        wal_path(file).replace(wal_path(aside))
    except FileNotFoundError:
        return False
    make_private(wal_path(aside))
    return True


def _is_linked(file: Path, new: Path) -> bool:
    """Let `new` be `file` too; return False where that exists, or where the file system has no links."""
    try:
        file.hardlink_to(new)
    except OSError:
        return False
    return True
