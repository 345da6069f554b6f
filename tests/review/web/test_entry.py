"""Who is let in: by the token, which is changed for a session, on every host; and who gets nothing that works."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import BrowserContext, expect

from curator.review.decisions import Reviewer
from curator.review.web import access
from curator.review.web.access import Access
from curator.review.web.accounts import GONE, account_of
from curator.review.web.app import create_app
from curator.review.web.secrets import FILE, load_secrets
from curator.review.web.server import locate_page, open_app_state
from curator.review.web.static_files import STATIC_PATH
from curator.warehouse import Warehouse
from curator.workspace import Workspace
from tests.helpers.review_page import Address, Process, ask, served, session_cookie
from tests.helpers.templates import copy_workspace
from tests.helpers.waiting import wait_until
from tests.review.web.conftest import settle, shown, statuses, waiting

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NOBODY = 65534


def token_of(workspace: Workspace) -> str:
    return load_secrets(workspace.warehouse_file.parent).entry


def enter(workspace: Workspace, address: str, **headers: str) -> str:
    """Change the token for a session's cookie, as a program does."""
    status, told, _ = ask(str(address), "GET", f"/?token={token_of(workspace)}", headers)
    assert (status, told["location"]) == (303, "/")
    return told["set-cookie"].split(";")[0]


def every_route(workspace: Workspace) -> list[tuple[str, str]]:
    """Method and path of all that the page answers."""
    with open_app_state(workspace) as state:
        paths = create_app(state, "127.0.0.1").openapi()["paths"]
    found = [
        (method.upper(), re.sub(r"\{(\w+)\}", lambda part: "1" if part[1] == "page" else "2610.90001v1", path))
        for path, methods in paths.items()
        for method in methods
    ]
    return [*found, ("GET", f"{STATIC_PATH}/main.js")]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_without_a_token_nobody_reads_or_decides_anything(list_: Workspace, warehouse: Warehouse, host: str) -> None:
    routes = every_route(list_)
    assert {("POST", "/undo"), ("GET", "/pulse"), ("GET", "/")} <= set(routes)
    Reviewer(warehouse, "Ada").accept(waiting(warehouse)[0])
    before = statuses(warehouse)
    secrets = load_secrets(list_.warehouse_file.parent)
    with served(list_, host) as address:
        port = urlsplit(address).port
        for name in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", f"{secrets.host}:{port}"):
            for method, path in routes:
                for forged in ("", "curator_session=x", f"curator_session_{secrets.list_id}={secrets.entry}"):
                    made = {"form_token": secrets.form_token(""), "action": "defer", "id": "x", "name": "Prof. Victim"}
                    body = urlencode(made) if method == "POST" else None
                    said = ask(str(address), method, path, FORM | {"Host": name, "Cookie": forged}, body)
                    assert said[0] == 401, (name, method, path)
                    assert "set-cookie" not in said[1]
                    assert secrets.host not in str(said), "its name is for those who were let in"
        for path in ("/?token=wrong", "/?token=", "/list?token=wrong&token=" + secrets.entry):
            assert ask(str(address), "GET", path)[0] == 401
    assert statuses(warehouse) == before


def test_the_token_is_changed_for_a_session_that_is_not_the_token(list_: Workspace) -> None:
    folder = list_.warehouse_file.parent
    token = token_of(list_)
    with served(list_) as address:
        status, told, _ = ask(str(address), "GET", f"/list?token={token}&status=all")
        assert (status, told["location"]) == (303, "/list?status=all")
        name, _, rest = told["set-cookie"].partition("=")
        value, *attributes = rest.split("; ")
        assert load_secrets(folder).list_id in name
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(attributes)
        assert "Secure" not in attributes, "it could not be sent"
        assert len(value) >= 40
        assert value != token
        kept = folder / access.FILE
        assert value not in kept.read_text()
        assert token not in kept.read_text()
        assert kept.stat().st_mode & 0o077 == 0
        assert ask(str(address), "GET", "/list", {"Cookie": f"{name}={value}"})[0] == 200
        again = ask(str(address), "GET", f"/list?token={token}&q=x", {"Cookie": f"{name}={value}"})
        assert (again[0], again[1]["location"]) == (303, "/list?q=x"), "it does not stay in the address"
        stale = ask(str(address), "GET", "/list?token=old&q=x", {"Cookie": f"{name}={value}"})
        assert (stale[0], stale[1]["location"]) == (303, "/list?q=x")


def test_a_session_outlives_a_restart_and_ends_when_it_is_revoked(list_: Workspace) -> None:
    old = token_of(list_)
    with served(list_) as address:
        cookie = enter(list_, address)
    with served(list_) as address:
        inside = {"Cookie": cookie}
        assert ask(str(address), "GET", "/help", inside)[0] == 200
        name = load_secrets(list_.warehouse_file.parent).name
        assert Access(list_.warehouse_file.parent).revoke() >= 1  # another process, while the page runs
        assert ask(str(address), "GET", "/help", inside)[0] == 401
        assert ask(str(address), "GET", f"/?token={old}")[0] == 401
        assert ask(str(address), "GET", "/help", {"Cookie": enter(list_, address)})[0] == 200
        assert load_secrets(list_.warehouse_file.parent).name == name, "what browsers keep is kept by address"


def test_a_session_ends_thirty_days_after_its_last_use(tmp_path: Path) -> None:
    now = [1_000_000.0]
    page = Access(tmp_path, lambda: now[0])
    cookie = page.open_session(7)
    for _ in range(3):
        now[0] += access.MAX_IDLE - 60
        found = page.find_session(cookie, 7)
        assert found is not None
        assert page.record_use(found)
    found = page.find_session(cookie, 7)
    assert found is not None
    assert not page.record_use(found), "once a day is enough"
    now[0] += access.MAX_IDLE + access.USE_PRECISION
    assert page.find_session(cookie, 7) is None
    page.open_session(None)
    assert len(json.loads((tmp_path / access.FILE).read_text())) == 1, "what has ended is not kept"


def test_a_ticket_lets_in_once_and_not_for_long(tmp_path: Path) -> None:
    now = [0.0]
    page = Access(tmp_path, lambda: now[0])
    first, second = page.create_ticket(), page.create_ticket()
    assert [page.accept_token(first), page.accept_token(first)] == [True, False]
    now[0] += access.TICKET_LIFETIME + 1
    assert not page.accept_token(second)
    third = page.create_ticket()
    Access(tmp_path).revoke()  # another process
    assert not page.accept_token(third)
    assert page.accept_token(page.create_ticket())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the account of a client")
def test_a_client_that_has_closed_its_socket_is_no_account(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = listener.getsockname()
        client = socket.create_connection(server)
        taken, at = listener.accept()
        with taken:
            assert account_of(at, server) == os.getuid()
            client.close()
            assert account_of(at, server) == GONE, "the kernel says 0, which is root"
    page = Access(tmp_path)
    for cookie in (page.open_session(os.getuid()), page.open_session(0), page.open_session(None)):
        assert page.find_session(cookie, GONE) is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the account of a client")
def test_a_client_that_has_closed_its_socket_opens_no_session(list_: Workspace) -> None:
    with served(list_) as address:
        folder = list_.warehouse_file.parent
        before = (folder / access.FILE).read_bytes()
        with socket.create_connection(("127.0.0.1", urlsplit(address).port or 0)) as client:
            asked = f"GET /?token={token_of(list_)} HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\n\r\n"
            client.sendall(asked[:-2].encode())
            client.sendall(asked[-2:].encode())
            client.shutdown(socket.SHUT_WR)
            assert client.recv(12) == b"HTTP/1.1 401"
        assert (folder / access.FILE).read_bytes() == before


@pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0 or not shutil.which("setpriv"),
    reason="NOT RUN: needs root and setpriv on Linux, to act as another account",
)
def test_another_account_of_the_machine_cannot_use_a_session_that_it_came_by(list_: Workspace) -> None:
    with served(list_) as address:
        cookie = enter(list_, address)
        assert ask(str(address), "GET", "/help", {"Cookie": cookie})[0] == 200
        script = (
            "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]))\n"
            "c.request('GET', '/help', headers={'Cookie': sys.argv[2]}); print(c.getresponse().status)"
        )
        drop = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "/usr/bin/env", "-i")
        python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
        command = [*drop, python, "-c", script, str(urlsplit(address).port), cookie]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "401"


@pytest.mark.parametrize("host", ["evil.example", "other.localhost", "x.127.0.0.1.nip.io", "curator-.localhost"])
def test_a_strangers_name_is_refused_also_with_a_session(address: Address, host: str) -> None:
    assert ask(address, "GET", "/help", {"Host": host})[0] == 421
    assert ask(address, "GET", f"/?token={token_of(address.workspace)}", {"Host": host})[0] == 421


def test_a_host_that_is_open_to_the_network_answers_under_its_addresses(list_: Workspace) -> None:
    with served(list_, "0.0.0.0") as address:
        assert ask(address, "GET", "/help", {"Host": "192.168.1.5:8765"})[0] == 200
        assert ask(address, "GET", "/help", {"Host": "evil.example"})[0] == 421


def test_secrets_are_kept_over_a_restart_readable_by_their_owner_alone(tmp_path: Path) -> None:
    first = load_secrets(tmp_path)
    assert load_secrets(tmp_path) == first
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    (tmp_path / FILE).write_text(json.dumps({"forms": first.forms, "entry": first.entry}))
    older = load_secrets(tmp_path)
    assert (older.forms, older.entry) == (first.forms, first.entry), "those of an earlier version stay"
    assert older.name
    (tmp_path / FILE).write_text("{half")
    assert load_secrets(tmp_path).entry != first.entry


# ---- in a browser


@contextmanager
def another_server() -> Iterator[tuple[int, list[str]]]:
    """A server on another loopback port, and the cookies that browsers send it."""
    got: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            got.extend(self.headers.get_all("Cookie") or [])
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<!doctype html>anything")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port, got
        finally:
            server.shutdown()


@pytest.fixture
def two_lists(list_: Workspace, filled: Path, tmp_path: Path) -> Iterator[tuple[Address, Address]]:
    with served(list_) as one, served(copy_workspace(filled, tmp_path / "demo")) as other:
        yield one, other


def entrance(address: Address) -> str:
    """The address that `curator review --address` prints."""
    return locate_page(address.workspace, "127.0.0.1", urlsplit(address).port or 0).address


@pytest.mark.parametrize("plainly", [False, True])
def test_two_lists_are_open_side_by_side_and_a_server_on_another_port_obtains_nothing(
    two_lists: tuple[Address, Address], contexts: Callable[..., BrowserContext], plainly: bool
) -> None:
    context = contexts()
    context.clear_cookies()
    pages = []
    for address in two_lists:
        page = context.new_page()
        at = entrance(address)
        page.goto(f"{address}/?{urlsplit(at).query}" if plainly else at)
        assert page.url == f"{at.partition('?')[0]}"
        expect(page.get_by_role("link", name="Review", exact=True)).to_be_visible()
        pages.append(page)
    for page, address in zip(pages, two_lists, strict=True):
        page.get_by_role("link", name="Review", exact=True).click()
        expect(page.locator(".card")).to_be_focused()
        page.keyboard.press("d")
        settle(page)
        assert list(statuses(Warehouse(address.workspace.warehouse_file)).values()).count("deferred") == 1
    with another_server() as (port, got):
        stranger = context.new_page()
        for host in ("127.0.0.1", "localhost", "other.localhost"):
            stranger.goto(f"http://{host}:{port}/")
    for cookie in got:
        for address in two_lists:
            assert ask(str(address), "GET", "/pulse", {"Cookie": cookie})[0] == 401
    assert [cookie for cookie in got if "session" in cookie] == []


def test_two_lists_under_one_name_do_not_log_each_other_out(
    two_lists: tuple[Address, Address], contexts: Callable[..., BrowserContext]
) -> None:
    """As in browsers that do not find names below `localhost`, and in an SSH tunnel."""
    context = contexts(user_agent="Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15")
    context.clear_cookies()
    for address, name in zip(two_lists, ("Ada", "Bo"), strict=True):
        page = context.new_page()
        page.goto(f"{address}/?token={token_of(address.workspace)}")
        page.locator(".who summary").click()
        page.get_by_label("Your name").fill(name)
        page.get_by_role("button", name="Use this name").click()
        expect(page.locator("#note")).to_contain_text(f"signed {name}")
    for address, name in zip(two_lists, ("Ada", "Bo"), strict=True):
        page.goto(f"{address}/help")
        expect(page.locator(".who bdi")).to_have_text(name)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_link_on_another_site_lets_in_too(
    address: Address, contexts: Callable[..., BrowserContext], tmp_path: Path, scripts: bool
) -> None:
    """A browser keeps SameSite=Strict cookies back from what another site started, redirects included."""
    context = contexts(java_script_enabled=scripts)
    context.clear_cookies()
    (tmp_path / "mail.html").write_text(f'<a href="{entrance(address)}">the page</a>')
    page = context.new_page()
    page.goto((tmp_path / "mail.html").as_uri())
    page.get_by_role("link").click()
    expect(page.get_by_role("link", name="Review", exact=True)).to_be_visible()
    assert "token" not in page.url
    (tmp_path / "mail.html").write_text(f'<a href="{page.url}list?status=all">the list</a>')
    page.goto((tmp_path / "mail.html").as_uri())
    page.get_by_role("link").click()
    page.get_by_role("link", name="open the page").click()
    expect(page.get_by_role("heading", name="Candidates")).to_be_visible()
    assert page.url.endswith("/list?status=all")


def test_decisions_of_an_ended_session_are_kept_and_sent_after_entry(
    list_: Workspace, warehouse: Warehouse, address: Address, contexts: Callable[..., BrowserContext]
) -> None:
    context = contexts()
    page = context.new_page()
    page.goto(f"{address}/review")
    first = shown(page)
    Access(list_.warehouse_file.parent).revoke()
    page.keyboard.press("d")
    expect(page.locator("#note")).to_contain_text("curator review --address")
    second = shown(page)
    page.keyboard.press("d")
    assert statuses(warehouse)[first] == statuses(warehouse)[second] == "pending"
    name, value = session_cookie(list_)
    context.add_cookies([{"name": name, "value": value, "url": address}])  # as another tab that was let in
    settle(page)
    assert statuses(warehouse)[first] == statuses(warehouse)[second] == "deferred"

    Access(list_.warehouse_file.parent).revoke()
    third = shown(page)
    page.keyboard.press("d")
    expect(page.locator("#note")).to_contain_text("curator review --address")
    page.close()
    page = context.new_page()
    name, value = session_cookie(list_)
    context.add_cookies([{"name": name, "value": value, "url": address}])
    page.goto(address)  # the front page sends what waits in the browser
    expect(page.locator("#note")).to_contain_text("Deferred")
    assert statuses(warehouse)[third] == "deferred"


WORKER = """
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(clients.claim()));
self.addEventListener("fetch", event => event.respondWith(
  new Response("<title>squatted</title>", {headers: {"Content-Type": "text/html"}})));
"""
REGISTERS = """<title>-</title><script>
navigator.serviceWorker.register("/worker.js").then(() => navigator.serviceWorker.ready)
  .then(() => document.title = "squatted");
</script>"""


@contextmanager
def squatting() -> Iterator[int]:
    """The port of a server of another account, whose page registers a service worker that answers for ours."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_worker = self.path == "/worker.js"
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if is_worker else "text/html")
            self.end_headers()
            self.wfile.write((WORKER if is_worker else REGISTERS).encode())

        def log_message(self, *told: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_service_worker_of_another_accounts_page_is_removed(
    list_: Workspace, contexts: Callable[..., BrowserContext]
) -> None:
    page = contexts().new_page()
    name = load_secrets(list_.warehouse_file.parent).host
    with squatting() as port:
        page.goto(f"http://{name}:{port}/")
        expect(page).to_have_title("squatted")
    entrance = locate_page(list_, "127.0.0.1", port).address
    with Process(list_, port):
        page.goto(entrance)
        expect(page).to_have_title("squatted")  # it outlives its server
        # Chromium asks for the script about a second after a page has opened
        wait_until(lambda: page.evaluate("navigator.serviceWorker.getRegistrations().then(found => found.length)") == 0)
        page.goto(entrance)
        expect(page.get_by_role("link", name="Review", exact=True)).to_be_visible()


def test_a_request_for_a_service_worker_is_refused_before_anything_else_is_looked_at(address: Address) -> None:
    for headers in ({}, {"Cookie": ""}, {"Content-Length": "9999999999"}):
        status, told, _ = ask(address, "GET", f"{STATIC_PATH}/main.js", {"Service-Worker": "script", **headers})
        assert (status, told["clear-site-data"]) == (404, '"storage"')
    elsewhere = {"Service-Worker": "script", "Host": "evil.example"}
    assert ask(address, "GET", f"{STATIC_PATH}/main.js", elsewhere)[0] == 421
    assert "clear-site-data" not in ask(address, "GET", f"{STATIC_PATH}/main.js")[1]
