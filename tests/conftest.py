"""What every test gets: an environment without anybody's settings, and a workspace where it asks for one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from curator.workspace import Workspace
from tests.helpers.arxiv_faults import FaultyArxiv, held, make_workspace
from tests.helpers.browser import LAPTOP, PATIENCE, browsing
from tests.helpers.templates import create_workspace

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
    return create_workspace(tmp_path / "workspace")


@pytest.fixture
def arxiv() -> Iterator[FaultyArxiv]:
    with FaultyArxiv([held(1), held(2, "refusal"), held(3, days_ago=5)]) as server:
        yield server


@pytest.fixture
def list_(tmp_path: Path, arxiv: FaultyArxiv) -> Workspace:
    """A list that asks `arxiv`."""
    return make_workspace(tmp_path / "list", arxiv.url)


LONGEST_FIRST = (
    "cli/test_up.py",
    "review/web/test_by_keyboard.py",
    "docs",
    "test_flows.py",
    "review/web",
    "pipeline",
    "chaos",
    "cli",
    "publish",
    "review",
    "ops",
    "warehouse",
    "llm",
)
"""Modules and folders whose tests start first, so that no worker is left with a long module at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest modules first.

    A module runs in one worker (`--dist loadfile`), so that what it makes for all of its tests is made once: a server,
    a browser, a filled workspace. Playwright keeps an event loop running in its thread while a browser is open, which
    would disturb asyncio in the tests of another module; the browser is closed at the end of its module.
    """

    def rank(item: pytest.Item) -> int:
        place = item.path.relative_to(Path(__file__).parent)
        names = {place.as_posix(), *(parent.as_posix() for parent in place.parents)}
        return next((index for index, name in enumerate(LONGEST_FIRST) if name in names), len(LONGEST_FIRST))

    items.sort(key=rank)


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
