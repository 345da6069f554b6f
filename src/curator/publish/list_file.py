"""Read the list's file, and replace it or another file of the user: whole or not at all, never over another save."""

from __future__ import annotations

import glob
import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from curator.errors import PublishError
from curator.private_files import make_public
from curator.publish.compare_and_replace import replace_if_unchanged

_MAX_LEFTOVER_SECONDS = 3600
"""Age at which a temporary file counts as left by a writer that was killed."""


def read_list(path: Path) -> str | None:
    """Return the list's text with its line ends and byte order mark; None if there is no file.

    Raises:
        PublishError: The file cannot be read or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise PublishError(
            f"The list {path} is not UTF-8 text (byte {error.start}). Save it as UTF-8, then publish again."
        ) from error
    except OSError as error:
        raise PublishError(f"The list {path} cannot be read: {error.strerror}. Check the path.") from error


def write_atomically(path: Path, content: str | Iterable[bytes], *, durable: bool = True) -> None:
    """Replace a file with a text, or with pieces of bytes, as `replacing_file` does.

    Args:
        path: The file to replace or create.
        content: A text, encoded as UTF-8, or the bytes in pieces.
        durable: As in `replacing_file`.

    Raises:
        PublishError: The file cannot be written. The old file is then unchanged.
    """
    with replacing_file(path, durable=durable) as file:
        file.writelines([content.encode("utf-8")] if isinstance(content, str) else content)


def replace_list(path: Path, text: str, existing: str | None) -> bool:
    """Replace the list's text if nobody has saved the file since it was read.

    Args:
        path: The list's file.
        text: The new text.
        existing: The text that `read_list` returned.

    Returns:
        True if the file still held `existing` and was replaced.

    Raises:
        PublishError: The list cannot be written.
    """
    with _temporary_file_beside(path, durable=True) as (target, temporary):
        with temporary.open("ab") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        _copy_mode(temporary, target)
        return replace_if_unchanged(temporary, target, None if existing is None else existing.encode("utf-8"))


@contextmanager
def replacing_file(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """Open a stream whose content replaces a file when the context ends, whole or not at all.

    The file keeps its mode; a new file gets the mode that the user's umask allows. If the path is a link, the file that
    it points to is replaced.

    Args:
        path: The file to replace or create.
        durable: Wait until the disk holds the content. Without it, a power failure may lose the file; use that for
            thousands of files that can be generated again.

    Raises:
        PublishError: The file cannot be written. The old file is then unchanged.
    """
    with _temporary_file_beside(path, durable) as (target, temporary):
        with temporary.open("ab") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        _copy_mode(temporary, target)
        temporary.replace(target)


@contextmanager
def _temporary_file_beside(path: Path, durable: bool) -> Iterator[tuple[Path, Path]]:
    """Resolve a path and create an empty temporary file beside it, which is removed when the context ends."""
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    if durable:
        _remove_leftovers(target)
    try:
        temporary.touch(exist_ok=False)
        yield target, temporary
    except OSError as error:
        raise PublishError(
            f"{path} cannot be written: {error.strerror}. The file is unchanged. Check the folder's permissions and "
            "the free disk space."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _copy_mode(temporary: Path, target: Path) -> None:
    try:
        temporary.chmod(stat.S_IMODE(target.stat().st_mode))
    except FileNotFoundError:
        make_public(temporary)


def _remove_leftovers(target: Path) -> None:
    """Remove temporary files of this file whose writers were killed."""
    before = time.time() - _MAX_LEFTOVER_SECONDS
    for leftover in target.parent.glob(f".{glob.escape(target.name)}.{'[0-9a-f]' * 12}.tmp"):
        with suppress(OSError):  # another process may remove it at the same moment
            if leftover.lstat().st_mtime < before:
                leftover.unlink()
