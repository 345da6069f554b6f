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
"""Settings of every connection: SQL, whether typed or stored in the file, can access that file and nothing else."""


def create_database(file: Path) -> None:
    """Create an empty warehouse, whole or not at all, even if the disk is full or the power fails.

    If another process has created the file first, it is left unchanged. The write-ahead log of a file that was deleted
    is moved aside, because DuckDB would replay it into the new file.

    Raises:
        WarehouseError: The file cannot be created.
    """
    new = file.with_name(f".{file.name}.{secrets.token_hex(4)}.new")
    try:
        if not file.parent.exists():
            make_private_folder(file.parent)
        with duckdb.connect(str(new), config=ISOLATED):  # locks the file under both names until it is closed
            new.chmod(FILE_MODE)
            if _is_linked(file, new):
                move_wal_aside(file, name_aside(file))
        if not file.exists():  # a file system without links
            move_wal_aside(file, name_aside(file))
            new.replace(file)
    except (duckdb.Error, OSError) as error:
        raise WarehouseError(f"The warehouse {file} cannot be created: {error}") from error
    finally:
        new.unlink(missing_ok=True)


def name_aside(file: Path) -> Path:
    """Return a new name beside `file`, with the current time (UTC), under which to keep it."""
    return file.with_name(f"{file.name}.before-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}")


def wal_path(file: Path) -> Path:
    """Return the path of a DuckDB file's write-ahead log."""
    return file.with_name(f"{file.name}.wal")


def move_wal_aside(file: Path, aside: Path) -> bool:
    """Rename the write-ahead log of `file` to that of `aside`; return False if there is none.

    Raises:
        OSError: The log cannot be moved.
    """
    try:
        wal_path(file).replace(wal_path(aside))
    except FileNotFoundError:
        return False
    make_private(wal_path(aside))
    return True


def _is_linked(file: Path, new: Path) -> bool:
    """Link `file` to `new`; return False if `file` exists or the file system has no hard links."""
    try:
        file.hardlink_to(new)
    except OSError:
        return False
    return True
