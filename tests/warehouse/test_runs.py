"""Where a topic was left off: as far as was asked without a gap, and no further."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from curator.warehouse import Connection, Warehouse, runs
from curator.warehouse.rows import utc_now
from tests.helpers.templates import new_warehouse
from tests.warehouse.things import as_told, paper

NOW = utc_now()


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "w.duckdb")


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def asked(
    warehouse: Warehouse,
    since: float,
    until: float,
    topic: str = "refusal",
    state: runs.TopicState = "fresh",
    complete: bool = True,
) -> None:
    """One run asked for what came between so many days ago and so many days ago."""
    warehouse.write(
        runs.add_topic_run,
        "run",
        topic,
        state,
        query="all:refusal",
        since=days_ago(since),
        until=days_ago(until),
        complete=complete,
    )


def left_off(warehouse: Warehouse, query: str = "all:refusal") -> float | None:
    """In days before now."""
    reached = warehouse.read(runs.load_left_off, "refusal", query)
    return (NOW - reached) / timedelta(days=1) if reached else None


def test_a_topic_that_was_never_asked_for_was_left_off_nowhere(warehouse: Warehouse) -> None:
    asked(warehouse, 30, 0, topic="grokking")
    assert left_off(warehouse) is None


def test_a_topic_is_left_off_where_its_run_ended(warehouse: Warehouse) -> None:
    asked(warehouse, 30, 0.5)
    assert left_off(warehouse) == 0.5


def test_a_topic_whose_query_was_changed_starts_anew(warehouse: Warehouse) -> None:
    asked(warehouse, 30, 0.5)
    assert left_off(warehouse, "all:refusal OR all:jailbreak") is None


def test_a_quiet_run_counts_as_asked(warehouse: Warehouse) -> None:
    asked(warehouse, 30, 0.9)
    asked(warehouse, 14, 0.1, state="quiet")
    assert left_off(warehouse) == 0.1


@pytest.mark.parametrize(("state", "complete"), [("failed", True), ("not asked", True), ("fresh", False)])
def test_a_failed_or_incomplete_run_moves_nothing(warehouse: Warehouse, state: runs.TopicState, complete: bool) -> None:
    asked(warehouse, 30, 0.9)
    asked(warehouse, 14, 0.1, state=state, complete=complete)
    assert left_off(warehouse) == 0.9


def test_a_backfill_alone_does_not_begin_the_record(warehouse: Warehouse) -> None:
    asked(warehouse, 400, 300)
    assert left_off(warehouse) is None


def test_a_backfill_of_long_ago_moves_nothing(warehouse: Warehouse) -> None:
    asked(warehouse, 30, 0.9)
    asked(warehouse, 400, 300)
    assert left_off(warehouse) == 0.9


def test_a_stretch_beyond_a_gap_counts_only_when_the_gap_is_closed(warehouse: Warehouse) -> None:
    asked(warehouse, 30, 0.9)
    asked(warehouse, 0.3, 0.1)
    assert left_off(warehouse) == 0.9
    asked(warehouse, 14, 0.5)
    assert left_off(warehouse) == 0.5
    asked(warehouse, 0.6, 0.2)
    assert left_off(warehouse) == 0.1


def test_a_shorter_run_in_between_takes_nothing_back(warehouse: Warehouse) -> None:
    asked(warehouse, 30, 0.1)
    asked(warehouse, 14, 5)
    assert left_off(warehouse) == 0.1


def test_the_future_cannot_have_been_asked_for(warehouse: Warehouse) -> None:
    asked(warehouse, 30, -3650)
    reached = left_off(warehouse)
    assert reached is not None
    assert -1 < reached <= 0


def test_a_window_with_a_zone_is_kept_as_utc(warehouse: Warehouse) -> None:
    until = days_ago(0.5).replace(tzinfo=UTC)
    warehouse.write(
        runs.add_topic_run,
        "r",
        "refusal",
        "fresh",
        query="all:refusal",
        since=until - timedelta(1),
        until=until,
        complete=True,
    )
    assert left_off(warehouse) == 0.5


def test_a_paper_is_new_once_for_each_topic_and_once_by_id(warehouse: Warehouse) -> None:
    told = [as_told(paper(1)), as_told(paper(2))]

    def found(topic: str | None, *papers: int) -> list[str]:
        return [one.id for one in warehouse.write(runs.add_found, "r", topic, [told[n - 1] for n in papers])]

    assert found("refusal", 1) == [told[0].id]
    assert found("refusal", 1, 2) == [told[1].id]
    assert found("grokking", 1, 2) == [told[0].id, told[1].id]
    assert found(None, 1) == [told[0].id]
    assert found(None, 1) == []
    assert warehouse.read(lambda c: c.execute("select count(*) from record.papers").fetchone()) == (2,)


def test_a_later_version_becomes_the_paper_and_the_earlier_is_kept(warehouse: Warehouse) -> None:
    for one in (paper(1, version=2, title="Second"), paper(1, title="First")):
        warehouse.write(runs.add_found, "r", "refusal", [as_told(one)])
    assert warehouse.read(lambda c: c.execute("select title, version, topics from papers").fetchall()) == [
        ("Second", 2, ["refusal"])
    ]
    assert warehouse.read(lambda c: c.execute("select count(*) from record.papers").fetchone()) == (2,)


def test_a_run_over_all_topics_makes_up_for_what_was_due_before_it(warehouse: Warehouse) -> None:
    due = utc_now() - timedelta(hours=1)

    def begin(
        arguments: dict[str, object], drafter: str = "extractive 1", outcome: runs.RunOutcome | None = "done"
    ) -> None:
        def write(connection: Connection) -> None:
            run = runs.start_run(connection, arguments, drafter)
            if outcome:
                runs.end_run(connection, run, outcome)

        warehouse.write(write)

    begin({"ids": ["2401.90001"]})
    begin({"topics": ["grokking"]})
    begin({"watch": True}, drafter="")
    begin({"collect": True})
    begin({"until": "2026-11-01"})
    begin({}, outcome=None)
    begin({}, outcome="failed")
    assert not warehouse.read(runs.has_ended_since, due)
    begin({"limit": 5}, outcome="done with failures")
    assert warehouse.read(runs.has_ended_since, due)
    assert not warehouse.read(runs.has_ended_since, utc_now() + timedelta(hours=1))
