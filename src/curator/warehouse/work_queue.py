"""The work that remains: papers to screen, to draft and to retry, and failed steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from curator.types import (
    Paper,
)
from curator.warehouse.connection import Connection
from curator.warehouse.papers import PAPER_COLUMNS, to_paper
from curator.warehouse.rows import add_rows, utc_now


def list_to_screen(connection: Connection, topic: str, attempts: int) -> list[Paper]:
    """Papers that the topic found and that nobody has screened for it yet, newest first.

    Left out: those asked for by id only, and those whose screening for the topic failed `attempts` times.
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
                     or (f.retry_at > $moment and f.added <= $moment)))  -- else the clock was ahead when it failed
"""


def list_to_draft(connection: Connection, topics: Sequence[str], moment: datetime, attempts: int) -> list[Paper]:
    """Papers of these topics that passed screening and were never drafted, newest first.

    With them those asked for by id whose very version was never drafted. Left out: those whose last failure says
    that trying again is no use, or not yet at `moment`, or that have failed `attempts` times.
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
    """Return those of `papers` whose version was never drafted and may be tried, in their order."""
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

    "screen": screening; "read": reading and drafting; "watch": a later version of what was drafted from.
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
    """Record that one step failed for one paper, in screening for one topic.

    `retry_at`: when it may be tried again; None for never.
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
