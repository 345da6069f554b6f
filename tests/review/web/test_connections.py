"""Clients that take their time, or hold many connections, do not keep others from the page."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from curator.review.web import connections
from curator.review.web.static_files import STATIC_PATH
from curator.workspace import Workspace
from tests.helpers.review_page import Address, Process, ask, served, session_cookie
from tests.helpers.waiting import wait_until

FILES = 256  # as `ulimit -n 256`
MANY = 400
HEAD = b"POST /undo HTTP/1.1\r\nHost: 127.0.0.1\r\n"
GET = f"GET {STATIC_PATH}/main.js HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()


def sent(kind: str, cookie: str) -> bytes:
    """What each connection sends before it waits for good."""
    inside = f"Cookie: {cookie}\r\n".encode()
    return {
        "nothing": b"",
        "headers": HEAD + b"X-Unfinished: ",
        "body": HEAD + b"Content-Length: 100000\r\n\r\nform_",
        "body of one who was let in": HEAD + inside + b"Content-Length: 100000\r\n\r\nform_",
        "chunks": HEAD + inside + b"Transfer-Encoding: chunked\r\n\r\n5\r\nform_\r\n",
        "idle": GET + b"\r\n",
        "not reading": (GET + inside + b"\r\n") * 50,
    }[kind]


@contextmanager
def held(port: int, data: bytes, *, by_many: bool = False) -> Iterator[list[socket.socket]]:
    """Hold many connections; `by_many`: each from a loopback address of its own."""
    with ExitStack() as closing:
        found = []
        for number in range(MANY):
            one = closing.enter_context(socket.socket())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.settimeout(20)
            if by_many:
                one.bind((f"127.0.{2 + number // 250}.{1 + number % 250}", 0))
            one.connect(("127.0.0.1", port))
            one.setblocking(False)
            one.send(data)
            found.append(one)
        yield found


def test_the_page_answers_while_hundreds_of_connections_are_held(list_: Workspace) -> None:
    cookie = "=".join(session_cookie(list_))
    with Process(list_, most_files=FILES) as page:
        for kind in ("nothing", "headers", "body", "body of one who was let in", "chunks", "idle", "not reading"):
            with held(page.port, sent(kind, cookie)):
                for _ in range(2):
                    assert ask(page.address, "GET", "/help")[0] == 401, kind
                    assert ask(page.address, "GET", "/pulse", {"Cookie": cookie})[0] == 200, kind


@pytest.fixture
def hasty(list_: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Address]:
    """A page that waits half a second for each part of a request."""
    for phase in connections.PHASE_SECONDS:
        monkeypatch.setitem(connections.PHASE_SECONDS, phase, 0.5)
    with served(list_) as address:
        yield address


@pytest.mark.parametrize("kind", ["nothing", "headers", "body", "body of one who was let in", "chunks", "not reading"])
def test_a_client_that_never_finishes_is_let_go_however_it_drips(hasty: Address, kind: str) -> None:
    with socket.create_connection(("127.0.0.1", int(hasty.rpartition(":")[2])), timeout=20) as client:
        client.sendall(sent(kind, hasty.cookie))
        client.setblocking(False)
        more = {"nothing": b"", "chunks": b"1\r\nx\r\n"}.get(kind, b"x")
        wait_until(lambda: is_let_go(client, more, reads=kind != "not reading"), 60)
    assert ask(hasty, "GET", "/help")[0] == 200


def is_let_go(client: socket.socket, more: bytes = b"x", *, reads: bool = True) -> bool:
    """Whether the page has closed the connection of a client that sends a little more."""
    try:
        client.send(more)
        while reads and client.recv(65536):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    return reads


def test_of_several_clients_the_one_with_most_connections_gives_way(list_: Workspace) -> None:
    with served(list_) as address, ExitStack() as closing:
        port = int(address.rpartition(":")[2])
        other = closing.enter_context(socket.create_connection(("127.0.0.1", port), 20, (own_address(), 0)))
        other.sendall(GET)
        held_by_one = closing.enter_context(held(port, GET))
        assert ask(address, "GET", "/help")[0] == 200
        other.sendall(b"\r\n")
        assert other.recv(12) == b"HTTP/1.1 401", "it came first, and was not the one to give way"
        assert is_let_go(held_by_one[0]), "it is the oldest of the client that has most"


def own_address() -> str:
    """An address of this machine that is no loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))  # sends nothing
        except OSError:
            pytest.skip("NOT RUN: this machine has no network")
        return str(probe.getsockname()[0])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_a_crowd_of_loopback_addresses_is_one_client_and_its_oldest_connections_give_way(list_: Workspace) -> None:
    with served(list_) as address, ExitStack() as closing:
        port = int(address.rpartition(":")[2])
        crowd = closing.enter_context(held(port, GET, by_many=True))
        own = [closing.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(6)]
        for one in own:  # as many as a browser opens
            one.sendall(GET)
        assert ask(address, "GET", "/help")[0] == 200
        assert is_let_go(crowd[-connections.MAX_WAITING])
        for one in own:
            one.sendall(b"\r\n")
            assert one.recv(12) == b"HTTP/1.1 401"


@pytest.mark.parametrize(
    ("addresses", "client"),
    [
        (("127.0.0.1", "127.9.8.7", "::1", "::ffff:127.0.0.3"), "loopback"),
        (("192.0.2.7", "::ffff:192.0.2.7", "::FFFF:c000:207"), "192.0.2.7"),
        (("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"), "2001:db8:1:2::/64"),
        (("2001:db8:1:3::1",), "2001:db8:1:3::/64"),
        (("a socket",), "a socket"),
    ],
)
def test_a_client_is_known_by_what_its_addresses_have_in_common(addresses: tuple[str, ...], client: str) -> None:
    assert {connections.host_of(one) for one in addresses} == {client}
