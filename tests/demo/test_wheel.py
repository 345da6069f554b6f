"""The wheel carries the sample papers, not the typesetter, and its demo runs without the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from curator.demo.samples import CATALOGUE, PAPERS

ROOT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
PROGRAM = "import curator.demo, sys; from curator.cli import main; print(curator.demo.__file__); main()"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the checkout, offline."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder)]
    subprocess.run([*PIP, "wheel", *options, str(ROOT)], check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_sample_and_nothing_of_the_typesetter(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name.removeprefix("curator/demo/") for name in archive.namelist() if "curator/demo/" in name}
        everything = archive.namelist()
    assert {name for name in names if name.startswith("papers/")} == {
        f"papers/{path.name}" for path in (*PAPERS.glob("*.pdf"), PAPERS / CATALOGUE)
    }
    assert not [name for name in everything if "typeset" in name or "tests/" in name]


def test_the_demo_runs_from_the_files_of_the_wheel(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)  # what pip does with a pure Python wheel, commands aside, in a tenth of the time
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CURATOR_", "OPENAI_"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "demo", "--no-serve"],
        cwd=tmp_path,
        env=kept | {"PYTHONPATH": str(site), "NO_PROXY": "127.0.0.1,localhost"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(site))
    assert re.search(r"\b14 [a-z ]*candidates\b", done.stdout)
