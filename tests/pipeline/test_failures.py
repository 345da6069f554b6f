"""No failure of a model, of arXiv or of a PDF loses a paper, pays twice or takes the run along."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from curator.demo.server import Request as ArxivRequest
from curator.demo.server import Response
from curator.errors import ArxivRefused, ModelRefused, SettingsError
from curator.pipeline import ingest
from curator.warehouse import Warehouse
from curator.workspace import Workspace
from tests.helpers.arxiv_faults import (
    BUSY,
    ERROR_ENTRY,
    HTML,
    MISSING,
    NO_FEED,
    REFUSED,
    FaultyArxiv,
    held,
    on_pdf,
    on_topic,
)
from tests.helpers.model_server import ModelServer, Reply, point_at_claims
from tests.pipeline.looking import ask, drafted, rows, states

AT_ONCE = ("retry-after-ms", "1")  # so that the model's SDK does not wait before it asks again


# What the model does wrong

BAD_REPLIES = {
    "no-json": Reply("I would rather chat about it."),
    "cut-short": Reply('{"candidates": [', finish_reason="length"),
    "refused": Reply(refusal="I cannot help with that."),
    "empty": Reply(""),
    "rate-limited": Reply(status=429, body=b'{"error": {"message": "slow down"}}', headers=(AT_ONCE,)),
    "server-error": Reply(status=500, body=b'{"error": {"message": "oh"}}', headers=(AT_ONCE,)),
}


def bad_for(replies: dict[int, Reply]) -> Any:
    """Answers with the reply of a paper's number where that paper is drafted, and well elsewhere."""

    def answer(asked: dict[str, Any]) -> Reply:
        text = asked["messages"][-1]["content"]
        bad = [reply for number, reply in replies.items() if f"part {number}\n" in text and "<paper>" in text]
        return bad[0] if bad else point_at_claims(asked)

    return answer


def test_a_bad_reply_fails_one_paper_and_a_later_run_makes_it_up(
    list_: Workspace, model: ModelServer, arxiv: FaultyArxiv
) -> None:
    """Six papers get a bad reply each, of six kinds; two more are answered well."""
    bad = dict(enumerate(BAD_REPLIES, 21))
    papers = {number: f"2611.{number:05}" for number in bad}
    arxiv.papers = [one for one in arxiv.papers if one.paper.id != "2611.00001"]
    arxiv.add(*map(held, bad))
    model.answer = bad_for({number: BAD_REPLIES[code] for number, code in bad.items()})
    report = ingest(list_)
    assert report.outcome == "done with failures"
    failed = {one.paper.id: (one.failed_at, one.will_retry) for one in report.failures}
    assert failed == dict.fromkeys(papers.values(), ("draft", True))
    assert drafted(list_) == ["2611.00002", "2611.00003"]
    kept = ask(list_, "select paper, stage, code, message from failures where open order by paper")
    assert [row[:3] for row in kept] == [(papers[number], "draft", code) for number, code in bad.items()]
    for _, _, code, message in kept:
        assert message.endswith(".") or code in ("rate-limited", "server-error"), code
    model.answer, calls = point_at_claims, len(model.asked)
    for paper in papers.values():
        (list_.pdfs / f"{paper}v1.pdf").unlink()  # its text is in the warehouse
    assert ingest(list_).outcome == "done"
    assert drafted(list_) == ["2611.00002", "2611.00003", *papers.values()]
    assert len(model.asked) == calls + 2 * len(bad), "one to draft, one to check what was drafted"
    for number, code in bad.items():
        assert arxiv.asked("/pdf/").count(f"{papers[number]}v1") == 1, code
    assert ask(list_, "from failures where open") == []


def test_a_paper_that_keeps_failing_is_tried_as_often_as_the_settings_say(list_: Workspace, model: ModelServer) -> None:
    model.answer = bad_for({1: BAD_REPLIES["no-json"]})
    outcomes, promised = [], []
    for _ in range(5):
        report = ingest(list_)
        outcomes.append(report.outcome)
        promised += [one.will_retry for one in report.failures]
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
    list_: Workspace, model: ModelServer, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Reply(status=401, body=b'{"error": {"message": "Incorrect API key"}}')

    def locked(asked: dict[str, Any]) -> Reply:
        drafting = "<paper>" in asked["messages"][-1]["content"]
        return wrong if drafting or where == "screening" else point_at_claims(asked)

    model.answer = locked
    monkeypatch.setenv("CURATOR_DRAFT_ATTEMPTS", "1")
    for _ in range(2):
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
    again = ingest(list_)
    assert again.outcome == "failed", "nobody said that it may be asked again"
    assert "curator resume" in str(again.stopped)
    assert len(arxiv.log) == 1
    arxiv.go_on()
    assert ingest(list_).outcome == "done"
    assert len(drafted(list_)) == 3


def test_a_refused_pdf_stops_the_run_and_costs_no_paper_an_attempt(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.faults = [on_pdf("2611", REFUSED)]
    report = ingest(list_)
    assert (report.outcome, type(report.stopped)) == ("failed", ArxivRefused)
    assert len(arxiv.asked("/pdf/")) == 1
    assert rows(list_)["failures"] == 0
    arxiv.go_on()
    assert ingest(list_).outcome == "done"


def test_a_paper_that_appears_late_with_an_old_date_is_found(list_: Workspace, arxiv: FaultyArxiv) -> None:
    ingest(list_)
    overlap = list_.settings.discover.overlap_days
    arxiv.add(held(21, days_ago=overlap - 0.5), held(22, days_ago=overlap + 2))
    ingest(list_)
    assert "2611.00021" in drafted(list_)
    assert "2611.00022" not in drafted(list_)


def test_a_short_page_leaves_the_topic_incomplete_and_it_is_asked_for_again(
    list_: Workspace, arxiv: FaultyArxiv
) -> None:
    def short(request: ArxivRequest) -> Response | None:
        if "grokking" not in request.query.get("search_query", ""):
            return None
        full = FaultyArxiv(arxiv.papers).answer(request)
        entries = re.split(rb"(?=<entry>)", full.body)
        kept = entries[:2] if request.query["start"] == "0" else entries[:1]
        return replace(full, body=b"".join(kept).removesuffix(b"</feed>") + b"</feed>")

    arxiv.faults = [short]
    report = ingest(list_)
    assert states(report) == {"grokking": "incomplete", "refusal": "fresh"}
    assert report.topics[0].new == 1
    assert "1 of 2" in " ".join(report.topics[0].problems)
    arxiv.faults = []
    ingest(list_)
    assert len(drafted(list_)) == 3


# PDFs


def test_a_pdf_that_is_none_is_recorded_and_not_asked_for_again_at_once(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.faults = [on_pdf("2611.00001", MISSING), on_pdf("2611.00002", HTML)]
    report = ingest(list_)
    assert report.outcome == "done with failures"
    assert drafted(list_) == ["2611.00003"]
    kept = ask(list_, "select paper, stage, code, retry_at from failures where open order by paper")
    assert [row[:3] for row in kept] == [
        ("2611.00001", "download", "not-found"),
        ("2611.00002", "download", "not-a-pdf"),
    ]
    for *_, retry_at in kept:
        assert timedelta(hours=12) < retry_at - datetime.now(UTC).replace(tzinfo=None) < timedelta(hours=24)
    assert not list(list_.pdfs.glob("*.part"))
    arxiv.faults = []
    assert ingest(list_).outcome == "done"
    for paper in ("2611.00001v1", "2611.00002v1"):
        assert arxiv.asked("/pdf/").count(paper) == 1, paper


def test_a_damaged_pdf_is_recorded_and_does_not_make_the_run_fail(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.add(held(9, pdf=held(9).pdf[:700]))  # type: ignore[index]
    report = ingest(list_)
    assert report.outcome == "done"
    assert [(one.paper.id, one.failed_at, one.will_retry) for one in report.failures] == [("2611.00009", "read", False)]
    assert ingest(list_).results == []


def test_a_hostile_title_cannot_reach_another_row_or_leave_its_cell(list_: Workspace, arxiv: FaultyArxiv) -> None:
    title = "Grokking'); drop table record.papers; -- in language models"
    arxiv.add(held(10, title=title))
    report = ingest(list_)
    assert ask(list_, "select title from papers where paper = '2611.00010'") == [(title,)]
    assert report.outcome == "done"


def test_a_paper_whose_entry_cannot_be_read_is_owed_until_it_comes(list_: Workspace, arxiv: FaultyArxiv) -> None:
    asked_by_id = False

    def garbled(request: ArxivRequest) -> Response | None:
        if request.path != "/api/query" or (asked_by_id and "id_list" in request.query):
            return None
        answer = FaultyArxiv(arxiv.papers).answer(request)
        entry = answer.body.partition(b"2611.00001v1</id>")
        return Response(200, entry[0] + entry[1] + entry[2].replace(b"<published>", b"<published>x", 1), answer.headers)

    arxiv.faults = [garbled]
    report = ingest(list_)
    assert report.outcome == "done"
    assert drafted(list_) == ["2611.00002", "2611.00003"]
    assert ask(list_, "select announced, got, unread from topic_runs where topic = 'grokking'") == [
        (2, 1, ["2611.00001"])
    ]
    ingest(list_)
    assert "2611.00001" not in drafted(list_), "arXiv's entry is still as it was"
    asked_by_id = True
    ingest(list_)
    assert "2611.00001" in drafted(list_)
    asked = len([one for one in arxiv.log if one.query.get("id_list") == "2611.00001"])
    ingest(list_)
    assert len([one for one in arxiv.log if one.query.get("id_list") == "2611.00001"]) == asked, "nothing is owed now"


def test_a_gap_of_any_length_is_filled_by_the_next_run(list_: Workspace, arxiv: FaultyArxiv) -> None:
    """Half a year in which nothing could be asked, and papers from its beginning, its middle and its end."""
    with time_machine.travel(datetime.now(UTC) - timedelta(days=180)):
        assert ingest(list_).outcome == "done"
    arxiv.add(held(40, days_ago=170), held(41, days_ago=90), held(42, days_ago=20))
    assert ingest(list_).outcome == "done"
    assert {"2611.00040", "2611.00041", "2611.00042"} <= set(drafted(list_))
