"""What people look up: status, runs, costs, why a candidate is there, and their own SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from curator.errors import QueryError
from curator.sanitize import to_storable
from curator.warehouse.batches import set_aside
from curator.warehouse.candidates import AS_DRAFTED, JUDGED
from curator.warehouse.database import Connection, Row, to_json, translate_errors, utc_now
from curator.warehouse.runs import load_last_ingest

_PARQUET = {
    "topics": "varchar[]",
    "authors": "varchar[]",
    "grades": "varchar[]",
    "sources": "varchar[]",
    "contradicted_by": "varchar[]",
    "pinned": "boolean",
    "version": "integer",
    "page": "integer",
    "published": "timestamp",
    "accepted": "timestamp",
}

_LONGEST = 1 << 25  # bytes of a row on its way into Parquet


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def dicts(self) -> list[dict[str, Any]]:
        """Rows by column name; a name that stands there again gets its position."""
        names = [
            name if name not in self.columns[:place] else f"{name}_{place + 1}"
            for place, name in enumerate(self.columns)
        ]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def run_query(connection: Connection, sql: str) -> Table:
    """Run a person's SQL. The connection is read-only and sees nothing but the warehouse. Raises QueryError."""
    try:
        return run_own_query(connection, to_storable(sql))
    except duckdb.Error as error:
        raise QueryError(
            f'{error}\n`curator sql "show tables"` names the views; `curator query` names the ready-made queries.'
        ) from error


def run_own_query(connection: Connection, sql: str, parameters: Row | None = None) -> Table:
    """The answer to one of our own questions."""
    if not duckdb.extract_statements(sql):
        raise duckdb.InvalidInputException("There is no statement in it.")
    cursor = connection.execute(sql, parameters or {})
    return Table(tuple(column[0] for column in cursor.description or ()), cursor.fetchall())


def warehouse_identity(connection: Connection) -> str:
    """What tells this warehouse from all others, for good: when it was made."""
    row = connection.execute("select min(added) from record.migrations").fetchone()
    assert row is not None  # an aggregate always gives a row
    return str(row[0])


def load_status(connection: Connection) -> dict[str, Any]:
    """Counts of everything; the shape of `curator status --json`."""
    row = run_own_query(
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
    """What failed and has not succeeded since, latest first."""
    return run_own_query(
        connection,
        """
        select stage, paper, version, code, message, attempts, retry_at
        from failures where open order by added desc, paper
        """,
    )


def load_runs(connection: Connection, limit: int = 20) -> list[dict[str, Any]]:
    """Latest runs first; the shape of `curator runs --json`."""
    found = run_own_query(
        connection,
        """
        select run as id, started, ended, outcome, message, papers, documents, candidates, failures, calls, cost,
               estimated_cost, drafter, host, pid
        from runs order by started desc, run desc limit $limit
        """,
        {"limit": limit},
    ).dicts()
    topics = run_own_query(
        connection,
        """
        select run, topic, state, announced, got, unread, new, since, until, complete, problems
        from topic_runs where run in (select unnest($runs)) order by added
        """,
        {"runs": [row["id"] for row in found]},
    ).dicts()
    for row in found:
        row["topics"] = [topic for topic in topics if topic["run"] == row["id"]]
    return found


def sum_spent_this_month(connection: Connection) -> float:
    """What model calls have cost since the month began, in UTC, and what those under way or in batches cost at most."""
    row = connection.execute(
        "select coalesce(sum(cost), 0) from calls where added >= date_trunc('month', $now)", {"now": utc_now()}
    ).fetchone()
    assert row is not None  # an aggregate always gives a row
    return float(row[0]) + set_aside(connection)


@dataclass(frozen=True)
class UsualCost:
    """What a call for one purpose has cost of late, on average."""

    cost: float
    known: bool  # else it is the most that calls may have cost, as their endpoint reports no usage


def load_usual_costs(connection: Connection, latest: int = 200) -> dict[str, UsualCost]:
    """What an answered call has cost of late, by purpose; a purpose that has no cost on record is left out.

    Estimated costs count only where none of the latest is known: beside known ones they would be far too high. Calls
    whose tokens an earlier version did not know, and booked as free, do not count at all.
    """
    rows = connection.execute(
        """
        select purpose, avg(cost) filter (where not estimated), avg(cost) from (
            select purpose, cost, coalesce(estimated, false) as estimated from record.calls
            where cost is not null and outcome = 'ok' and tokens_in is not null and tokens_out is not null
            qualify row_number() over (partition by purpose order by added desc) <= $latest)
        group by purpose
        """,
        {"latest": latest},
    ).fetchall()
    return {
        purpose: UsualCost(at_most if known is None else known, known is not None) for purpose, known, at_most in rows
    }


def load_usual_share(connection: Connection, latest: int = 1000) -> float | None:
    """The share of abstracts that passed screening of late, from 0 to 1; None where none was ever screened."""
    row = connection.execute(
        "select avg(relevant::int) from (from record.screenings order by added desc limit $latest)",
        {"latest": latest},
    ).fetchone()
    return row[0] if row else None


def load_costs(connection: Connection) -> Table:
    return run_own_query(connection, "select * from costs order by day desc, purpose, model")


def load_cost_per_frame(connection: Connection) -> float | None:
    """What all model calls have cost so far for each frame on the list; None where nothing is known of either."""
    row = connection.execute(
        "select (select sum(cost) from calls) / nullif((select count(*) from frames), 0)"
    ).fetchone()
    return row[0] if row else None


def explain_candidate(connection: Connection, candidate: str) -> dict[str, Any]:
    """The chain behind a candidate: its screening, the call, and what was sent and left out."""
    chain = run_own_query(
        connection,
        """
        select c.run, c.call, c.version, c.added as drafted, d.sentences, d.dropped, c.drafter, k.prompt,
               k.prompt_sha256, k.model, k.tokens_in, k.tokens_out, k.cost, k.estimated, k.reply
        from record.candidates c
        left join record.drafts d on d.paper = c.paper and d.version = c.version and d.drafter = c.drafter
        left join record.calls k on k.call = c.call
        where c.candidate = $candidate
        """,
        {"candidate": candidate},
    ).dicts()[0]
    chain["screenings"] = run_own_query(
        connection,
        """
        select topic, score, relevant, reason, screener from record.screenings
        where paper = (select paper from record.candidates where candidate = $candidate) order by score desc, topic
        """,
        {"candidate": candidate},
    ).dicts()
    chain["unchecked"] = run_own_query(
        connection,
        f"""
        select k.message, k.outcome, k.added from record.calls k join candidates c using (paper, version)
        where c.candidate = $candidate and k.purpose = 'support' and k.outcome <> 'ok'
          and ({AS_DRAFTED} or k.added >= c.decided) and not {JUDGED}
        order by k.added desc limit 1
        """,  # noqa: S608
        {"candidate": candidate},
    ).dicts()
    chain["merged"] = run_own_query(
        connection,
        """
        select candidate, paper || 'v' || version as paper, text, contradicts from candidates
        where merged_into = $candidate and status = 'merged' order by decided, candidate
        """,
        {"candidate": candidate},
    ).dicts()
    return chain


def write_parquet(file: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Write flat rows as a Parquet file, few at a time; lists stay lists, times are UTC. Raises WarehouseError."""
    struct = "{" + ", ".join(f"'{name}': '{_PARQUET.get(name, 'varchar')}'" for name in columns) + "}"
    lines = file.with_name(f"{file.name}.rows")
    try:
        with lines.open("w", encoding="utf-8") as kept:
            kept.writelines(to_json([{name: row[name] for name in columns}])[1:-1] + "\n" for row in rows)
        with translate_errors(), duckdb.connect(config={"memory_limit": "512MB", "threads": 2}) as connection:
            told = (
                f"read_json($lines, columns = {struct}, format = 'newline_delimited', maximum_object_size = {_LONGEST})"
            )
            connection.execute(
                f"copy (from {told}) to $file (format parquet, compression zstd, row_group_size 4096)",
                {"lines": str(lines), "file": str(file)},
            )
    finally:
        lines.unlink(missing_ok=True)
