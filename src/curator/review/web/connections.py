"""Bounds on connections: how long a client may take, and how many connections may wait for their clients.

uvicorn waits without end for a request's headers and body, and for a client that does not read. Each such connection
holds a file handle, so a few hundred of them would stop the page. Here each phase of a connection has a limit. With too
many connections, one that waits for its client is closed, the oldest of the client that has most of them, so that a new
request is always taken. All loopback addresses are one client, because any program of the machine can use all of them.
Sources of the limits: Apache's mod_reqtimeout (20 s for headers and for a body), nginx's 60 s, browsers' six
connections to a host.
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
SECONDS = {
    HEADERS: 10.0,  # for a request's headers, from the connection or from the last answer on
    BODY: 30.0,  # for a body of at most guard.MAX_BODY
    READING: 30.0,  # for a client to read what would not go into the buffers
    CLOSING: 5.0,  # for a client to read the rest of its last answer
}
MOST_WAITING = 64  # connections that wait for their clients
FEWEST_WAITING = 8
ALL = 4  # times as many connections altogether, with those whose requests are being answered
SHARE = 8  # of the file handles that this process may have, one in so many is for waiting connections


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with these bounds."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._phase: str | None = None
        self._since = 0.0
        self._limit: asyncio.TimerHandle | None = None
        self._reads_slowly = False
        super().connection_made(transport)
        self._watch()
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._limit is not None:
            self._limit.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reads_slowly = True
        self._watch()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._reads_slowly = False
        self._watch()

    @property
    def waits(self) -> bool:
        """Whether nothing goes on until the client sends or reads something."""
        return self._phase in (HEADERS, BODY, READING) and not self.transport.is_closing()

    def _watch(self) -> None:
        """Start the present phase's limit, unless it runs already."""
        phase = self._present_phase()
        if phase == self._phase:
            return
        if self._limit is not None:
            self._limit.cancel()
        self._phase, self._since = phase, self.loop.time()
        self._limit = self.loop.call_later(SECONDS[phase], self.transport.abort) if phase else None

    def _present_phase(self) -> str | None:
        """What the connection waits for from its client; None while it waits for our answer."""
        if self.transport.is_closing():
            return CLOSING
        if self._reads_slowly:
            return READING
        if self.conn.their_state is h11.SEND_BODY:
            return BODY
        return HEADERS if self.conn.their_state is h11.IDLE else None

    def _make_room(self) -> None:
        """Close a connection if there are too many: this one, which was just made, only where no other waits."""
        waiting = [one for one in self.connections if isinstance(one, BoundedProtocol) and one.waits]
        most = most_waiting()
        if len(waiting) <= most and len(self.connections) <= most * ALL:
            return
        crowds = Counter(one.host for one in waiting)
        others = [one for one in waiting if one is not self]
        min(others or [self], key=lambda one: (-crowds[one.host], one._since)).transport.abort()

    @cached_property
    def host(self) -> str:
        """Where the client is, as `host_of` tells it."""
        return host_of(self.client[0]) if self.client else ""


def host_of(address: str) -> str:
    """Return what the addresses of one client have in common.

    That is "loopback" for those of this machine, and the network of 64 bits for IPv6, since a host gets all of one
    (RFC 6177). An IPv4 address that is written as IPv6 counts as IPv4.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    if found.is_loopback:
        return "loopback"
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(found), 64), strict=False))
    return str(found)


def most_waiting() -> int:
    """How many connections may wait for their clients, as the limit of this process's file handles allows."""
    if sys.platform == "win32":
        return MOST_WAITING
    import resource

    handles = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if handles == resource.RLIM_INFINITY:
        return MOST_WAITING
    return max(FEWEST_WAITING, min(MOST_WAITING, handles // SHARE))


def configured(app: Any, stopping: float) -> uvicorn.Config:
    """Return how uvicorn serves the page.

    Args:
        app: The ASGI application.
        stopping: Seconds that requests get to end when the page is stopped.
    """
    return uvicorn.Config(
        app, http=BoundedProtocol, ws="none", lifespan="off", log_level="error", access_log=False, proxy_headers=False,
        server_header=False, timeout_graceful_shutdown=int(stopping),
        backlog=most_waiting(),  # asyncio takes as many connections at once, before any can be closed
    )  # fmt: skip
