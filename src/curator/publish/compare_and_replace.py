"""Replace a file that other programs edit only if it still holds what was read from it, so that no save is lost.

On Linux, the new and the old file are exchanged in one step (renameat2 with RENAME_EXCHANGE, man 2 renameat2). The old
file is then checked under a name that only Curator knows, and exchanged back if it was changed after it was read or if
another program still has it open for writing. Elsewhere the file is read once more immediately before it is replaced.
"""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import signal
import sys
from contextlib import suppress
from pathlib import Path

from curator.errors import PublishError

_AT_FDCWD = -100  # linux/fcntl.h
_RENAME_EXCHANGE = 2  # linux/fs.h


def replace_if_unchanged(new: Path, target: Path, expected: bytes | None) -> bool:
    """Replace `target` with `new` if `target` holds `expected`.

    Args:
        new: A complete file in the folder of `target`. The caller deletes whatever has this name afterwards.
        target: The file to replace; not a link.
        expected: The content of `target` when it was last read; None if it did not exist.

    Returns:
        True if the file was replaced.

    Raises:
        PublishError: Another program saved the file twice during the exchange. Both texts are kept.
        OSError: The file cannot be replaced.
    """
    if expected is None:
        return _link_in(new, target)
    ours = new.read_bytes()
    if not _holds(target, expected):
        return False
    if not _exchange(new, target):
        new.replace(target)
        return True
    if _holds(new, expected) and not _is_open_for_writing(new):
        return True
    _exchange(new, target)
    if not _holds(new, ours):
        kept = target.with_name(f"{target.name}.saved-{secrets.token_hex(4)}")
        new.replace(kept)
        raise PublishError(
            f"Another program saved {target} twice while Curator wrote to it. The later text is in {kept}. Compare the "
            "two files, then publish again."
        )
    return False


def _link_in(new: Path, target: Path) -> bool:
    try:
        target.hardlink_to(new)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if target.exists():
            return False
        new.replace(target)
    return True


def _holds(file: Path, content: bytes) -> bool:
    try:
        return file.read_bytes() == content
    except FileNotFoundError:
        return False


def _exchange(first: Path, second: Path) -> bool:
    """Exchange the names of two files in one step; return False if the system or the file system cannot do that."""
    if sys.platform != "linux":
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # an old C library
        return False
    rename.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    if rename(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM):
        return False
    raise OSError(number, os.strerror(number), str(second))


def _is_open_for_writing(file: Path) -> bool:
    """Return True if the system reports another program that has `file` open for writing (man 2 fcntl, F_SETLEASE)."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        with file.open("rb") as stream:
            fcntl.fcntl(stream, fcntl.F_SETSIG, signal.SIGURG)  # ignored by default; SIGIO would end this process
            fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            with suppress(OSError):
                fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:  # other codes: a file system without leases, another user's file
        return error.errno == errno.EAGAIN
    return False
