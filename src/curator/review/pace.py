"""How a review is going: how much waits, how much was decided today, at what pace, and what that leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from curator.warehouse import Connection, candidate_search

SITTING = timedelta(minutes=5)  # a longer gap between two decisions ends a sitting
ENOUGH = 5  # decisions in a sitting, before a pace is told from them
LOOK_BACK = 200  # decisions


@dataclass(frozen=True)
class Pace:
    waiting: int
    today: int  # decided since midnight by anybody, and not undone
    mine: int  # by this reviewer
    pace: float | None  # decisions a minute in this reviewer's present sitting; None where it is too short to tell
    left: timedelta | None  # what that makes of those that wait; None without a pace


def measure_pace(connection: Connection, reviewer: str, waiting: int, now: datetime | None = None) -> Pace:
    """`now` has a time zone; that zone's midnight begins the day. By default this machine's."""
    now = now or datetime.now().astimezone()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC).replace(tzinfo=None)
    today, mine = candidate_search.count_decided_since(connection, midnight, reviewer)
    times = candidate_search.load_decision_times(connection, reviewer, LOOK_BACK)
    pace = _pace(times, now.astimezone(UTC).replace(tzinfo=None))
    return Pace(waiting, today, mine, pace, timedelta(minutes=waiting / pace) if pace else None)


def _pace(times: list[datetime], now: datetime) -> float | None:
    """Decisions a minute, from their times, latest first. What was decided together counts once.

    The time from the last decision until now is left out: a reviewer who reads is not slower than the one before.
    """
    sitting: list[datetime] = []
    for time in times:
        if (sitting[-1] if sitting else now) - time > SITTING:
            break
        sitting.append(time)
    if len(sitting) < ENOUGH:
        return None
    minutes = (sitting[0] - sitting[-1]).total_seconds() / 60
    return (len(sitting) - 1) / minutes if minutes > 0 else None
