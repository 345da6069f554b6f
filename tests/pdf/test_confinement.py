"""The reading process reaches no file, no network and no other process; where a system cannot do that, it is said."""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from curator.pdf import protocol
from curator.pdf.reader import Reader, ReadLimits
from tests.pdf.pdfs import Sheets, prose, read

HERE = Path(__file__).parent
CHILD = [sys.executable, "-P", "-m", "curator.pdf.worker"]
LANDLOCK, SECCOMP = "444", "277" if platform.machine() == "aarch64" else "317"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="Landlock and the seccomp filter exist on Linux, on x86_64 and aarch64.",
)


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What a parser could be after: a warehouse, servers on this machine, and a process with a key."""
    folder = tmp_path_factory.mktemp("targets")
    (folder / "curator.duckdb").write_bytes(b"rows")
    with ExitStack() as stack:
        tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(type=socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        path, abstract = str(folder / "socket"), f"curator-test-{os.getpid()}"
        for address in (path, "\0" + abstract):
            server = stack.enter_context(socket.socket(socket.AF_UNIX))
            server.bind(address)
            server.listen()
        stack.enter_context(tcp)
        stack.enter_context(udp)
        other = stack.enter_context(subprocess.Popen(["sleep", "300"], env={"OPENAI_API_KEY": "sk-of-the-test"}))
        stack.callback(other.kill)
        yield {
            "file": str(folder / "curator.duckdb"), "folder": str(folder), "process": other.pid, "host": "127.0.0.1",
            "tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1], "unix": path, "abstract": abstract,
        }  # fmt: skip


def probe(how: str, targets: dict[str, Any], *before: str) -> list[dict[str, Any]]:
    command = [*before, sys.executable, str(HERE / "probing.py"), how, json.dumps(targets)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_confined_process_reaches_nothing_that_a_free_one_does(targets: dict[str, Any]) -> None:
    (free,) = probe("free", targets)
    allowed = [name for name, came in free.items() if came == "done"]
    assert len(allowed) >= 20, free
    confinement, confined = probe("confined", targets)
    if not confinement["means"]:
        pytest.skip("This kernel, or the container, has neither Landlock nor seccomp.")
    assert not {name: came for name, came in confined.items() if not came.startswith("PermissionError")}


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sheets = Sheets()
    sheets.justified(60, 80, 492, prose("sheet", 6))
    path = tmp_path_factory.mktemp("papers") / "paper.pdf"
    path.write_bytes(sheets.data())
    return path


def test_the_reading_process_is_confined_before_it_sees_a_paper() -> None:
    command = [*CHILD, "2048", "60", "400"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        held = protocol.receive(child.stdout)["confinement"]
        kernel = Path(f"/proc/{child.pid}/status").read_text()
        child.stdin.close()
    if not held["means"]:
        pytest.skip("This kernel, or the container, has neither Landlock nor seccomp.")
    assert (held["files"], held["network"], held["processes"]) == (True, True, True)
    assert "NoNewPrivs:\t1" in kernel
    assert "Seccomp:\t2" in kernel


@pytest.mark.parametrize(
    ("forbidden", "holds"),
    [(LANDLOCK, "seccomp"), (SECCOMP, "Landlock"), (f"{LANDLOCK},{SECCOMP}", "")],
    ids=["without Landlock", "without seccomp", "without both"],
)
def test_reading_works_and_says_what_it_reaches_where_the_system_forbids_confinement(
    paper: Path, forbidden: str, holds: str
) -> None:
    command = [sys.executable, str(HERE / "forbidding.py"), forbidden, *CHILD]
    with Reader(ReadLimits(workers=1), command=command) as reader:
        held = reader.check_confinement()
        assert reader.read(paper, "2501.01234", 2) == read(paper.read_bytes())
        assert reader.render_page(paper, 1, 64).startswith(b"\x89PNG")
    assert any(means.startswith(holds) for means in held.means) == bool(holds or held.means)
    if os.geteuid() == 0 or holds:
        assert held.files == bool(holds)
    assert held.is_complete or holds != "seccomp"


def test_no_process_of_the_same_user_can_read_the_keys_of_one_that_reads_papers() -> None:
    script = (
        "import ctypes\nfrom curator.pdf.reader import Reader\nreadable = lambda: ctypes.CDLL(None).prctl(3)\n"
        "print(readable())\nwith Reader() as reader:\n reader.warm_up()\n print(readable())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["1", "0"]
