"""A supervised process is started, watched, restarted and stopped, and its log does not grow without limit."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.errors import SupervisionError
from curator.ops.supervised_process import MAX_FAILURES, SupervisedProcess, restart_if_ended
from tests.helpers.waiting import wait_until


@pytest.mark.skipif(sys.platform != "linux", reason="needs prctl")
def test_where_the_parent_is_killed_its_processes_end_too(tmp_path: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path\n"
        "from curator.ops.supervised_process import SupervisedProcess\n"
        "command = (sys.executable, '-c', 'import time; time.sleep(600)')\n"
        f"child = SupervisedProcess('p', command, os.environ, Path(r'{tmp_path}') / 'l', str)\n"
        "child.start(); print(child.process.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(
        lambda: not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2], 20
    )


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[SupervisedProcess]:
    """A process that ends at once, with a word in its log."""
    command = (sys.executable, "-c", "print('no such thing'); raise SystemExit(7)")
    child = SupervisedProcess("thing", command, os.environ, tmp_path / "logs" / "thing.log", str)
    yield child
    child.stop()


def test_a_process_that_keeps_failing_ends_it_all_with_its_last_words(failing: SupervisedProcess) -> None:
    reports: list[str] = []

    def fail() -> None:
        failing.start()
        assert failing.process is not None
        failing.process.wait()
        restart_if_ended(failing, reports.append)

    for _ in range(MAX_FAILURES):
        fail()
    with pytest.raises(SupervisionError, match="no such thing"):
        fail()
    assert len(reports) == MAX_FAILURES
    assert "code 7; restarting in 1 s" in reports[0]
    assert "in 16 s" in reports[-1]


def test_a_log_that_grows_is_moved_aside_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curator.ops.supervised_process.MAX_LOG_BYTES", 1000)
    command = (sys.executable, "-uc", "import time\nwhile True: print('x' * 99); time.sleep(0.002)")
    child = SupervisedProcess("thing", command, os.environ, tmp_path / "thing.log", str)
    child.start()
    try:
        wait_until(lambda: child.log.stat().st_size > 1000, 20)
        restart_if_ended(child, print)
        wait_until(lambda: 0 < child.log.stat().st_size < 1000 or child.log.stat().st_size > 0, 20)
        assert child.log.with_suffix(".log.1").stat().st_size > 1000
        assert b"\0" not in child.log.read_bytes(), "the next line is written at its beginning"
    finally:
        child.stop()
