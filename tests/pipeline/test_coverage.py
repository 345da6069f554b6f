"""A stale feed is not taken for a quiet day, and an index that lags is waited for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from curator.arxiv.calendar import last_announcement, submission_window
from curator.arxiv.mailings import MAX_INDEX_LAG, MailingDay
from curator.demo.holdings import Holdings
from curator.demo.server import Request as ArxivRequest
from curator.demo.server import Response
from curator.pipeline import ingest
from curator.pipeline.coverage import load_days
from curator.warehouse import Warehouse
from curator.workspace import Workspace
from tests.helpers.arxiv_faults import FaultyArxiv, held
from tests.pipeline.looking import ask, states


def topic_days(list_: Workspace, last: int = 1) -> dict[str, MailingDay]:
    now = datetime.now(UTC)
    found = Warehouse(list_.warehouse_file).read(load_days, list_, last, now)
    return {day.topic: day for day in found if day.announced <= now}


@pytest.fixture
def seen(list_: Workspace, arxiv: FaultyArxiv) -> Workspace:
    """A list whose topics have nothing of the last mailing; arXiv has others' papers of it."""
    arxiv.papers = [one for one in arxiv.papers if one.paper.id.startswith("2610.")] + [held(1, days_ago=12)]
    arxiv.holdings = Holdings(arxiv.papers)
    return list_


def test_a_day_is_quiet_where_others_papers_prove_it(seen: Workspace, arxiv: FaultyArxiv) -> None:
    report = ingest(seen)
    assert report.outcome == "done"
    assert states(report)["refusal"] == "quiet"
    ((papers,),) = ask(seen, "select papers from record.mailings") or [(0,)]
    assert papers > 0
    assert topic_days(seen)["refusal"].state == "quiet"
    asked = len(arxiv.asked("/api/query"))
    ingest(seen)
    again = arxiv.asked("/api/query")[asked:]
    assert again
    assert not [query for query in again if query.startswith("submittedDate")], "what is proved is not asked for again"


def test_an_arxiv_that_stands_still_is_not_quiet(seen: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.holdings = Holdings([held(1, days_ago=12)])
    report = ingest(seen)
    now = datetime.now(UTC)
    expected = "waiting" if now - last_announcement(now) < MAX_INDEX_LAG else "stalled"
    assert states(report)["refusal"] == expected
    (told,) = [one for one in report.topics if one.topic == "refusal"]
    assert "that mailing" in told.problems[0]
    assert topic_days(seen)["refusal"].state == expected
    left_off = ask(seen, "select count(*) from topic_runs where topic = 'refusal' and state in ('fresh', 'quiet')")
    assert left_off == [(0,)], "the next run asks for the same time again"

    arxiv.holdings = Holdings(arxiv.papers)
    assert states(ingest(seen))["refusal"] == "quiet"
    assert topic_days(seen)["refusal"].state == "quiet"


def test_a_cross_check_that_fails_proves_nothing(seen: Workspace, arxiv: FaultyArxiv) -> None:
    def fault(request: ArxivRequest) -> Response | None:
        asked = request.query.get("search_query", "")
        return Response(400, b"no") if asked.startswith("submittedDate") else None

    arxiv.faults.append(fault)
    report = ingest(seen)
    assert states(report)["refusal"] == "incomplete"
    assert report.outcome == "done with failures"


def test_a_late_paper_makes_its_day_fresh(seen: Workspace, arxiv: FaultyArxiv) -> None:
    ingest(seen)
    since, _ = submission_window(last_announcement(datetime.now(UTC)))
    moment = (since + timedelta(hours=1)).replace(microsecond=0)
    arxiv.add(held(2, "refusal", published=moment, updated=moment))
    ingest(seen)
    day = topic_days(seen)["refusal"]
    assert (day.state, day.papers) == ("fresh", 1)


def test_days_before_the_first_run_were_not_asked_for_and_the_next_one_waits(seen: Workspace) -> None:
    ingest(seen)
    now = datetime.now(UTC)
    found = Warehouse(seen.warehouse_file).read(load_days, seen, 40, now)
    mine = [day for day in found if day.topic == "refusal"]
    assert mine[0].announced > now
    assert (mine[0].state, mine[-1].state) == ("waiting", "not asked")
    assert len(mine) == 41
