"""Runs, the searches of arXiv that they made for each topic, and the papers that they found."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from curator.types import Paper
from curator.warehouse.connection import Connection
from curator.warehouse.papers import add_papers
from curator.warehouse.rows import add_rows, to_naive_utc, utc_now

TopicState = Literal["fresh", "quiet", "waiting", "stalled", "incomplete", "failed", "not asked"]
RunOutcome = Literal["done", "done with failures", "failed", "interrupted"]


def start_run(connection: Connection, arguments: Mapping[str, Any], drafter: str) -> str:
    """Record the start of a run and return its id; ids sort by time.

    Args:
        connection: A connection that can write.
        arguments: The run's arguments, stored as JSON.
        drafter: The drafter's name; "" for a run that does not draft.
    """
    started = utc_now()
    run = f"{started:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    row = {
        "run": run,
        "started": started,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "arguments": dict(arguments),
        "drafter": drafter,
    }
    add_rows(connection, "runs", [row])
    return run


def end_run(connection: Connection, run: str, outcome: RunOutcome, message: str | None = None) -> None:
    """Record the end and outcome of a run, once."""
    row = {"run": run, "ended": utc_now(), "outcome": outcome, "message": message}
    add_rows(connection, "run_ends", [row], identity=("run",))


def load_last_ingest(connection: Connection) -> datetime | None:
    """Return the start of the latest completed run over all topics up to then; UTC, without a zone."""
    return _last_ended(
        connection,
        "drafter <> '' and not list_has_any(json_keys(arguments), ['ids', 'sources', 'topics', 'collect'])"
        " and coalesce(try_cast(arguments->>'until' as timestamp) >= started, true)",
    )


def load_last_watch(connection: Connection) -> datetime | None:
    """Return the start of the latest completed check for revisions; UTC, without a zone."""
    return _last_ended(connection, "list_contains(json_keys(arguments), 'watch')")


def _last_ended(connection: Connection, condition: str) -> datetime | None:
    """Return the latest start of a completed run that meets an SQL condition.

    Starts in the future, recorded while the clock was ahead, are ignored.
    """
    row = connection.execute(
        "select max(started) from runs "  # noqa: S608
        f"where started <= $now and outcome in ('done', 'done with failures') and {condition}",
        {"now": utc_now()},
    ).fetchone()
    return row[0] if row else None


def has_ended_since(connection: Connection, moment: datetime) -> bool:
    """Return True if a run over all topics has begun since a moment and completed."""
    last = load_last_ingest(connection)
    return last is not None and last >= to_naive_utc(moment)


def load_left_off(connection: Connection, topic: str, query: str) -> datetime | None:
    """Return the time up to which `topic` was searched with this query without a gap; UTC, without a zone.

    A backfill of a separate period counts only once later searches have closed the gap. A search counts up to the
    moment at which it was made, and not at all if its record is in the future because the clock was ahead.

    Returns:
        The time; None if the topic was never searched with this query up to the present.
    """
    searches = connection.execute(
        """
        select since, least(until, added) as until, added from record.run_topics
        where topic = $topic and query = $query and complete and state in ('fresh', 'quiet') and added <= $now
        order by added
        """,
        {"topic": topic, "query": query, "now": utc_now()},
    ).fetchall()
    reached = next((until for _, until, added in searches if added - until < timedelta(days=1)), None)
    if reached is None:
        return None
    for since, until, _ in sorted(searches):
        if since <= reached:
            reached = max(reached, until)
    return reached  # type: ignore[no-any-return]


def load_first_tried(connection: Connection, topic: str, query: str) -> datetime | None:
    """Return the earliest time that a search of `topic` with this query has covered, even if it failed."""
    row = connection.execute(
        "select min(since) from record.run_topics "
        "where topic = $topic and query = $query and added - until < interval 1 day",
        {"topic": topic, "query": query},
    ).fetchone()
    return row[0] if row else None


def load_missing(connection: Connection, limit: int = 100) -> dict[str, list[str]]:
    """Return the papers whose entries in arXiv's answers were unreadable and that no later answer contained.

    Args:
        connection: A connection.
        limit: The maximum number of papers, latest first.

    Returns:
        The topics whose queries found each paper, by paper.
    """
    rows = connection.execute(
        """
        select id, list(distinct topic order by topic), max(added) as latest
        from (select unnest(unread) as id, topic, added from record.run_topics where len(unread) > 0)
        where id not in (select paper from record.papers)
        group by id order by latest desc, id limit $limit
        """,
        {"limit": limit},
    ).fetchall()
    return {paper: topics for paper, topics, _ in rows}


def add_found(connection: Connection, run: str, topic: str | None, papers: Sequence[Paper]) -> list[Paper]:
    """Record papers and that a topic's query found them; return the papers that it had not found before.

    Args:
        connection: A connection that can write.
        run: The run.
        topic: The topic; None for papers that were requested by id, of which those not requested before are returned.
        papers: The papers.
    """
    added = utc_now()
    add_papers(connection, papers, run)
    if topic is None:
        rows = [{"paper": p.id, "version": p.version, "run": run, "added": added} for p in papers]
        new = add_rows(connection, "requests", rows, identity=("paper", "version"))
    else:
        rows = [{"paper": p.id, "topic": topic, "run": run, "added": added} for p in papers]
        new = add_rows(connection, "sightings", rows, identity=("paper", "topic"))
    ids = {row["paper"] for row in new}
    return [paper for paper in papers if paper.id in ids]


def add_topic_run(
    connection: Connection,
    run: str,
    topic: str,
    state: TopicState,
    *,
    query: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    announced: int = 0,
    got: int = 0,
    found: int = 0,
    complete: bool = False,
    unread: Sequence[str] = (),
    problems: Sequence[str] = (),
) -> None:
    """Record the search of arXiv for one topic, and its result.

    Args:
        connection: A connection that can write.
        run: The run.
        topic: The topic.
        state: The outcome of the search.
        query: The topic's query at that time.
        since: The start of the period searched.
        until: The end of the period searched.
        announced: The number of papers in the period, according to arXiv.
        got: The number of papers that arXiv returned.
        found: The number of those that are new to the topic.
        complete: True if arXiv returned every announced paper.
        unread: The ids of papers whose entries could not be read.
        problems: Sentences on what went wrong.
    """
    row = {
        "run": run,
        "topic": topic,
        "state": state,
        "query": query,
        "since": since and to_naive_utc(since),
        "until": until and to_naive_utc(until),
        "announced": announced,
        "got": got,
        "unread": list(unread),
        "found": found,
        "complete": complete,
        "problems": problems,
        "added": utc_now(),
    }
    add_rows(connection, "run_topics", [row])
