"""Folders and files that only their owner may read or change, whatever the umask says."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_private_folder(folder: Path) -> None:
    """Make `folder` where it is missing, parents included, and let only its owner enter it.

    A folder of another owner keeps its mode.

    Raises:
        OSError: The folder cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    with suppress(PermissionError):
        folder.chmod(FOLDER_MODE)


def write_private(file: Path, content: bytes) -> None:
    """Replace `file` by `content`, whole or not at all, readable by its owner alone.

    Raises:
        OSError: The file cannot be written.
    """
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def append_private(file: Path) -> BinaryIO:
    """Open `file` to append to it; its owner alone may read it, even if it was more open before.

    Raises:
        OSError: The file cannot be opened.
    """
    stream = os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE_MODE), "ab")
    with suppress(OSError, AttributeError):  # another owner's file; Windows has no fchmod
        os.fchmod(stream.fileno(), FILE_MODE)
    return stream
