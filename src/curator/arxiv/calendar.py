"""arXiv's announcement calendar: the times at which new papers become public.

The schedule (info.arxiv.org/help/availability.html): papers are announced at 20:00 US Eastern time, Sunday to Thursday.
The page lists each year's days without a mailing; the days below were copied from it in 2026. The page does not say
that a Friday in its list cancels the mailing of the *Sunday* after it, but that follows from the schedule (Sunday's
mailing is prepared on Friday) and was observed: there was no list on Monday 7 July 2025, nor on Monday 22 June 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_EASTERN = ZoneInfo("America/New_York")
_ANNOUNCED = time(20, 0)
_CUT_OFF = time(14, 0)
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6

_NO_MAILING: dict[int, frozenset[tuple[int, int]]] = {  # year: (month, day) as arXiv lists them
    2026: frozenset({(1, 1), (1, 19), (6, 19), (7, 3), (9, 7), (11, 26), (12, 25), (12, 29), (12, 31)}),
}


def is_known(year: int) -> bool:
    """Return True if the year's days without a mailing are known; for other years only the weekends are."""
    return year in _NO_MAILING


def announcements_between(since: datetime, until: datetime) -> list[datetime]:
    """Return the announcements after `since`, up to and including `until`, in UTC, oldest first.

    Raises:
        ValueError: One of the times has no time zone.
    """
    _require_zone(since, until)
    day, last = since.astimezone(_EASTERN).date(), until.astimezone(_EASTERN).date()
    announcements = []
    while day <= last:
        if _is_announced(day) and since < (moment := _announcement_of(day)) <= until:
            announcements.append(moment)
        day += timedelta(days=1)
    return announcements


def last_announcement(now: datetime) -> datetime:
    """Return the latest announcement at or before `now`, in UTC."""
    return next(moment for moment in _moments(now, -1) if moment <= now)


def next_announcement(now: datetime) -> datetime:
    """Return the first announcement after `now`, in UTC."""
    return next(moment for moment in _moments(now, 1) if moment > now)


def submission_window(announced: datetime) -> tuple[datetime, datetime]:
    """Return the time in which an announcement's papers were submitted, in UTC: from the previous cut-off to its own.

    The cut-off is at 14:00 US Eastern on the day of the announcement, on Friday for Sunday's announcement
    (info.arxiv.org/help/availability.html). Papers that moderation delays are announced later, with their old date.
    """
    return _cut_off(last_announcement(announced - timedelta(minutes=1))), _cut_off(announced)


def _cut_off(announced: datetime) -> datetime:
    day = announced.astimezone(_EASTERN).date()
    if day.weekday() == _SUNDAY:
        day -= timedelta(days=2)
    return datetime.combine(day, _CUT_OFF, _EASTERN).astimezone(UTC)


def _moments(now: datetime, step: int) -> Iterator[datetime]:
    _require_zone(now)
    day = now.astimezone(_EASTERN).date()
    while True:
        if _is_announced(day):
            yield _announcement_of(day)
        day += timedelta(days=step)


def _is_announced(day: date) -> bool:
    if day.weekday() in (_FRIDAY, _SATURDAY) or _is_listed(day):
        return False
    friday = day - timedelta(days=2)
    return not (friday.weekday() == _FRIDAY and _is_listed(friday))


def _is_listed(day: date) -> bool:
    return (day.month, day.day) in _NO_MAILING.get(day.year, frozenset())


def _announcement_of(day: date) -> datetime:
    return datetime.combine(day, _ANNOUNCED, _EASTERN).astimezone(UTC)


def _require_zone(*times: datetime) -> None:
    if any(moment.tzinfo is None for moment in times):
        raise ValueError("arXiv's calendar needs times with a time zone.")
