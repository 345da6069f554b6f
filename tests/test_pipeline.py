"""The joined steps: what one run does, and that no failure loses a paper or pays twice."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from curator.demo.arxiv_server import Request as ArxivRequest
from curator.demo.arxiv_server import Response
from curator.errors import ArxivRefused, ModelRefused, SettingsError, WarehouseBusy
from curator.pipeline import Report, Request, ingest
from curator.report import as_markdown
from curator.review.decisions import Desk
from curator.warehouse import Warehouse, queue, reports
from curator.workspace import Workspace
from tests.support.arxiv_faults import (
    BUSY,
    ERROR_ENTRY,
    HTML,
    MISSING,
    NO_FEED,
    REFUSED,
    FaultyArxiv,
    held,
    hold_pdf,
    make_workspace,
    on_pdf,
    on_topic,
)
from tests.support.model_server import ModelServer, Reply, point_at_claims

TABLES = ("papers", "sightings", "screenings", "documents", "drafts", "candidates", "quotes", "failures", "decisions")
AT_ONCE = ("retry-after-ms", "1")  # so that the model's SDK does not wait before it asks again


@pytest.fixture
def arxiv() -> Iterator[FaultyArxiv]:
    with FaultyArxiv([held(1), held(2, "refusal"), held(3, days_ago=5)]) as server:
        yield server


@pytest.fixture
def list_(tmp_path: Path, arxiv: FaultyArxiv) -> Workspace:
    return make_workspace(tmp_path / "list", arxiv.url)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-test")
        monkeypatch.setenv("CURATOR_MODEL", "tested-model")
        yield server


def ask(list_: Workspace, sql: str) -> list[tuple[Any, ...]]:
    return Warehouse(list_.warehouse_file).read(lambda c: reports.query(c, sql)).rows


def rows(list_: Workspace) -> dict[str, int]:
    return {table: ask(list_, f"select count(*) from record.{table}")[0][0] for table in TABLES}


def drafted(list_: Workspace) -> list[str]:
    return [paper for (paper,) in ask(list_, "select paper from record.drafts order by paper")]


def states(report: Report) -> dict[str, str]:
    return {topic.topic: topic.state for topic in report.topics}


# One run after the other


def test_a_run_finds_screens_reads_drafts_and_queues(list_: Workspace) -> None:
    report = ingest(list_)
    assert (report.outcome, states(report)) == ("done", {"grokking": "fresh", "refusal": "fresh"})
    assert [topic.new for topic in report.topics] == [2, 1]
    assert (report.screened_in, report.screened_out) == (3, 0)
    assert drafted(list_) == ["2611.00001", "2611.00002", "2611.00003"]
    waiting = Warehouse(list_.warehouse_file).read(queue.items)
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
    waiting = Warehouse(list_.warehouse_file).read(queue.items)
    assert len(waiting) >= 3
    assert all(re.fullmatch(r"draft\.md [0-9a-f]{8} with tested-model", item.drafter) for item in waiting)
    purposes = dict(ask(list_, "select purpose, count(*) from calls where outcome = 'ok' group by all"))
    assert purposes == {"screen": 2, "draft": 3}


def test_the_key_is_nowhere_in_the_warehouse(list_: Workspace, model: ModelServer) -> None:
    model.enqueue(Reply(status=401, body=b'{"error": {"message": "no such key sk-secret-of-the-test"}}'))
    ingest(list_)
    ingest(list_)
    for file in (list_.root / "warehouse").rglob("*"):
        assert not file.is_file() or b"sk-secret-of-the-test" not in file.read_bytes(), file


def test_keyless_on_request_asks_no_model(list_: Workspace, model: ModelServer) -> None:
    assert ingest(list_, Request(keyless=True)).drafter == "extractive 1"
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
    assert report.screened_out == 1
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


# What the model does wrong

BAD_REPLIES = {
    "no-json": Reply("I would rather chat about it."),
    "cut-short": Reply('{"candidates": [', finish_reason="length"),
    "refused": Reply(refusal="I cannot help with that."),
    "empty": Reply(""),
    "rate-limited": Reply(status=429, body=b'{"error": {"message": "slow down"}}', headers=(AT_ONCE,)),
    "server-error": Reply(status=500, body=b'{"error": {"message": "oh"}}', headers=(AT_ONCE,)),
}


def bad_for(number: int, reply: Reply) -> Any:
    """Answers badly where paper `number` is drafted, and well elsewhere."""

    def answer(asked: dict[str, Any]) -> Reply:
        text = asked["messages"][-1]["content"]
        return reply if f"part {number}\n" in text and "<paper>" in text else point_at_claims(asked)

    return answer


@pytest.mark.parametrize("code", BAD_REPLIES)
def test_a_bad_reply_fails_one_paper_and_a_later_run_makes_it_up(
    list_: Workspace, model: ModelServer, arxiv: FaultyArxiv, code: str
) -> None:
    model.answer = bad_for(1, BAD_REPLIES[code])
    report = ingest(list_)
    assert report.outcome == "done with failures"
    assert [(one.paper.id, one.failed_at, one.again) for one in report.failures] == [("2611.00001", "draft", True)]
    assert drafted(list_) == ["2611.00002", "2611.00003"]
    ((stage, kept, message),) = ask(list_, "select stage, code, message from failures where open")
    assert (stage, kept) == ("draft", code)
    assert message.endswith(".") or code in ("rate-limited", "server-error")
    model.answer, calls = point_at_claims, len(model.asked)
    assert ingest(list_).outcome == "done"
    assert drafted(list_) == ["2611.00001", "2611.00002", "2611.00003"]
    assert len(model.asked) == calls + 1
    assert arxiv.asked("/pdf/").count("2611.00001v1") == 1
    assert ask(list_, "from failures where open") == []


def test_a_paper_that_keeps_failing_is_tried_as_often_as_the_settings_say(list_: Workspace, model: ModelServer) -> None:
    model.answer = bad_for(1, BAD_REPLIES["no-json"])
    outcomes, promised = [], []
    for _ in range(5):
        report = ingest(list_)
        outcomes.append(report.outcome)
        promised += [one.again for one in report.failures]
    attempts = list_.settings.draft.attempts
    tried = [one for one in model.asked_to_draft() if "part 1\n" in one["messages"][-1]["content"]]
    assert len(tried) == attempts == 3
    assert promised == [True, True, False]
    assert outcomes == ["done with failures", "done with failures", "done", "done", "done"]
    assert ask(list_, "select attempts from failures where open") == [(3,)]


def test_a_bad_screening_reply_fails_its_batch_and_a_later_run_makes_it_up(
    list_: Workspace, model: ModelServer
) -> None:
    model.enqueue(Reply("yes to all"), Reply("yes to all"))
    first = ingest(list_)
    assert first.outcome == "done with failures"
    assert len(first.screening_failures) == 2
    assert drafted(list_) == []
    assert ask(list_, "select distinct stage, code from failures where open") == [("screen", "no-json")]
    assert ingest(list_).outcome == "done"
    assert len(drafted(list_)) == 3


def test_a_paper_that_a_screening_reply_leaves_out_is_asked_about_again(list_: Workspace, model: ModelServer) -> None:
    def forgetful(asked: dict[str, Any]) -> Reply:
        reply = point_at_claims(asked)
        verdicts = json.loads(reply.content or "")
        if "papers" in verdicts:
            verdicts["papers"] = [one for one in verdicts["papers"] if one["id"] != "2611.00003"]
        return Reply(json.dumps(verdicts))

    model.answer = forgetful
    model.answer, report = point_at_claims, ingest(list_)
    assert report.outcome == "done with failures"
    assert drafted(list_) == ["2611.00001", "2611.00002"]
    ingest(list_)
    assert drafted(list_) == ["2611.00001", "2611.00002", "2611.00003"]


@pytest.mark.parametrize("where", ["screening", "drafting"])
def test_a_wrong_key_stops_the_run_and_costs_no_paper_an_attempt(
    list_: Workspace, model: ModelServer, where: str
) -> None:
    wrong = Reply(status=401, body=b'{"error": {"message": "Incorrect API key"}}')

    def locked(asked: dict[str, Any]) -> Reply:
        drafting = "<paper>" in asked["messages"][-1]["content"]
        return wrong if drafting or where == "screening" else point_at_claims(asked)

    model.answer = locked
    for _ in range(list_.settings.draft.attempts + 1):
        report = ingest(list_)
        assert report.outcome == "failed"
        assert isinstance(report.stopped, ModelRefused)
        assert "OPENAI_API_KEY" in str(report.stopped)
    assert rows(list_)["failures"] == 0
    model.answer = point_at_claims
    assert ingest(list_).outcome == "done"
    assert len(drafted(list_)) == 3


def test_a_model_without_a_name_is_told_before_anything_is_asked(
    list_: Workspace, arxiv: FaultyArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    with pytest.raises(SettingsError, match="CURATOR_MODEL"):
        ingest(list_)
    assert arxiv.log == []


def test_an_answer_that_was_paid_for_is_not_asked_for_again(list_: Workspace, model: ModelServer) -> None:
    """A run that died between the model's answer and the queue: the call stands, its draft does not."""
    ingest(list_)
    calls = len(model.asked)

    def forget(connection: Any) -> None:
        for table in ("drafts", "candidates", "quotes"):
            connection.execute(f"delete from record.{table}")

    Warehouse(list_.warehouse_file).write(forget)
    assert ingest(list_).outcome == "done"
    assert len(model.asked) == calls
    assert len(drafted(list_)) == 3
    assert rows(list_)["candidates"] > 0


# What arXiv does wrong


@pytest.mark.parametrize("answer", [ERROR_ENTRY, NO_FEED], ids=["error entry", "not a feed"])
def test_a_topic_that_fails_stops_no_other_and_is_made_up_without_a_gap(
    list_: Workspace, arxiv: FaultyArxiv, answer: Response
) -> None:
    ingest(list_)
    arxiv.faults = [on_topic("grokking", answer)]
    failed = ingest(list_)
    assert failed.outcome == "done with failures"
    assert states(failed) == {"grokking": "failed", "refusal": "quiet"}
    assert failed.topics[0].problems[0].endswith(".")
    arxiv.faults = []
    arxiv.add(held(11, "grokking", days_ago=0.0), held(12, "refusal", days_ago=0.0))
    made_up = ingest(list_)
    assert states(made_up) == {"grokking": "fresh", "refusal": "fresh"}
    assert {"2611.00011", "2611.00012"} <= set(drafted(list_))
    kept = ask(list_, "select state, complete, len(problems) from topic_runs where topic = 'grokking' order by added")
    assert kept == [("fresh", True, 0), ("failed", False, 1), ("fresh", True, 0)]


def test_a_topic_that_is_busy_throughout_is_recorded_as_failed(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.faults = [on_topic("grokking", BUSY)]
    report = ingest(list_)
    assert report.outcome == "done with failures"
    assert states(report) == {"grokking": "failed", "refusal": "fresh"}
    assert "503" in report.topics[0].problems[0]
    assert drafted(list_) == ["2611.00002"]


def test_after_a_failed_first_run_the_whole_first_stretch_is_asked_again(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.add(held(4, days_ago=29))
    arxiv.faults = [on_topic("grokking", ERROR_ENTRY)]
    ingest(list_)
    arxiv.faults = []
    ingest(list_)
    assert "2611.00004" in drafted(list_)


def test_all_topics_failing_is_a_failed_run(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.faults = [on_topic("", ERROR_ENTRY)]
    assert ingest(list_).outcome == "failed"


def test_a_refusal_by_arxiv_stops_the_run_and_later_topics_are_not_asked(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.faults = [on_topic("grokking", REFUSED)]
    report = ingest(list_)
    assert report.outcome == "failed"
    assert isinstance(report.stopped, ArxivRefused)
    assert states(report) == {"grokking": "failed", "refusal": "not asked"}
    assert len(arxiv.log) == 1
    kept = ask(list_, "select topic, state from topic_runs order by added")
    assert kept == [("grokking", "failed"), ("refusal", "not asked")]
    assert ask(list_, "select outcome, message like '%403%' from runs") == [("failed", True)]
    arxiv.faults = []
    assert ingest(list_).outcome == "done"
    assert len(drafted(list_)) == 3


def test_a_refused_pdf_stops_the_run_and_costs_no_paper_an_attempt(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.faults = [on_pdf("2611", REFUSED)]
    report = ingest(list_)
    assert (report.outcome, type(report.stopped)) == ("failed", ArxivRefused)
    assert len(arxiv.asked("/pdf/")) == 1
    assert rows(list_)["failures"] == 0
    arxiv.faults = []
    assert ingest(list_).outcome == "done"


def test_a_paper_that_appears_late_with_an_old_date_is_found(list_: Workspace, arxiv: FaultyArxiv) -> None:
    ingest(list_)
    overlap = list_.settings.discover.overlap_days
    arxiv.add(held(21, days_ago=overlap - 0.5), held(22, days_ago=overlap + 2))
    ingest(list_)
    assert "2611.00021" in drafted(list_)
    assert "2611.00022" not in drafted(list_)


def test_a_short_page_makes_the_topic_failed_and_is_asked_for_again(list_: Workspace, arxiv: FaultyArxiv) -> None:
    def short(request: ArxivRequest) -> Response | None:
        if "grokking" not in request.query.get("search_query", ""):
            return None
        full = FaultyArxiv(arxiv.papers).answer(request)
        entries = re.split(rb"(?=<entry>)", full.body)
        kept = entries[:2] if request.query["start"] == "0" else entries[:1]
        return replace(full, body=b"".join(kept).removesuffix(b"</feed>") + b"</feed>")

    arxiv.faults = [short]
    report = ingest(list_)
    assert states(report) == {"grokking": "failed", "refusal": "fresh"}
    assert report.topics[0].new == 1
    assert "1 of 2" in " ".join(report.topics[0].problems)
    arxiv.faults = []
    ingest(list_)
    assert len(drafted(list_)) == 3


# PDFs


@pytest.mark.parametrize(("answer", "code"), [(MISSING, "not-found"), (HTML, "not-a-pdf")])
def test_a_pdf_that_is_none_is_recorded_and_not_asked_for_again_at_once(
    list_: Workspace, arxiv: FaultyArxiv, answer: Response, code: str
) -> None:
    arxiv.faults = [on_pdf("2611.00001", answer)]
    report = ingest(list_)
    assert report.outcome == "done with failures"
    assert drafted(list_) == ["2611.00002", "2611.00003"]
    ((stage, kept, retry_at),) = ask(list_, "select stage, code, retry_at from failures where open")
    assert (stage, kept) == ("download", code)
    assert timedelta(hours=12) < retry_at - datetime.now(UTC).replace(tzinfo=None) < timedelta(hours=24)
    assert not list(list_.pdfs.glob("*.part"))
    arxiv.faults = []
    assert ingest(list_).outcome == "done"
    assert arxiv.asked("/pdf/").count("2611.00001v1") == 1


def test_a_damaged_pdf_is_recorded_and_does_not_make_the_run_fail(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.add(held(9, pdf=held(9).pdf[:700]))  # type: ignore[index]
    report = ingest(list_)
    assert report.outcome == "done"
    assert [(one.paper.id, one.failed_at, one.again) for one in report.failures] == [("2611.00009", "read", False)]
    assert ingest(list_).results == []


def test_a_hostile_title_cannot_reach_another_row_or_leave_its_cell(list_: Workspace, arxiv: FaultyArxiv) -> None:
    title = "Grokking'); drop table record.papers; -- in language models"
    arxiv.add(held(10, title=title))
    report = ingest(list_)
    assert ask(list_, "select title from papers where paper = '2611.00010'") == [(title,)]
    assert report.outcome == "done"


# What is asked for


def test_limit_leaves_the_others_for_later_runs_and_steps_through_them(list_: Workspace, arxiv: FaultyArxiv) -> None:
    seen: list[list[str]] = []
    for _ in range(4):
        report = ingest(list_, Request(limit=1))
        assert len(report.results) <= 1
        seen.append(drafted(list_))
    assert [len(one) for one in seen] == [1, 2, 3, 3]
    assert len(arxiv.asked("/pdf/")) == 3


def test_limit_says_how_many_papers_wait(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.add(*(held(number) for number in range(30, 36)))
    assert ingest(list_, Request(limit=2)).left_over == 7
    assert ingest(list_).left_over == 0
    assert len(drafted(list_)) == 9


def test_since_and_until_bound_the_submission_dates(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.add(held(40, days_ago=100), held(41, days_ago=200), held(42, days_ago=300))
    now = datetime.now(UTC)
    ingest(list_, Request(since=now - timedelta(days=250), until=now - timedelta(days=50)))
    assert drafted(list_) == ["2611.00040", "2611.00041"]
    ingest(list_)
    assert drafted(list_) == ["2611.00001", "2611.00002", "2611.00003", "2611.00040", "2611.00041"]


def test_an_end_before_where_a_topic_was_left_off_is_explained(list_: Workspace) -> None:
    ingest(list_)
    with pytest.raises(SettingsError, match="--since"):
        ingest(list_, Request(until=datetime.now(UTC) - timedelta(days=60)))


def test_one_topic_alone_is_asked(list_: Workspace, arxiv: FaultyArxiv) -> None:
    report = ingest(list_, Request(topics=("Refusal",)))
    assert states(report) == {"refusal": "fresh"}
    assert drafted(list_) == ["2611.00002"]


def test_an_unknown_topic_names_the_known_ones(list_: Workspace, arxiv: FaultyArxiv) -> None:
    with pytest.raises(SettingsError, match=r"'groking'.*grokking, refusal"):
        ingest(list_, Request(topics=("groking",)))
    assert arxiv.log == []


def test_papers_asked_for_by_id_are_drafted_whatever_their_topic_date_or_version(
    list_: Workspace, arxiv: FaultyArxiv
) -> None:
    old = held(50, id="hep-th/9901001", days_ago=9000, title="Strings", abstract="We study strings.")
    arxiv.add(old, held(51, days_ago=900), held(51, days_ago=900, version=2))
    report = ingest(list_, Request(ids=("hep-th/9901001", "2611.00051v1")))
    assert report.outcome == "done"
    assert ask(list_, "select paper, version from record.drafts order by 1") == [
        ("2611.00051", 1),
        ("hep-th/9901001", 1),
    ]
    assert sorted(arxiv.asked("/pdf/")) == ["2611.00051v1", "hep-th/9901001v1"]
    assert rows(list_)["screenings"] == 0
    assert ingest(list_, Request(ids=("hep-th/9901001", "2611.00051v1"))).results == []


def test_an_unknown_id_is_named_and_the_others_are_drafted(list_: Workspace) -> None:
    report = ingest(list_, Request(ids=("2611.00001", "2611.77777")))
    assert drafted(list_) == ["2611.00001"]
    assert "arXiv does not know 2611.77777." in report.topics[0].problems
    assert report.outcome == "done"


def test_only_unknown_ids_are_a_failed_run(list_: Workspace) -> None:
    assert ingest(list_, Request(ids=("2611.77777",))).outcome == "failed"


def test_ids_that_arxiv_does_not_answer_for_are_in_the_report(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.faults = [lambda request: NO_FEED]
    report = ingest(list_, Request(ids=("2611.00001",)))
    assert report.outcome == "failed"
    assert "not an Atom feed" in report.topics[0].problems[0]
    assert ask(list_, "select outcome from runs") == [("failed",)]


# Side by side


def test_of_two_runs_at_once_the_second_says_that_one_is_going_on(list_: Workspace, arxiv: FaultyArxiv) -> None:
    fault, asked, go_on = hold_pdf("2611.00001")
    arxiv.faults = [fault]
    done: list[Report] = []
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
    (best, *_) = Warehouse(list_.warehouse_file).read(queue.items)
    arxiv.add(held(60))
    fault, asked, go_on = hold_pdf("2611.00060")
    arxiv.faults = [fault]
    done: list[Report] = []
    running = threading.Thread(target=lambda: done.append(ingest(list_)))
    running.start()
    try:
        assert asked.wait(30)
        desk = Desk(Warehouse(list_.warehouse_file, wait=5), "Ada")
        desk.accept(best.id)
        assert desk.undo().candidate == best.id
        desk.accept(best.id)
    finally:
        go_on.set()
        running.join()
    assert done[0].outcome == "done"
    assert ask(list_, "select candidate, status from candidates where status <> 'pending'") == [(best.id, "accepted")]


def test_whoever_calls_may_say_how_work_is_spread(list_: Workspace) -> None:
    order: list[str] = []

    def one_after_the_other(work: Any, papers: Any) -> Iterator[Any]:
        for paper in papers:
            order.append(paper.id)
            yield work(paper)

    assert ingest(list_, each=one_after_the_other).outcome == "done"
    assert sorted(order) == drafted(list_)


# The report


def test_the_report_tells_what_was_asked_made_and_failed_at(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.faults = [on_topic("refusal", NO_FEED), on_pdf("2611.00001", MISSING)]
    text = as_markdown(ingest(list_))
    assert text.startswith("**done with failures**: 1 papers drafted by extractive 1")
    assert "| grokking | fresh | 2 | 2 |" in text
    assert "| refusal | failed | 0 | 0 |" in text
    failures = text.partition("Failures:")[2]
    assert "Atom feed" in failures
    assert re.search(r"^- 2611\\\.00001v1 \(download\): arXiv has no PDF", failures, re.MULTILINE)


def test_the_report_of_a_stopped_run_says_why(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.faults = [on_topic("grokking", REFUSED)]
    assert re.search(r"^Stopped: arXiv refused .*HTTP 403", as_markdown(ingest(list_)), re.MULTILINE)


def test_strangers_words_in_a_report_are_no_markup(list_: Workspace, arxiv: FaultyArxiv) -> None:
    page = Response(200, b"<b>[click](http://evil.example)</b> | x", {"Content-Type": "text/html"})
    arxiv.faults = [on_topic("grokking", page)]
    text = as_markdown(ingest(list_))
    assert "click" in text
    assert re.search(r"(?<!\\)(\]\(|<b>)", text) is None
