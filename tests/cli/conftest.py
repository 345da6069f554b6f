"""The command line run in this process or in one of its own, and the demo's workspace, made once and copied."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from curator.cli import main
from curator.workspace import Workspace
from tests.helpers.model_server import ModelServer
from tests.helpers.templates import copy_workspace, make_once


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout; anything else there fails."""
        return json.loads(self.out)


NOTHING: Mapping[str, str] = {}
Curator = Callable[..., Said]


@pytest.fixture
def curator(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Curator:
    """Runs `curator ...` in this process."""

    def run(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["curator", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return run


def environment(more: Mapping[str, str]) -> dict[str, str]:
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("CURATOR_", "OPENAI_", "PREFECT_"))}
    return kept | {"NO_PROXY": "127.0.0.1,localhost"} | dict(more)


def start(*arguments: str, cwd: Path | None = None, env: Mapping[str, str] = NOTHING) -> subprocess.Popen[str]:
    """`python -m curator ...` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "curator", *arguments],
        cwd=cwd,
        env=environment(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_ctrl_c,
    )


def _hear_ctrl_c() -> None:
    """A shell lets what it runs in the background ignore SIGINT, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run_apart(*arguments: str, cwd: Path | None = None, env: Mapping[str, str] = NOTHING) -> Said:
    process = start(*arguments, cwd=cwd, env=env)
    out, err = process.communicate(timeout=120)
    return Said(process.returncode, out, err)


@pytest.fixture(scope="session")
def demo_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """A folder in which `curator demo --no-serve` was run, and what it said."""

    def run_demo(folder: Path) -> None:
        said = run_apart("demo", "--no-serve", cwd=folder)
        (folder / "said.json").write_text(json.dumps(asdict(said)), encoding="utf-8")

    folder = make_once(tmp_path_factory.getbasetemp(), "demo-once", run_demo)
    return folder, Said(**json.loads((folder / "said.json").read_text(encoding="utf-8")))


@pytest.fixture
def demo(demo_once: tuple[Path, Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The demo's workspace, to do with as one likes; the environment names it."""
    workspace = copy_workspace(demo_once[0] / "demo", tmp_path / "demo")
    monkeypatch.setenv("CURATOR_WORKSPACE", str(workspace.root))
    return workspace


@pytest.fixture
def list_(list_: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The environment names it."""
    monkeypatch.setenv("CURATOR_WORKSPACE", str(list_.root))
    return list_


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server
