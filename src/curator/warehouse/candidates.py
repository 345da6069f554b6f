"""Candidates: the review queue, their quotes, and drafts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from curator.types import Candidate, HiddenText, Kind, Notice, Paper, Quote, Support
from curator.warehouse.connection import Connection
from curator.warehouse.documents import load_hidden_text, to_quote, to_span_rows
from curator.warehouse.revision_notices import load_open_notices
from curator.warehouse.rows import add_rows, utc_now
from curator.warehouse.supports import AS_DRAFTED, JUDGED, add_supports, load_supports


@dataclass(frozen=True)
class QueuedCandidate:
    """A candidate with its status, evidence and current decision."""

    id: str
    paper_id: str
    version: int  # the paper version that it was drafted from
    title: str  # the paper's
    kind: Kind
    text: str  # the final text of an accepted candidate, else the draft's
    draft_text: str
    topics: tuple[str, ...]
    scope: str  # the published scope of an accepted candidate, else the draft's
    question: str | None
    status: str  # pending, accepted, rejected, deferred, merged
    drafter: str
    holds: bool
    quotes: tuple[Quote, ...]
    reason: str | None = None
    merged_into: str | None = None
    draft_kind: Kind | None = None
    draft_topics: tuple[str, ...] = ()
    reviewer: str | None = None  # who made the current decision
    decided: datetime | None = None  # time of the current decision, UTC
    decision: str | None = None  # the id of the current decision
    added: datetime | None = None  # UTC
    run: str | None = None
    call: str | None = None  # the model call that drafted it
    support: tuple[Support, ...] = ()  # verdicts on the current wording first, then latest first
    hidden: tuple[HiddenText, ...] = ()  # hidden text of its paper, except the text layers of scans
    acceptable: bool = True  # it holds, or a person wrote it
    author: str | None = None  # the person who wrote it; None if it was drafted from the paper
    note: str | None = None  # the author's comment
    url: str | None = None  # of a source that is not on arXiv
    contradicts: bool = False  # of a merged candidate: it is evidence against the one that it is merged into
    superseded_by: str | None = None  # of a rejected candidate: the candidate that replaces it
    cited: int = 1  # the version of its paper that its frame cites
    notices: tuple[Notice, ...] = ()  # open notices of later versions of its paper, and of papers merged into it
    draft_scope: str = ""
    draft_question: str | None = None
    scope_agreed: bool | None = None  # of an accepted candidate; None: an earlier version published it without asking
    question_agreed: bool | None = None
    scope_undecided: bool = False  # an earlier version published it, and no reviewer has decided on it since
    question_undecided: bool = False


RETURNED = "candidate in (select n.candidate from notices n where n.open)"
"""SQL condition: a frame on the list is back in the queue because of an open notice."""
_COLUMNS = """candidate, paper, version, title, kind, text, draft_text, topics, scope, question, status, drafter, holds,
           reason, merged_into, draft_kind, draft_topics, reviewer, decided, decision, added, run, call, acceptable,
           author, note, contradicts, superseded_by, url, cited, draft_scope, draft_question, scope_agreed,
           question_agreed, scope_undecided, question_undecided"""


def load_candidates(
    connection: Connection, statuses: Sequence[str] = ("pending",), *, without_evidence: bool = False
) -> list[QueuedCandidate]:
    """Return the candidates with these statuses, best first.

    The first candidate of every paper precedes the second of any, and papers are ordered by their score for a topic.
    If pending candidates are asked for, frames with open notices precede them.

    Args:
        connection: A connection.
        statuses: Values of the column `status`.
        without_evidence: Include drafts none of whose quotes holds.
    """
    rows = connection.execute(
        f"""
        select {_COLUMNS} from candidates
        where status in (select unnest($statuses)) and (acceptable or $without_evidence) or {RETURNED} and $noticed
        order by not ({RETURNED} and $noticed), status <> 'pending', holds desc, rank, score desc nulls last,
                 added desc, candidate
        """,  # noqa: S608
        {"statuses": list(statuses), "without_evidence": without_evidence, "noticed": "pending" in statuses},
    ).fetchall()
    return _to_candidates(connection, rows)


def find_candidates(connection: Connection, beginning: str) -> list[QueuedCandidate]:
    """Return the candidates whose id begins with `beginning`, and the candidate of the frame with that id ("F12")."""
    rows = connection.execute(
        f"""
        select {_COLUMNS} from candidates
        where starts_with(candidate, lower($beginning))
           or candidate in (select f.candidate from record.frames f where lower(f.frame) = lower($beginning))
        order by candidate
        """,  # noqa: S608
        {"beginning": beginning},
    ).fetchall()
    return _to_candidates(connection, rows)


def load_candidates_by_id(connection: Connection, ids: Sequence[str]) -> list[QueuedCandidate]:
    """Return the candidates with these ids, in the order of `ids`; unknown ids are left out."""
    rows = connection.execute(
        f"select {_COLUMNS} from candidates where {sql_in_ids(ids)}",  # noqa: S608
        id_parameters(ids),
    ).fetchall()
    by_id = {item.id: item for item in _to_candidates(connection, rows)}
    return [by_id[id] for id in dict.fromkeys(ids) if id in by_id]


def is_candidate(connection: Connection, candidate: str) -> bool:
    """Return True if there is a candidate with this id."""
    rows = connection.execute("from record.candidates where candidate = $candidate", {"candidate": candidate})
    return rows.fetchone() is not None


def sql_in_ids(ids: Sequence[str], column: str = "candidate") -> str:
    """Return the SQL condition that a column is one of `ids`; `id_parameters` returns its parameters.

    DuckDB applies such a list of parameters inside views, which it does not do with a list in one parameter.
    """
    return f"{column} in ({', '.join(f'$id{n}' for n in range(len(ids)))})" if ids else "false"


def id_parameters(ids: Sequence[str]) -> dict[str, str]:
    """Return the parameters of `sql_in_ids`."""
    return {f"id{n}": id for n, id in enumerate(ids)}


def _to_candidates(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> list[QueuedCandidate]:
    names = [name.strip() for name in _COLUMNS.split(",")]
    records = [dict(zip(names, row, strict=True)) for row in rows]
    ids = [record["candidate"] for record in records]
    quotes = load_quotes(connection, ids)
    current = {record["candidate"]: (record["text"], record["scope"] or "") for record in records}
    supports = load_supports(connection, current)
    hidden = load_hidden_text(connection, {(record["paper"], record["version"]) for record in records})
    notices = load_open_notices(connection, set(ids))
    return [
        QueuedCandidate(
            id=record.pop("candidate"),
            paper_id=(paper_id := record.pop("paper")),
            topics=tuple(record.pop("topics") or ()),
            draft_topics=tuple(record.pop("draft_topics") or ()),
            scope=record.pop("scope") or "",
            draft_scope=record.pop("draft_scope") or "",
            quotes=quotes.get(id, ()),
            support=supports.get(id, ()),
            hidden=hidden.get((paper_id, record["version"]), ()),
            notices=notices.get(id, ()),
            **record,
        )
        for id, record in zip(ids, records, strict=True)
    ]


def load_quotes(connection: Connection, candidates: Sequence[str]) -> Mapping[str, tuple[Quote, ...]]:
    """Return the quotes of these candidates, in their order."""
    rows = connection.execute(
        "select q.candidate, q.text, q.grade, q.spans, q.section, q.form, q.differences, q.why, "
        "c.paper || 'v' || c.version "
        "from record.quotes q join record.candidates c using (candidate) "
        "join (select unnest($candidates::json::varchar[]) as candidate) using (candidate) "
        "order by q.candidate, q.position",
        {"candidates": json.dumps(list(candidates))},
    ).fetchall()
    by_candidate: dict[str, list[Quote]] = defaultdict(list)
    for candidate, text, grade, spans, section, form, differences, why, paper in rows:
        by_candidate[candidate].append(to_quote(text, grade, spans, section, form, differences, why, paper))
    return {candidate: tuple(quotes) for candidate, quotes in by_candidate.items()}


def load_unchecked(connection: Connection, run: str, attempts: int) -> list[Candidate]:
    """Return candidates whose current wording and scope no model has checked for support yet, oldest first.

    These are candidates that a model drafted, pending or on the list, and frames that were accepted in other words
    than the draft's.

    Args:
        connection: A connection.
        run: The current run; candidates that it drafted itself are left out.
        attempts: The number of runs with an answer about the paper after which no run asks again; for a wording that
            is not the draft's, runs count from its acceptance on.
    """
    rows = connection.execute(
        f"""
        select c.candidate, c.paper, c.version, c.text, c.kind, c.topics, coalesce(c.scope, ''), c.question, c.drafter
        from candidates c
        where c.holds and (c.call is not null and c.run <> $run or c.text <> c.draft_text
               or trim(coalesce(c.scope, '')) not in ('', trim(coalesce(c.draft_scope, ''))))
          and c.status in ('pending', 'accepted')
          and (select count(distinct k.run) from record.calls k
               where k.paper = c.paper and k.version = c.version and k.purpose = 'support'
                 and k.outcome not in ('no-answer', 'server-error', 'rate-limited')
                 and ({AS_DRAFTED} or k.added >= c.decided)) < $attempts
          and not {JUDGED}
        order by c.added, c.paper, c.version, c.rank
        """,  # noqa: S608
        {"run": run, "attempts": attempts},
    ).fetchall()
    quotes = load_quotes(connection, [row[0] for row in rows])
    return [
        Candidate(id, paper, version, text, kind, tuple(topics or ()), quotes.get(id, ()), *rest)
        for id, paper, version, text, kind, topics, *rest in rows
    ]


def add_draft(
    connection: Connection,
    run: str,
    paper: Paper,
    drafter: str,
    candidates: Sequence[Candidate],
    *,
    call: str | None = None,
    sentences: int = 0,
    dropped: Sequence[str] = (),
    note: str | None = None,
) -> int:
    """Record the draft of a paper version with its candidates and their quotes.

    Args:
        connection: A connection that can write.
        run: The run that drafted.
        paper: The paper version.
        drafter: The drafter's name.
        candidates: The candidates, best first.
        call: The model call that drafted them.
        sentences: The number of sentences that the drafter was given.
        dropped: The parts of the paper that the drafter was not given, in words: "body (120 of 400 sentences)".
        note: A remark on the draft.

    Returns:
        The number of new candidates.
    """
    draft = {
        "paper": paper.id,
        "version": paper.version,
        "drafter": drafter,
        "call": call,
        "candidates": len(candidates),
        "sentences": sentences,
        "dropped": list(dropped),
        "note": note,
        "run": run,
        "added": utc_now(),
    }
    add_rows(connection, "drafts", [draft], identity=("paper", "version", "drafter"))
    return len(add_candidates(connection, candidates, run=run, call=call))


def add_candidates(
    connection: Connection, candidates: Sequence[Candidate], *, run: str | None = None, call: str | None = None
) -> set[str]:
    """Queue candidates with their quotes; return the ids of those that are new."""
    added = utc_now()
    rows = [
        {
            "candidate": candidate.id,
            "paper": candidate.paper_id,
            "version": candidate.version,
            "rank": rank,
            "kind": candidate.kind,
            "text": candidate.text,
            "topics": candidate.topics,
            "scope": candidate.scope,
            "question": candidate.question,
            "drafter": candidate.drafter,
            "call": call,
            "run": run,
            "author": candidate.author,
            "note": candidate.note,
            "added": added,
        }
        for rank, candidate in enumerate(candidates, 1)
    ]
    new = {row["candidate"] for row in add_rows(connection, "candidates", rows, identity=("candidate",))}
    quotes = [
        {
            "candidate": candidate.id,
            "position": position,
            "text": quote.text,
            "grade": quote.grade,
            "section": quote.section,
            "form": quote.form,
            "spans": to_span_rows(quote.spans),
            "differences": [vars(difference) for difference in quote.differences],
            "why": quote.why,
        }
        for candidate in {candidate.id: candidate for candidate in candidates}.values()
        if candidate.id in new
        for position, quote in enumerate(candidate.quotes, 1)
    ]
    add_rows(connection, "quotes", quotes)
    for candidate in candidates:
        if candidate.id in new:
            add_supports(connection, run, candidate.id, candidate.support)
    return new
