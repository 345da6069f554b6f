"""Frames: the list itself, the evidence of each frame, and its position."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from curator.types import Frame, Kind, Paper, Quote, Support
from curator.warehouse.candidates import id_parameters, load_quotes, sql_in_ids
from curator.warehouse.connection import Connection
from curator.warehouse.papers import get_papers
from curator.warehouse.revision_notices import load_rechecks
from curator.warehouse.rows import add_rows, utc_now
from curator.warehouse.supports import load_supports


class MergedCandidate(NamedTuple):
    """A candidate that was merged into another candidate."""

    candidate: str
    paper: str
    version: int
    contradicts: bool
    by_hand: bool  # a person wrote it, and answers for its source


_COLUMNS = """frame, candidate, text, draft_text, kind, topics, paper, version, scope, question, drafter, accepted,
            reviewer, author, pinned, section, position, drafted_from"""
MergedCandidates = Mapping[str, Sequence[MergedCandidate]]
"""Merged candidates, by the candidate that they were merged into."""


@dataclass(frozen=True)
class ListPosition:
    """The position of a frame among the frames of its kind."""

    frame: str
    kind: Kind
    topics: tuple[str, ...]
    position: float = 0
    pinned: bool = False
    section: str | None = None


@dataclass(frozen=True)
class RetiredFrame:
    """A frame that has left the list."""

    frame: str
    candidate: str
    text: str
    kind: Kind
    status: str  # of its candidate: rejected, merged, deferred, pending
    reason: str | None
    superseded_by: str | None  # a frame
    reviewer: str | None
    retired: datetime


class KnownFrame(NamedTuple):
    """A frame that is or was on the list, or a frame that a person wrote and that is pending."""

    candidate: str
    frame: str | None
    status: str
    drafted: bool  # from a paper, not by a person
    texts: tuple[str, ...]  # its final text, its draft, and what it said in publications


def load_merged(connection: Connection) -> MergedCandidates:
    """Return all merged candidates, by the candidate that they were merged into."""
    rows = connection.execute(
        "select merged_into, candidate, paper, version, contradicts, author is not null from candidates "
        "where status = 'merged' order by decided, candidate"
    ).fetchall()
    found: dict[str, list[MergedCandidate]] = defaultdict(list)
    for into, *rest in rows:
        found[into].append(MergedCandidate(*rest))
    return found


def load_frames(
    connection: Connection, candidates: Sequence[str] | None = None, joined: MergedCandidates | None = None
) -> list[Frame]:
    """Return the list by number: accepted candidates with those merged into them; or only the given candidates.

    `joined`: what `merged` gives, where many parts of the list are asked for one after the other.
    """
    where = "true" if candidates is None else sql_in_ids(candidates)
    rows = connection.execute(
        f"select {_COLUMNS} from frames where {where} order by number",  # noqa: S608
        id_parameters(candidates or ()),
    ).fetchall()
    return _with_evidence(connection, rows, load_merged(connection) if joined is None else joined)


def iterate_frames(connection: Connection, at_once: int = 500) -> Iterator[Frame]:
    """Yield the list by number, with `at_once` frames in memory at a time. Only for transactions that read."""
    joined = load_merged(connection)
    cursor = connection.cursor()
    cursor.execute(f"select {_COLUMNS} from frames order by number")  # noqa: S608
    while rows := cursor.fetchmany(at_once):
        yield from _with_evidence(connection, rows, joined)


def _with_evidence(connection: Connection, rows: Sequence[tuple[Any, ...]], joined: MergedCandidates) -> list[Frame]:
    follow = {row[1]: list(find_merged(row[1], joined)) for row in rows}
    every = [one for ones in follow.values() for one in ones]
    quotes = {
        **load_quotes(connection, [*follow, *(one.candidate for one in every)]),
        **_load_cited_quotes(connection, {(row[1], row[7]): f"{row[6]}v{row[7]}" for row in rows if row[7] != row[17]}),
    }
    papers = get_papers(connection, {(row[6], row[7]) for row in rows} | {(one.paper, one.version) for one in every})
    supports = load_supports(connection, {row[1]: (row[2], row[8] or "") for row in rows})
    return [_to_frame(row, follow[row[1]], quotes, papers, supports.get(row[1], ())) for row in rows]


def _to_frame(
    row: tuple[Any, ...],
    joined: Sequence[MergedCandidate],
    quotes: Mapping[str, tuple[Quote, ...]],
    papers: Mapping[tuple[str, int], Paper],
    support: tuple[Support, ...],
) -> Frame:
    frame, candidate, text, draft_text, kind, topics, paper, version, scope, question, drafter, *rest = row
    accepted, reviewer, author, pinned, section, position, _ = rest
    evidence = [quote for quote in quotes.get(candidate, ()) if quote.holds]
    supporting, contradicting = set[tuple[str, int]](), set[tuple[str, int]]()
    for one in joined:
        its = [replace(quote, contradicts=one.contradicts) for quote in quotes.get(one.candidate, ()) if quote.holds]
        evidence += its
        if (its or one.by_hand) and papers[one.paper, one.version].is_named:
            (contradicting if one.contradicts else supporting).add((one.paper, one.version))
    own = (paper, version)
    return Frame(
        id=frame, candidate_id=candidate, text=text, draft_text=draft_text, kind=kind, topics=tuple(topics or ()),
        paper=papers[own], quotes=tuple(evidence), scope=scope or "", question=question, drafter=drafter,
        accepted=accepted, reviewer=reviewer, author=author, pinned=pinned, section=section, position=position,
        sources=tuple(papers[key] for key in sorted(supporting - {own})),
        contradicting=tuple(papers[key] for key in sorted(contradicting - supporting - {own})),
        support=tuple(one for one in support if one.judged != "earlier"),
    )  # fmt: skip


def _load_cited_quotes(connection: Connection, later: Mapping[tuple[str, int], str]) -> dict[str, tuple[Quote, ...]]:
    """Return the quotes of candidates that were accepted with the wording of a later version of their paper."""
    papers = {candidate: paper for (candidate, _), paper in later.items()}
    return {
        candidate: tuple(replace(one.now, paper=papers[candidate]) for one in found)
        for candidate, found in load_rechecks(connection, later).items()
    }


def find_merged(candidate: str, joined: MergedCandidates) -> Iterable[MergedCandidate]:
    """Return the candidates merged into `candidate`, directly or through others, each once.

    Merges may be circular. A candidate that contradicts a contradicting candidate does not support the frame, and is
    left out.
    """
    seen, waiting = {candidate}, [(candidate, False)]
    while waiting:
        into, against = waiting.pop(0)
        for one in joined.get(into, ()):
            if one.candidate in seen or (against and one.contradicts):
                continue
            seen.add(one.candidate)
            waiting.append((one.candidate, against or one.contradicts))
            yield one._replace(contradicts=against or one.contradicts)


def load_retired(connection: Connection) -> list[RetiredFrame]:
    """Frames that have left the list, the latest first."""
    rows = connection.execute(
        "select frame, candidate, text, kind, status, reason, superseded_by, reviewer, retired from retired "
        "order by retired desc, number"
    ).fetchall()
    return [RetiredFrame(*row) for row in rows]


def load_known_frames(connection: Connection) -> list[KnownFrame]:
    """Return every frame that is or was on the list, and pending frames that people wrote."""
    rows = connection.execute(
        """
        select c.candidate, f.frame, c.status, c.author is null,
               list_distinct([c.text, c.draft_text] || coalesce(
                   (select list(p.text) from record.publication_frames p where p.frame = f.frame), []))
        from candidates c left join record.frames f using (candidate)
        where f.frame is not null or (c.author is not null and c.status <> 'merged')
        order by f.number nulls last, c.added
        """
    ).fetchall()
    return [
        KnownFrame(candidate, frame, status, drafted, tuple(texts)) for candidate, frame, status, drafted, texts in rows
    ]


def load_positions(connection: Connection) -> list[ListPosition]:
    """Return the position of each frame on the list, by number."""
    rows = connection.execute(
        "select frame, kind, topics, position, pinned, section from frames order by number"
    ).fetchall()
    return [ListPosition(frame, kind, tuple(topics or ()), *rest) for frame, kind, topics, *rest in rows]


def add_positions(connection: Connection, reviewer: str, places: Sequence[ListPosition]) -> None:
    """Record where these frames now stand."""
    rows = [
        {
            "frame": one.frame,
            "position": one.position,
            "pinned": one.pinned,
            "section": one.section,
            "reviewer": reviewer,
            "added": utc_now(),
        }
        for one in places
    ]
    add_rows(connection, "arrangements", rows)


def load_frame_id(connection: Connection, candidate: str) -> str | None:
    """Return the frame id of a candidate; None if it was never accepted."""
    return load_frame_ids(connection, [candidate]).get(candidate)


def load_frame_ids(connection: Connection, candidates: Sequence[str]) -> dict[str, str]:
    """Return the frame ids of these candidates, by candidate, including frames that have left the list."""
    found = connection.execute(
        f"select candidate, frame from record.frames where {sql_in_ids(candidates)}",  # noqa: S608
        id_parameters(candidates),
    ).fetchall()
    return dict(found)
