"""A workspace that a real ingest has filled, its review page, and browsers to look at it with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Request

from curator.warehouse import Warehouse, candidates
from curator.workspace import Workspace
from tests.helpers.review_page import Address, fill, let_in, served
from tests.helpers.templates import copy_workspace, make_once


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample papers, ingested; not to be changed."""
    return make_once(tmp_path_factory.getbasetemp(), "filled", fill)


@pytest.fixture
def list_(filled: Path, tmp_path: Path) -> Workspace:
    return copy_workspace(filled, tmp_path / "list")


@pytest.fixture
def warehouse(list_: Workspace) -> Warehouse:
    return Warehouse(list_.warehouse_file)


@pytest.fixture
def address(list_: Workspace) -> Iterator[Address]:
    with served(list_) as found:
        yield found


@pytest.fixture
def contexts(contexts: Callable[..., BrowserContext], request: pytest.FixtureRequest) -> Callable[..., BrowserContext]:
    """Browsers that were let in to `list_`, in tests that have one."""
    if "list_" not in request.fixturenames:
        return contexts
    workspace: Workspace = request.getfixturevalue("list_")

    def make(**options: object) -> BrowserContext:
        context = contexts(**options)
        let_in(context, workspace)
        return context

    return make


@pytest.fixture
def page(contexts: Callable[..., BrowserContext], address: str) -> Iterator[Page]:
    """A page that must not complain, nor ask anybody but ours for anything."""
    found = contexts().new_page()
    complaints: list[str] = []
    found.on("pageerror", lambda error: complaints.append(str(error)))
    found.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    def asked(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:")):
            complaints.append(f"asked for {request.url}")

    found.on("request", asked)
    yield found
    assert complaints == []


def shown(page: Page) -> str:
    """The id of the candidate on the page."""
    return page.locator(".card").get_attribute("data-id") or ""


def settle(page: Page) -> None:
    """Wait until what was decided is with the server."""
    page.wait_for_function(
        "() => !JSON.parse(localStorage.getItem(`curator.${document.body.dataset.list}.outbox`) || '[]').length"
    )


def press_at_once(page: Page, keys: str) -> None:
    """Press keys one after the other, faster than the server can answer any of them."""
    page.evaluate(
        "keys => keys.forEach(key => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true})))",
        list(keys),
    )


def statuses(warehouse: Warehouse) -> dict[str, str]:
    return dict(warehouse.read(lambda c: c.execute("select candidate, status from candidates").fetchall()))


def waiting(warehouse: Warehouse) -> list[str]:
    return [item.id for item in warehouse.read(candidates.load_candidates)]
