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
    by_hand: bool  # a person wrote it; its source counts even without a quote


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
    texts: tuple[str, ...]  # its final text, its draft, and its texts in publications


def load_merged(connection: Connection) -> MergedCandidates:
    """Return all merged candidates, by the candidate that they were merged into."""
    rows = connection.execute(
        "select merged_into, candidate, paper, version, contradicts, author is not null from candidates "
        "where status = 'merged' order by decided, candidate"
    ).fetchall()
    by_target: dict[str, list[MergedCandidate]] = defaultdict(list)
    for into, *rest in rows:
        by_target[into].append(MergedCandidate(*rest))
    return by_target


def load_frames(
    connection: Connection, candidates: Sequence[str] | None = None, merged: MergedCandidates | None = None
) -> list[Frame]:
    """Return the frames on the list by number, each with the evidence of candidates merged into it.

    Args:
        connection: A connection.
        candidates: Only the frames of these candidates; None for all.
        merged: The result of `load_merged`, for a caller that loads the list in parts.
    """
    where = "true" if candidates is None else sql_in_ids(candidates)
    rows = connection.execute(
        f"select {_COLUMNS} from frames where {where} order by number",  # noqa: S608
        id_parameters(candidates or ()),
    ).fetchall()
    return _with_evidence(connection, rows, load_merged(connection) if merged is None else merged)


def iterate_frames(connection: Connection, at_once: int = 500) -> Iterator[Frame]:
    """Yield the frames on the list by number, with `at_once` frames in memory at a time.

    Nothing may be written on the connection until the iterator is exhausted.
    """
    merged = load_merged(connection)
    cursor = connection.cursor()
    cursor.execute(f"select {_COLUMNS} from frames order by number")  # noqa: S608
    while rows := cursor.fetchmany(at_once):
        yield from _with_evidence(connection, rows, merged)


def _with_evidence(connection: Connection, rows: Sequence[tuple[Any, ...]], merged: MergedCandidates) -> list[Frame]:
    merged_into = {row[1]: list(find_merged(row[1], merged)) for row in rows}
    further = [evidence for candidates in merged_into.values() for evidence in candidates]
    quotes = {
        **load_quotes(connection, [*merged_into, *(evidence.candidate for evidence in further)]),
        **_load_cited_quotes(connection, {(row[1], row[7]): f"{row[6]}v{row[7]}" for row in rows if row[7] != row[17]}),
    }
    own_versions = {(row[6], row[7]) for row in rows}
    papers = get_papers(connection, own_versions | {(evidence.paper, evidence.version) for evidence in further})
    supports = load_supports(connection, {row[1]: (row[2], row[8] or "") for row in rows})
    return [_to_frame(row, merged_into[row[1]], quotes, papers, supports.get(row[1], ())) for row in rows]


def _to_frame(
    row: tuple[Any, ...],
    merged: Sequence[MergedCandidate],
    quotes: Mapping[str, tuple[Quote, ...]],
    papers: Mapping[tuple[str, int], Paper],
    support: tuple[Support, ...],
) -> Frame:
    frame, candidate, text, draft_text, kind, topics, paper, version, scope, question, drafter, *rest = row
    accepted, reviewer, author, pinned, section, position, _ = rest
    evidence = [quote for quote in quotes.get(candidate, ()) if quote.holds]
    supporting, contradicting = set[tuple[str, int]](), set[tuple[str, int]]()
    for other in merged:
        holding = [
            replace(quote, contradicts=other.contradicts) for quote in quotes.get(other.candidate, ()) if quote.holds
        ]
        evidence += holding
        if (holding or other.by_hand) and papers[other.paper, other.version].is_named:
            (contradicting if other.contradicts else supporting).add((other.paper, other.version))
    own = (paper, version)
    return Frame(
        id=frame, candidate_id=candidate, text=text, draft_text=draft_text, kind=kind, topics=tuple(topics or ()),
        paper=papers[own], quotes=tuple(evidence), scope=scope or "", question=question, drafter=drafter,
        accepted=accepted, reviewer=reviewer, author=author, pinned=pinned, section=section, position=position,
        sources=tuple(papers[key] for key in sorted(supporting - {own})),
        contradicting=tuple(papers[key] for key in sorted(contradicting - supporting - {own})),
        support=tuple(verdict for verdict in support if verdict.judged != "earlier"),
    )  # fmt: skip


def _load_cited_quotes(connection: Connection, later: Mapping[tuple[str, int], str]) -> dict[str, tuple[Quote, ...]]:
    """Return the quotes, as the cited version has them, of frames that cite a later version than their draft.

    `later` maps a candidate and the cited version to the versioned id of the paper.
    """
    papers = {candidate: paper for (candidate, _), paper in later.items()}
    return {
        candidate: tuple(replace(recheck.now, paper=papers[candidate]) for recheck in rechecks)
        for candidate, rechecks in load_rechecks(connection, later).items()
    }


def find_merged(candidate: str, merged: MergedCandidates) -> Iterable[MergedCandidate]:
    """Return the candidates merged into `candidate`, directly or through others, each once.

    Merges may be circular. A candidate that contradicts a contradicting candidate does not support the frame, and is
    left out.
    """
    seen, waiting = {candidate}, [(candidate, False)]
    while waiting:
        into, against = waiting.pop(0)
        for other in merged.get(into, ()):
            if other.candidate in seen or (against and other.contradicts):
                continue
            seen.add(other.candidate)
            waiting.append((other.candidate, against or other.contradicts))
            yield other._replace(contradicts=against or other.contradicts)


def load_retired(connection: Connection) -> list[RetiredFrame]:
    """Return the frames that have left the list, the latest first."""
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


def add_positions(connection: Connection, reviewer: str, positions: Sequence[ListPosition]) -> None:
    """Record new positions of frames on the list."""
    rows = [
        {
            "frame": position.frame,
            "position": position.position,
            "pinned": position.pinned,
            "section": position.section,
            "reviewer": reviewer,
            "added": utc_now(),
        }
        for position in positions
    ]
    add_rows(connection, "arrangements", rows)


def load_frame_id(connection: Connection, candidate: str) -> str | None:
    """Return the frame id of a candidate; None if it was never accepted."""
    return load_frame_ids(connection, [candidate]).get(candidate)


def load_frame_ids(connection: Connection, candidates: Sequence[str]) -> dict[str, str]:
    """Return the frame ids of these candidates, by candidate, including frames that have left the list."""
    rows = connection.execute(
        f"select candidate, frame from record.frames where {sql_in_ids(candidates)}",  # noqa: S608
        id_parameters(candidates),
    ).fetchall()
    return dict(rows)
