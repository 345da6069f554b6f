"""New warehouses and workspaces at the price of a copy: each process migrates one, and copies it for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from filelock import FileLock

from curator.private_files import FILE_MODE, make_private_folder
from curator.warehouse import Warehouse
from curator.workspace import Workspace, create_files

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


def create_workspace(root: Path) -> Workspace:
    """Make a workspace with its files and an empty warehouse."""
    list(create_files(root))
    workspace = Workspace(root)
    if not workspace.warehouse_file.exists():
        new_warehouse(workspace.warehouse_file)
    return workspace


def copy_workspace(source: Path, target: Path) -> Workspace:
    """Copy a workspace that nothing uses, with all that its warehouse holds."""
    Warehouse(Workspace(source).warehouse_file).close()
    shutil.copytree(source, target)
    return Workspace(target)


def make_once(base: Path, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that the first process of this test run fills with `make`; the others wait for it.

    The folder is there to be copied, by `copy_workspace` where it is a workspace; nobody may change it.

    Args:
        base: Temporary folder of the test run, as `tmp_path_factory.getbasetemp` returns it.
        name: Of the folder, the same in all processes.
        make: Fills the folder, which exists; it must leave no warehouse open.
    """
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, made = run / name, run / f"{name}.made"
    with FileLock(run / f"{name}.lock"):
        if not made.exists():
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


@cache
def _content(fill: Fill) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "w.duckdb"
        warehouse = Warehouse(file) if fill is empty else new_warehouse(file)
        warehouse.write(lambda _: None)
        fill(warehouse)
        warehouse.close()
        return file.read_bytes()
