"""The workspace in one file, taken while others work, and put back: nothing that is there already is lost by it.

A backup is a tar file, compressed: the warehouse as it was at one moment, settings, prompts, queries, the list, and
PDFs that arXiv does not have. Those that it has can be asked for again; `pdfs=True` takes them too.
"""

from __future__ import annotations

import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from curator.errors import BackupError
from curator.warehouse import Warehouse, copies
from curator.workspace import SETTINGS_FILE, Workspace, alone

WAREHOUSE = "warehouse/curator.duckdb"
_NAME = re.compile(r"curator-\d{8}-\d{6}\.tar\.gz")
_TAKEN = (SETTINGS_FILE, "prompts/*.md", "warehouse/queries/*.sql", "warehouse/pdfs/file_*.pdf")
_PDFS = "warehouse/pdfs/*.pdf"
_ALLOWED = re.compile(
    r"[\w.-]+\.toml|(?:[^/]+/){0,4}[^/]+\.md|warehouse/(?:curator\.duckdb|queries/[^/]+\.sql|pdfs/[^/]+\.pdf)"
)
_LOCKS = ("ingest", "watch")


@dataclass(frozen=True)
class Restored:
    """What was put back, and where that which stood in its place is now."""

    files: tuple[str, ...]
    aside: tuple[str, ...]


def back_up(workspace: Workspace, target: Path, *, pdfs: bool = False) -> int:
    """Write a backup to `target`, whole or not at all; return its size in bytes.

    Raises BackupError, WarehouseMissing, WarehouseBusy, WarehouseError.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(prefix=".curator-", dir=target.parent) as folder:
            copy = Path(folder) / "curator.duckdb"
            copies.copy_to(Warehouse(workspace.warehouse_file), copy)
            with tarfile.open(part, "w:gz", compresslevel=3) as tar:
                tar.add(copy, WAREHOUSE)
                for file in _files(workspace, pdfs):
                    tar.add(file, file.relative_to(workspace.root).as_posix())
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    except OSError as error:
        raise BackupError(f"The backup {target} cannot be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def rotate(workspace: Workspace, folder: Path, keep: int) -> Path:
    """Write a backup named by the time into `folder`, and remove the oldest of its kind beyond `keep`."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"curator-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz"
    back_up(workspace, target)
    old = sorted(file for file in folder.iterdir() if _NAME.fullmatch(file.name))
    for file in old[:-keep]:
        file.unlink(missing_ok=True)
    return target


def latest(folder: Path) -> datetime | None:
    """When the latest backup that `rotate` wrote there was begun, by its name; None where there is none."""
    names = (file.name for file in folder.glob("*.tar.gz") if _NAME.fullmatch(file.name))
    last = max(names, default=None)
    return datetime.strptime(last, "curator-%Y%m%d-%H%M%S.tar.gz").replace(tzinfo=UTC) if last else None


def restore(workspace: Workspace, source: Path) -> Restored:
    """Put a backup back. What stands there and differs is kept beside it, under a name that says when.

    Nothing is changed where the backup is damaged. Raises BackupError, WarehouseBusy, WarehouseNewer, WarehouseError.
    """
    place = workspace.warehouse_file.parent
    place.mkdir(parents=True, exist_ok=True)
    with (
        alone(workspace, _LOCKS[0]),
        alone(workspace, _LOCKS[1]),
        tempfile.TemporaryDirectory(prefix=".curator-", dir=place) as folder,
    ):
        unpacked = Path(folder)
        names = _unpack(source, unpacked)
        copies.check(unpacked / WAREHOUSE)
        mark = f"before-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        aside = [name for name in names if _put_back(workspace, unpacked / name, name, mark)]
    return Restored(tuple(names), tuple(f"{name}.{mark}" for name in aside))


def _files(workspace: Workspace, pdfs: bool) -> Iterator[Path]:
    found = {file for pattern in (*_TAKEN, *([_PDFS] if pdfs else [])) for file in workspace.root.glob(pattern)}
    if workspace.list_file.is_file() and workspace.list_file.is_relative_to(workspace.root):
        found.add(workspace.list_file)
    return iter(sorted(found))


def _unpack(source: Path, folder: Path) -> list[str]:
    """Take out what belongs in a workspace, and nothing else; the names."""
    names = []
    try:
        with tarfile.open(source, "r:gz") as tar:
            for member in tar:
                if not member.isfile() or not _belongs(member.name):
                    raise BackupError(f"{source} is no backup of Curator's: it holds {member.name[:80]!r}.")
                content = tar.extractfile(member)
                assert content is not None  # a file has content
                file = folder / member.name
                file.parent.mkdir(parents=True, exist_ok=True)
                with file.open("wb") as out:
                    shutil.copyfileobj(content, out)
                names.append(member.name)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise BackupError(f"{source} cannot be read as a backup: {error}. Nothing was changed.") from error
    if WAREHOUSE not in names:
        raise BackupError(f"{source} is no backup of Curator's: there is no warehouse in it.")
    return names


def _belongs(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(_ALLOWED.fullmatch(name)) and ".." not in path.parts and not path.is_absolute()


def _put_back(workspace: Workspace, file: Path, name: str, mark: str) -> bool:
    """Whether something else stood in the file's place, and is kept aside now."""
    target = workspace.root / name
    aside = target.with_name(f"{target.name}.{mark}")
    target.parent.mkdir(parents=True, exist_ok=True)
    if name == WAREHOUSE:
        there = target.exists()
        copies.put_in_place(Warehouse(target), file, aside)
        return there
    there = target.exists()
    if there and target.read_bytes() == file.read_bytes():
        return False
    if there:
        target.replace(aside)
    file.replace(target)
    return there
