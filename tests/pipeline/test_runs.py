"""What one run does, what a second one adds, and two things going on at once."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from curator.demo.server import Response
from curator.errors import WarehouseBusy
from curator.pipeline import IngestReport, IngestRequest, ingest
from curator.pipeline.report_text import render_run
from curator.review.decisions import Reviewer
from curator.warehouse import Warehouse, candidates
from curator.workspace import Workspace
from tests.helpers.arxiv_faults import MISSING, NO_FEED, REFUSED, FaultyArxiv, held, hold_pdf, on_pdf, on_topic
from tests.helpers.model_server import ModelServer, Reply
from tests.pipeline.looking import ask, drafted, rows, states


def test_a_run_finds_screens_reads_drafts_and_queues(list_: Workspace) -> None:
    report = ingest(list_)
    assert (report.outcome, states(report)) == ("done", {"grokking": "fresh", "refusal": "fresh"})
    assert [topic.new for topic in report.topics] == [2, 1]
    assert (len(report.on_topic), len(report.off_topic)) == (3, 0)
    assert drafted(list_) == ["2611.00001", "2611.00002", "2611.00003"]
    waiting = Warehouse(list_.warehouse_file).read(candidates.load_candidates)
    assert report.candidates == len(waiting) > 0
    assert {item.drafter for item in waiting} == {"extractive 1"} == {report.drafter}
    assert all(item.quotes and all(quote.holds and quote.page for quote in item.quotes) for item in waiting)


def test_a_second_run_over_the_same_papers_adds_nothing_downloads_nothing_and_calls_no_model(
    list_: Workspace, arxiv: FaultyArxiv, model: ModelServer
) -> None:
    assert ingest(list_).outcome == "done"
    before, calls, pdfs = rows(list_), len(model.asked), arxiv.asked("/pdf/")
    again = ingest(list_)
    assert (again.outcome, again.candidates, again.results) == ("done", 0, [])
    assert states(again) == {"grokking": "quiet", "refusal": "quiet"}
    assert (rows(list_), len(model.asked), arxiv.asked("/pdf/")) == (before, calls, pdfs)


def test_candidates_of_a_model_name_the_prompt_and_the_model(list_: Workspace, model: ModelServer) -> None:
    ingest(list_)
    waiting = Warehouse(list_.warehouse_file).read(candidates.load_candidates)
    assert len(waiting) >= 3
    assert all(re.fullmatch(r"draft\.md [0-9a-f]{8} with tested-model", item.drafter) for item in waiting)
    purposes = dict(ask(list_, "select purpose, count(*) from calls where outcome = 'ok' group by all"))
    assert purposes == {"screen": 2, "draft": 3, "support": 3}


def test_the_key_is_nowhere_in_the_warehouse(list_: Workspace, model: ModelServer) -> None:
    model.enqueue(Reply(status=401, body=b'{"error": {"message": "no such key sk-secret-of-the-test"}}'))
    ingest(list_)
    ingest(list_)
    for file in (list_.root / "warehouse").rglob("*"):
        assert not file.is_file() or b"sk-secret-of-the-test" not in file.read_bytes(), file


def test_keyless_on_request_asks_no_model(list_: Workspace, model: ModelServer) -> None:
    assert ingest(list_, IngestRequest(keyless=True)).drafter == "extractive 1"
    assert model.asked == []


def test_a_paper_of_two_topics_is_read_and_drafted_once(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.add(held(7, "grokking", title="Grokking and refusal in language models", abstract="Grokking meets refusal."))
    ingest(list_)
    assert arxiv.asked("/pdf/").count("2611.00007v1") == 1
    assert drafted(list_).count("2611.00007") == 1


def test_papers_that_are_off_topic_are_left_out_with_a_reason_and_not_downloaded(
    list_: Workspace, arxiv: FaultyArxiv
) -> None:
    off = held(8, title="Tram rosters", abstract="Crews say they grasp timetables; grokking is what they call it.")
    arxiv.add(off)
    report = ingest(list_)
    assert report.off_topic == {"2611.00008"}
    assert "2611.00008v1" not in arxiv.asked("/pdf/")
    ((relevant, reason),) = ask(list_, "select relevant, reason from screenings where paper = '2611.00008'")
    assert not relevant
    assert reason


def test_a_new_version_of_a_drafted_paper_is_not_drafted_again(list_: Workspace, arxiv: FaultyArxiv) -> None:
    ingest(list_)
    arxiv.add(held(1, version=2))
    ingest(list_)
    assert drafted(list_).count("2611.00001") == 1
    assert ask(list_, "select version from papers where paper = '2611.00001'") == [(2,)]


def test_of_two_runs_at_once_the_second_says_that_one_is_going_on(list_: Workspace, arxiv: FaultyArxiv) -> None:
    fault, asked, go_on = hold_pdf("2611.00001")
    arxiv.faults = [fault]
    done: list[IngestReport] = []
    first = threading.Thread(target=lambda: done.append(ingest(list_)))
    first.start()
    try:
        assert asked.wait(30)
        with pytest.raises(WarehouseBusy, match="Another ingest"):
            ingest(list_)
    finally:
        go_on.set()
        first.join()
    assert done[0].outcome == "done"
    assert len(ask(list_, "from runs")) == 1


def test_a_person_decides_while_a_run_goes_on(list_: Workspace, arxiv: FaultyArxiv) -> None:
    ingest(list_)
    (best, *_) = Warehouse(list_.warehouse_file).read(candidates.load_candidates)
    arxiv.add(held(60))
    fault, asked, go_on = hold_pdf("2611.00060")
    arxiv.faults = [fault]
    done: list[IngestReport] = []
    running = threading.Thread(target=lambda: done.append(ingest(list_)))
    running.start()
    try:
        assert asked.wait(30)
        desk = Reviewer(Warehouse(list_.warehouse_file, wait=5), "Ada")
        desk.accept(best.id)
        assert desk.undo().candidates == (best.id,)
        desk.accept(best.id)
    finally:
        go_on.set()
        running.join()
    assert done[0].outcome == "done"
    assert ask(list_, "select candidate, status from candidates where status <> 'pending'") == [(best.id, "accepted")]


def test_what_fails_under_an_interrupted_run_costs_no_paper_an_attempt(list_: Workspace, arxiv: FaultyArxiv) -> None:
    fault, asked, go_on = hold_pdf("2611.00001")
    arxiv.faults = [fault]
    at_work: list[threading.Thread] = []

    def interrupted(work: Any, papers: Any) -> Iterator[Any]:
        (paper,) = [one for one in papers if one.id == "2611.00001"]
        at_work.append(threading.Thread(target=work, args=(paper,)))
        at_work[0].start()
        assert asked.wait(30)
        raise KeyboardInterrupt
        yield

    with pytest.raises(KeyboardInterrupt):
        ingest(list_, map_papers=interrupted)
    go_on.set()  # the download ends, and the reader is closed
    at_work[0].join()
    assert rows(list_)["failures"] == 0
    assert ask(list_, "select outcome from runs") == [("interrupted",)]
    assert ingest(list_).outcome == "done"


def test_whoever_calls_may_say_how_work_is_spread(list_: Workspace) -> None:
    order: list[str] = []

    def one_after_the_other(work: Any, papers: Any) -> Iterator[Any]:
        for paper in papers:
            order.append(paper.id)
            yield work(paper)

    assert ingest(list_, map_papers=one_after_the_other).outcome == "done"
    assert sorted(order) == drafted(list_)


def test_the_report_tells_what_was_asked_made_and_failed_at(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.faults = [on_topic("refusal", NO_FEED), on_pdf("2611.00001", MISSING)]
    text = render_run(ingest(list_))
    head = "**done with failures**, drafted by extractive 1: 2 papers found, 2 on topic, 1 read, 1 drafted, 1 failed; "
    assert text.startswith(head)
    assert "| grokking | fresh | 2 | 2 |" in text
    assert "| refusal | failed | 0 | 0 |" in text
    failures = text.partition("Failures:")[2]
    assert "Atom feed" in failures
    assert re.search(r"^- 2611\\\.00001v1 \(download\): arXiv has no PDF", failures, re.MULTILINE)


def test_the_report_of_a_stopped_run_says_why(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.faults = [on_topic("grokking", REFUSED)]
    assert re.search(r"^Stopped: arXiv refused .*HTTP 403", render_run(ingest(list_)), re.MULTILINE)


def test_strangers_words_in_a_report_are_no_markup(list_: Workspace, arxiv: FaultyArxiv) -> None:
    page = Response(200, b"<b>[click](http://evil.example)</b> | x", {"Content-Type": "text/html"})
    arxiv.faults = [on_topic("grokking", page)]
    text = render_run(ingest(list_))
    assert "click" in text
    assert re.search(r"(?<!\\)(\]\(|<b>)", text) is None
