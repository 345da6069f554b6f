"""Many candidates at once, several people, and what arrives meanwhile."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from curator.demo.samples import FIRST_DAY, load_sample_papers
from curator.demo.server import ArxivServer
from curator.pipeline import IngestRequest, ingest
from curator.review.decisions import Reviewer, find_candidate
from curator.settings import ArxivSettings
from curator.warehouse import Connection, Warehouse, candidates, model_calls, runs
from curator.workspace import Workspace, create_files
from tests.helpers.review_page import let_in, served
from tests.review.web.conftest import settle, shown, statuses, waiting
from tests.warehouse.things import as_told, candidate, paper, stock

SOON = 30_000  # milliseconds: a page asks every three seconds, and on a busy machine the order is made anew less often


class TestTheList:
    def test_many_are_decided_together_and_undone_together(
        self, page: Page, address: str, warehouse: Warehouse
    ) -> None:
        before = statuses(warehouse)
        page.goto(f"{address}/list")
        for row in (0, 2, 3):
            page.locator("tbody input[type=checkbox]").nth(row).check()
        expect(page.locator("#ticked")).to_have_text("3 ticked:")
        page.locator(".bulk .reject summary").click()
        page.get_by_role("button", name="uninteresting").click()
        expect(page.locator("#note")).to_contain_text("Rejected 3 candidates: uninteresting")
        assert sorted(statuses(warehouse).values()).count("rejected") == 3
        page.wait_for_load_state()
        page.keyboard.press("u")
        expect(page.locator("h1")).to_have_text("Undo this?")
        assert sorted(statuses(warehouse).values()).count("rejected") == 3
        page.wait_for_load_state()
        page.keyboard.press("Enter")
        expect(page.locator("#note")).to_contain_text("Undid: reject of 3 candidates")
        assert statuses(warehouse) == before
        assert "/list" in page.url
        page.wait_for_load_state()
        page.keyboard.press("U")
        expect(page.locator("#note")).to_contain_text("Redid: reject of 3 candidates")
        assert sorted(statuses(warehouse).values()).count("rejected") == 3

    def test_all_that_fit_a_filter(self, page: Page, address: str, warehouse: Warehouse) -> None:
        of_topic = warehouse.read(
            lambda c: c.execute("select candidate from candidates where list_contains(topics, 'grokking')").fetchall()
        )
        many = [candidate(f"abcd{number:08}", topics=("grokking",)) for number in range(60)]
        stock(warehouse, *many)
        page.goto(f"{address}/list?topic=grokking")
        expect(page.locator(".found")).to_contain_text(f"{len(of_topic) + 60} candidates, page 1 of 2")
        page.locator("#everything").check()
        page.get_by_role("button", name="Defer").click()
        expect(page.locator("#note")).to_contain_text(f"Deferred {len(of_topic) + 60} candidates")
        deferred = {one for one, status in statuses(warehouse).items() if status == "deferred"}
        assert deferred == {row[0] for row in of_topic} | {one.id for one in many}

    def test_by_keyboard(self, page: Page, address: str, warehouse: Warehouse) -> None:
        order = waiting(warehouse)
        page.goto(f"{address}/list")
        for key in "jxjjxd":
            page.keyboard.press(key)
        expect(page.locator("#note")).to_contain_text("Deferred 2 candidates")
        assert {one for one, status in statuses(warehouse).items() if status == "deferred"} == {order[0], order[2]}
        page.wait_for_load_state()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"/candidate/{order[1]}"))

    def test_words_are_found_in_frames_quotes_and_titles_whatever_their_accents(
        self, page: Page, address: str, warehouse: Warehouse
    ) -> None:
        of = paper(7, title="Über Köpfe")
        stock(warehouse, candidate("aaaa11112222", of, text="Héads copy tokens."), papers=[of])
        for words in ("heads TOKENS", "kopfe", "quote of aaaa1111", "aaaa1"):
            page.goto(f"{address}/list?q={words}")
            assert page.locator("tbody tr").evaluate_all("rows => rows.map(row => row.dataset.id)") == ["aaaa11112222"]
        page.goto(f"{address}/list?q=heads nonsense")
        expect(page.locator("main")).to_contain_text("No candidates match")

    def test_what_was_decided_is_found_and_changed(self, page: Page, address: str, warehouse: Warehouse) -> None:
        first, second = waiting(warehouse)[:2]
        Reviewer(warehouse, "Ada").reject(first, "too vague")
        Reviewer(warehouse, "Ada").accept(second)
        page.goto(f"{address}/list?status=rejected")
        page.locator("tbody a").first.click()
        expect(page.locator(".stands")).to_contain_text("Rejected by Ada")
        page.wait_for_load_state()
        page.keyboard.press("a")
        settle(page)
        assert find_candidate(warehouse, first).status == "accepted"
        page.goto(f"{address}/list?status=accepted&sort=decided")
        ids = page.locator("tbody tr").evaluate_all("rows => rows.map(row => row.dataset.id)")
        assert ids == [first, second]

    def test_what_cannot_be_decided_so_is_named_and_the_rest_is_done(
        self, page: Page, address: str, warehouse: Warehouse
    ) -> None:
        from tests.warehouse.things import ABSENT

        stock(warehouse, candidate("eeee00000001", quotes=(ABSENT,), text="Baseless."), candidate("eeee00000002"))
        page.goto(f"{address}/list?q=eeee&status=all")
        page.locator("#tick-all").check()
        page.get_by_role("button", name="Accept").click()
        expect(page.locator("#note")).to_contain_text("Candidate eeee00000001 cannot be accepted")
        assert statuses(warehouse)["eeee00000002"] == "accepted"
        assert statuses(warehouse)["eeee00000001"] == "pending"

    def test_what_another_reviewer_decided_is_left_and_named(
        self, page: Page, address: str, warehouse: Warehouse
    ) -> None:
        first, second, mine, waits = waiting(warehouse)[:4]
        Reviewer(warehouse, "Bo").accept(first)
        Reviewer(warehouse, "Cy").reject(second, "too vague")
        Reviewer(warehouse, "Ada").reject(mine, "too vague")

        def defer(*ids: str) -> None:
            page.goto(f"{address}/list?status=all")
            for one in ids:
                page.locator(f"tr[data-id='{one}'] input").check()
            page.get_by_role("button", name="Defer").click()

        defer(first)
        expect(page.locator("#note")).to_contain_text(f"Nothing was decided. 1 candidate was skipped ({first}): Bo has")
        defer(first, second, mine, waits)
        said = page.locator("#note")
        expect(said).to_contain_text("Deferred 2 candidates. 2 candidates were skipped")
        expect(said).to_contain_text("Bo and Cy have decided them. Open each one to replace that decision.")
        now = statuses(warehouse)
        assert [now[one] for one in (first, second, mine, waits)] == ["accepted", "rejected", "deferred", "deferred"]


class TestTwoPeople:
    def test_both_are_told_and_the_later_decision_is_asked_about(
        self, page: Page, address: str, contexts: Callable[..., BrowserContext], warehouse: Warehouse
    ) -> None:
        other = contexts().new_page()
        other.goto(address)
        other.locator(".who summary").click()
        other.get_by_label("Your name").fill("Bo <b>")
        other.get_by_role("button", name="Use this name").click()
        expect(other.locator(".who summary")).to_contain_text("Bo <b>")
        now = waiting(warehouse)[0]
        page.goto(f"{address}/candidate/{now}")
        other.goto(f"{address}/candidate/{now}")
        expect(page.locator("#others")).to_contain_text("Bo <b> is looking at this candidate too", timeout=SOON)
        expect(other.locator("#others")).to_contain_text("Ada is looking", timeout=SOON)
        other.route("**/pulse*", lambda route: route.abort())  # decided before it heard of it
        other.wait_for_event("requestfailed", lambda request: "/pulse" in request.url)
        page.keyboard.press("a")
        settle(page)
        other.keyboard.press("r")
        other.keyboard.press("4")
        expect(other.locator("#note")).to_contain_text("Ada has accepted this candidate since you opened it")
        assert find_candidate(warehouse, now).status == "accepted"
        other.get_by_role("button", name="Show the candidate").click()
        expect(other.locator(".stands")).to_contain_text("Accepted as F1 by Ada")
        other.keyboard.press("r")
        other.keyboard.press("4")
        settle(other)
        assert (find_candidate(warehouse, now).status, find_candidate(warehouse, now).reviewer) == (
            "rejected",
            "Bo <b>",
        )
        page.goto(f"{address}/list?status=all&disputed=1")
        assert page.locator("tbody tr").evaluate_all("rows => rows.map(row => row.dataset.id)") == [now]
        page.goto(f"{address}/candidate/{now}")
        expect(page.locator(".side")).to_contain_text("Ada decided differently: accept")

    def test_a_page_that_stands_open_hears_of_a_decision_elsewhere(
        self, page: Page, address: str, warehouse: Warehouse
    ) -> None:
        page.goto(f"{address}/review")
        Reviewer(warehouse, "Bo").defer(shown(page))
        expect(page.locator(".stands")).to_contain_text("Deferred by Bo", timeout=SOON)


def test_what_the_model_was_told_and_replied_is_unfolded_in_place(
    page: Page, address: str, warehouse: Warehouse
) -> None:
    call = model_calls.ModelCall(
        "r", "draft", "draft", "sha", "a-model", [{"role": "system", "content": "Draft frames.\n\n<b>Now</b>."}], "ok",
        reply='{"frames": ["<i>one</i>"]}',
    )  # fmt: skip
    drafted = candidate("abcd00000001")

    def write(connection: Connection) -> str:
        run = runs.start_run(connection, {}, "a-model")
        runs.add_found(connection, run, "in-context learning", [as_told(paper())])
        made = model_calls.add_call(connection, run, call, paper())
        candidates.add_draft(connection, run, paper(), "a-model", [drafted], call=made)
        return made

    made = warehouse.write(write)
    page.goto(f"{address}/candidate/{drafted.id}")
    page.keyboard.press("p")
    expect(page.locator(".call pre").first).to_have_text("Draft frames.\n\n<b>Now</b>.")
    expect(page.locator(".call pre").last).to_have_text('{"frames": ["<i>one</i>"]}')
    page.goto(f"{address}/call/{made}")
    expect(page.locator("pre").last).to_have_text('{"frames": ["<i>one</i>"]}')


def test_reviewing_goes_on_while_a_run_fills_the_queue(page: Page, tmp_path: Path) -> None:
    """Take more than 10 s: two ingests fill the queue while a browser empties it."""
    root = tmp_path / "empty"
    list(create_files(root))
    warehouse = Warehouse(Workspace(root).warehouse_file)
    with ArxivServer(load_sample_papers()) as arxiv, served(Workspace(root)) as address:
        let_in(page.context, Workspace(root))
        page.goto(f"{address}/review")
        expect(page.locator("main")).to_contain_text("No candidates are waiting")
        running = Workspace(root, ArxivSettings(url=arxiv.url, interval=0))
        wanted = IngestRequest(since=FIRST_DAY, until=datetime(2100, 1, 1, tzinfo=UTC), limit=3, keyless=True)
        ingest(running, wanted)
        expect(page.locator(".card")).to_be_visible(timeout=SOON)
        rest = threading.Thread(target=ingest, args=(running, replace(wanted, limit=None)))
        rest.start()
        decided = 0
        while rest.is_alive() or waiting(warehouse):
            if page.locator(".card").count():
                page.keyboard.press("d")
                decided += 1
            page.wait_for_timeout(100)
        rest.join()
        settle(page)
    assert warehouse.read(lambda c: c.execute("select outcome from runs order by started").fetchall()) == [
        ("done",), ("done",)
    ]  # fmt: skip
    assert set(statuses(warehouse).values()) == {"deferred"}
    assert decided == len(statuses(warehouse)) > 10


def test_what_a_run_queues_appears_without_a_reload(page: Page, address: str, warehouse: Warehouse) -> None:
    for one in waiting(warehouse):
        Reviewer(warehouse, "Ada").defer(one)
    page.goto(f"{address}/review")
    expect(page.locator("#empty")).to_be_visible()
    stock(warehouse, candidate("bbbb00000001", text="It came while the page stood open."))
    expect(page.locator("textarea")).to_have_value("It came while the page stood open.", timeout=SOON)
    stock(warehouse, candidate("bbbb00000002", text="And another."))
    expect(page.locator("#progress")).to_contain_text("2 waiting", timeout=SOON)
    page.keyboard.press("a")
    expect(page.locator("textarea")).to_have_value("And another.")
