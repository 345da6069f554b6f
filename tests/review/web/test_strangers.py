"""Titles, abstracts, quotes and model text are strangers' input; so are requests from other sites."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from curator.review.web.static_files import STATIC_PATH
from curator.types import Difference, Support
from curator.warehouse import Warehouse
from curator.workspace import Workspace
from tests.helpers.review_page import Address, ask, served, session_cookie
from tests.review.web.conftest import statuses, waiting
from tests.warehouse.things import candidate, paper, quote, stock

SCRIPT = "<script>window.pwned=1</script><img src=x onerror=window.pwned=1>'\"--><svg onload=window.pwned=1>{{7*7}}"
OVERRIDE = "\u202egnp.exe\u2066"
PAGES = (
    "/candidate/aaaa00000001",
    "/list?status=all",
    "/list?q=" + "%3Cscript%3E",
    "/paper/2401.90001",
    "/",
    "/review",
)


@pytest.fixture
def hostile(list_: Workspace, warehouse: Warehouse) -> Iterator[Address]:
    of = paper(1, title=SCRIPT + OVERRIDE + "t" * 100_000, abstract=SCRIPT + "a" * 100_000, comment=SCRIPT,
               authors=(SCRIPT,), journal_ref=SCRIPT, doi=SCRIPT, categories=(SCRIPT,))  # fmt: skip
    quotes = (
        quote(SCRIPT + "q" * 100_000),
        quote(OVERRIDE, 2, grade="near", differences=(Difference(SCRIPT, OVERRIDE + "d" * 100_000),)),
    )
    one = candidate(
        "aaaa00000001", of, text=SCRIPT + OVERRIDE + "f" * 100_000, quotes=quotes, topics=(SCRIPT[:60],),
        scope=SCRIPT, question=SCRIPT, drafter=SCRIPT, support=(Support("overreaches", SCRIPT, SCRIPT, (SCRIPT,)),),
    )  # fmt: skip
    stock(warehouse, one, papers=[of])
    with served(list_) as address:
        yield address


@pytest.mark.parametrize("where", PAGES)
def test_nothing_of_theirs_becomes_markup_or_runs(hostile: str, page: Page, where: str) -> None:
    page.goto(hostile + where)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.pwned") is None
    main = page.locator("main")
    assert main.locator("script, [onerror], [onload], iframe, object").count() == 0
    assert "\u202e" not in page.content()
    assert "{{7*7}}" in page.content() or "candidate/aaaa" not in page.url


def test_a_text_of_a_hundred_thousand_letters_leaves_the_page_usable(hostile: str, page: Page) -> None:
    page.goto(f"{hostile}/candidate/aaaa00000001")
    accept = page.get_by_role("button", name="Accept")
    expect(accept).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.keyboard.press("a")
    expect(page.locator(".error")).to_contain_text("at most 1000")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.locator(".card")).not_to_have_attribute("data-id", "aaaa00000001")


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Visitor:
    """A browser's session without a browser."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.cookie = "=".join(session_cookie(address.workspace))
        _, _, text = ask(address, "GET", "/help", {"Cookie": self.cookie})
        found = re.search(r'data-form-token="(\w+)"', text)
        assert found
        self.token = found[1]

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> int:
        given = {"form_token": self.token} | fields
        return ask(self.address, "POST", path, FORM | {"Cookie": self.cookie} | (headers or {}), urlencode(given))[0]


class TestForgery:
    def test_a_form_of_our_own_decides(self, address: Address, warehouse: Warehouse) -> None:
        now = waiting(warehouse)[0]
        assert Visitor(address).post(f"/candidate/{now}/decide", action="defer") == 303
        assert statuses(warehouse)[now] == "deferred"

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "http://127.0.0.1:1"},
        ],
    )
    def test_another_site_decides_nothing(
        self, address: Address, warehouse: Warehouse, headers: dict[str, str]
    ) -> None:
        now = waiting(warehouse)[0]
        visitor = Visitor(address)
        for path in (f"/candidate/{now}/decide", "/list/decide", "/undo", "/who", f"/candidate/{now}/edit"):
            assert visitor.post(path, headers, action="defer", id=now) == 403
        assert statuses(warehouse)[now] == "pending"

    @pytest.mark.parametrize("token", ["", "0" * 64, "\u00e9"])
    def test_a_form_without_the_sessions_token_decides_nothing(
        self, address: Address, warehouse: Warehouse, token: str
    ) -> None:
        now = waiting(warehouse)[0]
        assert Visitor(address).post(f"/candidate/{now}/decide", action="defer", form_token=token) == 403
        other = Visitor(address).token
        assert Visitor(address).post(f"/candidate/{now}/decide", action="defer", form_token=other) == 403
        assert statuses(warehouse)[now] == "pending"

    def test_looking_changes_nothing(self, address: Address, warehouse: Warehouse) -> None:
        now = waiting(warehouse)[0]
        assert ask(address, "GET", f"/candidate/{now}/decide?action=defer")[0] == 405
        assert statuses(warehouse)[now] == "pending"

    @pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::1", "a b"])
    def test_a_name_that_was_made_to_point_here_is_refused(self, address: Address, host: str) -> None:
        assert ask(address, "GET", "/", {"Host": host})[0] in (400, 421)
        assert ask(address, "GET", f"{STATIC_PATH}/main.js", {"Host": host})[0] in (400, 421)


class TestHeaders:
    @pytest.mark.parametrize("path", ["/", "/review", "/list", f"{STATIC_PATH}/main.js", "/nothing", "/pulse"])
    def test_every_answer_forbids_what_is_not_ours(self, address: Address, path: str) -> None:
        _, headers, _ = ask(address, "GET", path)
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"

    def test_templates_have_no_script_or_style_in_them(self) -> None:
        from curator.review.web.rendering import HERE

        for file in (HERE / "templates").glob("*.html"):
            text = file.read_text(encoding="utf-8")
            inline = r"<script(?! type=\"module\" src=\"{{ static }}/)|<style|\bon\w+=|style=|javascript:"
            assert not re.search(inline, text), file.name
            assert "|safe" not in text, file.name

    def test_nothing_is_loaded_from_elsewhere(self) -> None:
        from curator.review.web.rendering import STATIC

        for file in STATIC.iterdir():
            text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
            assert "//" not in re.sub(r"(^|\s)//.*|/\*.*?\*/", "", text, flags=re.MULTILINE), file.name


class TestPaths:
    @pytest.mark.parametrize(
        "path",
        [
            "/picture/../../curator.toml/1.png",
            "/picture/..%2f..%2fcurator.toml/1.png",
            "/picture/2610.90001/1.png",
            "/picture/2610.90001v1/0.png",
            "/picture/2610.90001v1/999.png",
            "/picture/2610.90001v9/1.png",
            "/static/../app.py",
            "/static/..%2fapp.py",
            "/paper/../../x",
            "/paper/2610.99999",
            "/candidate/%3Cscript%3E",
            "/run/none",
            "/call/none",
            "/openapi.json",
            "/docs",
        ],
    )
    def test_what_is_not_there_is_not_found(self, address: Address, path: str) -> None:
        status, _, text = ask(address, "GET", path)
        assert status == 404
        assert "Traceback" not in text

    def test_a_page_of_a_paper_is_a_picture(self, address: Address) -> None:
        status, headers, _ = ask(address, "GET", "/picture/2610.90001v1/1.png?width=800")
        assert (status, headers["content-type"]) == (200, "image/png")

    @pytest.mark.parametrize(
        ("path", "fields"),
        [
            ("/candidate/nobody/decide", {"action": "defer"}),
            ("/candidate/nobody/edit", {"text": "x"}),
            ("/undo", {"request": "<script>"}),
        ],
    )
    def test_a_form_that_cannot_be_says_so(self, address: Address, path: str, fields: dict[str, str]) -> None:
        visitor = Visitor(address)
        asking = FORM | {"Cookie": visitor.cookie, "Accept": "application/json"}
        body = urlencode(fields | {"form_token": visitor.token})
        status, _, text = ask(address, "POST", path, asking, body)
        assert status == 422
        assert json.loads(text)["error"].endswith(".")

    def test_an_endless_request_is_refused(self, address: Address, warehouse: Warehouse) -> None:
        assert Visitor(address).post("/undo", text="x" * 3_000_000) == 413
