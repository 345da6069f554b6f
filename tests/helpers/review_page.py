"""A workspace that a real ingest has filled with the sample papers, and its review page, served."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext

from curator.demo.samples import FIRST_DAY, load_sample_papers
from curator.demo.server import ArxivServer
from curator.loopback import open_listeners
from curator.pdf.page_images import PageImages
from curator.pdf.reader import Reader
from curator.pipeline import IngestRequest, ingest
from curator.review.web.access import Access
from curator.review.web.app import create_app
from curator.review.web.connections import server_config
from curator.review.web.middleware import Cookies
from curator.review.web.secrets import load_secrets
from curator.review.web.server import PageServer, create_app_state
from curator.settings import ArxivSettings
from curator.warehouse import Warehouse
from curator.workspace import Workspace, create_files


def fill(root: Path) -> Workspace:
    """Lay out a workspace and ingest the sample papers, keyless, for a reviewer called Ada."""
    list(create_files(root))
    settings = root / "curator.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('# reviewer = "Ada"', 'reviewer = "Ada"'))
    with ArxivServer(load_sample_papers()) as server:
        workspace = Workspace(root, ArxivSettings(url=server.url, interval=0))
        ingest(workspace, IngestRequest(since=FIRST_DAY, until=datetime(2100, 1, 1, tzinfo=UTC), keyless=True))
    Warehouse(workspace.warehouse_file).close()
    return Workspace(root)


class Address(str):
    """Where the page of a workspace is served, with a session to ask it."""

    workspace: Workspace
    cookie: str


def ask(
    address: str, method: str, path: str, headers: dict[str, str] | None = None, body: str | None = None
) -> tuple[int, dict[str, str], str]:
    """Send a request as any program may, with no header but Host and, to an `Address`, its session's cookie."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=30)
    usual = {"Host": parts.netloc} | ({"Cookie": address.cookie} if isinstance(address, Address) else {})
    try:
        connection.request(method, path, body=body, headers=usual | (headers or {}))
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


def session_cookie(workspace: Workspace) -> tuple[str, str]:
    """Name and value of the cookie of a new session, as the page would open one."""
    folder = workspace.warehouse_file.parent
    return Cookies(load_secrets(folder).list_id).session, Access(folder).open_session(None)


def let_in(context: BrowserContext, workspace: Workspace, host: str = "127.0.0.1") -> None:
    """Give a browser a session of the workspace's page, on whatever port that is."""
    name, value = session_cookie(workspace)
    context.add_cookies([{"name": name, "value": value, "url": f"http://{host}/", "sameSite": "Strict"}])


class _Server(PageServer):
    """Takes nobody new in before it stops: a page that connects in that moment would leave a socket open for good."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        for one in (each for server in self.servers for each in server.sockets):
            loop.remove_reader(one.fileno())
        await asyncio.sleep(0.05)  # those whom it has taken in get to be connected
        await super().shutdown(sockets)


@cache
def _page_images() -> tuple[PageImages, TemporaryDirectory[str]]:
    """Return the pictures for every page that this process serves, so that each page of a sample is drawn once."""
    folder = TemporaryDirectory()
    return PageImages(Reader(), Path(folder.name), megabytes=100), folder


@contextmanager
def served(workspace: Workspace, host: str = "127.0.0.1") -> Iterator[Address]:
    """The page's address on loopback while it is served; `host` is what it takes itself to listen on."""
    state = create_app_state(workspace, _page_images()[0])
    with open_listeners("127.0.0.1", 0) as listeners:
        server = _Server(server_config(create_app(state, host), shutdown_seconds=3))
        running = threading.Thread(target=server.run, args=(listeners,))
        running.start()
        try:
            while not server.started:
                time.sleep(0.01)
                assert running.is_alive()
            address = Address(f"http://127.0.0.1:{listeners[0].getsockname()[1]}")
            address.workspace, address.cookie = workspace, "=".join(session_cookie(workspace))
            yield address
        finally:
            server.should_exit = True
            running.join()


class Process:
    """`curator review` as a person starts it; `source` is a folder with another copy of the package."""

    def __init__(
        self, workspace: Workspace, port: int = 0, most_files: int | None = None, source: Path | None = None
    ) -> None:
        def limit() -> None:
            if most_files is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))

        self._process = subprocess.Popen(
            [sys.executable, "-m", "curator", "review", "--port", str(port), "--no-browser"],
            env=os.environ
            | {"CURATOR_WORKSPACE": str(workspace.root), "PYTHONWARNINGS": "ignore"}
            | ({"PYTHONPATH": str(source)} if source else {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=limit,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        assert found, said
        self.port, self.address = int(found[1]), found[0]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdout is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            assert self._process.wait(10) == 0
        self._process.stdout.close()
