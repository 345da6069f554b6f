"""Private files and folders are closed to others, whatever the umask and their earlier mode."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.private_files import append_private, make_private_folder, write_private


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_and_an_open_one_are_closed(tmp_path: Path) -> None:
    open_one = tmp_path / "open"
    open_one.mkdir(mode=0o777)
    for folder in (open_one, tmp_path / "new" / "inner"):
        make_private_folder(folder)
        assert mode(folder) == 0o700


def test_a_written_file_is_private_and_replaces_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"before")
    file.chmod(0o666)
    write_private(file, b"after")
    assert (file.read_bytes(), mode(file)) == (b"after", 0o600)
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_private(tmp_path / "folder", b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_log_is_appended_to_and_closed_to_others(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\n")
    log.chmod(0o644)
    with append_private(log) as stream:
        stream.write(b"two\n")
    assert (log.read_bytes(), mode(log)) == (b"one\ntwo\n", 0o600)
