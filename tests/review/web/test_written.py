"""What people wrote is reviewed like any draft, and says whose word it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from curator.review.decisions import Reviewer
from curator.review.manual import ManualFrame, add_frames
from curator.sources import make_external_source, make_unnamed_source, parse_source
from curator.warehouse import Warehouse
from curator.warehouse.frames import load_frames
from tests.review.web.conftest import settle, shown, statuses, waiting

BLOG = make_external_source(parse_source("https://blog.example/a?x='\"><b>"), title="A <b>post</b>")


@pytest.fixture
def suggested(warehouse: Warehouse) -> tuple[str, str]:
    """Two suggestions: with a page of the web as their source, and with none."""
    frames = [
        ManualFrame("Models copy <i>words</i>.", "functional", BLOG, "Bo <Li>", "suggested", note="I saw it"),
        ManualFrame("Models wait.", "functional", make_unnamed_source("Suggested by a reader"), "Cy", "suggested"),
    ]
    taken = add_frames(Reviewer(warehouse, "Ada"), warehouse, frames, accept=False)
    return taken.new[0], taken.new[1]


def test_a_suggestion_says_whose_it_is_and_is_accepted_with_a_key(
    page: Page, address: str, warehouse: Warehouse, suggested: tuple[str, str]
) -> None:
    page.goto(f"{address}/candidate/{suggested[0]}")
    card = page.locator(".card")
    expect(card).to_contain_text("Suggested by Bo <Li>")
    expect(card).to_contain_text("no evidence beyond their word")
    expect(card).to_contain_text("I saw it")
    expect(page.get_by_role("link", name="The source")).to_have_attribute("href", BLOG.url or "")
    page.keyboard.press("a")
    expect(card).not_to_have_attribute("data-id", suggested[0])
    settle(page)
    assert statuses(warehouse)[suggested[0]] == "accepted"
    assert warehouse.read(load_frames)[0].author == "Bo <Li>"


def test_one_without_a_source_is_shown_too_and_waits_with_the_others(
    page: Page, address: str, warehouse: Warehouse, suggested: tuple[str, str]
) -> None:
    assert set(suggested) <= set(waiting(warehouse))
    page.goto(f"{address}/candidate/{suggested[1]}")
    assert shown(page) == suggested[1]
    expect(page.locator(".card")).to_contain_text("Suggested by Cy")
    assert page.locator("a.pdf").count() == 0
    page.locator(".card .paper a").click()
    expect(page.locator("main")).to_contain_text("No source yet")


def test_evidence_against_a_frame_is_merged_so(page: Page, address: str, warehouse: Warehouse) -> None:
    first, second = waiting(warehouse)[:2]
    Reviewer(warehouse, "Ada").accept(first)
    page.goto(f"{address}/candidate/{second}")
    page.keyboard.press("m")
    page.get_by_label("This is evidence against it").check()
    page.locator(".into").fill("F1")
    page.locator(".into").press("Enter")
    settle(page)
    (frame,) = warehouse.read(load_frames)
    assert [quote.contradicts for quote in frame.quotes].count(True) >= 1
    page.goto(f"{address}/candidate/{second}")
    expect(page.locator(".stands")).to_contain_text("Merged, against")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_such_cards_and_sources_have_no_barrier(
    contexts: Callable[..., BrowserContext], address: str, suggested: tuple[str, str], scheme: str
) -> None:
    page = contexts(color_scheme=scheme).new_page()
    found = []
    for path in (f"/candidate/{suggested[0]}", f"/candidate/{suggested[1]}", f"/paper/{BLOG.versioned_id}"):
        page.goto(f"{address}{path}")
        if "candidate" in path:
            page.locator(".menu.merge summary").click()
        told = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
        found += [f"{path} {one['id']}: {one['nodes'][0]['html'][:200]}" for one in told.response["violations"]]
    assert found == []
