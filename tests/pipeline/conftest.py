"""A model for tests of the joined steps, and an environment that names it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.model_server import ModelServer


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-test")
        monkeypatch.setenv("CURATOR_MODEL", "tested-model")
        yield server
