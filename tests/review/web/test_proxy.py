"""Behind nginx and Caddy, set up by the very lines of docs/how-to/proxy.md, and by lines that leave something out."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import BrowserContext, expect

from curator.review.web.secrets import load_secrets
from curator.review.web.static_files import STATIC_PATH
from curator.warehouse import Warehouse
from curator.workspace import Workspace
from tests.helpers.proxies import caddy, free_port, nginx
from tests.helpers.review_page import ask, served
from tests.review.web.conftest import settle, statuses, waiting

DOCS = Path(__file__).parents[3] / "docs" / "how-to" / "proxy.md"
HOST = "lists.example.org"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Proxy = Callable[[Path, int, str], AbstractContextManager[None]]
PROXIES: dict[str, Proxy] = {"nginx": nginx, "caddy": caddy}


def documented(language: str, upstream: str, port: int, host: str = HOST) -> str:
    """The documentation's lines, with only the ports and the host changed."""
    (lines,) = re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert "127.0.0.1:8765" in lines
    return str(lines).replace("127.0.0.1:8765", upstream).replace(f"{HOST} {{", f"http://{host}:{port} {{")


def public(list_: Workspace, url: str) -> Workspace:
    """The same list, with a public address in its settings."""
    file = list_.root / "curator.toml"
    text, found = re.subn(r'(?m)^# public_url = "\S+".*$', f'public_url = "{url}"', file.read_text(encoding="utf-8"))
    assert found == 1
    file.write_text(text, encoding="utf-8")
    return Workspace(list_.root)


@pytest.mark.parametrize("name", PROXIES)
def test_as_documented_the_page_works_under_its_public_address_and_asks_for_its_token(
    list_: Workspace, warehouse: Warehouse, tmp_path: Path, name: str
) -> None:
    workspace = public(list_, f"https://{HOST}/curator/")  # TLS ends at the proxy; here it is left out
    token = load_secrets(list_.warehouse_file.parent).entry
    port, first = free_port(), waiting(warehouse)[0]
    at = f"http://{HOST}:{port}"
    usual = {"Host": HOST}
    with served(workspace) as address, PROXIES[name](tmp_path, port, documented(name, address[7:], port)):
        for path in ("/curator/", f"/curator{STATIC_PATH}/main.js", f"/curator/candidate/{first}"):
            assert ask(at, "GET", path, usual)[0] == 401
        status, headers, _ = ask(at, "GET", f"/curator/list?status=all&token={token}", usual)
        assert (status, headers["location"]) == (303, "/curator/list?status=all")
        cookie, *attributes = headers["set-cookie"].split("; ")
        assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/curator/"} <= set(attributes)

        inside = usual | {"Cookie": cookie}
        assert ask(at, "GET", "/curator/review", inside)[1]["location"] == f"/curator/candidate/{first}"
        status, _, text = ask(at, "GET", f"/curator/candidate/{first}", inside)
        assert status == 200
        links = re.findall(r'(?:href|src|action|formaction)="(/[^"]*)"', text)
        assert len(links) > 10
        assert [link for link in links if not link.startswith("/curator/")] == []
        for path in ("/", "/list", "/list?q=a", "/paper/2610.90001", "/help", "/nothing"):
            _, _, text = ask(at, "GET", f"/curator{path}", inside)
            assert not re.search(r'(?:href|src|action|formaction)="/(?!curator/)', text), path
        assert ask(at, "GET", f"/curator{STATIC_PATH}/main.js", inside)[0] == 200
        assert ask(at, "GET", "/curator/picture/2610.90001v1/1.png?width=300", inside)[0] == 200

        form = re.search(r'data-form-token="(\w+)"', ask(at, "GET", "/curator/help", inside)[2])
        assert form
        body = urlencode({"form_token": form[1], "action": "defer"})
        sending = inside | FORM
        for origin in (f"http://{HOST}", f"https://{HOST}:{port}", "https://evil.example", address):
            assert ask(at, "POST", f"/curator/candidate/{first}/decide", sending | {"Origin": origin}, body)[0] == 403
        assert statuses(warehouse)[first] == "pending"
        status, headers, _ = ask(
            at, "POST", f"/curator/candidate/{first}/decide", sending | {"Origin": f"https://{HOST}"}, body
        )
        assert (status, headers["location"][:19]) == (303, "/curator/candidate/")
        assert statuses(warehouse)[first] == "deferred"
        assert ask(address, "GET", "/list")[0] == 200, "directly, the page works without the prefix"
    assert token not in "".join(file.read_text() for file in tmp_path.glob("*.log"))


@pytest.mark.parametrize(
    ("name", "lines", "setting", "said"),
    [
        ("nginx", "location / { proxy_pass http://UPSTREAM; }", "", "review.public_url"),
        ("nginx", "location / { proxy_pass http://UPSTREAM; proxy_http_version 1.1; }", "", "review.public_url"),
        ("nginx", "location / { proxy_pass http://UPSTREAM; }", f"http://{HOST}/", "Host header"),
        ("nginx", "DOCUMENTED", "", "review.public_url"),
        ("caddy", "DOCUMENTED", "", "review.public_url"),
        ("caddy", f"http://{HOST}:PORT {{\nreverse_proxy UPSTREAM {{\nheader_up Host {{upstream_hostport}}\n}}\n}}",
         f"http://{HOST}/", "Host header"),
        ("caddy", f"http://{HOST}:PORT {{\nhandle_path /curator/* {{\nreverse_proxy UPSTREAM\n}}\n}}",
         f"http://{HOST}/curator/", "forward paths unchanged"),
    ],
)  # fmt: skip
def test_a_proxy_that_is_not_set_up_gets_nobody_in_and_says_what_to_set(
    list_: Workspace, tmp_path: Path, name: str, lines: str, setting: str, said: str
) -> None:
    workspace = public(list_, setting) if setting else list_
    token = load_secrets(list_.warehouse_file.parent).entry
    port = free_port()
    with served(workspace) as address:
        upstream = address.removeprefix("http://")
        lines = documented(name, upstream, port) if lines == "DOCUMENTED" else lines
        lines = lines.replace("UPSTREAM", upstream).replace("PORT", str(port))
        with PROXIES[name](tmp_path, port, lines):
            at, asked = f"http://{HOST}:{port}", f"/curator/help?token={token if said != 'review.public_url' else ''}"
            status, headers, text = ask(at, "GET", asked, {"Host": HOST})
    assert status in (401, 403, 404)
    assert said in text
    assert "set-cookie" not in headers


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Via", "X-Real-IP"]
)
def test_what_a_proxy_claims_is_not_believed(list_: Workspace, header: str) -> None:
    with served(list_) as address:
        status, _, text = ask(address, "GET", "/list", {header: "127.0.0.1"})
    assert status == 403
    assert "review.public_url" in text


def test_keys_decide_through_nginx_under_a_prefix(
    list_: Workspace, warehouse: Warehouse, tmp_path: Path, contexts: Callable[..., BrowserContext]
) -> None:
    port = free_port()
    outer = f"http://lists.localhost:{port}/curator/"
    workspace = public(list_, outer)
    order = waiting(warehouse)
    complaints: list[str] = []
    with served(workspace) as address, nginx(tmp_path, port, documented("nginx", address[7:], port)):
        page = contexts().new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(f"{outer}?token={load_secrets(list_.warehouse_file.parent).entry}")
        assert page.url == outer
        page.get_by_role("link", name="Review", exact=True).click()
        expect(page.locator(".card")).to_have_attribute("data-id", order[0])
        page.wait_for_load_state()  # keys work once the scripts of the page have run
        page.keyboard.press("d")
        expect(page.locator(".card")).to_have_attribute("data-id", order[1])
        settle(page)
        assert page.url == f"{outer}candidate/{order[1]}"
        page.locator("textarea").fill("Half a thought")
        expect(page.locator(".sheet:not([hidden]) img")).to_have_js_property("complete", True)
        page.keyboard.press("Escape")
        page.keyboard.press("u")
        expect(page.locator(".card")).to_have_attribute("data-id", order[0])
        settle(page)
        page.keyboard.press("l")
        page.wait_for_url(f"{outer}list")
        names = {cookie.get("name"): cookie.get("path") for cookie in page.context.cookies(outer)}
    assert set(names.values()) == {"/curator/"}
    assert statuses(warehouse)[order[0]] == "pending"
    assert urlsplit(page.url).path == "/curator/list"
    assert complaints == []
