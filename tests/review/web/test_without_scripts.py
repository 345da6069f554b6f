"""Without JavaScript the page is plain forms and links, and does the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from curator.review.decisions import find_candidate
from curator.warehouse import Warehouse
from tests.review.web.conftest import shown, statuses, waiting


@pytest.fixture
def plain(contexts: Callable[..., BrowserContext]) -> Page:
    return contexts(java_script_enabled=False).new_page()


def test_a_whole_review(plain: Page, address: str, warehouse: Warehouse) -> None:
    first, second, third, fourth = waiting(warehouse)[:4]
    plain.goto(f"{address}/review")
    plain.locator("textarea").fill("Said better.")
    plain.get_by_role("button", name="Accept").click()
    expect(plain.locator("#note")).to_contain_text("Accepted as F1")
    assert shown(plain) == second
    plain.locator(".actions .reject summary").click()
    plain.get_by_role("button", name="not supported").click()
    assert shown(plain) == third
    plain.get_by_role("button", name="Defer").click()
    assert shown(plain) == fourth
    plain.locator(".actions .merge summary").click()
    plain.get_by_label("Merge into").fill("F1")
    plain.get_by_label("Merge into").press("Enter")
    expect(plain.locator("#note")).to_contain_text("Merged")
    found = {one: find_candidate(warehouse, one) for one in (first, second, third, fourth)}
    assert [item.status for item in found.values()] == ["accepted", "rejected", "deferred", "merged"]
    assert found[first].text == "Said better."
    assert found[second].reason == "not supported"
    assert found[fourth].merged_into == first
    for one in (fourth, third, second, first):
        plain.get_by_role("button", name="Undo").click()
        assert shown(plain) == one
    assert set(statuses(warehouse).values()) == {"pending"}


def test_enter_in_a_reason_rejects_for_that_reason(plain: Page, address: str, warehouse: Warehouse) -> None:
    plain.goto(f"{address}/review")
    now = shown(plain)
    plain.locator(".actions .reject summary").click()
    plain.get_by_label("another reason").fill("it is from 1999")
    plain.get_by_label("another reason").press("Enter")
    assert find_candidate(warehouse, now).reason == "it is from 1999"


def test_an_edit_is_kept_for_later(plain: Page, address: str, warehouse: Warehouse) -> None:
    now = waiting(warehouse)[0]
    plain.goto(f"{address}/candidate/{now}")
    plain.locator("textarea").fill("Half a thought")
    plain.get_by_role("button", name="Save this edit").click()
    plain.goto(f"{address}/candidate/{now}")
    expect(plain.locator("textarea")).to_have_value("Half a thought")
    plain.get_by_role("button", name="Back to the draft").click()
    expect(plain.locator("textarea")).to_have_value(find_candidate(warehouse, now).draft_text)


def test_next_and_previous(plain: Page, address: str, warehouse: Warehouse) -> None:
    order = waiting(warehouse)
    plain.goto(f"{address}/review")
    plain.get_by_role("link", name="Next").click()
    plain.get_by_role("link", name="Next").click()
    assert shown(plain) == order[2]
    plain.get_by_role("link", name="Previous").click()
    assert shown(plain) == order[1]


def test_many_at_once(plain: Page, address: str, warehouse: Warehouse) -> None:
    order = waiting(warehouse)
    plain.goto(f"{address}/list")
    plain.locator("tbody input[type=checkbox]").nth(0).check()
    plain.locator("tbody input[type=checkbox]").nth(1).check()
    plain.get_by_role("button", name="Accept").click()
    assert [statuses(warehouse)[one] for one in order[:3]] == ["accepted", "accepted", "pending"]
    plain.get_by_role("button", name="Undo").click()
    expect(plain.locator("h1")).to_have_text("Undo this?")
    expect(plain.locator("main")).to_contain_text("This would undo 2 decisions that you made together")
    assert plain.locator(".taken li").all_inner_texts() == [
        f"accept F{number} {find_candidate(warehouse, one).text[:200]}" for number, one in enumerate(order[:2], 1)
    ]
    plain.get_by_role("link", name="Keep it").click()
    assert len(waiting(warehouse)) == len(order) - 2
    plain.get_by_role("button", name="Undo").click()
    plain.get_by_role("button", name="Undo all of it").click()
    expect(plain.locator("#note")).to_contain_text("Undid: accept of 2 candidates")
    assert plain.url.endswith("/list")
    assert waiting(warehouse) == order
    plain.get_by_role("button", name="Redo").click()
    expect(plain.locator("#note")).to_contain_text("Redid: accept of 2 candidates")
    assert len(waiting(warehouse)) == len(order) - 2
    plain.get_by_role("button", name="Redo").click()
    expect(plain.locator("#note.bad")).to_contain_text("nothing to redo")
