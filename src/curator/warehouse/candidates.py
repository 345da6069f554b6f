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
    version: int
    title: str
    kind: Kind
    text: str  # the final text once it is accepted, else the draft
    draft_text: str
    topics: tuple[str, ...]
    scope: str  # of an accepted one, what is published; else the draft's
    question: str | None
    status: str  # pending, accepted, rejected, deferred, merged
    drafter: str
    holds: bool
    quotes: tuple[Quote, ...]
    reason: str | None = None
    merged_into: str | None = None
    draft_kind: Kind | None = None
    draft_topics: tuple[str, ...] = ()
    reviewer: str | None = None  # whose decision stands
    decided: datetime | None = None
    decision: str | None = None  # the id of the decision that stands
    added: datetime | None = None
    run: str | None = None
    call: str | None = None  # of the model, that drafted it
    support: tuple[Support, ...] = ()  # the latest word first
    hidden: tuple[HiddenText, ...] = ()  # what its paper hides from people, honest layers aside
    acceptable: bool = True  # it holds, or a person wrote it
    author: str | None = None  # the person who wrote it; None where it was drafted from the paper
    note: str | None = None  # what that person said of it
    url: str | None = None  # of a source that is not at arXiv
    contradicts: bool = False  # merged, it speaks against what it is merged into
    superseded_by: str | None = None  # rejected, the candidate that stands in its place
    cited: int = 1  # the version of its paper that its frame cites
    notices: tuple[Notice, ...] = ()  # what later versions do to it and to what was merged into it, to be decided on
    draft_scope: str = ""
    draft_question: str | None = None
    scope_agreed: bool | None = None  # of an accepted one; None: published by an earlier version, never decided on
    question_agreed: bool | None = None
    scope_undecided: bool = False  # an earlier version published it, and nobody has decided on it since
    question_undecided: bool = False


RETURNED = "candidate in (select n.candidate from notices n where n.open)"
"""SQL: a frame on the list that waits for a decision again."""
_COLUMNS = """candidate, paper, version, title, kind, text, draft_text, topics, scope, question, status, drafter, holds,
           reason, merged_into, draft_kind, draft_topics, reviewer, decided, decision, added, run, call, acceptable,
           author, note, contradicts, superseded_by, url, cited, draft_scope, draft_question, scope_agreed,
           question_agreed, scope_undecided, question_undecided"""


def load_candidates(
    connection: Connection, statuses: Sequence[str] = ("pending",), *, without_evidence: bool = False
) -> list[QueuedCandidate]:
    """Candidates in these states, best first: each paper's first candidate, papers by how well they fit their topic.

    Drafts none of whose quotes holds are left out unless `without_evidence`. Before what is pending come frames on the
    list of whose evidence a later version of its paper has lost something.
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
    """Candidates whose id begins so; a frame's id ("F12") names its candidate."""
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
    found = {item.id: item for item in _to_candidates(connection, rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


def is_candidate(connection: Connection, candidate: str) -> bool:
    """Return True if there is a candidate with this id."""
    found = connection.execute("from record.candidates where candidate = $candidate", {"candidate": candidate})
    return found.fetchone() is not None


def sql_in_ids(ids: Sequence[str], column: str = "candidate") -> str:
    """SQL: whether a column is one of `ids`, as parameters that `named` gives; a list that DuckDB pushes into views."""
    return f"{column} in ({', '.join(f'$id{n}' for n in range(len(ids)))})" if ids else "false"


def id_parameters(ids: Sequence[str]) -> dict[str, str]:
    """Return the parameters of `sql_in_ids`."""
    return {f"id{n}": one for n, one in enumerate(ids)}


def _to_candidates(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> list[QueuedCandidate]:
    names = [name.strip() for name in _COLUMNS.split(",")]
    found = [dict(zip(names, row, strict=True)) for row in rows]
    ids = [one["candidate"] for one in found]
    quotes = load_quotes(connection, ids)
    supports = load_supports(connection, {one["candidate"]: (one["text"], one["scope"] or "") for one in found})
    hidden = load_hidden_text(connection, {(one["paper"], one["version"]) for one in found})
    notices = load_open_notices(connection, set(ids))
    return [
        QueuedCandidate(
            id=one.pop("candidate"),
            paper_id=(paper_id := one.pop("paper")),
            topics=tuple(one.pop("topics") or ()),
            draft_topics=tuple(one.pop("draft_topics") or ()),
            scope=one.pop("scope") or "",
            draft_scope=one.pop("draft_scope") or "",
            quotes=quotes.get(id, ()),
            support=supports.get(id, ()),
            hidden=hidden.get((paper_id, one["version"]), ()),
            notices=notices.get(id, ()),
            **one,
        )
        for id, one in zip(ids, found, strict=True)
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
    found: dict[str, list[Quote]] = defaultdict(list)
    for candidate, text, grade, spans, section, form, differences, why, paper in rows:
        found[candidate].append(to_quote(text, grade, spans, section, form, differences, why, paper))
    return {candidate: tuple(quotes) for candidate, quotes in found.items()}


def load_unchecked(connection: Connection, run: str, attempts: int) -> list[Candidate]:
    """Candidates with the words that no model has judged yet, oldest first: the draft's, or those that were accepted.

    Words count with the scope that they were judged with. Of what waits, those that a model drafted; of the list, also
    those whose draft's words were replaced. Left out: those that this `run` drafted, and those about whose paper the
    model gave an answer in `attempts` runs; for other words than the draft's, runs count from their acceptance on.
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
    """Record that a paper version was drafted from, with its candidates and quotes; return how many were new."""
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
    """Queue candidates with their quotes; return the ids of those that were not there yet."""
    added = utc_now()
    rows = [
        {
            "candidate": one.id,
            "paper": one.paper_id,
            "version": one.version,
            "rank": rank,
            "kind": one.kind,
            "text": one.text,
            "topics": one.topics,
            "scope": one.scope,
            "question": one.question,
            "drafter": one.drafter,
            "call": call,
            "run": run,
            "author": one.author,
            "note": one.note,
            "added": added,
        }
        for rank, one in enumerate(candidates, 1)
    ]
    new = {row["candidate"] for row in add_rows(connection, "candidates", rows, identity=("candidate",))}
    quotes = [
        {
            "candidate": one.id,
            "position": position,
            "text": quote.text,
            "grade": quote.grade,
            "section": quote.section,
            "form": quote.form,
            "spans": to_span_rows(quote.spans),
            "differences": [vars(one) for one in quote.differences],
            "why": quote.why,
        }
        for one in {one.id: one for one in candidates}.values()
        if one.id in new
        for position, quote in enumerate(one.quotes, 1)
    ]
    add_rows(connection, "quotes", quotes)
    for one in candidates:
        if one.id in new:
            add_supports(connection, run, one.id, one.support)
    return new
