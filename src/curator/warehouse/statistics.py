"""Counts, failures and runs, as `curator status` and `curator runs` show them."""

from __future__ import annotations

from typing import Any

from curator.warehouse.connection import Connection
from curator.warehouse.rows import Table, fetch_table
from curator.warehouse.runs import load_last_ingest


def load_status(connection: Connection) -> dict[str, Any]:
    """Return counts of everything, in the shape of `curator status --json`."""
    row = fetch_table(
        connection,
        """
        select (select count(*) from papers) as papers,
               (select count(*) from documents) as documents,
               (select count(*) from candidates where status = 'pending' and acceptable) as pending,
               (select count(*) from candidates where status = 'accepted') as accepted,
               (select count(*) from candidates where status = 'rejected') as rejected,
               (select count(*) from candidates where status = 'deferred') as deferred,
               (select count(*) from candidates where status = 'merged') as merged,
               (select count(*) from candidates where status = 'pending' and not acceptable) as without_evidence,
               (select count(*) from record.publication_frames f
                where f.publication = (select max(publication) from record.publications)) as published,
               (select count(distinct candidate) from notices where open) as returned,
               (select count(*) from failures where open) as failures,
               (select coalesce(sum(questions), 0)::integer from batches where ended is null) as in_batches
        """,
    ).dicts()[0]
    candidates = {
        name: row.pop(name) for name in ("pending", "accepted", "rejected", "deferred", "merged", "without_evidence")
    }
    return {"papers": row["papers"], "documents": row["documents"], "candidates": candidates} | {
        "published": row["published"],
        "returned": row["returned"],
        "failures": row["failures"],
        "in_batches": row["in_batches"],
        "last_ingest": load_last_ingest(connection),
    }


def load_open_failures(connection: Connection) -> Table:
    """Return the failures that no success has followed, latest first."""
    return fetch_table(
        connection,
        """
        select stage, paper, version, code, message, attempts, retry_at
        from failures where open order by added desc, paper
        """,
    )


def load_runs(connection: Connection, limit: int = 20) -> list[dict[str, Any]]:
    """Return the latest runs first, in the shape of `curator runs --json`."""
    runs = fetch_table(
        connection,
        """
        select run as id, started, ended, outcome, message, papers, documents, candidates, failures, calls, cost,
               estimated_cost, drafter, host, pid
        from runs order by started desc, run desc limit $limit
        """,
        {"limit": limit},
    ).dicts()
    topics = fetch_table(
        connection,
        """
        select run, topic, state, announced, got, unread, new, since, until, complete, problems
        from topic_runs where run in (select unnest($runs)) order by added
        """,
        {"runs": [row["id"] for row in runs]},
    ).dicts()
    for row in runs:
        row["topics"] = [topic for topic in topics if topic["run"] == row["id"]]
    return runs
