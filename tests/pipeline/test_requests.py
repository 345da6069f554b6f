"""What a person may ask an ingest for: limits, dates, topics, ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from curator.errors import SettingsError
from curator.pipeline import IngestRequest, ingest
from curator.workspace import Workspace
from tests.helpers.arxiv_faults import NO_FEED, FaultyArxiv, held
from tests.pipeline.looking import ask, drafted, rows, states


def test_limit_leaves_the_others_for_later_runs_and_steps_through_them(list_: Workspace, arxiv: FaultyArxiv) -> None:
    seen: list[list[str]] = []
    for _ in range(4):
        report = ingest(list_, IngestRequest(limit=1))
        assert len(report.results) <= 1
        seen.append(drafted(list_))
    assert [len(one) for one in seen] == [1, 2, 3, 3]
    assert len(arxiv.asked("/pdf/")) == 3


def test_limit_says_how_many_papers_wait(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.add(*(held(number) for number in range(30, 36)))
    assert ingest(list_, IngestRequest(limit=2)).left_over == 7
    assert ingest(list_).left_over == 0
    assert len(drafted(list_)) == 9


def test_since_and_until_bound_the_submission_dates(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.add(held(40, days_ago=100), held(41, days_ago=200), held(42, days_ago=300))
    now = datetime.now(UTC)
    ingest(list_, IngestRequest(since=now - timedelta(days=250), until=now - timedelta(days=50)))
    assert drafted(list_) == ["2611.00040", "2611.00041"]
    ingest(list_)
    assert drafted(list_) == ["2611.00001", "2611.00002", "2611.00003", "2611.00040", "2611.00041"]


def test_an_end_before_where_a_topic_was_left_off_is_explained(list_: Workspace) -> None:
    ingest(list_)
    with pytest.raises(SettingsError, match="--since"):
        ingest(list_, IngestRequest(until=datetime.now(UTC) - timedelta(days=60)))


def test_one_topic_alone_is_asked(list_: Workspace, arxiv: FaultyArxiv) -> None:
    report = ingest(list_, IngestRequest(topics=("Refusal",)))
    assert states(report) == {"refusal": "fresh"}
    assert drafted(list_) == ["2611.00002"]


def test_an_unknown_topic_names_the_known_ones(list_: Workspace, arxiv: FaultyArxiv) -> None:
    with pytest.raises(SettingsError, match=r"'groking'.*grokking, refusal"):
        ingest(list_, IngestRequest(topics=("groking",)))
    assert arxiv.log == []


def test_papers_asked_for_by_id_are_drafted_whatever_their_topic_date_or_version(
    list_: Workspace, arxiv: FaultyArxiv
) -> None:
    old = held(50, id="hep-th/9901001", days_ago=9000, title="Strings", abstract="We study strings.")
    arxiv.add(old, held(51, days_ago=900), held(51, days_ago=900, version=2))
    report = ingest(list_, IngestRequest(ids=("hep-th/9901001", "2611.00051v1")))
    assert report.outcome == "done"
    assert ask(list_, "select paper, version from record.drafts order by 1") == [
        ("2611.00051", 1),
        ("hep-th/9901001", 1),
    ]
    assert sorted(arxiv.asked("/pdf/")) == ["2611.00051v1", "hep-th/9901001v1"]
    assert rows(list_)["screenings"] == 0
    assert ingest(list_, IngestRequest(ids=("hep-th/9901001", "2611.00051v1"))).results == []


def test_an_unknown_id_is_named_and_the_others_are_drafted(list_: Workspace) -> None:
    report = ingest(list_, IngestRequest(ids=("2611.00001", "2611.77777")))
    assert drafted(list_) == ["2611.00001"]
    assert "arXiv has no paper 2611.77777." in report.topics[0].problems
    assert report.outcome == "done with failures"


def test_only_unknown_ids_are_a_failed_run(list_: Workspace) -> None:
    assert ingest(list_, IngestRequest(ids=("2611.77777",))).outcome == "failed"


def test_ids_that_arxiv_does_not_answer_for_are_in_the_report(list_: Workspace, arxiv: FaultyArxiv) -> None:
    arxiv.faults = [lambda request: NO_FEED]
    report = ingest(list_, IngestRequest(ids=("2611.00001",)))
    assert report.outcome == "failed"
    assert "not an Atom feed" in report.topics[0].problems[0]
    assert ask(list_, "select outcome from runs") == [("failed",)]
