"""Classify each topic's result for each of arXiv's mailings: were there really no papers, or is the answer doubtful?

A mailing without papers for a topic is quiet only if something proves that arXiv's index contains that mailing: papers
of it in the topic's categories. An interrupted feed, or an index that lags, looks the same to the topic alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from curator.arxiv.calendar import submission_window

DayState = Literal["fresh", "quiet", "waiting", "stalled", "failed", "not asked"]

MAX_INDEX_LAG = timedelta(hours=36)
"""Time after an announcement in which arXiv's search may still lack the mailing.

arXiv updates its search once a day, at midnight (info.arxiv.org/help/api/user-manual.html); half a day is added.
"""

_CATEGORY = re.compile(r"\bcat:([A-Za-z-]+(?:\.[A-Za-z-]+)?)")


@dataclass(frozen=True)
class QueryRecord:
    """A query that was sent to arXiv for a topic. Times are in UTC, with their zone."""

    topic: str
    at: datetime
    since: datetime | None  # None if the query failed
    until: datetime | None
    complete: bool


@dataclass(frozen=True)
class MailingDay:
    """One topic's result for one mailing."""

    announced: datetime
    topic: str
    state: DayState
    papers: int  # of that mailing that the topic found
    why: str = ""


def extract_scope(query: str) -> str:
    """Return a query for the categories that a topic's query names; "" if it names or excludes none.

    A query with ANDNOT has no scope either: it may exclude the very category that it names.
    """
    if "ANDNOT" in query.upper():
        return ""
    return " OR ".join(f"cat:{category}" for category in sorted(set(_CATEGORY.findall(query))))


def list_categories(scope: str) -> tuple[str, ...]:
    """Return the categories of a scope, such as ("cs.CL", "cs.LG")."""
    return tuple(_CATEGORY.findall(scope))


def classify_day(
    topic: str,
    announced: datetime,
    now: datetime,
    *,
    found: int,
    queries: Iterable[QueryRecord],
    in_categories: int,
    in_arxiv: int,
    fixed_archive: bool = False,
) -> MailingDay:
    """Return the state of a topic for a mailing.

    Args:
        topic: The topic's name.
        announced: The time of the mailing's announcement.
        now: The current time.
        found: Papers of that mailing that the topic found.
        queries: The recorded queries, of all topics.
        in_categories: Papers of that mailing in the topic's categories, whether the topic found them or not.
        in_arxiv: Papers of that mailing in the whole of arXiv.
        fixed_archive: The demo's archive answered the queries: it is complete from the start, so a complete answer
            without papers needs no other proof.
    """
    if found:
        return MailingDay(announced, topic, "fresh", found)
    if now < announced:
        return MailingDay(announced, topic, "waiting", 0, "not announced yet")
    since, until = submission_window(announced)
    later = [query for query in queries if query.topic == topic and query.at >= announced]
    covering = [
        query for query in later if not (query.since and query.until) or (query.since <= since and query.until >= until)
    ]
    if any(query.complete for query in covering):
        if fixed_archive:
            return MailingDay(announced, topic, "quiet", 0, "the sample archive has no paper of that mailing for it")
        return _classify_empty_answer(topic, announced, now, in_categories, in_arxiv)
    if covering:
        return MailingDay(announced, topic, "failed", 0, "the query failed, or its answer was incomplete")
    return MailingDay(announced, topic, "not asked", 0)


def _classify_empty_answer(
    topic: str, announced: datetime, now: datetime, in_categories: int, in_arxiv: int
) -> MailingDay:
    if in_categories:
        why = f"arXiv has {in_categories} papers of that mailing in the topic's categories"
        return MailingDay(announced, topic, "quiet", 0, why)
    if not in_arxiv and now - announced < MAX_INDEX_LAG:
        return MailingDay(announced, topic, "waiting", 0, "arXiv's search does not have that mailing yet")
    if in_arxiv:
        why = f"arXiv has {in_arxiv} papers of that mailing, but none in the topic's categories"
    else:
        why = "arXiv's search has no papers of that mailing"
    return MailingDay(announced, topic, "stalled", 0, why)


def count_in_mailing(submitted: Sequence[datetime], announced: datetime) -> int:
    """Count the submission times that belong to the mailing announced at that time."""
    since, until = submission_window(announced)
    return sum(since < moment <= until for moment in submitted)
