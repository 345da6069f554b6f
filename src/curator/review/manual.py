"""Frames that a person wrote: by hand, in an old list, as a suggestion. They stand on their writer's word.

Each becomes a candidate with its author's name, so that decisions, undo, merging and the list treat it like any other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from curator.errors import DecisionError
from curator.review.decisions import MAX_TEXT_CHARS, DecisionRequest, Reviewer, find_listed_candidate
from curator.sanitize import single_line
from curator.types import Candidate, Kind, Paper, Quote
from curator.warehouse import Connection, Warehouse, candidates, papers
from curator.warehouse.frames import KnownFrame, add_positions, load_frames, load_known_frames, load_positions

Origin = Literal["by hand", "imported", "suggested"]
LONGEST_NOTE = 2000  # characters


@dataclass(frozen=True)
class ManualFrame:
    """A frame as a person wrote it."""

    text: str
    kind: Kind
    source: Paper  # its place is "none" where none is named
    author: str
    origin: Origin = "by hand"
    topics: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()  # of the source, graded
    further: tuple[Paper, ...] = ()  # more sources
    section: str | None = None  # its heading in the list that it comes from
    note: str | None = None  # what the author said beside it

    @property
    def candidate(self) -> Candidate:
        """Its candidate, known by text and source, so that writing it again adds nothing."""
        origin = "\x1f".join(
            [self.origin, fold_frame(self.text), self.source.id, *(quote.text for quote in self.quotes)]
        )
        return Candidate(
            id=hashlib.sha256(origin.encode()).hexdigest()[:12],
            paper_id=self.source.id,
            version=self.source.version,
            text=single_line(self.text),
            kind=self.kind,
            topics=self.topics,
            quotes=self.quotes,
            scope="",
            question=None,
            drafter=self.origin,
            author=self.author,
            note=single_line(self.note or "")[:LONGEST_NOTE] or None,
        )


@dataclass(frozen=True)
class AddResult:
    """What came of writing frames down."""

    new: tuple[str, ...] = ()  # candidates
    frames: dict[str, str] = field(default_factory=dict)  # of those that were accepted: candidate → frame
    known: tuple[tuple[ManualFrame, KnownFrame], ...] = ()  # those that were there already; nothing was added for them
    batch: str | None = None  # of the decisions, by which one undo takes them back


def fold_frame(text: str) -> str:
    """As two frames' texts are compared: letters and digits alone, whatever their case."""
    return "".join(c for c in single_line(text).casefold() if c.isalnum())


def known_frames(connection: Connection) -> dict[str, KnownFrame]:
    """Frames on the list, those that left it, and what people wrote that waits; by their texts, past ones too."""
    found: dict[str, KnownFrame] = {}
    for one in load_known_frames(connection):
        for text in one.texts:
            found.setdefault(fold_frame(text), one)
    return found


def add_frames(desk: Reviewer, warehouse: Warehouse, written: Sequence[ManualFrame], *, accept: bool) -> AddResult:
    """Queue frames, and with `accept` put them on the list at once; one undo takes all of that back.

    A frame whose text is known already is left out. Raises DecisionError where a text is empty or too long.
    """
    check_texts(written)
    return warehouse.write(lambda connection: add_frames_within(desk, connection, written, accept=accept))


def check_texts(written: Sequence[ManualFrame]) -> None:
    """Raise DecisionError where a frame's text is empty or too long."""
    for one in written:
        if not fold_frame(one.text) or len(single_line(one.text)) > MAX_TEXT_CHARS:
            raise DecisionError(
                f"A frame has 1 to {MAX_TEXT_CHARS} characters; this has not: {single_line(one.text)[:80]!r}."
            )


def add_frames_within(
    desk: Reviewer, connection: Connection, written: Sequence[ManualFrame], *, accept: bool
) -> AddResult:
    """Do what `write_down` does, with texts that were checked, inside a transaction that does more."""
    known = known_frames(connection)
    unknown: dict[str, ManualFrame] = {}  # by its text
    waiting: dict[str, ManualFrame] = {}  # written down before, and taken back
    old = []
    for one in written:
        text = fold_frame(one.text)
        found = known.get(text)
        if found and accept and found.status == "pending" and not found.drafted:
            waiting[found.candidate] = one
        elif found:
            old.append((one, found))
        else:
            unknown.setdefault(text, one)
    new = {one.candidate.id: one for one in unknown.values()}
    if not new and not waiting:
        return AddResult(known=tuple(old))
    _record(connection, list(new.values()), list(waiting.values()))
    if not accept:
        return AddResult(tuple(new), {}, tuple(old))
    outcome = desk.decide_within(connection, (*waiting, *new), DecisionRequest("accept"))
    for id, one in {**waiting, **new}.items():
        _attach(desk, connection, id, one, outcome.batch)
    frames = dict(outcome.frames)
    _put_into_sections(desk, connection, frames, new)
    return AddResult((*waiting, *new), frames, tuple(old), outcome.batch)


def add_source(
    desk: Reviewer,
    warehouse: Warehouse,
    frame: str,
    source: Paper,
    quotes: Sequence[Quote],
    *,
    contradicts: bool = False,
    further: Sequence[Paper] = (),
) -> str:
    """Let a frame rest on one more source, or name one that speaks against it; return the frame's candidate.

    `further` sources are added in the same step, so that one undo takes all of them back.

    Raises DecisionError where the frame is not on the list, or rests on a source already.
    """
    item = find_listed_candidate(warehouse, frame)

    def write(connection: Connection) -> str:
        (told,) = load_frames(connection, [item.id])
        every = {paper.versioned_id for paper in (told.paper, *told.sources, *told.contradicting)}
        if any(one.versioned_id in every for one in further) or (source.versioned_id in every and not quotes):
            raise DecisionError(f"{told.id} names this source already.")
        one = ManualFrame(told.text, told.kind, source, desk.reviewer, topics=told.topics, quotes=tuple(quotes))
        more = [replace(one, source=paper, quotes=()) for paper in further]
        _record(connection, [one, *more])
        choice = DecisionRequest("merge", into=item.id, contradicts=contradicts)
        desk.decide_within(connection, list(dict.fromkeys(each.candidate.id for each in (one, *more))), choice)
        return item.id

    return warehouse.write(write)


def _record(connection: Connection, written: Sequence[ManualFrame], again: Sequence[ManualFrame] = ()) -> None:
    """Record frames with all their sources; of those that are written down `again`, the further sources."""
    sources = {paper.versioned_id: paper for one in written for paper in (one.source, *one.further)}
    sources |= {paper.versioned_id: paper for one in again for paper in one.further}
    papers.add_papers(connection, sources.values())
    further = [replace(one, source=paper, further=()) for one in (*written, *again) for paper in one.further]
    candidates.add_candidates(connection, [one.candidate for one in (*written, *further)])


def _attach(desk: Reviewer, connection: Connection, candidate: str, written: ManualFrame, batch: str) -> None:
    """Merge the candidates of further sources into that of the first."""
    others = [replace(written, source=paper, further=()).candidate.id for paper in written.further]
    if others:
        desk.decide_within(connection, others, DecisionRequest("merge", into=candidate), batch=batch)


def _put_into_sections(
    desk: Reviewer, connection: Connection, frames: dict[str, str], new: dict[str, ManualFrame]
) -> None:
    sections = {frames[id]: one.section for id, one in new.items() if one.section and id in frames}
    places = [
        replace(place, section=sections[place.frame]) for place in load_positions(connection) if place.frame in sections
    ]
    add_positions(connection, desk.reviewer, places)
