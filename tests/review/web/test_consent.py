"""What the card publishes: ticks for open question and scope, and a verdict that follows the words being typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from curator.review.decisions import DecisionRequest, Reviewer, find_candidate
from curator.types import Support
from curator.warehouse import Warehouse, candidates, frames
from curator.warehouse.unsaved_edits import load_edits
from curator.workspace import Workspace, create_files
from tests.helpers.templates import new_warehouse
from tests.review.web.conftest import settle
from tests.warehouse.things import candidate, paper, quote, stock

FIRST, SECOND, OLD = "aaaa00000001", "bbbb00000002", "cccc00000003"
QUOTED = "Small models often copy the token that followed."
SAVE_AFTER = 1000  # milliseconds after which the page has sent an edit to the server
MODEL = Support("supported", "It follows.", "support.md 12345678 with m")


@pytest.fixture
def list_(tmp_path: Path) -> Workspace:
    """Two candidates wait; the third was accepted by an earlier version, which published its scope unasked."""
    list(create_files(tmp_path))
    workspace = Workspace(tmp_path)
    warehouse = new_warehouse(workspace.warehouse_file)
    told = candidate(FIRST, text=QUOTED, quotes=(quote(QUOTED),), question="Does it scale?", scope="Small models.",
                     support=(MODEL,))  # fmt: skip
    bare = candidate(SECOND, paper(2), question=None, scope="")
    stock(warehouse, told, bare, candidate(OLD, paper(3)), papers=[paper(), paper(2), paper(3)])
    Reviewer(warehouse, "Bo").accept(OLD)
    warehouse.write(lambda c: c.execute("update record.decisions set question_agreed = null, scope_agreed = null"))
    return workspace


@pytest.fixture
def plain(contexts: Callable[..., BrowserContext]) -> Page:
    return contexts(java_script_enabled=False).new_page()


def published(warehouse: Warehouse, one: str) -> tuple[str | None, str]:
    (frame,) = warehouse.read(frames.load_frames, [one])
    return frame.question, frame.scope


def ticks(page: Page) -> tuple[Locator, Locator]:
    return page.get_by_label("Publish the open question"), page.get_by_label("Publish the scope")


def colour(page: Page, selector: str) -> str:
    return str(page.locator(selector).first.evaluate("e => getComputedStyle(e).color"))


def test_a_key_accepts_without_either_and_keys_tick_and_untick(page: Page, address: str, warehouse: Warehouse) -> None:
    page.goto(f"{address}/candidate/{FIRST}")
    question, scope = ticks(page)
    expect(question).not_to_be_checked()
    expect(scope).not_to_be_checked()
    page.keyboard.press("a")
    settle(page)
    assert published(warehouse, FIRST) == (None, "")
    page.keyboard.press("u")
    expect(page.locator(".card")).to_have_attribute("data-id", FIRST)
    for key in "qsq":
        page.keyboard.press(key)
    expect(question).not_to_be_checked()
    expect(scope).to_be_checked()
    page.keyboard.press("q")
    page.locator(".term[data-part=question] summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("Does it scale, and how far?")
    with page.expect_response(lambda answer: "how+far" in (answer.request.post_data or "")):
        page.keyboard.press("Escape")
    page.reload()  # ticks and words are kept
    expect(question).to_be_checked()
    expect(page.locator(".term[data-part=question] .words")).to_have_text("Does it scale, and how far?")
    page.keyboard.press("a")
    settle(page)
    assert published(warehouse, FIRST) == ("Does it scale, and how far?", "Small models.")
    assert find_candidate(warehouse, FIRST).draft_question == "Does it scale?"


def test_a_tick_without_words_asks_for_them(page: Page, address: str, warehouse: Warehouse) -> None:
    page.goto(f"{address}/candidate/{SECOND}")
    page.keyboard.press("q")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("has no words; write it, or untick it")
    page.keyboard.type("Why?")
    page.keyboard.press("Control+Enter")
    settle(page)
    assert published(warehouse, SECOND) == ("Why?", "")


def test_the_verdict_follows_the_words_and_one_on_others_is_marked_and_not_green(
    page: Page, address: str, warehouse: Warehouse
) -> None:
    page.goto(f"{address}/candidate/{FIRST}")
    wording, of_model = page.locator(".wording"), page.locator(".support", has_text="support.md")
    expect(wording).to_be_hidden()
    expect(of_model.locator(".of")).to_be_hidden()
    green = colour(page, ".support .verdict")
    text = page.locator("textarea")
    text.fill("All models always copy.")
    expect(of_model.locator(".of")).to_have_text("of the draft")  # at once
    expect(of_model).to_have_text("Support of the draft: supported: It follows. [support.md]")
    assert colour(page, ".support .verdict") != green
    expect(wording).to_contain_text("Support of your wording: overreaches")
    text.fill("Small models copy 42 tokens.")
    expect(wording).to_contain_text("not supported")
    text.fill(f"  {QUOTED} ")
    expect(wording).to_be_hidden()
    assert colour(page, ".support .verdict") == green
    text.fill("Small models often copy the token.")
    expect(wording.locator(".verdict")).to_have_text("supported")
    assert colour(page, ".wording .verdict") == green
    page.keyboard.press("Control+Enter")
    settle(page)
    page.goto(f"{address}/candidate/{FIRST}")
    expect(page.locator(".support.final")).to_contain_text("Support of the accepted text: supported")
    expect(wording).to_be_hidden()  # it would be the same verdict once more
    assert colour(page, ".support.stale .verdict") != green


def test_a_wording_is_checked_by_the_server_for_its_own_pages_only(page: Page, address: str) -> None:
    page.goto(f"{address}/candidate/{FIRST}")
    at = f"{address}/candidate/{FIRST}/wording"
    token = page.locator("body").get_attribute("data-form-token") or ""
    asked = page.request
    assert asked.post(at, form={"text": "All models copy."}).status == 403
    told = asked.post(at, form={"text": "<b>All</b> models copy.", "form_token": token}).json()
    assert told["verdict"] == "overreaches"
    assert "<b>" not in told["html"]
    assert asked.post(at, form={"text": "x " * 50_000, "form_token": token}).json()["verdict"] is None
    assert asked.post(f"{address}/candidate/nobody/wording", form={"form_token": token}).status == 404


def test_without_scripts_ticks_words_and_check_are_forms(plain: Page, address: str, warehouse: Warehouse) -> None:
    plain.goto(f"{address}/candidate/{FIRST}")
    plain.locator("textarea").fill("All models always copy.")
    question, _ = ticks(plain)
    question.check()
    plain.get_by_role("button", name="Check this wording").click()
    expect(plain.locator(".wording")).to_contain_text("overreaches")
    expect(plain.locator(".support .of").first).to_be_visible()
    expect(question).to_be_checked()
    plain.locator(".term[data-part=question] summary").click()
    plain.get_by_label("The open question, as published").fill("Mine?")
    plain.get_by_label("The open question, as published").press("Enter")  # presses nothing
    plain.get_by_role("button", name="Accept").click()
    expect(plain.locator("#note")).to_contain_text("Accepted as F2")
    assert published(warehouse, FIRST) == ("Mine?", "")
    plain.goto(f"{address}/candidate/{SECOND}")
    ticks(plain)[1].check()
    plain.get_by_role("button", name="Accept").click()
    expect(plain.locator("#note")).to_contain_text("The scope is empty")
    assert find_candidate(warehouse, SECOND).status == "pending"


def test_what_an_earlier_version_published_is_kept_or_taken_off_on_its_card(
    plain: Page, address: str, warehouse: Warehouse
) -> None:
    def decide(label: str | None) -> tuple[bool | None, str]:
        plain.goto(f"{address}/list?status=unconfirmed")
        plain.locator("tbody a").first.click()
        expect(plain.locator(".undecided")).to_contain_text("nobody has agreed to it")
        if label:
            ticks(plain)[1].uncheck()  # an acceptance that was undone has left it ticked
            plain.get_by_label(label).check()
        plain.get_by_role("button", name="Accept").click()
        return find_candidate(warehouse, OLD).scope_agreed, published(warehouse, OLD)[1]

    assert decide(None) == (None, "small models"), "without a word it stays published, and undecided"
    assert decide("Publish the scope") == (True, "small models")
    plain.get_by_role("button", name="Undo").click()
    assert decide("Take it off") == (False, "")
    assert plain.goto(f"{address}/list?status=unconfirmed")
    expect(plain.locator(".found")).to_have_text("0 candidates")


def test_what_is_begun_on_a_part_of_an_earlier_version_is_kept_and_asks_for_a_tick(
    page: Page, plain: Page, address: str, warehouse: Warehouse
) -> None:
    def kept_by(label: str) -> None:
        with page.expect_response(lambda answer: answer.url.endswith("/edit")):
            page.get_by_label(label).click()
        page.reload()

    page.goto(f"{address}/candidate/{OLD}")
    off, (_, scope), words = page.get_by_label("Take it off"), ticks(page), page.get_by_label("The scope, as published")
    kept_by("Take it off")
    expect(off).to_be_checked()
    kept_by("Take it off")
    expect(off).not_to_be_checked()
    kept_by("Publish the scope")
    expect(scope).to_be_checked()
    scope.uncheck()
    page.locator(".term[data-part=scope] summary").click()
    with page.expect_response(lambda answer: "mostly" in (answer.request.post_data or "")):
        words.fill("Small models, mostly.")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("The scope was changed, and nobody has agreed to it yet")
    plain.goto(f"{address}/candidate/{OLD}")
    plain.get_by_role("button", name="Accept").click()  # with the words that were kept
    expect(plain.locator("#note")).to_contain_text("The scope was changed, and nobody has agreed to it yet")
    assert (find_candidate(warehouse, OLD).scope_agreed, published(warehouse, OLD)[1]) == (None, "small models")
    page.keyboard.press("s")
    page.keyboard.press("a")
    settle(page)
    assert (find_candidate(warehouse, OLD).scope_agreed, published(warehouse, OLD)[1]) == (
        True,
        "Small models, mostly.",
    )


def test_many_at_once_agree_to_nothing(plain: Page, address: str, warehouse: Warehouse) -> None:
    plain.goto(f"{address}/list")
    for box in plain.locator("tbody input[type=checkbox]").all():
        box.check()
    plain.get_by_role("button", name="Accept").click()
    assert not warehouse.read(candidates.load_candidates)
    assert (published(warehouse, FIRST), published(warehouse, SECOND)) == ((None, ""), (None, ""))


def test_an_unfinished_edit_is_of_the_reviewer_who_made_it_alone(
    page: Page, address: str, warehouse: Warehouse
) -> None:
    def review_as(one: Page, name: str) -> None:
        one.locator(".who summary").click()
        one.get_by_label("Your name").fill(name)
        one.get_by_role("button", name="Use this name").click()
        expect(one.locator(".who summary")).to_contain_text(name)

    page.goto(address)
    review_as(page, "Ada")
    page.goto(f"{address}/candidate/{FIRST}")
    earlier = page.context.new_page()
    earlier.goto(f"{address}/candidate/{FIRST}")
    with page.expect_response(lambda answer: answer.url.endswith("/edit")):
        page.keyboard.press("q")
    review_as(page, "Bob")
    page.goto(f"{address}/candidate/{FIRST}")
    expect(ticks(page)[0]).not_to_be_checked()
    earlier.keyboard.press("q")
    earlier.keyboard.press("a")  # a card that was shown to Ada, in a browser whose reviewer is Bob by now
    expect(earlier.locator("#note")).to_contain_text("You review as Bob now")
    expect(ticks(earlier)[0]).not_to_be_checked()
    earlier.close()
    page.evaluate(
        "([id, kept]) => localStorage.setItem(`curator.${document.body.dataset.list}.edit.${id}`, kept)",
        [FIRST, '{"text": "Of an earlier version.", "topics": [], "question": "Mine?", "question_agreed": true}'],
    )
    page.reload()
    expect(page.locator("textarea")).to_have_value("Of an earlier version.")
    expect(ticks(page)[0]).not_to_be_checked()
    page.keyboard.press("a")
    settle(page)
    assert find_candidate(warehouse, FIRST).text == "Of an earlier version."
    assert (find_candidate(warehouse, FIRST).reviewer, *published(warehouse, FIRST)) == ("Bob", None, "")
    review_as(page, "Ada")
    page.goto(f"{address}/candidate/{FIRST}")
    expect(ticks(page)[0]).to_be_checked()


def test_what_is_unticked_and_typed_after_an_undo_stands_however_late_the_server_answers(
    page: Page, address: str, warehouse: Warehouse
) -> None:
    page.clock.install()
    page.goto(f"{address}/candidate/{FIRST}")
    question, _ = ticks(page)
    text = page.locator("textarea")
    held: list[Route] = []
    page.route("**/decide", lambda route: held.append(route))
    page.keyboard.press("q")
    page.keyboard.press("a")
    page.keyboard.press("u")
    expect(page.locator(".card")).to_have_attribute("data-id", FIRST)
    page.keyboard.press("q")
    text.fill("Small models copy.")
    page.clock.fast_forward(SAVE_AFTER)
    assert not warehouse.read(load_edits, reviewer(page), [FIRST]), "it would be kept before the undo"
    with page.expect_response(lambda answer: answer.url.endswith("/edit")):
        held[0].continue_()
    page.unroute_all()
    settle(page)
    expect(text).to_be_focused()  # the card was replaced by the one that the undo brought back
    expect(text).to_have_value("Small models copy.")
    expect(question).not_to_be_checked()
    page.reload()
    expect(question).not_to_be_checked()
    page.keyboard.press("a")
    settle(page)
    assert (find_candidate(warehouse, FIRST).text, *published(warehouse, FIRST)) == ("Small models copy.", None, "")


def test_an_accepted_card_is_not_kept_as_an_unfinished_edit_where_its_undo_only_asked(
    page: Page, address: str, warehouse: Warehouse
) -> None:
    page.clock.install(time=0)
    page.goto(f"{address}/candidate/{FIRST}")
    page.clock.pause_at(60)  # seconds; no timer runs by itself from here
    me = reviewer(page)
    page.keyboard.press("q")
    page.keyboard.press("a")
    settle(page)
    Reviewer(warehouse, me).decide_many([SECOND, OLD], DecisionRequest("defer"))
    page.keyboard.press("u")
    expect(page.locator("#confirm-undo")).to_be_visible()
    page.clock.fast_forward(SAVE_AFTER)  # the timer of the tick
    assert not warehouse.read(load_edits, me, [FIRST])


def reviewer(page: Page) -> str:
    return page.locator(".card").first.get_attribute("data-reviewer") or ""
