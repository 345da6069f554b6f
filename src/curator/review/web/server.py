"""Serving the review page until somebody stops it."""

from __future__ import annotations

import html
import json
import socket
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from filelock import FileLock, Timeout

from curator.errors import SettingsError
from curator.loopback import adopt_listeners, is_loopback, listening_port, open_listeners
from curator.pdf.page_images import PageImages
from curator.pdf.reader import Reader, ReadLimits
from curator.private_files import FILE_MODE, make_private_folder, write_private
from curator.review.web.addresses import public_address
from curator.review.web.app import create_app
from curator.review.web.connections import configured
from curator.review.web.context import AppState
from curator.review.web.middleware import TOKEN
from curator.review.web.secrets import Secrets, load_secrets
from curator.workspace import Workspace

STOPPING = 3  # seconds that requests which are under way get when the page is stopped
PICTURE_WORKERS = 2
QUEUED = 1024  # connections that the system keeps until they are taken
RUNNING = "review.running.json"  # where the page of this list is served now
OPENED = "review.open.html"  # what a browser is started with


@dataclass(frozen=True)
class Served:
    """Where the page is to be found.

    Attributes:
        address: With the token: not for logs.
        listens_at: Where it listens, without the token and without the page's own name.
        open_to_others: Whether other machines can reach it without a proxy.
    """

    address: str
    listens_at: str
    open_to_others: bool


def serve(
    workspace: Workspace,
    host: str,
    port: int,
    *,
    any_port: bool = False,
    handed_down: str = "",
    open_browser: bool,
    say: Callable[[Served], None],
) -> None:
    """Serve the page until SIGINT or SIGTERM; `say` is told where it is, once it answers.

    Port 0 takes a free one, as does a port that is taken, with `any_port`. `handed_down` names listening sockets that
    the parent process has opened, as `curator.loopback.descriptors` does; then `port` does not matter.

    Raises SettingsError where it cannot listen there.
    """
    # uvicorn passes both signals on when it has ended; the command line takes SIGTERM as Ctrl-C
    folder = workspace.warehouse_file.parent
    with (
        suppress(KeyboardInterrupt),
        opened(workspace) as site,
        _sockets(host, port, any_port, handed_down) as listeners,
    ):
        port = listening_port(listeners)
        served = _served(workspace, site.secrets, host, port)
        config = configured(create_app(site, host), STOPPING)

        def ready() -> None:
            say(served)
            if open_browser:
                _open_browser(folder / OPENED, f"{served.listens_at}?{TOKEN}={site.access.ticket()}")

        try:
            with _noted(folder, host, port):
                PageServer(config, ready).run(sockets=listeners)
        finally:
            (folder / OPENED).unlink(missing_ok=True)


class PageServer(uvicorn.Server):
    """Says that it is ready once it takes signals itself: an exception that one raised during imports could be lost."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None] = lambda: None) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(QUEUED)  # asyncio asks for as few as it takes at once
        self._ready()


@contextmanager
def opened(workspace: Workspace) -> Iterator[AppState]:
    """A workspace's page and what it needs, until it is closed."""
    settings = workspace.settings
    with Reader(ReadLimits.from_settings(settings.read, PICTURE_WORKERS)) as reader:
        reader.warm_up()
        pictures = PageImages(reader, workspace.pictures, settings.review.pictures_mb)
        site = AppState(workspace, pictures, load_secrets(workspace.warehouse_file.parent))
        site.warehouse.write(lambda _: None)  # makes the file, or brings its schema up to date, before anybody asks
        yield site


@contextmanager
def _sockets(host: str, port: int, any_port: bool, handed_down: str) -> Iterator[list[socket.socket]]:
    """Open the page's listening sockets, or take over those that were handed down.

    Raises:
        SettingsError: It cannot listen there, or nothing was handed down.
    """
    with ExitStack() as closing:
        try:
            if handed_down:
                listeners = closing.enter_context(adopt_listeners(handed_down))
            else:
                listeners = closing.enter_context(open_listeners(host, port, any_port=any_port))
        except ValueError as error:
            raise SettingsError(f"--listening takes numbers of open sockets, as in 3,4: {error}.") from error
        except OSError as error:
            raise SettingsError(
                f"The review page cannot listen on {host}, port {port}: {error}. "
                "Another one may be running; `--port 0` takes a free port, and review.port in curator.toml sets it."
            ) from error
        yield listeners


def _open_browser(file: Path, address: str) -> None:
    """Open the page in the person's browser, by a file that only they can read.

    An address in a browser's command line can be read by every account of the machine.
    """
    shown = html.escape(address)
    page = (
        '<!doctype html><meta charset="utf-8"><title>Curator</title>\n'
        f'<meta http-equiv="refresh" content="0; url={shown}">\n<p><a href="{shown}">The review page</a></p>\n'
    )
    write_private(file, page.encode())
    webbrowser.open(file.absolute().as_uri())


@contextmanager
def _noted(folder: Path, host: str, port: int) -> Iterator[None]:
    """Note where the page is served, for `--address`, as long as it is. A second page of the list is not noted."""
    lock = FileLock(folder / f"{RUNNING}.lock", mode=FILE_MODE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield
        return
    try:
        write_private(folder / RUNNING, json.dumps({"host": host, "port": port}).encode())
        yield
    finally:
        (folder / RUNNING).unlink(missing_ok=True)
        lock.release()


def running_at(workspace: Workspace) -> tuple[str, int] | None:
    """Return host and port of this list's page, or None if it is not served now."""
    folder = workspace.warehouse_file.parent
    make_private_folder(folder)
    try:
        with FileLock(folder / f"{RUNNING}.lock", timeout=0, mode=FILE_MODE):
            return None  # the process that serves the page holds the lock
    except Timeout:
        with suppress(OSError, ValueError, KeyError, TypeError):
            told = json.loads((folder / RUNNING).read_text(encoding="utf-8"))
            return str(told["host"]), int(told["port"])
    return None


def served_at(workspace: Workspace, host: str, port: int) -> Served:
    """Return where a workspace's page is when it listens on that host and port."""
    return _served(workspace, load_secrets(workspace.warehouse_file.parent), host, port)


def _served(workspace: Workspace, secrets: Secrets, host: str, port: int) -> Served:
    name = host if host not in ("0.0.0.0", "::", "") else socket.gethostname()
    plain = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "[::1]"}.get(name)
    listens_at = f"http://{plain or (f'[{name}]' if ':' in name else name)}:{port}/"
    address = f"http://{secrets.host}:{port}/" if plain else listens_at
    if public := workspace.settings.review.public_url:
        at = public_address(public)
        address = f"{at.scheme}://{at.host}{at.root}/"
    return Served(f"{address}?{TOKEN}={secrets.entry}", listens_at, not is_loopback(host))
