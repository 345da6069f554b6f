"""A disk that is full: a message, nothing half, and the next run goes on. Stood in for by a limit on files' sizes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from curator.workspace import Workspace
from tests.cli.conftest import Curator, environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs setrlimit")


def run_within(limit: int, workspace: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`curator ...`, where no file can grow beyond `limit` bytes."""
    return subprocess.run(
        [sys.executable, "-m", "curator", *arguments],
        env=environment({"CURATOR_WORKSPACE": str(workspace.root)}),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("limit", [1_000, 8_000, 300_000, 1_500_000])
def test_an_ingest_loses_nothing_by_it(list_: Workspace, curator: Curator, limit: int) -> None:
    said = run_within(limit, list_, "ingest")
    assert "Traceback" not in said.stderr
    assert said.returncode in (0, 1, 3), said.stderr
    if said.returncode == 1:
        assert said.stderr.splitlines()[-1].startswith("curator: ")
    assert not [file for file in list_.pdfs.glob("*.pdf") if not file.read_bytes().rstrip().endswith(b"%%EOF")]
    assert curator("ingest").code == 0
    assert curator("sql", "select count(distinct paper) from candidates", "--json").json[0] == {
        "count(DISTINCT paper)": 3
    }
    assert curator("status", "--json").json["failures"] == 0


def test_a_list_that_cannot_be_written_stays_as_it_was(demo: Workspace, curator: Curator) -> None:
    for item in curator("queue", "--json").json[:4]:
        curator("accept", item["id"])
    curator("publish")
    before = demo.list_file.read_bytes()
    curator("undo")
    said = run_within(500, demo, "publish")
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert demo.list_file.read_bytes() == before
    assert curator("publish").code == 0
    assert demo.list_file.read_bytes() != before


def test_a_backup_that_does_not_fit_leaves_the_one_before(demo: Workspace, curator: Curator, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    assert curator("backup", str(file)).code == 0
    before = file.read_bytes()
    said = run_within(20_000, demo, "backup", str(file))
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["b.tar.gz"] or set(os.listdir(tmp_path)) == {"b.tar.gz", "demo"}  # noqa: PTH208
