"""One arXiv, one list, one model for each test of the joined steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.workspace import Workspace
from tests.support.arxiv_faults import (
    FaultyArxiv,
    held,
    make_workspace,
)
from tests.support.model_server import ModelServer


@pytest.fixture
def arxiv() -> Iterator[FaultyArxiv]:
    with FaultyArxiv([held(1), held(2, "refusal"), held(3, days_ago=5)]) as server:
        yield server


@pytest.fixture
def list_(tmp_path: Path, arxiv: FaultyArxiv) -> Workspace:
    return make_workspace(tmp_path / "list", arxiv.url)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-test")
        monkeypatch.setenv("CURATOR_MODEL", "tested-model")
        yield server
