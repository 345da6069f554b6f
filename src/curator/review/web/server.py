"""The server of the review page, and the record of the address at which it runs."""

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
from curator.review.web.connections import server_config
from curator.review.web.context import AppState
from curator.review.web.middleware import TOKEN
from curator.review.web.secrets import Secrets, load_secrets
from curator.workspace import Workspace

SHUTDOWN_SECONDS = 3
"""Seconds that requests get to end when the page is stopped."""
PICTURE_WORKERS = 2
"""Processes that render pictures of pages."""
BACKLOG = 1024
"""Connections that the operating system queues until the server accepts them."""
RUNNING_FILE = "review.running.json"
"""Holds host and port of the running page; in the folder of the warehouse."""
BROWSER_FILE = "review.open.html"
"""Opened in the browser, to which it gives the page's address."""


@dataclass(frozen=True)
class PageAddresses:
    """The addresses of the page.

    Attributes:
        address: For a browser, with the token; it must not be logged.
        listens_at: The address at which the page listens, without the token and without the page's own name.
        open_to_others: Whether other machines can reach the page without a proxy.
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
    on_ready: Callable[[PageAddresses], None],
) -> None:
    """Serve the page until SIGINT or SIGTERM.

    Args:
        workspace: The list that is reviewed.
        host: The host to listen on.
        port: The port to listen on; 0 for a free one.
        any_port: Use a free port if `port` is taken.
        handed_down: Listening sockets that the parent process has opened, as `curator.loopback.descriptors` names them;
            they replace host and port.
        open_browser: Open the page in a browser.
        on_ready: Called with the page's addresses as soon as it answers.

    Raises:
        SettingsError: It cannot listen there.
    """
    # uvicorn raises both signals again after it has ended; the command line handles SIGTERM like Ctrl-C
    folder = workspace.warehouse_file.parent
    with (
        suppress(KeyboardInterrupt),
        open_app_state(workspace) as state,
        _sockets(host, port, any_port, handed_down) as listeners,
    ):
        port = listening_port(listeners)
        addresses = _locate_page(workspace, state.secrets, host, port)
        config = server_config(create_app(state, host), SHUTDOWN_SECONDS)

        def announce() -> None:
            on_ready(addresses)
            if open_browser:
                _open_browser(folder / BROWSER_FILE, f"{addresses.listens_at}?{TOKEN}={state.access.create_ticket()}")

        try:
            with _recorded(folder, host, port):
                PageServer(config, announce).run(sockets=listeners)
        finally:
            (folder / BROWSER_FILE).unlink(missing_ok=True)


class PageServer(uvicorn.Server):
    """A server that reports when it answers.

    Its report comes after its signal handlers are installed: a signal during the imports before that could be lost.

    Args:
        config: uvicorn's configuration.
        on_ready: Called once, when the server answers.
    """

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None] = lambda: None) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, and report it."""
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(BACKLOG)  # asyncio has set the smaller backlog with which it accepts connections
        self._on_ready()


@contextmanager
def open_app_state(workspace: Workspace) -> Iterator[AppState]:
    """Yield the state of a workspace's review page, with a running reader and a migrated warehouse."""
    settings = workspace.settings
    with Reader(ReadLimits.from_settings(settings.read, PICTURE_WORKERS)) as reader:
        reader.warm_up()
        yield create_app_state(workspace, PageImages(reader, workspace.pictures, settings.review.pictures_mb))


def create_app_state(workspace: Workspace, pictures: PageImages) -> AppState:
    """Return the state of a workspace's review page, with a migrated warehouse."""
    state = AppState(workspace, pictures, load_secrets(workspace.warehouse_file.parent))
    state.warehouse.write(lambda _: None)  # creates or migrates the file before the first request
    return state


@contextmanager
def _sockets(host: str, port: int, any_port: bool, handed_down: str) -> Iterator[list[socket.socket]]:
    """Open the page's listening sockets, or adopt those of the parent process.

    Raises:
        SettingsError: It cannot listen there, or the parent process opened no such sockets.
    """
    with ExitStack() as closing:
        try:
            if handed_down:
                listeners = closing.enter_context(adopt_listeners(handed_down))
            else:
                listeners = closing.enter_context(open_listeners(host, port, any_port=any_port))
        except ValueError as error:
            raise SettingsError(f"--listening needs the numbers of open sockets, such as 3,4: {error}.") from error
        except OSError as error:
            raise SettingsError(
                f"The review page cannot listen on {host}, port {port}: {error}. "
                "Another review page may be running. Use `--port 0` for a free port, or change review.port in "
                "curator.toml."
            ) from error
        yield listeners


def _open_browser(file: Path, address: str) -> None:
    """Open the page in a browser by way of a file that only the user can read.

    An address on the browser's command line could be read by every account on the machine.
    """
    escaped = html.escape(address)
    page = (
        '<!doctype html><meta charset="utf-8"><title>Curator</title>\n'
        f'<meta http-equiv="refresh" content="0; url={escaped}">\n<p><a href="{escaped}">The review page</a></p>\n'
    )
    write_private(file, page.encode())
    webbrowser.open(file.absolute().as_uri())


@contextmanager
def _recorded(folder: Path, host: str, port: int) -> Iterator[None]:
    """Record host and port for `--address` while the page runs; a second page of the same list is not recorded."""
    lock = FileLock(folder / f"{RUNNING_FILE}.lock", mode=FILE_MODE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield
        return
    try:
        write_private(folder / RUNNING_FILE, json.dumps({"host": host, "port": port}).encode())
        yield
    finally:
        (folder / RUNNING_FILE).unlink(missing_ok=True)
        lock.release()


def find_running_page(workspace: Workspace) -> tuple[str, int] | None:
    """Return host and port of this list's running page; None if it is not running."""
    folder = workspace.warehouse_file.parent
    make_private_folder(folder)
    try:
        with FileLock(folder / f"{RUNNING_FILE}.lock", timeout=0, mode=FILE_MODE):
            return None  # the process that serves the page holds the lock
    except Timeout:
        with suppress(OSError, ValueError, KeyError, TypeError):
            record = json.loads((folder / RUNNING_FILE).read_text(encoding="utf-8"))
            return str(record["host"]), int(record["port"])
    return None


def locate_page(workspace: Workspace, host: str, port: int) -> PageAddresses:
    """Return the addresses of a workspace's page if it listens on this host and port."""
    return _locate_page(workspace, load_secrets(workspace.warehouse_file.parent), host, port)


def _locate_page(workspace: Workspace, secrets: Secrets, host: str, port: int) -> PageAddresses:
    name = host if host not in ("0.0.0.0", "::", "") else socket.gethostname()
    loopback = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "[::1]"}.get(name)
    listens_at = f"http://{loopback or (f'[{name}]' if ':' in name else name)}:{port}/"
    address = f"http://{secrets.host}:{port}/" if loopback else listens_at
    if public_url := workspace.settings.review.public_url:
        public = public_address(public_url)
        address = f"{public.scheme}://{public.host}{public.root}/"
    return PageAddresses(f"{address}?{TOKEN}={secrets.entry}", listens_at, not is_loopback(host))
