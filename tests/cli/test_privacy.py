"""What the warehouse and the backups hold is their owner's alone; what is published follows the user's own umask."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.cli.json_log import JsonLog
from curator.ops.backup import rotate_backups
from curator.warehouse import Warehouse
from curator.workspace import Workspace, exclusive_lock
from tests.cli.conftest import Curator, run_apart

if sys.platform == "win32":
    pytest.skip("Windows has no modes", allow_module_level=True)

NOBODY = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
INTRUDE = """
for file; do
    head -c 1 "$file" > /dev/null 2>&1 && echo "read $file"
    (: >> "$file") 2> /dev/null && echo "changed $file"
done
find "$ROOT/warehouse" "$ROOT/backups" -mindepth 1 2> /dev/null
for folder in "$ROOT/warehouse" "$ROOT/backups"; do (: > "$folder/new") 2> /dev/null && echo "made $folder/new"; done
true
"""


@pytest.fixture
def umask_022() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def open_place(umask_022: None) -> Iterator[Path]:
    """A folder that every user can enter, as pytest's own is not."""
    place = Path(tempfile.mkdtemp(prefix="curator-test-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


def open_ones(*folders: Path) -> dict[str, str]:
    """What others than its owner have any right to, in these folders and of them."""
    found = [one for folder in folders for one in (folder, *folder.rglob("*"))]
    modes = {str(one): stat.S_IMODE(one.lstat().st_mode) for one in found if not one.is_symlink()}
    return {name: oct(mode) for name, mode in modes.items() if mode & 0o077}


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_another_user_reads_and_changes_nothing(open_place: Path) -> None:
    place = open_place / "demo"
    env = {"CURATOR_WORKSPACE": str(place)}
    workspace = Workspace(place)
    assert run_apart("demo", "--no-serve", env=env).code == 0
    best = run_apart("queue", "--json", env=env).json[0]["id"]
    for arguments in (
        ["accept", best], ["publish"], ["backup", str(open_place / "own.tar.gz")], ["review", "--address"],
        ["--log-file", str(open_place / "log"), "publish"], ["export", "json", "-o", str(open_place / "e.json")],
        ["export", "html", "-o", str(open_place / "site")], ["export", "parquet", "-o", str(open_place / "p")],
    ):  # fmt: skip
        said = run_apart(*arguments, env=env)
        assert said.code == 0, said.err
    rotate_backups(workspace, place / "backups", 3)

    private, own = [place / "warehouse", place / "backups"], open_place / "own.tar.gz"
    assert open_ones(*private) == {}
    assert mode(own) == 0o600
    public = [workspace.list_file, place / "curator.toml", open_place / "e.json", open_place / "p",
              open_place / "site" / "index.html"]  # fmt: skip
    assert {mode(file) for file in public} == {0o644}
    assert {mode(folder) for folder in (place, place / "prompts", open_place / "site", open_place / "site/frames")} == {
        0o755
    }

    if os.geteuid() != 0 or not shutil.which("setpriv"):
        warnings.warn("Nobody tried to read the workspace as another user: that takes root and setpriv.", stacklevel=1)
        pytest.skip("trying it as another user takes root and setpriv")
    files = [str(file) for folder in private for file in folder.rglob("*") if file.is_file()] + [str(own)]
    command = [*NOBODY, "sh", "-c", INTRUDE, "sh", str(workspace.list_file), *files]
    tried = subprocess.run(command, env=os.environ | {"ROOT": str(place)}, capture_output=True, text=True, check=True)
    assert tried.stdout.splitlines() == [f"read {workspace.list_file}"], "the list is public, and nothing else"
    asked = subprocess.run([*NOBODY, sys.executable, "-m", "curator", "queue"], env=os.environ | env,
                          capture_output=True, text=True, check=False)  # fmt: skip
    if asked.stderr.startswith("curator: "):  # where the other user may run what the tests run
        assert "can be opened only by its owner" in asked.stderr


def test_what_is_published_follows_the_umask(demo: Workspace, umask_022: None, tmp_path: Path) -> None:
    env = {"CURATOR_WORKSPACE": str(demo.root)}
    os.umask(0o027)
    for arguments in (["publish"], ["export", "md", "-o", str(tmp_path / "new.md")], ["init", str(tmp_path / "new")]):
        assert run_apart(*arguments, env=env).code == 0
    assert [mode(demo.list_file), mode(tmp_path / "new.md"), mode(tmp_path / "new" / "curator.toml")] == [0o640] * 3
    assert [mode(tmp_path / "new"), mode(tmp_path / "new" / "prompts")] == [0o750] * 2
    os.umask(0o077)
    demo.list_file.unlink()
    assert run_apart("publish", env=env).code == 0
    assert mode(demo.list_file) == 0o600
    demo.list_file.chmod(0o666)
    demo.list_file.write_text("Mine.\n")
    assert run_apart("publish", env=env).code == 0
    assert mode(demo.list_file) == 0o666, "a file that is there keeps its mode"
    assert open_ones(tmp_path / "new" / "warehouse") == {}


def opened(folder: Path) -> None:
    """As an earlier version left it."""
    for one in (folder, *folder.rglob("*")):
        if not one.is_symlink():
            one.chmod(0o755 if one.is_dir() else 0o644)


def test_an_open_workspace_of_an_earlier_version_is_closed_by_the_next_command(
    demo: Workspace, curator: Curator, umask_022: None, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign"
    foreign.write_text("x")
    (demo.root / "warehouse" / "logs").mkdir()
    (demo.root / "warehouse" / "logs" / "link").symlink_to(foreign)
    (demo.root / "backups").mkdir()
    (demo.root / "backups" / "curator-20260101-000000.tar.gz").write_bytes(b"")
    for name in ("warehouse", "backups"):
        opened(demo.root / name)
    assert curator("status").code == 0
    assert open_ones(demo.root / "warehouse", demo.root / "backups") == {}
    assert (mode(foreign), mode(demo.root / "prompts")) == (0o644, 0o755)


def test_a_warehouse_behind_a_link_is_closed_and_a_shared_folder_is_not(
    demo: Workspace, curator: Curator, umask_022: None, tmp_path: Path
) -> None:
    elsewhere, shared, disk = tmp_path / "elsewhere", tmp_path / "shared", tmp_path / "disk"
    (demo.root / "warehouse").replace(elsewhere)
    (elsewhere / "pdfs").replace(disk)
    (elsewhere / "pdfs").symlink_to(disk)
    opened(elsewhere)
    opened(disk)
    (demo.root / "warehouse").symlink_to(elsewhere)
    shared.mkdir()
    shared.chmod(0o1777)
    (demo.root / "backups").symlink_to(shared)
    assert curator("queue").code == 0
    assert open_ones(elsewhere, disk) == {}
    assert mode(shared) == 0o1777
    found = {one["what"]: one for one in curator("doctor", "--offline", "--json").json}
    assert (found["privacy"]["state"], "backups" in found["privacy"]["said"]) == ("look", True)


def test_used_as_a_library_it_is_private_too(workspace: Workspace, umask_022: None) -> None:
    warehouse = Warehouse(workspace.warehouse_file)
    with warehouse.bulk():
        warehouse.write(lambda c: c.execute("create table main.t as select 1 as a"))
        assert warehouse.file.with_name("curator.duckdb.wal").exists()
        with exclusive_lock(workspace, "ingest"), JsonLog(workspace.root / "warehouse" / "logs" / "log"):
            assert open_ones(workspace.root / "warehouse") == {}
    rotate_backups(workspace, workspace.root / "backups", 1)
    assert open_ones(workspace.root / "backups") == {}
