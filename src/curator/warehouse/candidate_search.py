"""Search, filter and sort candidates, for the review page and `curator queue`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from curator.types import GRADES, Grade, Kind
from curator.warehouse import unconfirmed
from curator.warehouse.candidates import RETURNED, id_parameters, sql_in_ids
from curator.warehouse.connection import Connection
from curator.warehouse.frames import load_frame_ids

MAX_WORDS = 10  # words of a text filter; the rest is ignored
MAX_SELECTED = 5000  # candidates that one decision can cover
BEST_FIRST = "rank, score desc nulls last, added desc, candidate"
SORTS = {
    "best": "status <> 'pending', holds desc, " + BEST_FIRST,
    "newest": "added desc, rank, candidate",
    "oldest": "added, rank, candidate",
    "topic": "topics[1] nulls last, " + BEST_FIRST,
    "paper": "paper desc, version desc, rank, candidate",
    "decided": "decided desc nulls last, candidate",
}
WITHOUT_EVIDENCE = "without evidence"
UNCONFIRMED = "unconfirmed"  # frames with an open question or a scope that no reviewer has agreed to
_STATUS_CONDITIONS = {
    WITHOUT_EVIDENCE: "status = 'pending' and not acceptable",
    UNCONFIRMED: f"candidate in (select f.candidate from frames f where {unconfirmed.IS_UNCONFIRMED})",  # noqa: S608
}
"""SQL conditions of the statuses that are not a value of the column `status`."""
STATUSES = ("pending", "deferred", "accepted", "rejected", "merged")


@dataclass(frozen=True)
class CandidateFilter:
    """The criteria that candidates must meet; an empty field accepts every candidate."""

    text: str = ""  # each word must occur in the frame, its draft, a quote or the paper's title, or begin the id
    topic: str = ""
    kind: str = ""
    status: str = ""
    drafter: str = ""
    paper: str = ""  # the paper's versioned id, or the beginning of it
    grade: str = ""  # at least one quote has it
    run: str = ""
    reviewer: str = ""
    disputed: bool = False  # only candidates on which reviewers' decisions differ


@dataclass(frozen=True)
class CandidateRow:
    """A candidate as one row of a list."""

    id: str
    paper_id: str
    version: int
    title: str
    kind: Kind
    text: str
    topics: tuple[str, ...]
    status: str
    drafter: str
    holds: bool
    added: datetime
    decided: datetime | None
    reviewer: str | None
    reason: str | None
    acceptable: bool
    frame: str | None = None
    grades: tuple[Grade, ...] = ()  # of its quotes, best first


@dataclass(frozen=True)
class Facets:
    """The values that candidates can be filtered by."""

    topics: tuple[str, ...]
    drafters: tuple[str, ...]
    reviewers: tuple[str, ...]
    statuses: dict[str, int] = field(default_factory=dict)  # the number of candidates by status


_CONTAINS_WORD = """(
    contains(strip_accents(lower(text || ' ' || draft_text || ' ' || coalesce(title, ''))), $word)
    or starts_with(candidate, $word)
    or candidate in (select q.candidate from record.quotes q where contains(strip_accents(lower(q.text)), $word))
    or candidate in (select f.candidate from record.frames f where lower(f.frame) = $word))"""
_COLUMNS = """candidate, paper, version, title, kind, text, topics, status, drafter, holds, added, decided, reviewer,
          reason, acceptable"""


def load_change_mark(connection: Connection) -> tuple[int, int]:
    """Return a value that changes with every new decision, candidate or notice, and is cheap to compute."""
    row = connection.execute(
        "select coalesce((select max(number) from record.decisions), 0), "
        "(select count(*) from record.candidates) + (select count(*) from record.notices)"
    ).fetchone()
    assert row is not None  # aggregates always give a row
    return int(row[0]), int(row[1])


def list_waiting(connection: Connection, topic: str = "") -> list[str]:
    """Return the ids of pending candidates and of frames with open notices, in the order of `load_candidates`.

    Args:
        connection: A connection.
        topic: Only candidates of this topic; "" for all.
    """
    rows = connection.execute(
        f"""
        select candidate from candidates
        where (status = 'pending' and acceptable or {RETURNED}) and ($topic = '' or list_contains(topics, $topic))
        order by status = 'pending', {BEST_FIRST}
        """,  # noqa: S608
        {"topic": topic},
    ).fetchall()
    return [row[0] for row in rows]


def search_candidates(
    connection: Connection, wanted: CandidateFilter, sort: str = "best", limit: int = 50, offset: int = 0
) -> tuple[list[CandidateRow], int]:
    """Return one page of the matching candidates, and the number of all matching candidates.

    Args:
        connection: A connection.
        wanted: The filter.
        sort: A key of `SORTS`; an unknown one means "best".
        limit: The number of candidates on the page.
        offset: The number of matching candidates before the page.
    """
    where, values = _conditions(wanted)
    order = SORTS.get(sort, SORTS["best"])
    rows = connection.execute(
        f"select {_COLUMNS}, count(*) over () from candidates where {where} order by {order} "  # noqa: S608
        "limit $limit offset $offset",
        values | {"limit": limit, "offset": offset},
    ).fetchall()
    if not rows and offset:
        return [], search_candidates(connection, wanted, sort, 1)[1]
    return _to_rows(connection, [row[:-1] for row in rows]), rows[0][-1] if rows else 0


def list_matching_ids(connection: Connection, wanted: CandidateFilter, limit: int = MAX_SELECTED) -> list[str]:
    """Return the ids of the matching candidates, best first; at most `limit`."""
    where, values = _conditions(wanted)
    rows = connection.execute(
        f"select candidate from candidates where {where} order by {SORTS['best']} limit $limit",  # noqa: S608
        values | {"limit": limit},
    ).fetchall()
    return [row[0] for row in rows]


def load_facets(connection: Connection) -> Facets:
    """Return the values that candidates can be filtered by."""

    def column(sql: str) -> tuple[str, ...]:
        return tuple(row[0] for row in connection.execute(sql).fetchall())

    counts = connection.execute(
        "select case when status = 'pending' and not acceptable then 'without evidence' else status end, count(*) "
        "from candidates group by all"
    ).fetchall()
    row = connection.execute(f"select count(*) from frames where {unconfirmed.IS_UNCONFIRMED}").fetchone()  # noqa: S608
    if row and row[0]:
        counts.append((UNCONFIRMED, row[0]))
    return Facets(
        column("select distinct unnest(topics) as topic from candidates order by lower(topic)"),
        column("select distinct drafter from record.candidates order by drafter"),
        column("select distinct reviewer from record.decisions order by reviewer"),
        dict(counts),
    )


def find_merge_candidates(connection: Connection, candidate: str, text: str = "", limit: int = 8) -> list[CandidateRow]:
    """Return the best candidates to merge a candidate into: those that share most words with it.

    A frame on the list counts as if it shared one more word.

    Args:
        connection: A connection.
        candidate: The candidate to merge.
        text: A search text, compared instead of the candidate's own words; a full id comes first. Without it,
            candidates of the same topics follow those that share words.
        limit: The maximum number of candidates.
    """
    own = connection.execute("select text, topics from candidates where candidate = $id", {"id": candidate}).fetchone()
    words = sorted(_words(text) or _words(own[0] if own else ""))
    rows = connection.execute(
        f"""
        with compared as (
            select {_COLUMNS}, list_unique(list_intersect(
                       regexp_split_to_array(strip_accents(lower(text)), '[^a-z0-9]+'), $words::varchar[])) as shared,
                   candidate = $text
                       or candidate in (select candidate from record.frames where lower(frame) = $text) as meant
            from candidates where status in ('accepted', 'pending', 'deferred') and acceptable and candidate <> $id)
        select {_COLUMNS} from compared
        where shared > 0 or meant or ($text = '' and list_has_any(topics, $topics::varchar[]))
        order by meant desc, shared = 0, shared + (status = 'accepted')::integer desc, status, candidate limit $limit
        """,  # noqa: S608
        {"words": words, "id": candidate, "text": text.strip().lower(), "limit": limit}
        | {"topics": list(own[1] or ()) if own else []},
    ).fetchall()
    return _to_rows(connection, rows)


def _conditions(wanted: CandidateFilter) -> tuple[str, dict[str, Any]]:
    """Return a filter as an SQL condition and its parameters; the SQL contains none of the filter's values."""
    where, values = ["true"], dict[str, Any]()
    if wanted.topic:
        where.append("list_contains(topics, $topic)")
        values["topic"] = wanted.topic
    if wanted.status:
        where.append(_STATUS_CONDITIONS.get(wanted.status, "status = $status and (acceptable or status <> 'pending')"))
    if wanted.status and wanted.status not in _STATUS_CONDITIONS:
        values["status"] = wanted.status
    for name in ("kind", "drafter", "run", "reviewer"):
        if getattr(wanted, name):
            where.append(f"{name} = ${name}")
            values[name] = getattr(wanted, name)
    if wanted.paper:
        where.append("starts_with(paper || 'v' || version, $paper)")
        values["paper"] = wanted.paper
    if wanted.grade:
        where.append("candidate in (select q.candidate from record.quotes q where q.grade = $grade)")
        values["grade"] = wanted.grade
    if wanted.disputed:
        where.append("candidate in (select d.candidate from disagreements d)")
    for number, word in enumerate(_fold(wanted.text).split()[:MAX_WORDS]):
        where.append(_CONTAINS_WORD.replace("$word", f"$word{number}"))
        values[f"word{number}"] = word
    return " and ".join(where), values


def _to_rows(connection: Connection, records: Sequence[tuple[Any, ...]]) -> list[CandidateRow]:
    ids = [record[0] for record in records]
    grades: dict[str, list[Grade]] = {}
    for candidate, grade in connection.execute(
        f"select candidate, grade from record.quotes where {sql_in_ids(ids)}",  # noqa: S608
        id_parameters(ids),
    ).fetchall():
        grades.setdefault(candidate, []).append(grade)
    frames = load_frame_ids(connection, ids)
    names = [name.strip() for name in _COLUMNS.split(",")]
    rows = []
    for record in records:
        fields = dict(zip(names, record, strict=True))
        id, paper_id, topics = fields.pop("candidate"), fields.pop("paper"), tuple(fields.pop("topics") or ())
        best_first = tuple(sorted(grades.get(id, ()), key=GRADES.index))
        rows.append(
            CandidateRow(id=id, paper_id=paper_id, topics=topics, frame=frames.get(id), grades=best_first, **fields)
        )
    return rows


def _fold(text: str) -> str:
    """Fold text as DuckDB's `strip_accents(lower(...))` does."""
    parts = unicodedata.normalize("NFD", text.lower())
    return unicodedata.normalize("NFC", "".join(c for c in parts if not unicodedata.combining(c)))


_FUNCTION_WORDS = frozenset({
    "about", "after", "also", "although", "and", "are", "been", "between", "both", "but", "can", "does", "even",
    "for", "from", "has", "have", "how", "into", "its", "language", "less", "model", "models", "more", "most",
    "much", "not", "only", "other", "over", "some", "such", "than", "that", "the", "their", "them", "then", "there",
    "these", "they", "this", "those", "through", "under", "was", "were", "what", "when", "where", "which", "while",
    "who", "with", "without",
})  # fmt: skip


def _words(text: str) -> set[str]:
    """Return the content words of a text."""
    return {word for word in re.findall(r"[a-z0-9]{3,}", _fold(text)) if word not in _FUNCTION_WORDS}


def count_decided_since(connection: Connection, moment: datetime, reviewer: str) -> tuple[int, int]:
    """Count the candidates decided since a moment (UTC) and not undone: by everybody, and by one reviewer."""
    row = connection.execute(
        """
        select count(distinct candidate), count(distinct candidate) filter (where reviewer = $reviewer)
        from decisions where action not in ('undo', 'redo') and not undone and added >= $moment
        """,
        {"moment": moment, "reviewer": reviewer},
    ).fetchone()
    assert row is not None  # aggregates always give a row
    return int(row[0]), int(row[1])


def load_decision_times(connection: Connection, reviewer: str, limit: int) -> list[datetime]:
    """Return the times (UTC) of a reviewer's latest current decisions, latest first; one time per batch."""
    rows = connection.execute(
        """
        select max(added) as taken from decisions
        where action not in ('undo', 'redo') and not undone and reviewer = $reviewer
        group by batch order by taken desc limit $limit
        """,
        {"reviewer": reviewer, "limit": limit},
    ).fetchall()
    return [row[0] for row in rows]
