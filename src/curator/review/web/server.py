"""Serving the review page until somebody stops it."""

from __future__ import annotations

import signal
import socket
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import uvicorn

from curator.arxiv_gate import is_loopback
from curator.errors import SettingsError
from curator.read.pictures import PagePictures
from curator.read.worker import Reader, ReadLimits
from curator.review.web.app import create_app
from curator.review.web.keep import Secrets, secrets_in
from curator.review.web.site import Site
from curator.workspace import Workspace

STOPPING = 3  # seconds that requests which are under way get when the page is stopped
PICTURE_WORKERS = 2


@dataclass(frozen=True)
class Served:
    """Where the page is to be found."""

    address: str  # with the token, where it needs one
    open_to_others: bool


def serve(
    workspace: Workspace,
    host: str,
    port: int,
    *,
    any_port: bool = False,
    open_browser: bool,
    say: Callable[[Served], None],
) -> None:
    """Serve the page until SIGINT or SIGTERM; `say` is told where it is, once it answers.

    Port 0 takes a free one, as does a port that is taken, with `any_port`.

    Raises SettingsError where it cannot listen there.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: uvicorn passes both on when it has ended
    with suppress(KeyboardInterrupt), opened(workspace) as site, _listening(host, port, any_port) as listener:
        served = _served(site.secrets, host, listener.getsockname()[1])
        app = create_app(site, host)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, proxy_headers=False, server_header=False,
            timeout_graceful_shutdown=STOPPING, lifespan="off",
        )  # fmt: skip

        def ready() -> None:
            say(served)
            if open_browser:
                webbrowser.open(served.address)

        _Server(config, ready).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says that it is ready once it takes signals itself: an exception that one raised during imports could be lost."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


@contextmanager
def opened(workspace: Workspace) -> Iterator[Site]:
    """A workspace's page and what it needs, until it is closed."""
    settings = workspace.settings
    with Reader(ReadLimits.of(settings.read, PICTURE_WORKERS)) as reader:
        reader.warm()
        pictures = PagePictures(reader, workspace.pictures, settings.review.pictures_mb)
        site = Site(workspace, pictures, secrets_in(workspace.warehouse_file.parent))
        site.warehouse.write(lambda _: None)  # makes the file, or brings its schema up to date, before anybody asks
        yield site


@contextmanager
def _listening(host: str, port: int, any_port: bool) -> Iterator[socket.socket]:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        try:
            listener = socket.create_server((host, port), family=family)
        except OSError:
            if not any_port:
                raise
            listener = socket.create_server((host, 0), family=family)
    except (OSError, UnicodeError) as error:
        raise SettingsError(
            f"The review page cannot listen on {host}, port {port}: {error}. "
            "Another one may be running; `--port 0` takes a free port, and review.port in curator.toml sets it."
        ) from error
    with listener:
        yield listener


def served_at(workspace: Workspace, host: str, port: int) -> Served:
    """Where a workspace's page is when it listens on that host and port."""
    return _served(secrets_in(workspace.warehouse_file.parent), host, port)


def _served(secrets: Secrets, host: str, port: int) -> Served:
    name = host if host not in ("0.0.0.0", "::", "") else socket.gethostname()
    shown = f"[{name}]" if ":" in name else name
    others = not is_loopback(host)
    address = f"http://{shown}:{port}/"
    return Served(address + (f"?token={secrets.entry}" if others else ""), others)
