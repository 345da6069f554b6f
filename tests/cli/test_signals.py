"""SIGTERM ends every command as Ctrl-C does, and leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from curator.ops.backup import back_up
from curator.workspace import Workspace
from tests.cli.conftest import start
from tests.helpers.waiting import wait_until


@pytest.mark.parametrize(
    ("how", "times", "code"), [(signal.SIGTERM, 1, 143), (signal.SIGTERM, 3, 143), (signal.SIGINT, 1, 1)]
)
def test_a_command_that_waits_for_the_warehouse_ends_and_takes_its_files_with_it(
    demo: Workspace, how: signal.Signals, times: int, code: int
) -> None:
    target = demo.root / "kept.tar.gz"
    before = everything(demo.root)
    with duckdb.connect(str(demo.warehouse_file)):  # nobody else may read now, so the backup waits
        running = start("backup", str(target), env={"CURATOR_WORKSPACE": str(demo.root)})
        try:
            wait_until(lambda: any(demo.root.glob(".curator-*")) or running.poll() is not None)
            for _ in range(times):
                running.send_signal(how)
                time.sleep(0.05)
            _, err = running.communicate(timeout=30)
        finally:
            running.kill()
    assert running.returncode == code, err
    assert "Traceback" not in err
    assert everything(demo.root) == before


def test_a_command_that_asks_ends_unanswered(demo: Workspace) -> None:
    kept = demo.root / "kept.tar.gz"
    back_up(demo, kept)
    command = [sys.executable, "-um", "curator", "restore", str(kept)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.read(7) == b"Restore"
        time.sleep(0.5)  # Python misses a signal that comes in the instant before it waits for an answer
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 143


def everything(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.name.endswith(".wal"))
