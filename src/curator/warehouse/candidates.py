"""The queue: candidates as a reviewer sees them, and decisions as they were taken."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from curator.types import Action, Candidate, HiddenText, JudgedWording, Kind, Notice, Quote, Support
from curator.warehouse.database import Connection, add_rows, utc_now
from curator.warehouse.papers import load_hidden_text, to_quote
from curator.warehouse.questions import number_questions
from curator.warehouse.revision_notices import load_open_notices


@dataclass(frozen=True)
class QueuedCandidate:
    """A candidate with where it stands."""

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


@dataclass(frozen=True)
class Decision:
    id: str
    number: int
    candidate: str
    action: Action
    text: str | None
    reason: str | None
    merged_into: str | None
    undoes: str | None
    reviewer: str
    added: datetime
    kind: Kind | None = None  # where the reviewer set it
    topics: tuple[str, ...] | None = None
    batch: str | None = None  # of decisions taken together
    request: str | None = None  # the client's token, by which a request sent twice is known
    contradicts: bool | None = None  # of a merge: it speaks against what it is merged into
    superseded_by: str | None = None  # of a rejection: the candidate that stands in its place
    version: int | None = None  # of an acceptance: the later version of its paper that the frame cites from then on
    question: str | None = None  # of an acceptance: the open question that is published with the frame
    question_agreed: bool | None = None  # None: not decided, as in acceptances of earlier versions
    scope: str | None = None
    scope_agreed: bool | None = None


NOTICED = "candidate in (select n.candidate from notices n where n.open)"
"""SQL: a frame on the list that waits for a decision again."""
_ITEM = """candidate, paper, version, title, kind, text, draft_text, topics, scope, question, status, drafter, holds,
           reason, merged_into, draft_kind, draft_topics, reviewer, decided, decision, added, run, call, acceptable,
           author, note, contradicts, superseded_by, url, cited, draft_scope, draft_question, scope_agreed,
           question_agreed, scope_undecided, question_undecided"""
_DECISION = """decision, number, candidate, action, text, reason, merged_into, undoes, reviewer, added, kind, topics,
               batch, request, contradicts, superseded_by, version, question, question_agreed, scope, scope_agreed"""


def load_candidates(
    connection: Connection, statuses: Sequence[str] = ("pending",), *, without_evidence: bool = False
) -> list[QueuedCandidate]:
    """Candidates in these states, best first: each paper's first candidate, papers by how well they fit their topic.

    Drafts none of whose quotes holds are left out unless `without_evidence`. Before what is pending come frames on the
    list of whose evidence a later version of its paper has lost something.
    """
    rows = connection.execute(
        f"""
        select {_ITEM} from candidates
        where status in (select unnest($statuses)) and (acceptable or $without_evidence) or {NOTICED} and $noticed
        order by not ({NOTICED} and $noticed), status <> 'pending', holds desc, rank, score desc nulls last,
                 added desc, candidate
        """,  # noqa: S608
        {"statuses": list(statuses), "without_evidence": without_evidence, "noticed": "pending" in statuses},
    ).fetchall()
    return _items(connection, rows)


def find_candidates(connection: Connection, beginning: str) -> list[QueuedCandidate]:
    """Candidates whose id begins so; a frame's id ("F12") names its candidate."""
    rows = connection.execute(
        f"""
        select {_ITEM} from candidates
        where starts_with(candidate, lower($beginning))
           or candidate in (select f.candidate from record.frames f where lower(f.frame) = lower($beginning))
        order by candidate
        """,  # noqa: S608
        {"beginning": beginning},
    ).fetchall()
    return _items(connection, rows)


def load_candidates_by_id(connection: Connection, ids: Sequence[str]) -> list[QueuedCandidate]:
    """The candidates of these ids, in this order; those that there are not are left out."""
    rows = connection.execute(
        f"select {_ITEM} from candidates where {sql_in_ids(ids)}",  # noqa: S608
        id_parameters(ids),
    ).fetchall()
    found = {item.id: item for item in _items(connection, rows)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


def is_candidate(connection: Connection, candidate: str) -> bool:
    found = connection.execute("from record.candidates where candidate = $candidate", {"candidate": candidate})
    return found.fetchone() is not None


def current_decision(connection: Connection, candidate: str) -> str | None:
    """The id of the decision that stands on a candidate; None for none."""
    row = connection.execute(
        "select decision from decisions where candidate = $candidate and action not in ('undo', 'redo') and not undone "
        "order by number desc limit 1",
        {"candidate": candidate},
    ).fetchone()
    return row[0] if row else None


def sql_in_ids(ids: Sequence[str], column: str = "candidate") -> str:
    """SQL: whether a column is one of `ids`, as parameters that `named` gives; a list that DuckDB pushes into views."""
    return f"{column} in ({', '.join(f'$id{n}' for n in range(len(ids)))})" if ids else "false"


def id_parameters(ids: Sequence[str]) -> dict[str, str]:
    return {f"id{n}": one for n, one in enumerate(ids)}


def _items(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> list[QueuedCandidate]:
    names = [name.strip() for name in _ITEM.split(",")]
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
    """The quotes of these candidates, in their order."""
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


def load_supports(connection: Connection, final: Mapping[str, tuple[str, str]]) -> Mapping[str, tuple[Support, ...]]:
    """The verdicts on these candidates, by candidate; on the words that stand first, then the latest first.

    Args:
        final: the words that stand and their scope, by candidate.
    """
    rows = connection.execute(
        "select candidate, verdict, reason, checker, overreach, coalesce(s.text, c.text), "
        "coalesce(s.scope, c.scope, ''), s.text is null and s.scope is null "
        "from record.supports s join record.candidates c using (candidate) "
        "join (select unnest($candidates::json::varchar[]) as candidate) using (candidate) "
        "order by candidate, s.added desc, checker desc",
        {"candidates": json.dumps(list(final))},
    ).fetchall()
    found: dict[str, list[Support]] = defaultdict(list)
    for candidate, verdict, reason, checker, overreach, text, scope, of_draft in rows:
        current = (text, scope) == final[candidate]
        judged: JudgedWording = "draft" if of_draft else "final" if current else "earlier"
        found[candidate].append(Support(verdict, reason, checker, tuple(overreach or ()), text, judged, current))
    return {candidate: tuple(sorted(ones, key=lambda one: not one.current)) for candidate, ones in found.items()}


AS_DRAFTED = "(c.text = c.draft_text and coalesce(c.scope, '') = coalesce(c.draft_scope, ''))"
"""SQL: whether the words of a row `c` of the view `candidates`, with their scope, are the draft's."""
JUDGED = """exists (from record.supports s where s.candidate = c.candidate and s.call is not null
                    and coalesce(s.text, c.draft_text) = c.text
                    and coalesce(s.scope, c.draft_scope, '') = coalesce(c.scope, ''))"""
"""SQL: whether a model has judged them."""


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


def add_decisions(connection: Connection, decisions: Sequence[Decision]) -> None:
    """Add decisions; what is accepted, and the questions that it raises, gets its number here, once and for good."""
    rows = [{("decision" if name == "id" else name): value for name, value in vars(one).items()} for one in decisions]
    add_rows(connection, "decisions", rows)
    accepted = [one.candidate for one in decisions if one.action == "accept"]
    _number_frames(connection, accepted)
    number_questions(connection, {one.candidate: one.question for one in decisions if one.question})


def next_number(connection: Connection) -> int:
    """Return the number of the next decision, or of an import's step among decisions."""
    row = connection.execute(
        "select coalesce(max(number), 0) + 1 from ("
        "select number from record.decisions union all select number from record.entry_steps)"
    ).fetchone()
    assert row is not None  # an aggregate always gives a row
    return int(row[0])


def _number_frames(connection: Connection, candidates: Sequence[str]) -> None:
    connection.execute(
        """
        insert into record.frames
        select 'F' || n, n, candidate, $added
        from (select candidate, (select coalesce(max(number), 0) from record.frames)
                     + row_number() over (order by place) as n
              from (select unnest($candidates::varchar[]) as candidate,
                           generate_subscripts($candidates::varchar[], 1) as place)
              where candidate not in (select candidate from record.frames))
        """,
        {"candidates": list(candidates), "added": utc_now()},
    )


def load_decisions_of_request(connection: Connection, request: str) -> list[Decision]:
    """What this request of a client's has led to already."""
    return _decisions(connection, "request = $request", {"request": request})


def load_decisions_of_batch(connection: Connection, batch: str) -> list[Decision]:
    """Decisions, undos or redos that were made together, in their order."""
    return _decisions(connection, "coalesce(batch, decision) = $batch", {"batch": batch})


def load_decisions_on(connection: Connection, candidate: str) -> list[Decision]:
    """Every decision on a candidate, undone ones and undos too, in order."""
    return _decisions(connection, "candidate = $candidate", {"candidate": candidate})


def _decisions(connection: Connection, where: str, values: Mapping[str, str]) -> list[Decision]:
    """Those for which our own SQL `where` is so, in their order, undone ones and undos too."""
    rows = connection.execute(
        f"select {_DECISION} from record.decisions where {where} order by number",  # noqa: S608
        values,
    ).fetchall()
    return [_decision(row) for row in rows]


def _decision(row: tuple[Any, ...]) -> Decision:
    names = [name.strip().replace("decision", "id") for name in _DECISION.split(",")]
    told = dict(zip(names, row, strict=True))
    topics = told.pop("topics")
    return Decision(topics=tuple(topics) if topics is not None else None, **told)


def frame_id(connection: Connection, candidate: str) -> str | None:
    return frame_ids(connection, [candidate]).get(candidate)


def frame_ids(connection: Connection, candidates: Sequence[str]) -> dict[str, str]:
    """The frames that these candidates were given, by candidate; standing or not."""
    found = connection.execute(
        f"select candidate, frame from record.frames where {sql_in_ids(candidates)}",  # noqa: S608
        id_parameters(candidates),
    ).fetchall()
    return dict(found)
