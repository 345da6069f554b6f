"""`curator up` starts everything, keeps it running, and stops it cleanly."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.errors import SupervisionError
from curator.review.web.keep import secrets_in
from curator.up import MOST_FALLS, Part, look_after
from curator.workspace import Workspace
from tests.cli.conftest import Curator, run_apart, start
from tests.support.waiting import wait_until

pytestmark = pytest.mark.xdist_group("prefect")


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        return error.code == 401  # it asks for a token, or a password
    except OSError:
        return False


def ask(url: str, data: bytes | None = None) -> bytes:
    wanted = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(wanted, timeout=30) as answer:
        said: bytes = answer.read()
    return said


def processes(root: Path) -> list[int]:
    """Of this machine, those that work for a workspace, `up` itself aside."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            told = environment.read_bytes()
            command = (environment.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if f"CURATOR_WORKSPACE={root}\0".encode() in told and not command.endswith(b"curator\0up\0"):
            found.append(int(environment.parent.name))
    return [pid for pid in found if pid != os.getpid()]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_everything_comes_up_is_started_again_and_stops_on_sigterm(demo: Workspace) -> None:
    env = {"CURATOR_WORKSPACE": str(demo.root), "CURATOR_REVIEW_PORT": "0"}
    process = start("up", env=env)
    told = demo.root / "warehouse" / "up.json"
    try:
        assert process.stdout is not None
        said = ""
        while "Logs:" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        found = re.search(r"Review page: (http\S+)", said)
        assert found
        review = found[1]
        assert answers(review)
        api = json.loads(told.read_text())["prefect"]
        assert answers(f"{api}/health")

        backup = json.loads(ask(f"{api}/deployments/name/backup/scheduled"))
        ask(f"{api}/deployments/{backup['id']}/create_flow_run", b"{}")
        wait_until(lambda: any((demo.root / "backups").glob("*")))

        entrance = run_apart("review", "--address", env=env).out
        token = secrets_in(demo.warehouse_file.parent).entry
        assert f":{review.rstrip('/').rpartition(':')[2]}/?token={token}" in entrance
        logs = "".join(file.read_text(errors="replace") for file in (demo.root / "warehouse" / "logs").glob("*"))
        assert token not in said + logs

        second = run_apart("up", env=env)
        assert (second.code, review in second.err) == (1, True)

        assert re.search(r"schedules: up\. Planned: ingest 2.*, publish 2", said), (
            "the server plans what it was told to"
        )
        log = demo.root / "warehouse" / "logs" / "review.log"
        (page,) = [pid for pid in processes(demo.root) if b"review" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        os.kill(page, signal.SIGKILL)
        wait_until(lambda: not answers(review), 20)
        wait_until(lambda: answers(review), 60)
        assert log.exists()
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    assert "review ended with code -9; it is started again" in out
    assert not told.exists()
    assert processes(demo.root) == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs prctl")
def test_where_up_is_killed_its_parts_end_too(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from curator.up import Part; import os\n"
        "command = (sys.executable, '-c', 'import time; time.sleep(600)')\n"
        f"part = Part('p', command, os.environ, Path(r'{tmp_path}') / 'l', str)\n"
        "part.start(); print(part.process.pid, flush=True); time.sleep(600)"
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
def failing(tmp_path: Path) -> Iterator[Part]:
    """A part that ends at once, with a word in its log."""
    command = (sys.executable, "-c", "print('no such thing'); raise SystemExit(7)")
    part = Part("thing", command, os.environ, tmp_path / "logs" / "thing.log", str)
    yield part
    part.stop()


def test_a_part_that_keeps_falling_ends_it_all_with_its_last_words(failing: Part) -> None:
    said: list[str] = []

    def fall() -> None:
        failing.start()
        assert failing.process is not None
        failing.process.wait()
        look_after(failing, said.append)

    for _ in range(MOST_FALLS):
        fall()
    with pytest.raises(SupervisionError, match="no such thing"):
        fall()
    assert len(said) == MOST_FALLS
    assert "code 7; it is started again in 1 s" in said[0]
    assert "in 16 s" in said[-1]


def test_a_log_that_grows_is_moved_aside_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curator.up.LARGEST_LOG", 1000)
    command = (sys.executable, "-uc", "import time\nwhile True: print('x' * 99); time.sleep(0.002)")
    part = Part("thing", command, os.environ, tmp_path / "thing.log", str)
    part.start()
    try:
        wait_until(lambda: part.log.stat().st_size > 1000, 20)
        look_after(part, print)
        wait_until(lambda: 0 < part.log.stat().st_size < 1000 or part.log.stat().st_size > 0, 20)
        assert part.log.with_suffix(".log.1").stat().st_size > 1000
        assert b"\0" not in part.log.read_bytes(), "the next line is written at its beginning"
    finally:
        part.stop()


def test_a_unit_for_systemd_names_this_workspace(list_: Workspace, curator: Curator) -> None:
    said = curator("up", "--systemd")
    assert said.code == 0
    assert f"Environment=CURATOR_WORKSPACE={list_.root}" in said.out
    assert f"ExecStart={sys.executable} -m curator up" in said.out
