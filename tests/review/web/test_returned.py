"""A frame on the list whose paper has changed comes first, with what is cited beside what stands there now."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from curator.review.decisions import Reviewer, find_candidate
from curator.warehouse import Warehouse, frames
from curator.warehouse.candidates import QueuedCandidate
from tests.review.web.conftest import settle, shown, waiting
from tests.warehouse.things import bring_back


@pytest.fixture
def frame(warehouse: Warehouse) -> QueuedCandidate:
    """F1, accepted by Ada."""
    last = waiting(warehouse)[-1]
    Reviewer(warehouse, "Ada").accept(last)
    return find_candidate(warehouse, last)


def test_it_is_shown_first_with_both_passages_and_accepting_it_keeps_it(
    page: Page, address: str, warehouse: Warehouse, frame: QueuedCandidate
) -> None:
    bring_back(warehouse, frame)
    page.goto(f"{address}/review")
    assert shown(page) == frame.id
    card = page.locator(".card")
    expect(card).to_contain_text("no longer stand in it")
    cited, now_there = card.locator(".passages blockquote").all()[:2]
    expect(cited).to_contain_text(frame.quotes[0].text)
    expect(now_there.locator("ins")).to_have_text("hardly")
    expect(card).to_contain_text("stays on the list until you decide")
    page.keyboard.press("a")
    expect(card).not_to_have_attribute("data-id", frame.id)
    settle(page)
    assert frame.id not in waiting(warehouse)
    assert [one.id for one in warehouse.read(frames.load_frames)] == ["F1"]


def test_one_that_was_withdrawn_says_why_and_is_taken_off_with_a_reason(
    page: Page, address: str, warehouse: Warehouse, frame: QueuedCandidate
) -> None:
    bring_back(warehouse, frame, "withdrawn", "Withdrawn: <b>Lemma 3</b> is wrong")
    page.goto(address)
    page.get_by_role("link", name="Review").first.click()
    assert shown(page) == frame.id
    page.wait_for_load_state()  # until then nobody listens to keys
    expect(page.locator(".notice")).to_contain_text("<b>Lemma 3</b> is wrong")
    page.keyboard.press("r")
    page.keyboard.press("1")
    expect(page.locator(".card")).not_to_have_attribute("data-id", frame.id)
    settle(page)
    assert warehouse.read(frames.load_frames) == []
    (gone,) = warehouse.read(frames.load_retired)
    assert gone.frame == "F1"


def test_an_open_page_learns_of_it(page: Page, address: str, warehouse: Warehouse, frame: QueuedCandidate) -> None:
    page.goto(f"{address}/review")
    before = len(waiting(warehouse))
    expect(page.locator("[data-is=waiting]")).to_have_text(str(before))
    bring_back(warehouse, frame)
    expect(page.locator("[data-is=waiting]")).to_have_text(str(before + 1))


def test_a_card_that_was_open_before_is_not_decided_unseen(
    contexts: Callable[..., BrowserContext], address: str, warehouse: Warehouse, frame: QueuedCandidate
) -> None:
    page = contexts().new_page()  # its console tells of the refusal, as it should
    page.goto(f"{address}/candidate/{frame.id}")
    bring_back(warehouse, frame)
    page.keyboard.press("a")
    expect(page.locator("body")).to_contain_text("later version of the paper has arrived")
    assert waiting(warehouse)[0] == frame.id
