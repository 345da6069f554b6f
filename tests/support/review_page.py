"""A workspace that a real ingest has filled with the sample papers, and its review page, served."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from curator.demo.arxiv_server import ArxivServer
from curator.demo.samples import FIRST_DAY, sample_papers
from curator.pipeline import Request, ingest
from curator.review.web.app import create_app
from curator.review.web.server import opened
from curator.settings import Arxiv
from curator.workspace import Workspace, lay_out


def fill(root: Path) -> Workspace:
    """Lay out a workspace and ingest the sample papers, keyless, for a reviewer called Ada."""
    list(lay_out(root))
    settings = root / "curator.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('# reviewer = "Ada"', 'reviewer = "Ada"'))
    with ArxivServer(sample_papers()) as server:
        workspace = Workspace(root, Arxiv(url=server.url, interval=0))
        ingest(workspace, Request(since=FIRST_DAY, until=datetime(2100, 1, 1, tzinfo=UTC), keyless=True))
    return Workspace(root)


class _Server(uvicorn.Server):
    """Takes nobody new in before it stops: a page that connects in that moment would leave a socket open for good."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        for listening in (each for server in self.servers for each in server.sockets):
            loop.remove_reader(listening.fileno())
        await asyncio.sleep(0.05)  # those whom it has taken in get to be connected
        await super().shutdown(sockets)


@contextmanager
def served(workspace: Workspace, host: str = "127.0.0.1") -> Iterator[str]:
    """The page's address on loopback while it is served; `host` is what it takes itself to listen on."""
    with opened(workspace) as site:
        config = uvicorn.Config(
            create_app(site, host), port=0, log_level="error", lifespan="off", timeout_graceful_shutdown=3
        )
        server = _Server(config)
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


class Process:
    """`curator review` as a person starts it."""

    def __init__(self, workspace: Workspace, port: int = 0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "curator", "review", "--port", str(port), "--no-browser"],
            env=os.environ | {"CURATOR_WORKSPACE": str(workspace.root), "PYTHONWARNINGS": "ignore"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
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
