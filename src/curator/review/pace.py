"""The pace of a review: candidates waiting, decisions today, decisions a minute, and an estimate of the time left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from curator.warehouse import Connection, candidate_search

MAX_PAUSE = timedelta(minutes=5)
"""A longer gap between two decisions ends a sitting."""
MIN_DECISIONS = 5
"""Decisions in a sitting from which a pace is computed."""
MAX_DECISIONS = 200
"""Latest decisions that the pace is computed from."""


@dataclass(frozen=True)
class Pace:
    """How a review is progressing."""

    waiting: int
    today: int  # decisions of all reviewers since midnight that were not undone
    mine: int  # those of this reviewer
    pace: float | None  # decisions a minute in this reviewer's current sitting; None if the sitting is too short
    left: timedelta | None  # estimated time to decide the waiting candidates; None without a pace


def measure_pace(connection: Connection, reviewer: str, waiting: int, now: datetime | None = None) -> Pace:
    """Return a reviewer's pace.

    Args:
        connection: To the warehouse.
        reviewer: The reviewer's name.
        waiting: The number of candidates that wait for a decision.
        now: The current time, with the time zone whose midnight begins the day; by default this machine's.
    """
    now = now or datetime.now().astimezone()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC).replace(tzinfo=None)
    today, mine = candidate_search.count_decided_since(connection, midnight, reviewer)
    times = candidate_search.load_decision_times(connection, reviewer, MAX_DECISIONS)
    pace = _decisions_per_minute(times, now.astimezone(UTC).replace(tzinfo=None))
    return Pace(waiting, today, mine, pace, timedelta(minutes=waiting / pace) if pace else None)


def _decisions_per_minute(times: list[datetime], now: datetime) -> float | None:
    """Return the pace of the current sitting, from the times of its decisions, latest first.

    Decisions taken together have one time and count once. The time since the latest decision is left out, because the
    reviewer may be reading.
    """
    sitting: list[datetime] = []
    for time in times:
        if (sitting[-1] if sitting else now) - time > MAX_PAUSE:
            break
        sitting.append(time)
    if len(sitting) < MIN_DECISIONS:
        return None
    minutes = (sitting[0] - sitting[-1]).total_seconds() / 60
    return (len(sitting) - 1) / minutes if minutes > 0 else None
