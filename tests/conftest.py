"""What every test gets: an environment without anybody's settings, and a workspace where it asks for one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from curator.workspace import Workspace, lay_out
from tests.helpers.arxiv_faults import FaultyArxiv, held, make_workspace
from tests.helpers.browser import LAPTOP, PATIENCE, browsing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

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


@pytest.fixture
def arxiv() -> Iterator[FaultyArxiv]:
    with FaultyArxiv([held(1), held(2, "refusal"), held(3, days_ago=5)]) as server:
        yield server


@pytest.fixture
def list_(tmp_path: Path, arxiv: FaultyArxiv) -> Workspace:
    """A list that asks `arxiv`."""
    return make_workspace(tmp_path / "list", arxiv.url)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers in one process, one module after the other: Playwright keeps an event loop running while it is open."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as found:
        yield found


@pytest.fixture
def contexts(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """New browser profiles, each with nothing in it."""
    made: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(**({"viewport": LAPTOP} | options))  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
