"""New warehouses at the price of a copy: each process migrates one, and copies it wherever a test wants its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from curator.private_files import FILE_MODE, make_private_folder
from curator.warehouse import Warehouse

Fill = Callable[[Warehouse], object]


def empty(warehouse: Warehouse) -> None:
    """Write nothing."""


def new_warehouse(file: Path, fill: Fill = empty) -> Warehouse:
    """Put a warehouse of today's schema at `file`, with the rows that `fill` writes.

    `fill` runs once in each process; the rows' times are those of that moment. Tests of migrating make their
    warehouses by `Warehouse` alone.
    """
    if not file.parent.exists():
        make_private_folder(file.parent)
    file.write_bytes(_content(fill))
    file.chmod(FILE_MODE)
    return Warehouse(file)


@cache
def _content(fill: Fill) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "w.duckdb"
        warehouse = Warehouse(file) if fill is empty else new_warehouse(file)
        warehouse.write(lambda _: None)
        fill(warehouse)
        return file.read_bytes()
