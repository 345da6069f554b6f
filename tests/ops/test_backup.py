"""A backup is the whole list at one moment, and putting it back loses nothing that is there."""

from __future__ import annotations

import io
import tarfile
import threading
from pathlib import Path

import pytest

from curator.errors import BackupError, WarehouseBusy, WarehouseError, WarehouseNewer
from curator.ops.backup import back_up, restore, rotate_backups
from curator.review.decisions import Reviewer
from curator.warehouse import Warehouse, candidates
from curator.workspace import Workspace, exclusive_lock
from tests.helpers.forms import form
from tests.helpers.templates import new_warehouse
from tests.warehouse.things import candidate, stock

EARLY = "curator-20260101-000000.tar.gz"


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    """Two candidates wait; there is a list, a prompt of one's own and a PDF of one's own."""
    warehouse = new_warehouse(workspace.warehouse_file)
    stock(warehouse, candidate("aa11"), candidate("bb22"))
    warehouse.close()
    workspace.list_file.write_text("Mine.\n")
    (workspace.root / "prompts").mkdir(exist_ok=True)
    (workspace.root / "prompts" / "draft.md").write_text("Draft.")
    workspace.pdfs.mkdir(parents=True, exist_ok=True)
    (workspace.pdfs / "file_0123456789abv1.pdf").write_bytes(b"%PDF- mine")
    (workspace.pdfs / "2401.90001v1.pdf").write_bytes(b"%PDF- arXiv's")
    return workspace


def statuses(workspace: Workspace) -> dict[str, str]:
    every = ("pending", "accepted", "rejected")
    return {one.id: one.status for one in Warehouse(workspace.warehouse_file).read(candidates.load_candidates, every)}


def names(file: Path) -> set[str]:
    with tarfile.open(file) as tar:
        return set(tar.getnames())


def test_what_was_decided_after_a_backup_is_kept_aside_when_it_is_put_back(filled: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    assert back_up(filled, file) == file.stat().st_size
    Reviewer(Warehouse(filled.warehouse_file), "Ada").accept("aa11")
    filled.list_file.write_text("Changed since.\n")

    restored = restore(filled, file)

    assert statuses(filled) == {"aa11": "pending", "bb22": "pending"}
    assert filled.list_file.read_text() == "Mine.\n"
    assert len(restored.aside) == 2, "what had not changed stayed where it was"
    (old_list,) = filled.root.glob(f"{filled.list_file.name}.before-*")
    assert old_list.read_text() == "Changed since.\n"
    (old,) = filled.warehouse_file.parent.glob("curator.duckdb.before-*")
    old.replace(filled.warehouse_file)
    assert statuses(filled)["aa11"] == "accepted"


def test_into_an_empty_workspace_all_of_it_comes_back(filled: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    back_up(filled, file)
    assert "warehouse/pdfs/2401.90001v1.pdf" not in names(file), "arXiv can be asked again"
    other = Workspace(tmp_path / "other")
    other.root.mkdir()
    assert restore(other, file).aside == ()
    assert statuses(other) == statuses(filled)
    assert (other.root / "prompts" / "draft.md").read_text() == "Draft."
    assert (other.pdfs / "file_0123456789abv1.pdf").read_bytes() == b"%PDF- mine"
    back_up(filled, file, pdfs=True)
    assert "warehouse/pdfs/2401.90001v1.pdf" in names(file)


def test_it_is_consistent_while_others_write(filled: Workspace, tmp_path: Path) -> None:
    warehouse, stop = Warehouse(filled.warehouse_file), threading.Event()

    def decide() -> None:
        desk = Reviewer(warehouse, "Ada")
        with warehouse.bulk():
            while not stop.is_set():
                desk.accept("aa11")
                desk.undo()

    writer = threading.Thread(target=decide)
    writer.start()
    try:
        for number in range(form(2, 5)):
            file = tmp_path / f"{number}.tar.gz"
            back_up(filled, file)
            other = Workspace(tmp_path / f"other{number}")
            other.root.mkdir()
            restore(other, file)
            assert statuses(other)["bb22"] == "pending"
    finally:
        stop.set()
        writer.join()


def test_a_damaged_warehouse_is_replaced_and_kept(filled: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    back_up(filled, file)
    filled.warehouse_file.write_bytes(b"half a warehouse")
    restore(filled, file)
    assert statuses(filled) == {"aa11": "pending", "bb22": "pending"}
    (old,) = filled.warehouse_file.parent.glob("curator.duckdb.before-*")
    assert old.read_bytes() == b"half a warehouse"


def tar_of(file: Path, **members: bytes) -> Path:
    with tarfile.open(file, "w:gz") as tar:
        for name, content in members.items():
            told = tarfile.TarInfo(name)
            told.size = len(content)
            tar.addfile(told, io.BytesIO(content))
    return file


@pytest.mark.parametrize(
    "name",
    ["../evil.md", "/tmp/evil.md", "warehouse/../../evil.md", "warehouse/pdfs/x.sh", "bin/curator", ".ssh/config"],
)
def test_a_file_that_reaches_out_of_the_workspace_is_no_backup(filled: Workspace, tmp_path: Path, name: str) -> None:
    with pytest.raises(BackupError, match="not a valid backup"):
        restore(filled, tar_of(tmp_path / "b.tar.gz", **{name: b"x"}))
    assert not list(tmp_path.rglob("evil*"))


def test_what_is_no_backup_changes_nothing(filled: Workspace, tmp_path: Path) -> None:
    good = tmp_path / "good.tar.gz"
    back_up(filled, good)
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(good.read_bytes()[:-200])
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"no")
    before = filled.warehouse_file.read_bytes()
    for file in (cut, garbage, tar_of(tmp_path / "none.tar.gz", **{"curator.toml": b""})):
        with pytest.raises(BackupError):
            restore(filled, file)
    with pytest.raises(WarehouseError):
        restore(filled, tar_of(tmp_path / "bad.tar.gz", **{"warehouse/curator.duckdb": b"no"}))
    assert filled.warehouse_file.read_bytes() == before
    assert not list(filled.root.rglob("*before*"))


def test_a_backup_of_a_later_curator_is_refused(filled: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    other = Workspace(tmp_path / "other")
    warehouse = Warehouse(other.warehouse_file)
    warehouse.write(lambda c: c.execute("insert into record.migrations values ('999_later', '', now()::timestamp)"))
    warehouse.close()
    with pytest.raises(WarehouseNewer):
        restore(filled, tar_of(file, **{"warehouse/curator.duckdb": other.warehouse_file.read_bytes()}))


def test_nothing_is_put_back_while_an_ingest_runs(filled: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    back_up(filled, file)
    with exclusive_lock(filled, "ingest"), pytest.raises(WarehouseBusy):
        restore(filled, file)


def test_the_oldest_backups_go_and_nothing_else(filled: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in (EARLY, "curator-20260102-000000.tar.gz", "mine.tar.gz"):
        (folder / name).write_bytes(b"")
    made = rotate_backups(filled, folder, 2)
    assert {file.name for file in folder.iterdir()} == {made.name, "curator-20260102-000000.tar.gz", "mine.tar.gz"}


def test_a_full_disk_leaves_no_half_backup(filled: Workspace, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be written"):
        back_up(filled, tmp_path / "no such folder" / "b.tar.gz")
