"""What an editor saves while Curator writes the list is never lost, whenever it is saved and however."""

from __future__ import annotations

import os
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from curator.errors import PublishError
from curator.publish import publisher
from curator.publish.list_file import replace_list
from curator.publish.publisher import find_hand_edits, publish
from curator.review.decisions import DecisionRequest, Reviewer
from curator.warehouse import Warehouse
from curator.workspace import Workspace
from tests.warehouse.things import candidate, stock

Save = Callable[[Path, str], None]


def in_place(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def by_renaming(file: Path, text: str) -> None:
    new = file.with_name("editors-own")
    if not new.exists():
        new.write_text(text, encoding="utf-8")
    new.replace(file)


@pytest.fixture
def desk(workspace: Workspace) -> Reviewer:
    warehouse = Warehouse(workspace.warehouse_file)
    stock(warehouse, candidate("aa11", text="Models copy."), candidate("bb22", text="Models forget."))
    desk = Reviewer(warehouse, "Ada")
    desk.accept("aa11")
    publish(workspace)
    return desk


class Editor(threading.Thread):
    """Saves once, as soon as the new list is seen to be written beside the old one."""

    def __init__(self, file: Path, text: str, save: Save) -> None:
        super().__init__()
        self._file, self._text, self._save = file, text, save
        self.watching, self.stop, self.saved = threading.Event(), threading.Event(), False

    def run(self) -> None:
        while not self.stop.is_set():
            self.watching.set()
            if any(name.startswith(f".{self._file.name}.") for name in os.listdir(self._file.parent)):  # noqa: PTH208
                self._save(self._file, self._text)
                self.saved = True
                return


@pytest.mark.parametrize("save", [in_place, by_renaming])
def test_a_save_between_reading_and_replacing_is_kept_and_written_into(
    workspace: Workspace, desk: Reviewer, save: Save
) -> None:
    file = workspace.list_file
    text = file.read_text(encoding="utf-8") + "\n" + "Words of mine. \n" * 600_000  # long to write, so long to wait
    file.write_text(text, encoding="utf-8")
    desk.accept("bb22")
    mine = f"My first line.\n\n{text}"
    if save is by_renaming:
        file.with_name("editors-own").write_text(mine, encoding="utf-8")
    editor = Editor(file, mine, save)
    editor.start()
    assert editor.watching.wait(10)
    publish(workspace)
    editor.stop.set()
    editor.join()
    publish(workspace)  # where the editor was so late that its save came after ours
    assert editor.saved
    after = file.read_text(encoding="utf-8")
    assert after.startswith("My first line.\n")
    assert "Models forget." in after
    assert [one.name for one in file.parent.glob("*list.md*")] == [file.name]


@pytest.mark.parametrize(("there", "read"), [("new", "old"), ("new", None), (None, "old")])
def test_a_list_that_is_not_what_was_read_is_not_replaced(tmp_path: Path, there: str | None, read: str | None) -> None:
    file = tmp_path / "list.md"
    if there is not None:
        file.write_text(there)
    assert not replace_list(file, "ours", read)
    assert (file.read_text() if file.exists() else None) == there
    assert len(list(tmp_path.iterdir())) == (there is not None)


@pytest.mark.parametrize("there", ["old", None])
def test_a_list_that_is_what_was_read_is_replaced_with_its_mode(tmp_path: Path, there: str | None) -> None:
    file = tmp_path / "list.md"
    if there is not None:
        file.write_text(there)
        file.chmod(0o640)
    assert replace_list(file, "ours", there)
    assert file.read_text() == "ours"
    assert there is None or stat.S_IMODE(file.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of writers (leases)")
def test_a_file_that_an_editor_is_about_to_write_is_left_to_it(tmp_path: Path) -> None:
    file = tmp_path / "list.md"
    file.write_text("old")
    with file.open("r+") as editor:
        assert not replace_list(file, "ours", "old")
        editor.write("saved late")
    assert file.read_text() == "saved late"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of writers (leases)")
def test_a_file_that_stays_open_elsewhere_is_named(
    workspace: Workspace, desk: Reviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "MAX_TRIES", 3)
    desk.accept("bb22")
    before = workspace.list_file.read_bytes()
    with workspace.list_file.open("r+"), pytest.raises(PublishError, match="Close the file in that program"):
        publish(workspace)
    assert workspace.list_file.read_bytes() == before
    publish(workspace)
    assert b"Models forget." in workspace.list_file.read_bytes()


def test_what_is_edited_again_after_it_was_adopted_is_kept(workspace: Workspace, desk: Reviewer) -> None:
    file = workspace.list_file
    file.write_text(file.read_text().replace("Models copy.", "Networks copy."))
    edits = find_hand_edits(workspace)
    ((frame, text),) = edits.frames.values()
    desk.decide(frame.candidate_id, DecisionRequest("accept", text))
    later = file.read_text().replace("Networks copy.", "Networks copy tokens.")
    file.write_text(later)
    with pytest.raises(PublishError, match="edited by hand"):
        publish(workspace, adopted=edits)
    assert file.read_text() == later
    file.write_text(later.replace(" tokens.", "."))
    publish(workspace, adopted=edits)
    assert "Networks copy." in file.read_text()
    assert publish(workspace).diff == ""
