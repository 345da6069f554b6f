"""Replace a file that others edit only if it still holds what was read from it, so that no save of theirs is lost.

On Linux the new file and the old one trade places in one step (renameat2 with RENAME_EXCHANGE, man 2 renameat2). The
old file is then looked at under a name that only Curator knows, and put back if it was changed after it was read or if
another program still has it open to write. Elsewhere the file is read once more immediately before it is replaced.
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
    """Let `new` take the place of `target` if that holds `expected`; return whether it did.

    Args:
        new: A whole file in the folder of `target`. Afterwards its name may lead to what can be thrown away.
        target: What is replaced; no link.
        expected: The content of `target` when it was read last; None if it did not exist.

    Raises:
        PublishError: Somebody saved twice in the moment of the exchange. Both texts are kept, and named.
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
    if _holds(new, expected) and not _is_open_to_write(new):
        return True
    _exchange(new, target)
    if not _holds(new, ours):
        kept = target.with_name(f"{target.name}.saved-{secrets.token_hex(4)}")
        new.replace(kept)
        raise PublishError(
            f"{target} was saved twice while Curator wrote to it. The later text is in {kept}; compare the two files, "
            "then publish again."
        )
    return False


def _link_in(new: Path, target: Path) -> bool:
    try:
        target.hardlink_to(new)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if target.exists():
            return False
        new.replace(target)
    return True


def _holds(file: Path, content: bytes) -> bool:
    try:
        return file.read_bytes() == content
    except FileNotFoundError:
        return False


def _exchange(one: Path, other: Path) -> bool:
    """Let two files trade names in one step; return False if this system or file system cannot do that."""
    if sys.platform != "linux":
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # an old C library
        return False
    rename.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    if rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM):
        return False
    raise OSError(number, os.strerror(number), str(other))


def _is_open_to_write(file: Path) -> bool:
    """Tell whether another program has `file` open to write, as far as the system says (man 2 fcntl, F_SETLEASE)."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        with file.open("rb") as stream:
            fcntl.fcntl(stream, fcntl.F_SETSIG, signal.SIGURG)  # ignored by default; SIGIO would end this process
            fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            with suppress(OSError):
                fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:  # others: a file system without leases, another owner's file
        return error.errno == errno.EAGAIN
    return False
