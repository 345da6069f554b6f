"""A workspace that a real ingest has filled, its review page, and browsers to look at it with."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Request

from curator.demo.arxiv_server import ArxivServer
from curator.demo.samples import FIRST_DAY, sample_papers
from curator.pipeline import Request as Wanted
from curator.pipeline import ingest
from curator.review.web.app import create_app
from curator.review.web.server import opened
from curator.settings import Arxiv
from curator.warehouse import Warehouse, queue
from curator.workspace import Workspace, lay_out
from tests.support.browser import browsing

LAPTOP = {"width": 1366, "height": 768}


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample papers, ingested; not to be changed."""
    root = tmp_path_factory.mktemp("filled")
    list(lay_out(root))
    with ArxivServer(sample_papers()) as server:
        workspace = Workspace(root, Arxiv(url=server.url, interval=0))
        ingest(workspace, Wanted(since=FIRST_DAY, until=datetime(2100, 1, 1, tzinfo=UTC), keyless=True))
    return root


@pytest.fixture
def list_(filled: Path, tmp_path: Path) -> Workspace:
    root = tmp_path / "list"
    shutil.copytree(filled, root)
    settings = root / "curator.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('# reviewer = "Ada"', 'reviewer = "Ada"'))
    return Workspace(root)


@pytest.fixture
def warehouse(list_: Workspace) -> Warehouse:
    return Warehouse(list_.warehouse_file)


@contextmanager
def served(workspace: Workspace, host: str = "127.0.0.1") -> Iterator[str]:
    """The page's address while it is served."""
    with opened(workspace) as site:
        config = uvicorn.Config(create_app(site, host), port=0, log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        running = threading.Thread(target=server.run)
        running.start()
        try:
            while not server.started:
                time.sleep(0.01)
                assert running.is_alive()
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        finally:
            server.should_exit = True
            running.join()


@pytest.fixture
def address(list_: Workspace) -> Iterator[str]:
    with served(list_) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with browsing() as found:
        yield found


@pytest.fixture
def contexts(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """New browser profiles, each with nothing in it."""
    made: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(**({"viewport": LAPTOP} | options))  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


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
    page.wait_for_function("() => !JSON.parse(localStorage.getItem('curator.outbox') || '[]').length")


def statuses(warehouse: Warehouse) -> dict[str, str]:
    return dict(warehouse.read(lambda c: c.execute("select candidate, status from candidates").fetchall()))


def waiting(warehouse: Warehouse) -> list[str]:
    return [item.id for item in warehouse.read(queue.items)]
