"""A day without papers is quiet only where something proves that arXiv has the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.arxiv.calendar import announcements_between, submission_window
from curator.arxiv.mailings import MAX_INDEX_LAG, DayState, QueryRecord, classify_day, count_in_mailing, extract_scope

EASTERN = ZoneInfo("America/New_York")
TUESDAY = datetime(2026, 3, 3, 20, tzinfo=EASTERN).astimezone(UTC)
SINCE, UNTIL = submission_window(TUESDAY)
WHOLE = QueryRecord("grokking", TUESDAY + timedelta(hours=1), SINCE - timedelta(days=14), TUESDAY, True)


def state(
    queries: list[QueryRecord],
    hours: float = 48,
    *,
    found: int = 0,
    in_categories: int = 0,
    in_arxiv: int = 0,
    fixed_archive: bool = False,
) -> DayState:
    now = TUESDAY + timedelta(hours=hours)
    return classify_day(
        "grokking", TUESDAY, now, found=found, queries=queries, in_categories=in_categories, in_arxiv=in_arxiv,
        fixed_archive=fixed_archive,
    ).state  # fmt: skip


def eastern(*times: datetime) -> list[str]:
    return [f"{one.astimezone(EASTERN):%a %m-%d %H}" for one in times]


@pytest.mark.parametrize(
    ("day", "window"),
    [
        (datetime(2026, 3, 3, 20), ["Mon 03-02 14", "Tue 03-03 14"]),
        (datetime(2026, 3, 1, 20), ["Thu 02-26 14", "Fri 02-27 14"]),
        (datetime(2026, 3, 2, 20), ["Fri 02-27 14", "Mon 03-02 14"]),
        (datetime(2026, 11, 29, 20), ["Wed 11-25 14", "Fri 11-27 14"]),  # after Thanksgiving
        (datetime(2026, 6, 22, 20), ["Thu 06-18 14", "Mon 06-22 14"]),  # a Friday without, and so no Sunday
    ],
)
def test_a_mailing_brings_what_came_in_from_cut_off_to_cut_off(day: datetime, window: list[str]) -> None:
    assert eastern(*submission_window(day.replace(tzinfo=EASTERN).astimezone(UTC))) == window


@given(st.datetimes(datetime(2026, 1, 10), datetime(2026, 12, 20), timezones=st.just(UTC)))
def test_every_moment_belongs_to_one_mailing(moment: datetime) -> None:
    near = announcements_between(moment - timedelta(days=8), moment + timedelta(days=8))
    assert sum(count_in_mailing([moment], one) for one in near) == 1


def test_papers_make_a_day_fresh_whenever_they_came() -> None:
    assert state([], found=1) == "fresh"


def test_before_the_announcement_it_waits() -> None:
    assert state([], hours=-1) == "waiting"


def test_nothing_is_quiet_only_with_proof() -> None:
    assert state([WHOLE], in_categories=3, in_arxiv=3) == "quiet"
    assert state([WHOLE], in_categories=0, in_arxiv=900) == "stalled", "its categories stand still"
    assert state([WHOLE], in_categories=0, in_arxiv=0) == "stalled", "arXiv stands still"
    assert state([WHOLE], hours=MAX_INDEX_LAG / timedelta(hours=1) - 1) == "waiting", "its search lags by a night"


def test_a_fixed_archive_needs_no_proof_but_a_complete_answer() -> None:
    assert state([WHOLE], fixed_archive=True) == "quiet"
    assert state([replace(WHOLE, complete=False)], fixed_archive=True) == "failed"
    assert state([], fixed_archive=True) == "not asked"
    assert state([WHOLE], hours=-1, fixed_archive=True) == "waiting"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"complete": False}, "failed"),
        ({"since": None, "until": None, "complete": False}, "failed"),
        ({"since": SINCE + timedelta(hours=1)}, "not asked"),
        ({"until": UNTIL - timedelta(hours=1)}, "not asked"),
        ({"at": TUESDAY - timedelta(minutes=1)}, "not asked"),
        ({"topic": "refusal"}, "not asked"),
    ],
)
def test_what_was_not_asked_as_a_whole_and_afterwards_is_not_quiet(changes: dict[str, object], expected: str) -> None:
    one = QueryRecord(**{**vars(WHOLE), **changes})
    assert state([one], in_categories=3, in_arxiv=3) == expected


@pytest.mark.parametrize(
    ("query", "scope"),
    [
        ('(cat:cs.CL OR cat:cs.LG) AND all:"grokking"', "cat:cs.CL OR cat:cs.LG"),
        ("all:grokking", ""),
        ("cat:hep-th AND cat:cs.CL AND cat:cs.CL", "cat:cs.CL OR cat:hep-th"),
        ("all:grokking ANDNOT cat:cs.CV", ""),
    ],
)
def test_the_categories_of_a_query_are_what_a_day_is_proved_by(query: str, scope: str) -> None:
    assert extract_scope(query) == scope
