"""Backups: the workspace in one file, written while other commands run, and restored without losing current files.

A backup is a compressed tar file. It contains a consistent copy of the warehouse, the settings, prompts, queries, the
list, and the PDFs that are not on arXiv. With `pdfs=True` it also contains those that could be downloaded again.

A backup to restore may come from a stranger. It is unpacked into a private folder, within limits, and only files that
belong to a workspace are accepted. Of its warehouse, only the rows are used (`file_copies.rebuild_copy`).
"""

from __future__ import annotations

import errno
import filecmp
import os
import re
import secrets
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from curator.errors import BackupError, WarehouseError
from curator.ops.backup_archive import BadArchive, Entry, read_entries
from curator.ops.backup_names import WAREHOUSE, BackupNames, check_list_name
from curator.private_files import (
    FILE_MODE,
    close_to_others,
    create_private,
    make_private_folder,
    make_public,
    make_public_folder,
)
from curator.warehouse import Warehouse, file_copies
from curator.workspace import PRIVATE_FOLDERS, SETTINGS_FILE, Workspace, exclusive_lock

MIN_FREE_BYTES = 100 << 20
"""Bytes that unpacking leaves free on the disk."""

_BACKUP_NAME = re.compile(r"curator-\d{8}-\d{6}\.tar\.gz")
_BACKED_UP = (SETTINGS_FILE, "prompts/*.md", "warehouse/queries/*.sql", "warehouse/pdfs/file_*.pdf")
_ALL_PDFS = "warehouse/pdfs/*.pdf"

_LOCKS = ("ingest", "watch")


@dataclass(frozen=True)
class Unpacked:
    """A valid backup, ready to be restored.

    Attributes:
        folder: The folder with the unpacked files.
        files: Their names.
        left_out: Tables and other objects in its warehouse that Curator did not make.
    """

    folder: Path
    files: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Restored:
    """The result of a restore.

    Attributes:
        files: The names of the restored files.
        aside: The new names of the files that they replaced.
    """

    files: tuple[str, ...]
    aside: tuple[str, ...]


def back_up(workspace: Workspace, target: Path, *, pdfs: bool = False) -> int:
    """Write a backup that only its owner can read, completely or not at all.

    Args:
        workspace: The workspace.
        target: The file to write. Its folder exists.
        pdfs: Include the PDFs that could be downloaded from arXiv again.

    Returns:
        The size of the backup in bytes.

    Raises:
        BackupError: The backup cannot be written, or a file of the workspace cannot be part of one.
        WarehouseMissing: There is no warehouse.
        WarehouseBusy: Another process uses the warehouse for too long.
        WarehouseError: The warehouse is damaged.
    """
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with tempfile.TemporaryDirectory(prefix=".curator-", dir=target.parent) as folder:
            copy = Path(folder) / "curator.duckdb"
            file_copies.copy_warehouse(Warehouse(workspace.warehouse_file), copy)
            with (
                create_private(part) as packed,
                tarfile.open(fileobj=packed, mode="w:gz", compresslevel=3, dereference=True) as tar,
            ):
                tar.add(copy, WAREHOUSE)
                for file, name in _files(workspace, pdfs):
                    tar.add(file, name)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    except OSError as error:
        raise BackupError(f"The backup {target} cannot be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def rotate_backups(workspace: Workspace, folder: Path, keep: int) -> Path:
    """Write a backup named by the time into `folder`, and delete the oldest such backups beyond `keep`.

    Returns:
        The file of the new backup.
    """
    if not folder.exists():
        make_private_folder(folder)
    elif workspace.root in folder.parents:
        close_to_others(folder)
    target = folder / f"curator-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz"
    back_up(workspace, target)
    old = sorted(file for file in folder.iterdir() if _BACKUP_NAME.fullmatch(file.name))
    for file in old[:-keep]:
        file.unlink(missing_ok=True)
    return target


def latest_backup(folder: Path) -> datetime | None:
    """Return the time in the name of the latest backup that `rotate_backups` wrote; None if there is none."""
    names = (file.name for file in folder.glob("*.tar.gz") if _BACKUP_NAME.fullmatch(file.name))
    latest = max(names, default=None)
    return datetime.strptime(latest, "curator-%Y%m%d-%H%M%S.tar.gz").replace(tzinfo=UTC) if latest else None


def restore(workspace: Workspace, source: Path) -> Restored:
    """Restore a backup. A file that differs from the backup is kept beside it, under a name with the time.

    A damaged backup changes nothing. The errors are those of `unpack_backup` and `put_back`.
    """
    with unpack_backup(workspace, source) as backup:
        return put_back(workspace, backup)


@contextmanager
def unpack_backup(workspace: Workspace, source: Path) -> Iterator[Unpacked]:
    """Unpack a backup, which may come from a stranger, beside the workspace's warehouse, and check it.

    The workspace is not changed, and the unpacked files are deleted at the end.

    Raises:
        BackupError: It is not a backup of Curator's, it is damaged, or it is too large for the disk.
        WarehouseError: Its warehouse is damaged, or not made by Curator.
        WarehouseNewer: A later version of Curator wrote its warehouse.
    """
    parent = workspace.warehouse_file.parent
    make_private_folder(parent)
    with tempfile.TemporaryDirectory(prefix=".curator-", dir=parent) as name:
        folder = Path(name)
        files = _unpack(source, folder)
        received, rebuilt = folder / WAREHOUSE, folder / "rebuilt.duckdb"
        _refuse_full_disk(source, folder, received.stat().st_size)
        try:
            left_out = file_copies.rebuild_copy(received, rebuilt)
        except WarehouseError as error:
            raise type(error)(f"The backup {source} was not restored: {error}") from error
        rebuilt.replace(received)
        yield Unpacked(folder, tuple(files), left_out)


def put_back(workspace: Workspace, backup: Unpacked) -> Restored:
    """Move the files of a backup into the workspace; keep files that differ under another name.

    Raises:
        BackupError: There is a folder with the name of a file. Nothing was changed.
        WarehouseBusy: An ingest or a watch is running, or another process uses the warehouse.
    """
    for name in backup.files:
        if (workspace.root / name).is_dir():
            raise BackupError(
                f"{workspace.root / name} is a folder, and the backup has a file of that name. Rename the folder."
            )
    with exclusive_lock(workspace, _LOCKS[0]), exclusive_lock(workspace, _LOCKS[1]):
        mark = f"before-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
        replaced = [name for name in backup.files if _put_back(workspace, backup.folder / name, name, mark)]
    aside = [f"{name}.{mark}" for name in replaced]
    kept = [
        name if (workspace.root / name).exists() else f"{name}.wal" for name in aside
    ]  # only a log was left of the warehouse
    return Restored(backup.files, tuple(kept))


def _files(workspace: Workspace, pdfs: bool) -> Iterator[tuple[Path, str]]:
    """Yield the files of a backup beside the warehouse, with their names in it; raise BackupError for a bad name."""
    found = {file for pattern in (*_BACKED_UP, *([_ALL_PDFS] if pdfs else [])) for file in workspace.root.glob(pattern)}
    if workspace.list_file.is_relative_to(workspace.root):
        found.add(workspace.list_file)
    names = BackupNames()
    for file in sorted(path for path in found if path.is_file()):
        name = file.relative_to(workspace.root).as_posix()
        if problem := names.problem_with(name, file.stat().st_size):
            raise BackupError(f"{file} cannot be in a backup: {problem}. Rename or delete it.")
        yield file, name


def _unpack(source: Path, folder: Path) -> list[str]:
    """Unpack the files that belong to a workspace, and refuse all others; return the names."""
    names = BackupNames()
    try:
        if not source.is_file():
            raise BadArchive("it is not a file")
        with source.open("rb") as packed:
            for entry in read_entries(packed):
                if problem := names.problem_with(entry.name, entry.size):
                    raise BadArchive(f"it contains {entry.name[:80]!r}: {problem}")
                _refuse_full_disk(source, folder, entry.size)
                _write(entry, folder / entry.name)
        if WAREHOUSE not in names.seen:
            raise BadArchive("it contains no warehouse")
        check_list_name(names.seen, folder / SETTINGS_FILE)
    except BadArchive as error:
        raise BackupError(f"{source} is not a valid backup of Curator's: {error}. Nothing was changed.") from error
    except OSError as error:
        raise BackupError(f"{source} cannot be unpacked: {error}. Nothing was changed.") from error
    return names.seen


def _write(entry: Entry, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with create_private(file) as out:
        for chunk in entry.chunks:
            out.write(chunk)


def _refuse_full_disk(source: Path, folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size + MIN_FREE_BYTES > free:
        raise BackupError(
            f"{source} cannot be unpacked: it needs {size / 2**30:.1f} GB more, and the disk of {folder.parent} has "
            f"{free / 2**30:.1f} GB free. Free some space and try again. Nothing was changed."
        )


def _put_back(workspace: Workspace, file: Path, name: str, mark: str) -> bool:
    """Move one file into the workspace; return True if a different file was there and was kept under another name."""
    target = workspace.root / name
    aside = target.with_name(f"{target.name}.{mark}")
    if name == WAREHOUSE:
        return file_copies.replace_warehouse(Warehouse(target), file, aside)
    private = PurePosixPath(name).parts[0] in PRIVATE_FOLDERS
    (make_private_folder if private else make_public_folder)(target.parent)
    exists = target.exists()
    if exists and filecmp.cmp(target, file, shallow=False):
        return False
    _set_mode(file, target, private)
    if exists:
        target.replace(aside)
    _move(file, target)
    return exists


def _set_mode(file: Path, target: Path, private: bool) -> None:
    """Give a restored file the mode of the file that it replaces; a new file gets the usual mode of its folder."""
    if private:
        file.chmod(FILE_MODE)
    elif target.exists():
        shutil.copymode(target, file)
    else:
        make_public(file)


def _move(file: Path, target: Path) -> None:
    """Move a file, even to another file system: the warehouse's folder may be a link to one."""
    try:
        file.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        try:
            shutil.copy2(file, part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
