"""What is exported into a folder follows the list, and leaves alone what is somebody else's."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from curator.errors import PublishError
from curator.publish.export_dir import MANIFEST, write_folder


def files(*names: str) -> list[tuple[PurePosixPath, list[bytes]]]:
    return [(PurePosixPath(name), [name.encode(), b"!"]) for name in names]


def names(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()} - {MANIFEST}


def test_what_is_no_longer_on_the_list_goes_and_all_else_stays(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    write_folder(folder, files("a.html", "topics/b.html", "topics/c.html"))
    (folder / "mine.txt").write_text("mine")
    (folder / "topics" / "c.html").write_text("edited")
    write_folder(folder, files("a.html"))
    assert names(folder) == {"a.html", "mine.txt", "topics/c.html"}
    assert (folder / "a.html").read_bytes() == b"a.html!"


@pytest.mark.parametrize("place", ["../victim", "/victim", "a/../../victim"])
def test_a_record_that_was_tampered_with_removes_nothing_elsewhere(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "site"
    write_folder(folder, files("a.html"))
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (folder / MANIFEST).write_text(f"{empty}  {place}\n{empty}  link\nno such line\n\x00")
    (folder / "link").symlink_to(victim)
    write_folder(folder, files("a.html"))
    assert victim.exists()
    assert (folder / "link").is_symlink()


def test_a_record_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(b"\xff\xfe")
    write_folder(tmp_path, files("a.html"))
    assert names(tmp_path) == {"a.html"}


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "topics").write_text("a file")
    with pytest.raises(PublishError, match="cannot be created"):
        write_folder(tmp_path, files("topics/b.html"))


@pytest.mark.parametrize("place", ["/outside.md", "../outside.md", "a/../../outside.md", "C:/outside.md"])
def test_a_place_outside_of_the_folder_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(PublishError, match="not a path inside"):
        write_folder(tmp_path / "folder", [(PurePosixPath(place), "x")])
    assert not list(tmp_path.rglob("*.md"))
