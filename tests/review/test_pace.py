"""How a review is going, told honestly: nothing is estimated from too little."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from curator.review.decisions import DecisionRequest, Reviewer
from curator.review.pace import MAX_PAUSE, MIN_DECISIONS, Pace, measure_pace
from curator.warehouse import Warehouse, steps
from tests.helpers.templates import new_warehouse
from tests.warehouse.things import candidate, stock

IDS = [f"aaaa{number:08}" for number in range(20)]
NOW = datetime.now().astimezone()


def fill(made: Warehouse) -> None:
    stock(made, *map(candidate, IDS))


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "w.duckdb", fill)


def decided(warehouse: Warehouse, *ago: timedelta, reviewer: str = "Ada") -> None:
    """Decisions taken so long before now, one on each candidate in turn."""
    for one, before in zip(IDS, ago, strict=False):
        Reviewer(warehouse, reviewer).defer(one)
        then = (NOW - before).astimezone().timestamp()
        warehouse.write(
            lambda c, one=one, then=then: c.execute(  # type: ignore[misc]
                "update record.decisions set added = make_timestamp($then::bigint) where candidate = $one",
                {"one": one, "then": int(then * 1_000_000)},
            )
        )


def told(warehouse: Warehouse, waiting: int = 60, reviewer: str = "Ada") -> Pace:
    return warehouse.read(measure_pace, reviewer, waiting, NOW)


def test_pace_and_what_is_left_come_from_the_present_sitting(warehouse: Warehouse) -> None:
    times = [timedelta(seconds=20 * n) for n in range(7)] + [timedelta(hours=20 + n) for n in range(5)]
    decided(warehouse, *times)
    found = told(warehouse)
    assert found.pace == pytest.approx(3)
    assert found.left is not None
    assert found.left.total_seconds() == pytest.approx(20 * 60, abs=1)


def test_too_few_decisions_give_no_pace(warehouse: Warehouse) -> None:
    decided(warehouse, *[timedelta(seconds=20 * n) for n in range(MIN_DECISIONS - 1)])
    assert (told(warehouse).pace, told(warehouse).left) == (None, None)


def test_a_sitting_that_ended_gives_no_pace(warehouse: Warehouse) -> None:
    decided(warehouse, *[MAX_PAUSE + timedelta(seconds=20 * (n + 1)) for n in range(9)])
    assert told(warehouse).pace is None


def test_another_reviewers_pace_is_not_ones_own(warehouse: Warehouse) -> None:
    decided(warehouse, *[timedelta(seconds=20 * n) for n in range(9)], reviewer="Bo")
    assert told(warehouse).pace is None
    assert told(warehouse, reviewer="Bo").pace == pytest.approx(3)


def test_today_begins_at_midnight_here_and_what_was_undone_does_not_count(warehouse: Warehouse) -> None:
    since_midnight = NOW - NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    decided(warehouse, timedelta(0), since_midnight + timedelta(minutes=1))
    Reviewer(warehouse, "Bo").reject(IDS[5], "no")
    Reviewer(warehouse, "Bo").reject(IDS[6], "no")
    Reviewer(warehouse, "Bo").undo()
    found = told(warehouse)
    assert (found.today, found.mine) == (2, 1)


def test_what_was_decided_together_counts_once_for_the_pace(warehouse: Warehouse) -> None:
    Reviewer(warehouse, "Ada").decide_many(IDS, DecisionRequest("defer"))
    assert told(warehouse).pace is None
    assert told(warehouse).today == len(IDS)
    step = warehouse.read(steps.load_next_undo, "Ada")
    assert step is not None
    assert step.size == len(IDS)
