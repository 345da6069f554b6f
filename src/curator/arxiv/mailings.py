"""What each topic got of each of arXiv's mailings, and whether "nothing" is to be believed.

A day on which nothing came is quiet only where something proves that arXiv's index has the day: papers of it in the
topic's categories. A feed that stands still, or an index that lags, looks the same from the topic alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from curator.arxiv.calendar import submission_window

DayState = Literal["fresh", "quiet", "waiting", "stalled", "failed", "not asked"]

LAG = timedelta(hours=36)
"""After an announcement: arXiv's search is brought up to date once a day, at midnight (its API's user manual)."""

_CATEGORY = re.compile(r"\bcat:([A-Za-z-]+(?:\.[A-Za-z-]+)?)")


@dataclass(frozen=True)
class QueryRecord:
    """arXiv was asked for a topic; times are UTC with their zone."""

    topic: str
    at: datetime
    since: datetime | None  # None where it came to nothing
    until: datetime | None
    complete: bool


@dataclass(frozen=True)
class MailingDay:
    """One topic on one mailing day."""

    announced: datetime
    topic: str
    state: DayState
    papers: int  # of that mailing, that the topic found
    why: str = ""


def scope_of(query: str) -> str:
    """The categories that a topic's query names, as a query of their own; "" where it names none, or leaves one out."""
    if "ANDNOT" in query.upper():
        return ""
    return " OR ".join(f"cat:{one}" for one in sorted(set(_CATEGORY.findall(query))))


def categories_of(scope: str) -> tuple[str, ...]:
    return tuple(_CATEGORY.findall(scope))


def classify_day(
    topic: str,
    announced: datetime,
    now: datetime,
    *,
    found: int,
    asked: Iterable[QueryRecord],
    proof: int,
    elsewhere: int,
) -> MailingDay:
    """The state of a topic on a mailing day.

    `found`: papers of that mailing that the topic found; `proof`: those in its categories that anybody has seen;
    `elsewhere`: those in arXiv as a whole.
    """
    if found:
        return MailingDay(announced, topic, "fresh", found)
    if now < announced:
        return MailingDay(announced, topic, "waiting", 0, "not announced yet")
    since, until = submission_window(announced)
    later = [one for one in asked if one.topic == topic and one.at >= announced]
    meant = [one for one in later if not (one.since and one.until) or (one.since <= since and one.until >= until)]
    if any(one.complete for one in meant):
        return _nothing(topic, announced, now, proof, elsewhere)
    if meant:
        return MailingDay(announced, topic, "failed", 0, "asked for, and it did not come or not as a whole")
    return MailingDay(announced, topic, "not asked", 0)


def _nothing(topic: str, announced: datetime, now: datetime, proof: int, elsewhere: int) -> MailingDay:
    if proof:
        return MailingDay(
            announced, topic, "quiet", 0, f"arXiv has {proof} papers of that mailing in the topic's categories"
        )
    if not elsewhere and now - announced < LAG:
        return MailingDay(announced, topic, "waiting", 0, "arXiv's search does not have that mailing yet")
    if elsewhere:
        said = f"arXiv has {elsewhere} papers of that mailing, and none in the topic's categories"
    else:
        said = "arXiv's search has no paper at all of that mailing"
    return MailingDay(announced, topic, "stalled", 0, said)


def counted(published: Sequence[datetime], announced: datetime) -> int:
    """How many of these submissions belong to a mailing."""
    since, until = submission_window(announced)
    return sum(since < one <= until for one in published)
