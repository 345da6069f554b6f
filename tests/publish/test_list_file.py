"""The list's file is read byte for byte and replaced whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from curator.errors import PublishError
from curator.publish.list_file import read_list, write_atomically


def test_a_written_list_is_read_back_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "list.md"
    assert read_list(path) is None
    write_atomically(path, "\ufeffa\r\nb\n\rc é")
    assert path.read_bytes() == "\ufeffa\r\nb\n\rc é".encode()
    assert read_list(path) == "\ufeffa\r\nb\n\rc é"
    assert [file.name for file in tmp_path.iterdir()] == ["list.md"]


def test_a_list_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.md"
    path.write_bytes(b"caf\xe9")
    with pytest.raises(PublishError, match="not UTF-8"):
        read_list(path)


def test_a_folder_in_the_lists_place_is_a_publish_error(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="cannot be read"):
        read_list(tmp_path)


@pytest.mark.parametrize("mode", [0o640, 0o444])
def test_the_files_mode_is_kept(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "list.md"
    path.write_text("old")
    path.chmod(mode)
    write_atomically(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text() == "new"


def test_a_link_stays_a_link_and_its_target_is_written(tmp_path: Path) -> None:
    target = tmp_path / "real.md"
    target.write_text("old")
    link = tmp_path / "list.md"
    link.symlink_to(target)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_failing_rename_leaves_the_old_list_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list.md"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)  # what Path.replace calls
    with pytest.raises(PublishError, match="No space left on device"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["list.md"]


def test_a_rename_onto_a_folder_is_a_publish_error(tmp_path: Path) -> None:
    (tmp_path / "list.md").mkdir()
    with pytest.raises(PublishError, match="cannot be written"):
        write_atomically(tmp_path / "list.md", "new")
    assert [file.name for file in tmp_path.iterdir()] == ["list.md"]


def test_what_a_killed_writer_left_is_removed_after_a_while_and_nothing_else(tmp_path: Path) -> None:
    old, new, other = (tmp_path / f".{name}.tmp" for name in ("list.md.0123456789ab", "list.md.ba9876543210", "other"))
    for file in (old, new, other):
        file.write_text("half")
    for file in (old, other):
        os.utime(file, (0, 0))
    write_atomically(tmp_path / "list.md", "whole")
    assert {file.name for file in tmp_path.iterdir()} == {"list.md", new.name, other.name}
