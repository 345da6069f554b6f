"""Frames that a person wrote: by hand, in an old list, as a suggestion. They stand on their writer's word.

Each becomes a candidate with its author's name, so that decisions, undo, merging and the list treat it like any other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from curator.errors import DecisionError
from curator.records import Candidate, Kind, Paper, Quote
from curator.review.decisions import LONGEST_TEXT, Choice, Desk, find_listed
from curator.text import one_line
from curator.warehouse import Connection, Warehouse, drafts, listed, papers
from curator.warehouse.listed import Known

Origin = Literal["by hand", "imported", "suggested"]
LONGEST_NOTE = 2000  # characters


@dataclass(frozen=True)
class Written:
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
        origin = "\x1f".join([self.origin, folded(self.text), self.source.id, *(quote.text for quote in self.quotes)])
        return Candidate(
            id=hashlib.sha256(origin.encode()).hexdigest()[:12],
            paper_id=self.source.id,
            version=self.source.version,
            text=one_line(self.text),
            kind=self.kind,
            topics=self.topics,
            quotes=self.quotes,
            scope="",
            question=None,
            drafter=self.origin,
            author=self.author,
            note=one_line(self.note or "")[:LONGEST_NOTE] or None,
        )


@dataclass(frozen=True)
class Taken:
    """What came of writing frames down."""

    new: tuple[str, ...] = ()  # candidates
    frames: dict[str, str] = field(default_factory=dict)  # of those that were accepted: candidate → frame
    known: tuple[tuple[Written, Known], ...] = ()  # those that were there already; nothing was added for them
    batch: str | None = None  # of the decisions, by which one undo takes them back


def folded(text: str) -> str:
    """As two frames' texts are compared: letters and digits alone, whatever their case."""
    return "".join(c for c in one_line(text).casefold() if c.isalnum())


def known_frames(connection: Connection) -> dict[str, Known]:
    """Frames on the list, those that left it, and what people wrote that waits; by their texts, past ones too."""
    found: dict[str, Known] = {}
    for one in listed.known(connection):
        for text in one.texts:
            found.setdefault(folded(text), one)
    return found


def write_down(desk: Desk, warehouse: Warehouse, written: Sequence[Written], *, accept: bool) -> Taken:
    """Queue frames, and with `accept` put them on the list at once; one undo takes all of that back.

    A frame whose text is known already is left out. Raises DecisionError where a text is empty or too long.
    """
    check_texts(written)
    return warehouse.write(lambda connection: write_within(desk, connection, written, accept=accept))


def check_texts(written: Sequence[Written]) -> None:
    """Raise DecisionError where a frame's text is empty or too long."""
    for one in written:
        if not folded(one.text) or len(one_line(one.text)) > LONGEST_TEXT:
            raise DecisionError(
                f"A frame has 1 to {LONGEST_TEXT} characters; this has not: {one_line(one.text)[:80]!r}."
            )


def write_within(desk: Desk, connection: Connection, written: Sequence[Written], *, accept: bool) -> Taken:
    """Do what `write_down` does, with texts that were checked, inside a transaction that does more."""
    known = known_frames(connection)
    unknown: dict[str, Written] = {}  # by its text
    waiting: dict[str, Written] = {}  # written down before, and taken back
    old = []
    for one in written:
        text = folded(one.text)
        found = known.get(text)
        if found and accept and found.status == "pending" and not found.drafted:
            waiting[found.candidate] = one
        elif found:
            old.append((one, found))
        else:
            unknown.setdefault(text, one)
    new = {one.candidate.id: one for one in unknown.values()}
    if not new and not waiting:
        return Taken(known=tuple(old))
    _record(connection, list(new.values()), list(waiting.values()))
    if not accept:
        return Taken(tuple(new), {}, tuple(old))
    outcome = desk.decide_within(connection, (*waiting, *new), Choice("accept"))
    for id, one in {**waiting, **new}.items():
        _attach(desk, connection, id, one, outcome.batch)
    frames = dict(outcome.frames)
    _put_into_sections(desk, connection, frames, new)
    return Taken((*waiting, *new), frames, tuple(old), outcome.batch)


def add_source(
    desk: Desk,
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
    item = find_listed(warehouse, frame)

    def write(connection: Connection) -> str:
        (told,) = listed.frames(connection, [item.id])
        every = {paper.versioned_id for paper in (told.paper, *told.sources, *told.contradicting)}
        if any(one.versioned_id in every for one in further) or (source.versioned_id in every and not quotes):
            raise DecisionError(f"{told.id} names this source already.")
        one = Written(told.text, told.kind, source, desk.reviewer, topics=told.topics, quotes=tuple(quotes))
        more = [replace(one, source=paper, quotes=()) for paper in further]
        _record(connection, [one, *more])
        choice = Choice("merge", into=item.id, contradicts=contradicts)
        desk.decide_within(connection, list(dict.fromkeys(each.candidate.id for each in (one, *more))), choice)
        return item.id

    return warehouse.write(write)


def _record(connection: Connection, written: Sequence[Written], again: Sequence[Written] = ()) -> None:
    """Record frames with all their sources; of those that are written down `again`, the further sources."""
    sources = {paper.versioned_id: paper for one in written for paper in (one.source, *one.further)}
    sources |= {paper.versioned_id: paper for one in again for paper in one.further}
    papers.add_papers(connection, sources.values())
    further = [replace(one, source=paper, further=()) for one in (*written, *again) for paper in one.further]
    drafts.add_candidates(connection, [one.candidate for one in (*written, *further)])


def _attach(desk: Desk, connection: Connection, candidate: str, written: Written, batch: str) -> None:
    """Merge the candidates of further sources into that of the first."""
    others = [replace(written, source=paper, further=()).candidate.id for paper in written.further]
    if others:
        desk.decide_within(connection, others, Choice("merge", into=candidate), batch=batch)


def _put_into_sections(desk: Desk, connection: Connection, frames: dict[str, str], new: dict[str, Written]) -> None:
    sections = {frames[id]: one.section for id, one in new.items() if one.section and id in frames}
    places = [
        replace(place, section=sections[place.frame]) for place in listed.places(connection) if place.frame in sections
    ]
    listed.arrange(connection, desk.reviewer, places)
