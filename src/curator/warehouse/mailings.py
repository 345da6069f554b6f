"""arXiv's mailings: how many papers each has, and how many of them are in the warehouse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from curator.warehouse.connection import Connection
from curator.warehouse.rows import add_rows, to_naive_utc, utc_now


def add_count(connection: Connection, run: str, announced: datetime, scope: str, papers: int) -> None:
    """Record how many papers arXiv reports for a mailing.

    Args:
        connection: A connection that can write.
        run: The run that asked.
        announced: The time of the mailing.
        scope: The categories of the count; "" for all.
        papers: The number of papers.
    """
    row = {"announced": to_naive_utc(announced), "scope": scope, "papers": papers, "run": run, "added": utc_now()}
    add_rows(connection, "mailings", [row])


def count_seen(connection: Connection, since: datetime, until: datetime, categories: Sequence[str] = ()) -> int:
    """Count the known papers submitted after `since` and up to `until`, in any of these categories (none: in all)."""
    row = connection.execute(
        """
        select count(distinct paper) from record.papers
        where place is null and published > $since and published <= $until
          and (len($categories::varchar[]) = 0 or list_has_any(categories, $categories::varchar[]))
        """,
        {"since": to_naive_utc(since), "until": to_naive_utc(until), "categories": list(categories)},
    ).fetchone()
    assert row is not None  # an aggregate always gives a row
    return int(row[0])


def load_count(connection: Connection, announced: datetime, scope: str) -> int:
    """Return the highest count that arXiv ever gave for a mailing; 0 if it was never asked."""
    row = connection.execute(
        "select coalesce(max(papers), 0) from record.mailings where announced = $announced and scope = $scope",
        {"announced": to_naive_utc(announced), "scope": scope},
    ).fetchone()
    assert row is not None  # an aggregate always gives a row
    return int(row[0])


def load_queries(connection: Connection, since: datetime) -> list[tuple[Any, ...]]:
    """Return the searches of arXiv since a moment, oldest first.

    Returns:
        A tuple for each search: the topic, the time of the search, the start and end of the period searched (times in
        UTC, with a zone), and whether the result was complete.
    """
    rows = connection.execute(
        "select topic, added, since, until, complete from record.run_topics "
        "where added >= $since and state <> 'not asked' order by added",
        {"since": to_naive_utc(since)},
    ).fetchall()
    return [
        (topic, *(time and time.replace(tzinfo=UTC) for time in times), complete) for topic, *times, complete in rows
    ]


def load_found(connection: Connection, since: datetime) -> dict[str, list[datetime]]:
    """Return the submission times (UTC) since then of the papers that each topic found."""
    rows = connection.execute(
        """
        select s.topic, min(p.published) from record.sightings s join record.papers p using (paper)
        where p.published >= $since group by s.topic, s.paper
        """,
        {"since": to_naive_utc(since)},
    ).fetchall()
    by_topic: dict[str, list[datetime]] = defaultdict(list)
    for topic, published in rows:
        by_topic[topic].append(published.replace(tzinfo=UTC))
    return by_topic
