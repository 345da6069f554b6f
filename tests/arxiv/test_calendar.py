from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.arxiv.calendar import announcements_between, is_known, last_announcement, next_announcement

EASTERN = ZoneInfo("America/New_York")
TIMES = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


def days(since: str, until: str) -> list[str]:
    start, end = (datetime.fromisoformat(day).replace(tzinfo=EASTERN) for day in (since, until))
    return [f"{moment.astimezone(EASTERN):%a %m-%d %H}" for moment in announcements_between(start, end)]


def test_an_ordinary_week_has_five_announcements_at_eight_in_the_evening() -> None:
    assert days("2026-03-01", "2026-03-08") == [
        "Sun 03-01 20", "Mon 03-02 20", "Tue 03-03 20", "Wed 03-04 20", "Thu 03-05 20",
    ]  # fmt: skip


def test_eight_in_new_york_is_another_hour_in_utc_after_the_clock_change() -> None:
    winter, summer = (next_announcement(datetime(2026, 3, day, 12, tzinfo=UTC)) for day in (5, 10))
    assert (winter.hour, summer.hour) == (1, 0)


def test_a_holiday_has_no_announcement() -> None:
    assert days("2026-01-18", "2026-01-21") == ["Sun 01-18 20", "Tue 01-20 20"]


def test_a_friday_holiday_takes_the_sunday_after_it() -> None:
    assert days("2026-06-18", "2026-06-23") == ["Thu 06-18 20", "Mon 06-22 20"]


def test_years_without_a_table_are_said_to_be_unknown() -> None:
    assert is_known(2026)
    assert not is_known(2031)
    assert days("2031-01-01", "2031-01-02") == ["Wed 01-01 20"]


def test_a_window_leaves_out_its_start_and_takes_its_end() -> None:
    moment = datetime(2026, 3, 2, 20, tzinfo=EASTERN)
    assert announcements_between(moment, moment + timedelta(hours=1)) == []
    assert announcements_between(moment - timedelta(hours=1), moment) == [moment]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        next_announcement(datetime(2026, 3, 2))


@given(TIMES)
def test_now_lies_between_the_last_and_the_next_announcement(now: datetime) -> None:
    last, following = last_announcement(now), next_announcement(now)
    assert last <= now < following
    assert announcements_between(last, following) == [following]
