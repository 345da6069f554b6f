"""The workspace in one file, taken while others work, and put back: nothing that is there already is lost by it.

A backup is a tar file, compressed: the warehouse as it was at one moment, settings, prompts, queries, the list, and
PDFs that arXiv does not have. Those that it has can be asked for again; `pdfs=True` takes them too.

What is put back may be anybody's file: it is unpacked into a private folder within bounds, only files that have a place
in a workspace are taken, and of its warehouse only the rows (`copies.rebuild`).
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
import tomllib
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from curator.errors import BackupError, WarehouseError
from curator.ops.backup_archive import BadArchive, Entry, read_entries
from curator.private_files import (
    FILE_MODE,
    close_to_others,
    create_private,
    make_private_folder,
    make_public,
    make_public_folder,
)
from curator.settings import Settings
from curator.warehouse import Warehouse, file_copies
from curator.workspace import PRIVATE_FOLDERS, SETTINGS_FILE, Workspace, exclusive_lock

WAREHOUSE = "warehouse/curator.duckdb"
RESERVE = 100 << 20
"""Bytes that unpacking leaves free on the disk."""

_NAME = re.compile(r"curator-\d{8}-\d{6}\.tar\.gz")
_TAKEN = (SETTINGS_FILE, "prompts/*.md", "warehouse/queries/*.sql", "warehouse/pdfs/file_*.pdf")
_PDFS = "warehouse/pdfs/*.pdf"
_PLACES = (  # what has a place in a workspace, and the most bytes of it; the list's is where the settings say
    (re.compile(r"curator\.toml"), 1 << 20),
    (re.compile(r"prompts/[^/]+\.md"), 1 << 20),
    (re.compile(r"warehouse/queries/[^/]+\.sql"), 1 << 20),
    (re.compile(r"warehouse/pdfs/[^/]+\.pdf"), 2000 << 20),  # read.max_pdf_mb
    (re.compile(re.escape(WAREHOUSE)), 1 << 42),
    (re.compile(r"(?i:(?!(?:warehouse|backups|prompts)/))(?:[^/]+/){0,4}[^/]+\.md"), 1 << 28),
)
_NOT_PORTABLE = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff<>:"\\|?*]|[. ](?:/|$)|[^/]{121}')
_DEVICE = re.compile(r"(?:^|/)(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:[./]|$)", re.IGNORECASE)
"""Names that Windows gives to devices ("Naming Files, Paths, and Namespaces" in Microsoft's documentation)."""

_LOCKS = ("ingest", "watch")


@dataclass(frozen=True)
class Unpacked:
    """A backup that was found good, ready to be put back."""

    folder: Path
    files: tuple[str, ...]
    left_out: tuple[str, ...]  # of its warehouse: what Curator did not make


@dataclass(frozen=True)
class Restored:
    """What was put back, and where that which stood in its place is now."""

    files: tuple[str, ...]
    aside: tuple[str, ...]


def back_up(workspace: Workspace, target: Path, *, pdfs: bool = False) -> int:
    """Write a backup to `target`, whole or not at all; return its size in bytes. Its owner alone may read it.

    Raises BackupError, WarehouseMissing, WarehouseBusy, WarehouseError.
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
    """Write a backup named by the time into `folder`, and remove the oldest of its kind beyond `keep`."""
    if not folder.exists():
        make_private_folder(folder)
    elif workspace.root in folder.parents:
        close_to_others(folder)
    target = folder / f"curator-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz"
    back_up(workspace, target)
    old = sorted(file for file in folder.iterdir() if _NAME.fullmatch(file.name))
    for file in old[:-keep]:
        file.unlink(missing_ok=True)
    return target


def latest_backup(folder: Path) -> datetime | None:
    """When the latest backup that `rotate` wrote there was begun, by its name; None where there is none."""
    names = (file.name for file in folder.glob("*.tar.gz") if _NAME.fullmatch(file.name))
    last = max(names, default=None)
    return datetime.strptime(last, "curator-%Y%m%d-%H%M%S.tar.gz").replace(tzinfo=UTC) if last else None


def restore(workspace: Workspace, source: Path) -> Restored:
    """Put a backup back. What stands there and differs is kept beside it, under a name that says when.

    Nothing is changed where the backup is damaged. Raises BackupError, WarehouseBusy, WarehouseNewer, WarehouseError.
    """
    with unpack_backup(workspace, source) as backup:
        return put_back(workspace, backup)


@contextmanager
def unpack_backup(workspace: Workspace, source: Path) -> Iterator[Unpacked]:
    """Unpack a backup, which may be anybody's file, beside the workspace's warehouse, and look that it is good.

    Nothing of the workspace is changed, and what was unpacked is gone at the end.

    Raises:
        BackupError: It is no backup of Curator's, damaged, or too large for the disk.
        WarehouseError: Its warehouse is damaged, or not made by Curator.
        WarehouseNewer: A later version of Curator wrote its warehouse.
    """
    place = workspace.warehouse_file.parent
    make_private_folder(place)
    with tempfile.TemporaryDirectory(prefix=".curator-", dir=place) as name:
        folder = Path(name)
        files = _unpack(source, folder)
        theirs, ours = folder / WAREHOUSE, folder / "rebuilt.duckdb"
        _refuse_full_disk(source, folder, theirs.stat().st_size)
        try:
            left_out = file_copies.rebuild_copy(theirs, ours)
        except WarehouseError as error:
            raise type(error)(f"The backup {source} was not restored: {error}") from error
        ours.replace(theirs)
        yield Unpacked(folder, tuple(files), left_out)


def put_back(workspace: Workspace, backup: Unpacked) -> Restored:
    """Put the files of a backup in place; keep what stands there and differs beside it.

    Raises:
        BackupError: Something else than a file stands in a file's place. Nothing was changed.
        WarehouseBusy: An ingest or a watch is going on, or the warehouse is open elsewhere.
    """
    for name in backup.files:
        if (workspace.root / name).is_dir():
            raise BackupError(f"{workspace.root / name} is a folder, and the backup has a file of that name. Move it.")
    with exclusive_lock(workspace, _LOCKS[0]), exclusive_lock(workspace, _LOCKS[1]):
        mark = f"before-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
        there = [name for name in backup.files if _put_back(workspace, backup.folder / name, name, mark)]
    aside = [f"{name}.{mark}" for name in there]
    kept = [name if (workspace.root / name).exists() else f"{name}.wal" for name in aside]  # a log whose file was gone
    return Restored(backup.files, tuple(kept))


def _files(workspace: Workspace, pdfs: bool) -> Iterator[tuple[Path, str]]:
    """What belongs into a backup beside the warehouse, and its names there. Raises BackupError."""
    found = {file for pattern in (*_TAKEN, *([_PDFS] if pdfs else [])) for file in workspace.root.glob(pattern)}
    if workspace.list_file.is_relative_to(workspace.root):
        found.add(workspace.list_file)
    names = _Names()
    for file in sorted(one for one in found if one.is_file()):
        name = file.relative_to(workspace.root).as_posix()
        if problem := names.problem_with(name, file.stat().st_size):
            raise BackupError(f"{file} cannot be in a backup: {problem}. Rename or remove it.")
        yield file, name


def _unpack(source: Path, folder: Path) -> list[str]:
    """Take out what belongs in a workspace, and nothing else; the names."""
    names = _Names()
    try:
        if not source.is_file():
            raise BadArchive("it is not a file")
        with source.open("rb") as packed:
            for entry in read_entries(packed):
                if problem := names.problem_with(entry.name, entry.size):
                    raise BadArchive(f"it holds {entry.name[:80]!r}: {problem}")
                _refuse_full_disk(source, folder, entry.size)
                _write(entry, folder / entry.name)
        if WAREHOUSE not in names.seen:
            raise BadArchive("there is no warehouse in it")
        _check_list(names.seen, folder / SETTINGS_FILE)
    except BadArchive as error:
        raise BackupError(f"{source} is no backup of Curator's: {error}. Nothing was changed.") from error
    except OSError as error:
        raise BackupError(f"{source} cannot be unpacked: {error}. Nothing was changed.") from error
    return names.seen


def _write(entry: Entry, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with create_private(file) as out:
        for chunk in entry.chunks:
            out.write(chunk)


class _Names:
    """Names in one archive: each has a place in a workspace, on any system, and no two are the same on any."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._folded: set[str] = set()

    def problem_with(self, name: str, size: int) -> str:
        """Take a name in; return why it cannot be, or ""."""
        most = next((most for pattern, most in _PLACES if pattern.fullmatch(name)), None)
        if most is None:
            return "no such file belongs to a workspace"
        if _NOT_PORTABLE.search(name) or _DEVICE.search(name):
            return "some systems cannot have a file of that name"
        if size > most:
            return f"it has more than {most >> 20} MB"
        folded = unicodedata.normalize("NFKC", name).casefold()
        if folded in self._folded:
            return "another file has that name, but for upper and lower case"
        self._folded.add(folded)
        self.seen.append(name)
        return ""


def _check_list(names: list[str], settings_file: Path) -> None:
    """Of files that are in no fixed place there is one at most: the list that the backup's settings name."""
    fixed = [pattern for pattern, _ in _PLACES[:-1]]
    loose = [name for name in names if not any(pattern.fullmatch(name) for pattern in fixed)]
    if not loose:
        return
    try:
        table = tomllib.loads(settings_file.read_text(encoding="utf-8-sig")) if settings_file.exists() else {}
    except (ValueError, RecursionError) as error:
        raise BadArchive("its settings cannot be read") from error
    told = table.get("list", Settings.model_fields["list"].default)
    for name in loose:
        if not isinstance(told, str) or PurePosixPath(told.strip()) != PurePosixPath(name):
            raise BadArchive(f"it holds {name[:80]!r}: no such file belongs to a workspace")


def _refuse_full_disk(source: Path, folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size + RESERVE > free:
        raise BackupError(
            f"{source} cannot be unpacked: it takes {size / 2**30:.1f} GB more, and {free / 2**30:.1f} GB are free on "
            f"the disk of {folder.parent}. Make room and try again. Nothing was changed."
        )


def _put_back(workspace: Workspace, file: Path, name: str, mark: str) -> bool:
    """Whether something else stood in the file's place, and is kept aside now."""
    target = workspace.root / name
    aside = target.with_name(f"{target.name}.{mark}")
    if name == WAREHOUSE:
        return file_copies.replace_warehouse(Warehouse(target), file, aside)
    private = PurePosixPath(name).parts[0] in PRIVATE_FOLDERS
    (make_private_folder if private else make_public_folder)(target.parent)
    there = target.exists()
    if there and filecmp.cmp(target, file, shallow=False):
        return False
    _set_mode(file, target, private)
    if there:
        target.replace(aside)
    _move(file, target)
    return there


def _set_mode(file: Path, target: Path, private: bool) -> None:
    """Give a file that is put back the mode of the one in its place; a new one, that of its folder's files."""
    if private:
        file.chmod(FILE_MODE)
    elif target.exists():
        shutil.copymode(target, file)
    else:
        make_public(file)


def _move(file: Path, target: Path) -> None:
    """Move a file, also to another file system (the warehouse's folder may be a link to one)."""
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
