"""Every page, light and dark, as axe sees it: labels, roles, focus order, contrast (WCAG 2 A and AA)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from curator.review.decisions import Reviewer, find_candidate
from curator.types import Difference, Support
from curator.warehouse import Warehouse, model_calls, statistics
from tests.review.web.conftest import waiting
from tests.warehouse.things import ABSENT, bring_back, candidate, paper, quote, stock

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
NAME = """(() => {
    const now = document.activeElement;
    return (now.tagName === "BUTTON" || !now.name ? now.innerText : now.name).trim().split(/[^A-Za-z_]/)[0];
})()"""


@pytest.fixture
def pages(warehouse: Warehouse) -> list[str]:
    """Addresses of all pages, in all their states."""
    first, second, third, *_ = waiting(warehouse)
    of = paper(5, comment="Withdrawn by the authors")
    near = quote(grade="near", differences=(Difference("largr", "larger"),))
    support = Support("overreaches", "It says always.", "lexical 1", ("certainty",))
    stock(
        warehouse,
        candidate("aaaa00000001", of, quotes=(near, ABSENT), support=(support,), question="Why?"),
        candidate("aaaa00000002", of, quotes=(ABSENT,)),
        papers=[of, paper(5, version=2)],
    )
    Reviewer(warehouse, "Ada").accept(first, "In other words.")
    Reviewer(warehouse, "Bo").reject(first, "not about the topic")
    Reviewer(warehouse, "Ada").accept(first, "In other words.")
    Reviewer(warehouse, "Ada").merge(second, third)
    bring_back(warehouse, find_candidate(warehouse, first))
    run = warehouse.read(statistics.load_runs)[-1]["id"]
    told = [{"role": "user", "content": "Draft."}]
    call = model_calls.ModelCall("r", "draft", "draft", "sha", "a-model", told, "ok", reply="{}")
    made = warehouse.write(model_calls.add_call, run, call, of)
    return [
        f"/call/{made}",
        "/", "/review", f"/candidate/{first}", f"/candidate/{second}", "/candidate/aaaa00000001",
        "/candidate/aaaa00000002", "/list", "/list?status=all", "/list?q=nothing+fits+this", f"/run/{run}",
        "/paper/2610.90001", "/paper/2401.90005v1", "/help", "/nothing",
    ]  # fmt: skip


def problems(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES)
    return [
        f"{page.url} {one['id']}: {one['help']}: {node['html'][:150]} {node['failureSummary'][:300]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier(
    contexts: Callable[..., BrowserContext], address: str, pages: list[str], scheme: str
) -> None:
    """Take more than 10 s: axe looks at every page of the review page, in the colours of one scheme."""
    page = contexts(color_scheme=scheme, bypass_csp=True).new_page()
    found = []
    for path in pages:
        page.goto(address + path)
        found += problems(page)
    assert found == []


def test_open_menus_and_help_have_none(contexts: Callable[..., BrowserContext], address: str) -> None:
    page = contexts(bypass_csp=True).new_page()
    page.goto(f"{address}/review")
    found = []
    for key in ("r", "m", "?"):
        page.keyboard.press(key)
        page.wait_for_timeout(300)
        found += problems(page)
        page.keyboard.press("Escape")
    page.locator(".topics summary").click()
    found += problems(page)
    page.locator(".who summary").click()
    assert found + problems(page) == []


def test_everything_is_reached_by_tab_in_the_order_in_which_it_is_read(page: Page, address: str) -> None:
    page.goto(f"{address}/review")
    page.locator("textarea").focus()
    reached = []
    for _ in range(12):
        reached.append(page.evaluate(NAME))
        page.keyboard.press("Tab")
    for before, after in (("text", "kind"), ("kind", "Accept"), ("Accept", "Reject"), ("Reject", "Defer"),
                          ("Defer", "Merge")):  # fmt: skip
        assert reached.index(before) < reached.index(after), reached
