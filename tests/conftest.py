"""What every test gets: an environment without anybody's settings, and a workspace where it asks for one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from curator.workspace import Workspace, lay_out

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")


@pytest.fixture(autouse=True)
def isolated_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the person who runs the tests: no key, no endpoint, no workspace, no proxy to loopback."""
    for name in list(os.environ):
        if name.upper().startswith(("CURATOR_", "OPENAI_", "PREFECT_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "workspace"
    list(lay_out(root))
    return Workspace(root)
