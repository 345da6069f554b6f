"""Loopback addresses, and listening sockets that keep other accounts from listening on the same port.

For `localhost` and names below it, browsers try [::1] before 127.0.0.1. A server of another account that listened
there, on the same port, would receive the requests. `curator up` opens the sockets of its processes, keeps them open,
and passes them on, so that no other account can take a port while a process restarts.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

_MAX_TRIES = 20  # to find a port that is free on both loopback addresses
_OTHER_LOOPBACK = {
    "127.0.0.1": "::1", "localhost": "::1", "0.0.0.0": "::1", "::1": "127.0.0.1", "::": "127.0.0.1",
}  # fmt: skip
_NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)


def is_loopback(host: str) -> bool:
    """Return True if `host` is `localhost` or a loopback address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def open_listeners(host: str, port: int, *, any_port: bool = False) -> Iterator[list[socket.socket]]:
    """Listen on `host` and, if it is a loopback address, on the other loopback address as well.

    Args:
        host: A host name or an address.
        port: The port; 0 chooses a free port.
        any_port: Take a free port if `port` is taken.

    Raises:
        OSError: The address or the port is not available.
    """
    try:
        try:
            listeners = _listeners(host, port)
        except OSError:
            if not any_port:
                raise
            listeners = _listeners(host, 0)
    except UnicodeError as error:  # `host` is not a valid host name
        raise OSError(str(error)) from error
    with ExitStack() as closing:
        for listener in listeners:
            closing.enter_context(listener)
        yield listeners


@contextmanager
def adopt_listeners(handed_down: str) -> Iterator[list[socket.socket]]:
    """Take over listening sockets that the parent process has opened.

    Args:
        handed_down: The result of `format_descriptors` in the parent.

    Raises:
        ValueError: `handed_down` is not a list of numbers.
        OSError: A number is not the descriptor of an open socket.
    """
    with ExitStack() as closing:
        listeners = [closing.enter_context(socket.socket(fileno=int(number))) for number in handed_down.split(",")]
        for listener in listeners:
            listener.set_inheritable(False)
        yield listeners


def format_descriptors(listeners: Sequence[socket.socket]) -> str:
    """Return the file descriptors of listening sockets, as the argument of a child process."""
    return ",".join(str(listener.fileno()) for listener in listeners)


def listening_port(listeners: Sequence[socket.socket]) -> int:
    """Return the port on which the sockets listen."""
    return int(listeners[0].getsockname()[1])


def _listeners(host: str, port: int) -> list[socket.socket]:
    for tries_left in reversed(range(_MAX_TRIES)):
        first = _listener(host, port)
        other = _OTHER_LOOPBACK.get(host)
        if other is None:
            return [first]
        try:
            return [first, _listener(other, first.getsockname()[1])]
        except OSError as error:
            if error.errno in _NO_SUCH_ADDRESS:  # no program can listen there
                return [first]
            first.close()
            if port or not tries_left:
                raise
    raise AssertionError("unreachable")


def _listener(host: str, port: int) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    return socket.create_server((host, port), family=family)
