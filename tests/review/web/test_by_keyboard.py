"""A whole review with nothing but keys; nothing typed is lost, and every decision can be taken back."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, Response, expect

from curator.review.decisions import DecisionRequest, Reviewer, find_candidate
from curator.types import Paper, Quote
from curator.warehouse import Warehouse, candidates, decisions, documents, papers
from curator.workspace import Workspace
from tests.helpers.browser import LAPTOP
from tests.helpers.review_page import Process, served
from tests.review.web.conftest import press_at_once, settle, shown, statuses, waiting
from tests.warehouse.things import candidate, stock


def test_a_key_decides_and_the_next_is_there(page: Page, address: str, warehouse: Warehouse) -> None:
    order = waiting(warehouse)
    page.goto(f"{address}/review")
    for key, then in (("a", "accepted"), ("d", "deferred")):
        now = shown(page)
        page.keyboard.press(key)
        expect(page.locator(".card")).not_to_have_attribute("data-id", now)
        settle(page)
        assert statuses(warehouse)[now] == then
    assert shown(page) == order[2]
    page.keyboard.press("r")
    page.keyboard.press("3")
    settle(page)
    item = find_candidate(warehouse, order[2])
    assert (item.status, item.reason, item.reviewer) == ("rejected", "already known", "Ada")
    expect(page.locator("#progress")).to_contain_text(f"{len(order) - 3} waiting · 3 today")


def test_a_reason_of_ones_own(page: Page, address: str, warehouse: Warehouse) -> None:
    page.goto(f"{address}/review")
    now = shown(page)
    page.keyboard.press("r")
    page.keyboard.press("6")
    page.keyboard.type("replicates 2201.02177 & adds <nothing>")
    page.keyboard.press("Enter")
    settle(page)
    assert find_candidate(warehouse, now).reason == "replicates 2201.02177 & adds <nothing>"


def test_an_edit_kind_and_topic_are_accepted_with_the_draft_kept(
    page: Page, address: str, warehouse: Warehouse
) -> None:
    page.goto(f"{address}/review")
    now = shown(page)
    before = find_candidate(warehouse, now)
    page.keyboard.press("e")
    page.keyboard.press("Control+a")
    page.keyboard.type("In my own words, a.")  # an "a" that is typed decides nothing
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="representational").focus()
    page.keyboard.press("Space")
    page.locator(".topics summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("checkbox", name="grokking").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    settle(page)
    item = find_candidate(warehouse, now)
    assert (item.status, item.text, item.draft_text) == ("accepted", "In my own words, a.", before.text)
    assert (item.kind, item.draft_kind) == ("representational", before.kind)
    assert set(item.topics) == {*before.topics, "grokking"}
    assert item.draft_topics == before.topics


def test_merging_by_words_of_the_other(page: Page, address: str, warehouse: Warehouse) -> None:
    first, second = waiting(warehouse)[:2]
    Reviewer(warehouse, "Bo").accept(second, "Something quite unmistakable about heads.")
    page.goto(f"{address}/candidate/{first}")
    page.keyboard.press("m")
    page.keyboard.type("unmistakable")
    expect(page.locator(".targets button").first).to_contain_text("quite unmistakable")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    settle(page)
    item = find_candidate(warehouse, first)
    assert (item.status, item.merged_into) == ("merged", second)


def test_undo_goes_back_step_by_step_to_what_was_shown(page: Page, address: str, warehouse: Warehouse) -> None:
    order = waiting(warehouse)
    page.goto(f"{address}/review")
    for keys, one in zip(("a", "d", "r1"), order, strict=False):
        expect(page.locator(".card")).to_have_attribute("data-id", one)
        for key in keys:
            page.keyboard.press(key)
    for one in reversed(order[:3]):
        page.keyboard.press("u")
        expect(page.locator(".card")).to_have_attribute("data-id", one)
    settle(page)
    assert set(statuses(warehouse).values()) == {"pending"}


def test_redo_brings_back_what_was_undone(page: Page, address: str, warehouse: Warehouse) -> None:
    first, second, third = waiting(warehouse)[:3]
    page.goto(f"{address}/review")
    for key, then in (("a", second), ("d", third), ("u", second), ("u", first)):
        page.keyboard.press(key)
        expect(page.locator(".card")).to_have_attribute("data-id", then)
    settle(page)
    page.reload()
    page.keyboard.press("U")
    expect(page.locator("#note")).to_contain_text("Redid: accept")
    expect(page.locator(".card")).to_have_attribute("data-id", second)
    page.keyboard.press("U")
    expect(page.locator(".card")).to_have_attribute("data-id", third)
    assert [statuses(warehouse)[one] for one in (first, second)] == ["accepted", "deferred"]
    page.keyboard.press("u")
    expect(page.locator(".card")).to_have_attribute("data-id", second)
    settle(page)
    assert statuses(warehouse)[second] == "pending"


def test_undoing_what_was_decided_together_is_shown_first_and_confirmed_by_enter(
    page: Page, address: str, warehouse: Warehouse
) -> None:
    order = waiting(warehouse)
    page.goto(f"{address}/review")
    page.keyboard.press("d")
    settle(page)
    Reviewer(warehouse, "Ada").decide_many(order[1:4], DecisionRequest("reject", reason="too vague"))
    dialog = page.locator("#confirm-undo")
    for key in ("Escape", "Enter"):
        page.keyboard.press("u")
        expect(dialog).to_be_visible()
        expect(dialog.locator("li")).to_have_count(3)
        expect(page.locator(".card")).not_to_have_attribute("data-id", order[0])
        page.keyboard.press(key)
        expect(dialog).to_be_hidden()
    expect(page.locator("#note")).to_contain_text("Undid: reject of 3 candidates")
    expect(page.locator(".card")).to_have_attribute("data-id", order[1])
    assert waiting(warehouse) == order[1:]
    page.keyboard.press("U")
    expect(page.locator("#note")).to_contain_text("Redid: reject of 3 candidates")
    assert waiting(warehouse) == order[4:]


def test_what_stands_already_is_not_decided_again_nor_undone(page: Page, address: str, warehouse: Warehouse) -> None:
    first, second = waiting(warehouse)[:2]
    Reviewer(warehouse, "Ada").accept(first, "In my words.")
    Reviewer(warehouse, "Ada").defer(second)
    page.goto(f"{address}/candidate/{first}")
    page.keyboard.press("a")
    expect(page.locator("#note")).to_contain_text("Already accepted as F1")
    press_at_once(page, "kau")
    settle(page)
    assert (find_candidate(warehouse, first).text, statuses(warehouse)[second]) == ("In my words.", "deferred")
    assert len(warehouse.read(decisions.load_decisions_on, first)) == 1


def test_next_and_previous_decide_nothing(page: Page, address: str, warehouse: Warehouse) -> None:
    order = waiting(warehouse)
    page.goto(f"{address}/review")
    for one in order[1:4]:
        page.keyboard.press("j")
        expect(page.locator(".card")).to_have_attribute("data-id", one)
    page.keyboard.press("k")
    expect(page.locator(".card")).to_have_attribute("data-id", order[2])
    page.reload()
    assert shown(page) == order[2]
    page.keyboard.press("k")
    expect(page.locator(".card")).to_have_attribute("data-id", order[1])
    assert waiting(warehouse) == order


def test_what_was_passed_over_comes_round_again(page: Page, address: str, warehouse: Warehouse) -> None:
    order = waiting(warehouse)
    Reviewer(warehouse, "Bo").decide_many(order[3:], DecisionRequest("defer"))
    page.goto(f"{address}/review")
    for one in (*order[:3], *order[:3], order[0]):
        expect(page.locator(".card")).to_have_attribute("data-id", one)
        page.keyboard.press("j")
    expect(page.locator(".card")).to_have_attribute("data-id", order[1])
    page.keyboard.press("a")
    expect(page.locator(".card")).to_have_attribute("data-id", re.compile(f"{order[0]}|{order[2]}"))
    page.keyboard.press("a")
    left = ({order[0], order[2]} - {one for one, status in accepted(page, warehouse).items() if status}).pop()
    for _ in range(2):
        expect(page.locator(".card")).to_have_attribute("data-id", left)
        page.keyboard.press("j")


def accepted(page: Page, warehouse: Warehouse) -> dict[str, bool]:
    settle(page)
    return {one: status == "accepted" for one, status in statuses(warehouse).items()}


def test_all_that_waits_can_be_decided_and_the_page_says_when_it_is_done(
    page: Page, address: str, warehouse: Warehouse
) -> None:
    order = waiting(warehouse)
    page.goto(f"{address}/review")
    for number in range(len(order)):
        expect(page.locator(".card")).to_be_visible()
        page.keyboard.press("a" if number % 2 else "d")
    expect(page.locator("#empty")).to_be_visible()
    settle(page)
    assert waiting(warehouse) == []
    assert sorted(statuses(warehouse)[one] for one in order) == sorted(
        "accepted" if number % 2 else "deferred" for number in range(len(order))
    )


def test_an_unfinished_edit_is_there_after_a_reload_and_in_another_browser(
    page: Page, address: str, contexts: Callable[..., BrowserContext], warehouse: Warehouse
) -> None:
    page.goto(f"{address}/review")
    now = shown(page)
    text = page.locator("textarea")
    page.keyboard.press("e")
    page.keyboard.type(" Half a thought")
    page.reload()
    expect(text).to_have_value(re.compile("Half a thought$"))
    page.keyboard.press("e")
    with page.expect_response(lambda answer: "and+more" in (answer.request.post_data or "")):
        page.keyboard.type(" and more")
    other = contexts().new_page()  # as after a crash: nothing of the first browser is left
    other.goto(f"{address}/candidate/{now}")
    expect(other.locator("textarea")).to_have_value(re.compile("Half a thought and more$"))
    other.get_by_role("button", name="Back to the draft").click()
    expect(other.locator("textarea")).to_have_value(find_candidate(warehouse, now).draft_text)


def test_what_was_typed_is_there_again_when_a_deferred_or_undone_candidate_comes_back(
    page: Page, address: str, warehouse: Warehouse
) -> None:
    first, second = waiting(warehouse)[:2]
    page.goto(f"{address}/candidate/{first}")
    page.keyboard.press("e")
    page.keyboard.type(" And more.")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.locator(".card")).to_have_attribute("data-id", second)
    settle(page)
    page.goto(f"{address}/candidate/{first}")
    expect(page.locator("textarea")).to_have_value(re.compile("And more\\.$"))
    page.keyboard.press("a")
    settle(page)
    assert find_candidate(warehouse, first).text.endswith("And more.")
    page.keyboard.press("u")
    settle(page)
    page.goto(f"{address}/candidate/{first}")
    expect(page.locator(".stands")).to_contain_text("Deferred")
    expect(page.locator("textarea")).to_have_value(re.compile("And more\\.$"))


def test_undoing_a_decision_that_was_refused_leaves_the_one_before_it_alone(
    contexts: Callable[..., BrowserContext], address: str, warehouse: Warehouse
) -> None:
    page = contexts().new_page()
    first, second = waiting(warehouse)[:2]
    page.goto(f"{address}/review")
    page.keyboard.press("d")
    settle(page)
    expect(page.locator(".card")).to_have_attribute("data-id", second)
    page.route("**/pulse*", lambda route: route.abort())
    Reviewer(warehouse, "Bo").reject(second, "too vague")
    press_at_once(page, "au")
    settle(page)
    expect(page.locator("#note")).to_contain_text("Bo has rejected this candidate")
    assert (statuses(warehouse)[first], statuses(warehouse)[second]) == ("deferred", "rejected")


def is_kept(answer: Response, words: str) -> bool:
    """Whether the server has kept an unfinished edit with these words."""
    return answer.url.endswith("/edit") and words in (answer.request.post_data or "")


def test_a_page_that_is_older_than_what_was_kept_shows_what_was_kept(
    page: Page, address: str, contexts: Callable[..., BrowserContext], warehouse: Warehouse
) -> None:
    page.goto(f"{address}/review")
    now = shown(page)
    old = page.request.get(f"{address}/candidate/{now}").text()
    page.keyboard.press("e")
    with page.expect_response(lambda answer: is_kept(answer, "Newer")):
        page.keyboard.type(" Newer.")
    page.route(f"**/candidate/{now}", lambda route: route.fulfill(body=old, content_type="text/html"))
    page.reload()
    expect(page.locator("textarea")).to_have_value(re.compile("Newer\\.$"))
    page.unroute_all()
    other = contexts().new_page()
    other.goto(f"{address}/candidate/{now}")
    other.keyboard.press("e")
    with other.expect_response(lambda answer: is_kept(answer, "Newest")):
        other.keyboard.type(" Newest.")
    page.reload()  # and what another browser kept since is not overwritten by what this one remembers
    expect(page.locator("textarea")).to_have_value(re.compile("Newer\\. Newest\\.$"))


def test_an_edit_outlives_a_server_that_is_gone(
    list_: Workspace, contexts: Callable[..., BrowserContext], warehouse: Warehouse
) -> None:
    with Process(list_) as first:
        page = contexts().new_page()
        page.goto(f"{first.address}/review")
        now = shown(page)
        first.kill()
        page.keyboard.press("e")
        page.keyboard.type(" Written while it was away.")
    with Process(list_, first.port):
        page.goto(f"{first.address}/candidate/{now}")
        expect(page.locator("textarea")).to_have_value(re.compile("Written while it was away\\.$"))


def test_after_a_restart_decisions_are_undone_from_the_page_that_stood_open(
    list_: Workspace, contexts: Callable[..., BrowserContext], warehouse: Warehouse
) -> None:
    with Process(list_) as first:
        page = contexts().new_page()
        page.goto(f"{first.address}/review")
        one = shown(page)
        page.keyboard.press("a")
        settle(page)
        expect(page.locator(".card")).not_to_have_attribute("data-id", one)
        first.kill()
        two = shown(page)
        page.keyboard.press("d")
        page.keyboard.press("j")
        expect(page.locator("#note")).to_contain_text("not reached the server yet")
        assert statuses(warehouse)[two] == "pending"
    with Process(list_, first.port):
        settle(page)
        assert (statuses(warehouse)[one], statuses(warehouse)[two]) == ("accepted", "deferred")
        assert len(warehouse.read(decisions.load_decisions_on, two)) == 1
        page.keyboard.press("u")
        settle(page)
        assert (statuses(warehouse)[one], statuses(warehouse)[two]) == ("accepted", "pending")
    with Process(list_, first.port):
        page.reload()
        page.keyboard.press("u")
        expect(page.locator(".card")).to_have_attribute("data-id", one)
        settle(page)
        assert set(statuses(warehouse).values()) == {"pending"}


def test_everything_that_a_decision_needs_is_in_view(page: Page, address: str) -> None:
    page.goto(f"{address}/review")
    expect(page.locator(".sheet:visible img")).to_have_js_property("complete", True)
    for what in ("textarea", ".chips", ".topics summary", ".actions .accept", ".quotes .quote", ".why", ".abstract",
                 ".mark.now"):  # fmt: skip
        box = page.locator(what).first.bounding_box()
        assert box is not None, what
        assert box["y"] >= 0, what
        assert box["y"] + min(box["height"], 60) <= LAPTOP["height"], what
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    assert page.evaluate("document.querySelector('.sheet:not([hidden]) img').naturalWidth") == 1200


def test_a_quotes_number_shows_its_page_and_z_zooms(page: Page, address: str, warehouse: Warehouse) -> None:
    item = two_pages(warehouse)
    page.goto(f"{address}/candidate/{item.id}")
    for number, quote in enumerate(item.quotes, 1):
        page.keyboard.press(str(number))
        expect(page.locator(".sheet:visible")).to_have_attribute("data-page", str(quote.page))
        expect(page.locator(f'.mark.now[data-quote="{number}"]').first).to_be_attached()
    wide = page.locator(".print:visible").bounding_box()
    page.keyboard.press("z")
    zoomed = page.locator(".print:visible").bounding_box()
    assert zoomed["width"] > 1.5 * wide["width"]  # type: ignore[index]


def two_pages(warehouse: Warehouse) -> candidates.QueuedCandidate:
    """A candidate of a sample paper whose quotes stand on two of its pages."""
    paper = next(i for i in warehouse.read(candidates.load_candidates))
    document = warehouse.read(documents.get_document, paper.paper_id, paper.version)
    assert document is not None
    first = next(s for s in document.sentences if s.form == "prose" and len(s.text) > 60)
    last = next(s for s in reversed(document.sentences) if s.form == "prose" and len(s.text) > 60)
    quotes = tuple(Quote(s.text, "exact", s.spans, s.section, s.form) for s in (first, last))
    stock(
        warehouse,
        candidate("aaaa00000001", known(warehouse, paper), quotes=quotes),
        papers=[known(warehouse, paper)],
    )
    return find_candidate(warehouse, "aaaa00000001")


def known(warehouse: Warehouse, item: candidates.QueuedCandidate) -> Paper:
    found = warehouse.read(papers.get_paper, item.paper_id, item.version)
    assert found is not None
    return found


def test_the_keys_of_the_settings_are_the_pages_keys(
    list_: Workspace, contexts: Callable[..., BrowserContext], warehouse: Warehouse
) -> None:
    settings = list_.root / "curator.toml"
    settings.write_text(settings.read_text().replace('accept = "a"', 'accept = "ArrowRight"'))
    with served(Workspace(list_.root)) as address:
        page = contexts().new_page()
        page.goto(f"{address}/review")
        now = shown(page)
        page.keyboard.press("a")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_contain_text("ArrowRight")
        page.keyboard.press("Escape")
        assert shown(page) == now
        page.keyboard.press("ArrowRight")
        settle(page)
        assert statuses(warehouse)[now] == "accepted"
