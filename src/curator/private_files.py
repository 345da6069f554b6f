"""Private folders and files, which only their owner may read or change, and public ones, which follow the user's umask.

Within `private_umask` every file is private that this process, its children or DuckDB create. The list, exports, the
site, settings and prompts are the exception: `make_public` and `make_public_folder` give them the mode that they would
have had under the umask with which the user started Curator.
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

FOLDER_MODE = 0o700
"""The mode of a private folder."""
FILE_MODE = 0o600
"""The mode of a private file."""
OTHERS = 0o077
"""The permission bits of all users but the owner."""
UMASK_VARIABLE = "CURATOR_UMASK"
"""Environment variable that hands the user's own umask (octal digits) to Curator's child processes."""

_HAS_MODES = sys.platform != "win32"


@contextmanager
def private_umask() -> Iterator[None]:
    """Make every file private that this process and its children create in the block; remember the user's own umask."""
    own = os.umask(OTHERS)
    handed_down = os.environ.get(UMASK_VARIABLE)
    if _user_umask() is None:
        os.environ[UMASK_VARIABLE] = f"{own:03o}"
    try:
        yield
    finally:
        os.umask(own)
        if handed_down is None:
            os.environ.pop(UMASK_VARIABLE, None)
        else:
            os.environ[UMASK_VARIABLE] = handed_down


def make_public(path: Path, mode: int = 0o666) -> None:
    """Give `path` the mode that it would have had under the user's own umask.

    Args:
        path: A new file or folder.
        mode: The permission bits before the umask is applied: 0o666 for a file, 0o777 for a folder.

    Raises:
        OSError: The mode cannot be set.
    """
    umask = _user_umask()
    if umask is not None and _HAS_MODES:
        path.chmod(mode & ~umask)


def make_public_folder(folder: Path) -> None:
    """Make `folder` and its parents if they are missing, with the modes that the user's own umask allows.

    Raises:
        OSError: The folder cannot be made.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        try:
            path.mkdir()
        except FileExistsError:  # another process was first
            continue
        make_public(path, 0o777)
    folder.mkdir(exist_ok=True)  # raises an error if a file has that name


def make_private_folder(folder: Path) -> None:
    """Make `folder` and its parents if they are missing, and let only its owner enter it.

    A folder that is open to others is closed with `close_to_others`. A folder of another owner keeps its mode.

    Raises:
        OSError: The folder cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    close_to_others(folder)


def create_private(file: Path) -> BinaryIO:
    """Open a new file for writing that only its owner can read.

    Raises:
        FileExistsError: The name exists, even as a broken link.
        OSError: The file cannot be made.
    """
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, FILE_MODE), "wb")


def write_private(file: Path, content: bytes) -> None:
    """Replace the content of `file` completely or not at all; only its owner can read it.

    Raises:
        OSError: The file cannot be written.
    """
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        with create_private(part) as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def append_private(file: Path) -> BinaryIO:
    """Open `file` for appending; only its owner can read it, even if others could before.

    Raises:
        OSError: The file cannot be opened.
    """
    stream = os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE_MODE), "ab")
    with suppress(OSError, AttributeError):  # another owner's file; Windows has no fchmod
        os.fchmod(stream.fileno(), FILE_MODE)
    return stream


def make_private(file: Path) -> None:
    """Let only its owner read `file`, if it exists and belongs to this user."""
    with suppress(OSError):
        file.chmod(FILE_MODE)


def close_to_others(folder: Path) -> None:
    """Close a folder that others can enter or read, and everything in it; cheap if it is closed already.

    Files and folders of another owner, and those behind links in it, keep their modes. So does a shared folder such as
    /tmp (with the sticky bit), even if `folder` is a link to it.
    """
    try:
        before = stat.S_IMODE(folder.stat().st_mode)
        if not _HAS_MODES or not before & OTHERS or before & stat.S_ISVTX or not folder.is_dir():
            return
        folder.chmod(FOLDER_MODE)
        if is_open(folder):  # the file system has no modes
            return
    except OSError:  # the folder is missing, or belongs to another user
        return
    try:
        _close_all_in(folder)
    except BaseException:  # after an interruption, the next command starts again
        folder.chmod(before)
        raise


def is_open(path: Path) -> bool:
    """Return True if other users have any permission for `path`; False on systems without permissions.

    Raises:
        OSError: The path cannot be examined.
    """
    return _HAS_MODES and bool(path.stat().st_mode & OTHERS)


def owner_of(file: int | Path) -> str:
    """Return the name of the owner of a file, given by its path or its descriptor.

    Raises:
        OSError: The file cannot be examined.
    """
    user = (os.fstat(file) if isinstance(file, int) else os.lstat(file)).st_uid
    with suppress(ImportError, KeyError):  # Windows; a user without a name, as in a container
        import pwd

        return pwd.getpwuid(user).pw_name
    return f"user {user}"


def _close_all_in(folder: Path) -> None:
    for parent, folders, files in os.walk(folder):
        for names, mode in ((folders, FOLDER_MODE), (files, FILE_MODE)):
            for path in (Path(parent, name) for name in names):
                with suppress(OSError):  # it belongs to another user, or was deleted meanwhile
                    before = path.lstat().st_mode
                    if before & OTHERS and (stat.S_ISREG(before) or stat.S_ISDIR(before)):
                        path.chmod(mode)


def _user_umask() -> int | None:
    """Return the umask with which the user started Curator; None outside of `private_umask`."""
    try:
        return int(os.environ.get(UMASK_VARIABLE, ""), 8) & 0o777
    except ValueError:
        return None


_BINARY = getattr(os, "O_BINARY", 0)
