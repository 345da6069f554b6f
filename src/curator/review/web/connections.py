"""Limits on connections: how long a client may take, and how many connections may wait for their clients.

uvicorn waits without limit for the headers and the body of a request, and for a client that does not read. Each such
connection holds a file handle, so a few hundred of them would block the page. Here each phase of a connection has a
time limit. If too many connections wait for their clients, one of them is closed, namely the oldest of the client that
has most of them; so a new request is always accepted. All loopback addresses count as one client, because any program
on the machine can use all of them.

Sources of the limits: Apache's mod_reqtimeout (20 s for headers and for a body), nginx's 60 s, and the six connections
to a host that browsers open.
"""

from __future__ import annotations

import asyncio
import ipaddress
import sys
from collections import Counter
from functools import cached_property
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS = "headers"
BODY = "body"
READING = "reading"
CLOSING = "closing"
PHASE_SECONDS = {
    HEADERS: 10.0,  # for the headers of a request, from the connection or the previous answer on
    BODY: 30.0,  # for a body of at most middleware.MAX_BODY bytes
    READING: 30.0,  # for a client to read what exceeds the buffers
    CLOSING: 5.0,  # for a client to read the rest of its last answer
}
"""Time limits, in seconds, of the phases in which a connection depends on its client."""
MAX_WAITING = 64
"""Connections that may wait for their clients: those of ten browsers."""
MIN_WAITING = 8
"""The same if the process may open few files: one browser, with two to spare."""
CONNECTIONS_PER_WAITING = 4
"""The limit on all connections, busy ones included, as a multiple of the limit on waiting ones."""
FILES_PER_WAITING = 8
"""One waiting connection is allowed for this many files that the process may open."""


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with these limits."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the first time limit, and close another connection if there are too many."""
        self._phase: str | None = None
        self._since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._reads_slowly = False
        super().connection_made(transport)
        self._update_limit()
        self._close_surplus()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the time limit."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Handle data from the client, which may begin another phase."""
        super().data_received(data)
        self._update_limit()

    def on_response_complete(self) -> None:
        """Handle the end of an answer, which begins another phase."""
        super().on_response_complete()
        self._update_limit()

    def timeout_keep_alive_handler(self) -> None:
        """Handle the end of uvicorn's own limit on idle connections."""
        super().timeout_keep_alive_handler()
        self._update_limit()

    def pause_writing(self) -> None:
        """Begin to wait for a client that does not read."""
        super().pause_writing()
        self._reads_slowly = True
        self._update_limit()

    def resume_writing(self) -> None:
        """Handle that the client has read what it was sent."""
        super().resume_writing()
        self._reads_slowly = False
        self._update_limit()

    @property
    def waits(self) -> bool:
        """Whether the connection is idle until the client sends or reads something."""
        return self._phase in (HEADERS, BODY, READING) and not self.transport.is_closing()

    def _update_limit(self) -> None:
        """Start the time limit of the current phase, unless it is running."""
        phase = self._current_phase()
        if phase == self._phase:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._phase, self._since = phase, self.loop.time()
        self._timer = self.loop.call_later(PHASE_SECONDS[phase], self.transport.abort) if phase else None

    def _current_phase(self) -> str | None:
        """Return the phase in which the connection waits for its client; None while the page prepares an answer."""
        if self.transport.is_closing():
            return CLOSING
        if self._reads_slowly:
            return READING
        if self.conn.their_state is h11.SEND_BODY:
            return BODY
        return HEADERS if self.conn.their_state is h11.IDLE else None

    def _close_surplus(self) -> None:
        """Close a connection if there are too many: this new one only if no other is waiting."""
        connections = [other for other in self.connections if isinstance(other, BoundedProtocol)]
        waiting = [connection for connection in connections if connection.waits]
        limit = max_waiting()
        if len(waiting) <= limit and len(self.connections) <= limit * CONNECTIONS_PER_WAITING:
            return
        per_host = Counter(connection.host for connection in waiting)
        others = [connection for connection in waiting if connection is not self]
        oldest = min(others or [self], key=lambda connection: (-per_host[connection.host], connection._since))
        oldest.transport.abort()

    @cached_property
    def host(self) -> str:
        """The client, as `host_of` returns it."""
        return host_of(self.client[0]) if self.client else ""


def host_of(address: str) -> str:
    """Return a name that all addresses of one client share.

    This is "loopback" for addresses of this machine, and the network of 64 bits for IPv6, because a host is assigned a
    whole one (RFC 6177). An IPv4 address in IPv6 notation counts as IPv4.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    if parsed.is_loopback:
        return "loopback"
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(parsed), 64), strict=False))
    return str(parsed)


def max_waiting() -> int:
    """Return how many connections may wait for their clients, given the number of files that the process may open."""
    if sys.platform == "win32":
        return MAX_WAITING
    import resource

    max_files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if max_files == resource.RLIM_INFINITY:
        return MAX_WAITING
    return max(MIN_WAITING, min(MAX_WAITING, max_files // FILES_PER_WAITING))


def server_config(app: Any, shutdown_seconds: float) -> uvicorn.Config:
    """Return the configuration with which uvicorn serves the page.

    Args:
        app: The ASGI application.
        shutdown_seconds: Seconds that requests get to end when the page is stopped.
    """
    return uvicorn.Config(
        app, http=BoundedProtocol, ws="none", lifespan="off", log_level="error", access_log=False, proxy_headers=False,
        server_header=False, timeout_graceful_shutdown=int(shutdown_seconds),
        backlog=max_waiting(),  # asyncio accepts as many connections at once, before any can be closed
    )  # fmt: skip
