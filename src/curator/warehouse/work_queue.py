"""The work that remains: papers to screen and to draft, failed steps, and retries.

It is computed from the recorded rows, so a run continues the work of one that was killed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from curator.types import Paper
from curator.warehouse.connection import Connection
from curator.warehouse.papers import PAPER_COLUMNS, to_paper
from curator.warehouse.rows import add_rows, utc_now


def list_to_screen(connection: Connection, topic: str, attempts: int) -> list[Paper]:
    """Return the papers that a topic's query found and that have not been screened for it, newest first.

    Papers that were only requested by id are left out.

    Args:
        connection: A connection.
        topic: The topic.
        attempts: The number of failed runs after which a paper is left out.
    """
    rows = connection.execute(
        f"""
        select {PAPER_COLUMNS} from papers p join record.sightings s using (paper)
        where s.topic = $topic
          and not exists (from record.screenings d where d.paper = p.paper and d.topic = s.topic)
          and not exists (from failures f
                          where f.stage = 'screen' and f.paper = p.paper and f.topic = s.topic
                          and f.open and f.attempts >= $attempts)
        order by p.published desc, p.paper desc
        """,  # noqa: S608
        {"topic": topic, "attempts": attempts},
    ).fetchall()
    return [to_paper(row) for row in rows]


_MAY_BE_TRIED = """
    not exists (from failures f
                where f.paper = p.paper and f.version = p.version and f.stage <> 'screen' and f.open
                and (f.retry_at is null or f.attempts >= $attempts
                     or (f.retry_at > $moment and f.added <= $moment)))  -- else the clock was ahead at the failure
"""
"""SQL condition: the version of a row `p` has no failure that rules out another attempt now."""


def list_to_draft(connection: Connection, topics: Sequence[str], moment: datetime, attempts: int) -> list[Paper]:
    """Return the papers to draft, newest first.

    These are papers that passed screening for one of the topics and of which no version was drafted, and papers that
    were requested by id and whose requested version was not drafted.

    Args:
        connection: A connection.
        topics: The topics.
        moment: The current time (UTC, without a zone); papers whose retry is due later are left out.
        attempts: The number of failed runs after which a paper is left out, like papers that cannot be retried.
    """
    rows = connection.execute(
        f"""
        with wanted as (
            select w.paper, w.version from papers w
            where exists (from record.screenings s
                          where s.paper = w.paper and s.relevant and s.topic in (select unnest($topics)))
              and not exists (from record.drafts d where d.paper = w.paper)
            union
            select r.paper, r.version from record.requests r
            where not exists (from record.drafts d where d.paper = r.paper and d.version = r.version))
        select {PAPER_COLUMNS} from record.papers p join wanted using (paper, version)
        where {_MAY_BE_TRIED}
        order by p.published desc, p.paper desc
        """,  # noqa: S608
        {"topics": list(topics), "moment": moment, "attempts": attempts},
    ).fetchall()
    return [to_paper(row) for row in rows]


def list_undrafted(connection: Connection, papers: Sequence[Paper], moment: datetime, attempts: int) -> list[Paper]:
    """Return the papers among `papers` whose version was not drafted and may be tried, in their order.

    See `list_to_draft` for `moment` and `attempts`.
    """
    rows = connection.execute(
        f"""
        select p.paper, p.version from (select unnest($ids) as paper, unnest($versions) as version) p
        where not exists (from record.drafts d where d.paper = p.paper and d.version = p.version)
          and {_MAY_BE_TRIED}
        """,  # noqa: S608
        {
            "ids": [paper.id for paper in papers],
            "versions": [paper.version for paper in papers],
            "moment": moment,
            "attempts": attempts,
        },
    ).fetchall()
    wanted = set(rows)
    return [paper for paper in papers if (paper.id, paper.version) in wanted]


def load_failure_messages(connection: Connection, papers: Sequence[Paper]) -> dict[str, str]:
    """Return the messages of unresolved failures of `papers`, by versioned id."""
    rows = connection.execute(
        """
        select paper || 'v' || version, message from failures
        where open and stage <> 'screen' and paper in (select unnest($ids))
        """,
        {"ids": [paper.id for paper in papers]},
    ).fetchall()
    return dict(rows)


def list_failing(connection: Connection) -> dict[str, Literal["screen", "read", "watch"]]:
    """Return the papers with an unresolved failure, and the kind of work that would retry it.

    The kind is "screen" for screening, "read" for reading and drafting, and "watch" for checking a later version of a
    paper that was drafted.
    """
    rows = connection.execute(
        """
        select paper, case when paper in (select d.paper from record.drafts d) then 'watch'
                           when bool_and(stage = 'screen') then 'screen' else 'read' end
        from failures where open group by paper order by min(added)
        """
    ).fetchall()
    return dict(rows)


def add_retries(connection: Connection, papers: Iterable[str], reviewer: str) -> None:
    """Allow the failed steps of these papers to be retried."""
    rows = [{"paper": paper, "reviewer": reviewer, "added": utc_now()} for paper in papers]
    add_rows(connection, "retries", rows)


def add_failure(
    connection: Connection,
    run: str,
    stage: str,
    paper: Paper,
    code: str,
    message: str,
    retry_at: datetime | None,
    *,
    topic: str | None = None,
) -> None:
    """Record that a step failed for a paper.

    Args:
        connection: A connection that can write.
        run: The run.
        stage: The step: "screen", "download", "read" or "draft".
        paper: The paper version.
        code: The kind of failure.
        message: A complete sentence.
        retry_at: The earliest time of another attempt (UTC); None if another attempt cannot succeed.
        topic: The topic that the paper was screened for.
    """
    row = {
        "stage": stage,
        "paper": paper.id,
        "version": paper.version,
        "topic": topic,
        "code": code,
        "message": message,
        "retry_at": retry_at,
        "run": run,
        "added": utc_now(),
    }
    add_rows(connection, "failures", [row])
