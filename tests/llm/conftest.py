"""A model that answers well unless told otherwise, and a warehouse in which a run is going on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.warehouse import Warehouse, runs
from tests.helpers.asking import GOOD, KEY
from tests.helpers.model_server import ModelServer
from tests.helpers.templates import new_warehouse


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with ModelServer(answer=lambda asked: GOOD) as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield running


def started(made: Warehouse) -> None:
    made.write(runs.start_run, {}, "tests")


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "w.duckdb", started)
