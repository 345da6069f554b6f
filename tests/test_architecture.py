"""`.importlinter` states the architecture; `make check` and these tests hold the code to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("src/curator", "flows")


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the packages below `root`."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=root, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": f"{root / 'src'}:{root}"},
    )  # fmt: skip


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the packages and their rules."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "papers"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_violations_of_the_architecture_are_found(checkout: Path) -> None:
    planted = {
        "src/curator/errors.py": "import curator.cli.inspect",
        "src/curator/publish/snapshot.py": "import duckdb",
        "src/curator/pdf/text/characters.py": "import curator.pdf.layout.sections",
        "src/curator/newroom.py": "",
        "flows/backup.py": "import curator.warehouse.papers",
    }
    assert lint(checkout).returncode == 0
    for file, line in planted.items():
        path = checkout / file
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(f"{before}\n{line}\n", encoding="utf-8")
        assert lint(checkout).returncode == 1, f"{line!r} in {file} goes unnoticed"
        if before:
            path.write_text(before, encoding="utf-8")
        else:
            path.unlink()
