"""Coverage of arXiv's mailings: verify that a topic without papers is quiet, and load each day's results."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from curator.arxiv.calendar import announcements_between, last_announcement, next_announcement, submission_window
from curator.arxiv.mailings import (
    MailingDay,
    QueryRecord,
    classify_day,
    count_in_mailing,
    extract_scope,
    list_categories,
)
from curator.arxiv.search import ArxivSearch
from curator.errors import ArxivError, ArxivRefused
from curator.pipeline.run_context import Run
from curator.settings import Topic
from curator.warehouse import Connection, mailings, runs
from curator.workspace import Workspace

Window = tuple[datetime, datetime]
"""The first and the last submission time to ask for, in UTC."""


def verify_quiet_topic(
    run: Run, search: ArxivSearch, topic: Topic, window: Window
) -> tuple[runs.TopicState, tuple[str, ...]]:
    """Check whether a topic without new papers is quiet, or arXiv's answer cannot be trusted.

    Only the last mailing in the window is checked. It takes one or two requests unless the warehouse holds the proof.

    Returns:
        The topic's state (quiet, waiting, stalled or incomplete) and the reasons for any other than quiet.

    Raises:
        ArxivRefused: arXiv refuses this machine.
    """
    now = datetime.now(UTC)
    announced = last_announcement(min(window[1], now))
    since, until = submission_window(announced)
    if window[0] > since or window[1] < until:
        return "quiet", ()  # the window contains no whole mailing
    demo = run.workspace.is_demo
    try:
        in_categories, in_arxiv = (0, 0) if demo else _count_mailing(run, search, topic, announced)
    except ArxivRefused:
        raise
    except ArxivError as error:
        return "incomplete", (f"arXiv returned nothing, which could not be verified: {error}",)
    query = QueryRecord(topic.name, now, *window, complete=True)
    day = classify_day(
        topic.name, announced, now, found=0, queries=[query], in_categories=in_categories, in_arxiv=in_arxiv,
        fixed_archive=demo,
    )  # fmt: skip
    if day.state == "quiet":
        return "quiet", ()
    return ("waiting" if day.state == "waiting" else "stalled"), (f"{announced:%Y-%m-%d %H:%M} UTC: {day.why}.",)


def _count_mailing(run: Run, search: ArxivSearch, topic: Topic, announced: datetime) -> tuple[int, int]:
    """Count a mailing's papers in the topic's categories and, if there are none, in all of arXiv."""
    scope = extract_scope(topic.query)
    in_categories = run.warehouse.read(_load_count, announced, scope) or _ask_count(run, search, announced, scope)
    if in_categories or not scope:
        return in_categories, in_categories
    return 0, run.warehouse.read(_load_count, announced, "") or _ask_count(run, search, announced, "")


def _load_count(connection: Connection, announced: datetime, scope: str) -> int:
    """Return the largest number of papers that the warehouse records for a mailing, in a scope of categories."""
    times = submission_window(announced)
    return max(
        mailings.count_seen(connection, *times, list_categories(scope)),
        mailings.load_count(connection, announced, scope),
    )


def _ask_count(run: Run, search: ArxivSearch, announced: datetime, scope: str) -> int:
    """Ask arXiv for the number of papers in a mailing, and record it. Raises ArxivError."""
    count = search.search(scope, *submission_window(announced), limit=1).announced
    run.warehouse.write(mailings.add_count, run.id, announced, scope, count)
    return count


def load_days(connection: Connection, workspace: Workspace, last: int, now: datetime) -> list[MailingDay]:
    """Return each topic's state on the next mailing day and on the `last` past ones, the latest day first.

    Args:
        connection: The connection to the warehouse.
        workspace: The workspace. In the demo's, the sample archive answers the queries; it is complete and fixed.
        last: The number of past mailing days.
        now: The current time.
    """
    past = announcements_between(now - timedelta(days=2 * last + 14), now)[-last:]
    first = submission_window(past[0])[0]
    queries = [QueryRecord(*row) for row in mailings.load_queries(connection, first)]
    dates_by_topic = mailings.load_found(connection, first)

    @cache
    def load_count(announced: datetime, scope: str) -> int:
        return _load_count(connection, announced, scope)

    return [
        classify_day(
            topic.name, announced, now,
            found=count_in_mailing(dates_by_topic.get(topic.name, ()), announced), queries=queries,
            in_categories=load_count(announced, extract_scope(topic.query)), in_arxiv=load_count(announced, ""),
            fixed_archive=workspace.is_demo,
        )
        for announced in (next_announcement(now), *reversed(past))
        for topic in workspace.settings.topics
    ]  # fmt: skip
