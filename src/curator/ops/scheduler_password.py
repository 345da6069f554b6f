"""The password of the workspace's own Prefect server, in a file that only its owner can read."""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from curator.errors import SettingsError
from curator.private_files import FILE_MODE, make_private_folder, write_private

FILE_NAME = "password"
USER = "curator"
"""The user name before the password: Prefect requires the form USER:PASSWORD."""

_PASSWORD = re.compile(rf"{USER}:[A-Za-z0-9_-]{{43}}")  # 43 characters of base64 hold 256 random bits


def load_password(folder: Path) -> str:
    """Return the password, as USER:PASSWORD; make it if there is none.

    Args:
        folder: The folder of the Prefect server.

    Raises:
        SettingsError: The file with the password cannot be read or written, or is damaged.
    """
    file = folder / FILE_NAME
    try:
        make_private_folder(folder)
        if not file.exists():
            _make(file)
        with suppress(PermissionError):
            file.chmod(FILE_MODE)
        password = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"{file}, the Prefect server's password, cannot be read or written: {error}.") from error
    if not _PASSWORD.fullmatch(password):
        raise SettingsError(
            f"{file} does not contain a password that Curator made. Delete it and restart `curator up`, which makes a "
            "new one."
        )
    return password


def renew_password(folder: Path) -> None:
    """Replace the password.

    A browser remembers the password for Prefect's page, and every page at the same address can read it. While the
    server is not running, another account of the machine can serve a page there.

    Args:
        folder: The folder of the Prefect server.

    Raises:
        SettingsError: The file with the password cannot be written.
    """
    file = folder / FILE_NAME
    try:
        make_private_folder(folder)
        with _lock(file):
            _write_new(file)
    except OSError as error:
        raise SettingsError(f"{file}, the Prefect server's password, cannot be written: {error}.") from error


def _make(file: Path) -> None:
    """Write a new password, unless another process has just written one."""
    with _lock(file):
        if not file.exists():
            _write_new(file)


def _lock(file: Path) -> FileLock:
    return FileLock(file.with_suffix(".lock"), mode=FILE_MODE)


def _write_new(file: Path) -> None:
    write_private(file, f"{USER}:{secrets.token_urlsafe(32)}\n".encode("ascii"))
