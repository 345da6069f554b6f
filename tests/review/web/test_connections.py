"""Clients that take their time, or hold many connections, do not keep others from the page."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from curator.review.web import connections
from curator.workspace import Workspace
from tests.support.review_page import Address, Process, ask, served, session_cookie
from tests.support.waiting import wait_until

FILES = 256  # as `ulimit -n 256`
MANY = 400
HEAD = b"POST /undo HTTP/1.1\r\nHost: 127.0.0.1\r\n"
GET = b"GET /static/review.js HTTP/1.1\r\nHost: 127.0.0.1\r\n"


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
def held(port: int, data: bytes) -> Iterator[list[socket.socket]]:
    with ExitStack() as closing:
        found = []
        for _ in range(MANY):
            one = closing.enter_context(socket.socket())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.settimeout(20)
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
    for phase in connections.SECONDS:
        monkeypatch.setitem(connections.SECONDS, phase, 0.5)
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
        other = closing.enter_context(socket.create_connection(("127.0.0.1", port), 20, ("127.0.0.2", 0)))
        other.sendall(GET)
        held_by_one = closing.enter_context(held(port, GET))
        assert ask(address, "GET", "/help")[0] == 200
        other.sendall(b"\r\n")
        assert other.recv(12) == b"HTTP/1.1 401", "it came first, and was not the one to give way"
        assert is_let_go(held_by_one[0]), "it is the oldest of the client that has most"
