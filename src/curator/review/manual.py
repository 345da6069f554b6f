"""Frames that people wrote: by hand, in an imported list, or as a suggestion. Their author's word is their evidence.

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
MAX_NOTE_CHARS = 2000
"""Characters of an author's note; the rest is cut."""


@dataclass(frozen=True)
class ManualFrame:
    """A frame as a person wrote it."""

    text: str
    kind: Kind
    source: Paper  # with place "none" if no source is named
    author: str
    origin: Origin = "by hand"
    topics: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()  # from `source`, graded
    further: tuple[Paper, ...] = ()  # more sources
    section: str | None = None  # its heading in the list that it was imported from
    note: str | None = None  # the author's comment

    @property
    def candidate(self) -> Candidate:
        """The frame's candidate. Its id is derived from texts and source, so writing the frame again adds nothing."""
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
            note=single_line(self.note or "")[:MAX_NOTE_CHARS] or None,
        )


@dataclass(frozen=True)
class AddResult:
    """The outcome of adding frames."""

    new: tuple[str, ...] = ()  # candidate ids
    frames: dict[str, str] = field(default_factory=dict)  # id of an accepted candidate → id of its frame
    known: tuple[tuple[ManualFrame, KnownFrame], ...] = ()  # frames that existed already, so nothing was added
    batch: str | None = None  # the id of the decisions that one undo reverses together


def fold_frame(text: str) -> str:
    """Return the form in which two frames' texts are compared: letters and digits only, case-folded."""
    return "".join(c for c in single_line(text).casefold() if c.isalnum())


def known_frames(connection: Connection) -> dict[str, KnownFrame]:
    """Return frames by each folded text that they have or had.

    These are frames on the list, frames that left it, and pending frames that people wrote.
    """
    by_text: dict[str, KnownFrame] = {}
    for frame in load_known_frames(connection):
        for text in frame.texts:
            by_text.setdefault(fold_frame(text), frame)
    return by_text


def add_frames(reviewer: Reviewer, warehouse: Warehouse, written: Sequence[ManualFrame], *, accept: bool) -> AddResult:
    """Queue frames, or with `accept` put them on the list at once. One undo reverses all of it.

    A frame whose text is known already is skipped.

    Raises:
        DecisionError: A text is empty or too long.
    """
    check_texts(written)
    return warehouse.write(lambda connection: add_frames_within(reviewer, connection, written, accept=accept))


def check_texts(written: Sequence[ManualFrame]) -> None:
    """Check the length of frames' texts.

    Raises:
        DecisionError: A text is empty or too long.
    """
    for frame in written:
        if not fold_frame(frame.text) or len(single_line(frame.text)) > MAX_TEXT_CHARS:
            raise DecisionError(
                f"A frame must have 1 to {MAX_TEXT_CHARS} characters; this one does not: "
                f"{single_line(frame.text)[:80]!r}."
            )


def add_frames_within(
    reviewer: Reviewer, connection: Connection, written: Sequence[ManualFrame], *, accept: bool
) -> AddResult:
    """Add frames as `add_frames` does, inside a transaction that writes other rows too. The texts are not checked."""
    known = known_frames(connection)
    unknown: dict[str, ManualFrame] = {}  # by folded text
    withdrawn: dict[str, ManualFrame] = {}  # by candidate id: added before, and undone
    existing = []
    for frame in written:
        text = fold_frame(frame.text)
        match = known.get(text)
        if match and accept and match.status == "pending" and not match.drafted:
            withdrawn[match.candidate] = frame
        elif match:
            existing.append((frame, match))
        else:
            unknown.setdefault(text, frame)
    new = {frame.candidate.id: frame for frame in unknown.values()}
    if not new and not withdrawn:
        return AddResult(known=tuple(existing))
    _record(connection, list(new.values()), list(withdrawn.values()))
    if not accept:
        return AddResult(tuple(new), {}, tuple(existing))
    result = reviewer.decide_within(connection, (*withdrawn, *new), DecisionRequest("accept"))
    for id, frame in {**withdrawn, **new}.items():
        _merge_further_sources(reviewer, connection, id, frame, result.batch)
    frames = dict(result.frames)
    _put_into_sections(reviewer, connection, frames, new)
    return AddResult((*withdrawn, *new), frames, tuple(existing), result.batch)


def add_source(
    reviewer: Reviewer,
    warehouse: Warehouse,
    frame: str,
    source: Paper,
    quotes: Sequence[Quote],
    *,
    contradicts: bool = False,
    further: Sequence[Paper] = (),
) -> str:
    """Add a source to a frame on the list, and return the frame's candidate id.

    Args:
        reviewer: Adds the source.
        warehouse: Holds the frame.
        frame: The frame's id.
        source: The source.
        quotes: Graded quotes from the source.
        contradicts: The source is evidence against the frame.
        further: More sources, added in the same step, so that one undo removes all of them.

    Raises:
        DecisionError: The frame is not on the list, or it names the source already.
    """
    item = find_listed_candidate(warehouse, frame)

    def write(connection: Connection) -> str:
        (listed,) = load_frames(connection, [item.id])
        named = {paper.versioned_id for paper in (listed.paper, *listed.sources, *listed.contradicting)}
        if any(paper.versioned_id in named for paper in further) or (source.versioned_id in named and not quotes):
            raise DecisionError(f"{listed.id} names this source already.")
        first = ManualFrame(listed.text, listed.kind, source, reviewer.name, topics=listed.topics, quotes=tuple(quotes))
        every = [first, *(replace(first, source=paper, quotes=()) for paper in further)]
        _record(connection, every)
        choice = DecisionRequest("merge", into=item.id, contradicts=contradicts)
        reviewer.decide_within(connection, list(dict.fromkeys(each.candidate.id for each in every)), choice)
        return item.id

    return warehouse.write(write)


def _record(connection: Connection, written: Sequence[ManualFrame], withdrawn: Sequence[ManualFrame] = ()) -> None:
    """Record frames with all their sources; of frames that are on record already, only the further sources."""
    sources = {paper.versioned_id: paper for frame in written for paper in (frame.source, *frame.further)}
    sources |= {paper.versioned_id: paper for frame in withdrawn for paper in frame.further}
    papers.add_papers(connection, sources.values())
    further = [replace(frame, source=paper, further=()) for frame in (*written, *withdrawn) for paper in frame.further]
    candidates.add_candidates(connection, [frame.candidate for frame in (*written, *further)])


def _merge_further_sources(
    reviewer: Reviewer, connection: Connection, candidate: str, written: ManualFrame, batch: str
) -> None:
    others = [replace(written, source=paper, further=()).candidate.id for paper in written.further]
    if others:
        reviewer.decide_within(connection, others, DecisionRequest("merge", into=candidate), batch=batch)


def _put_into_sections(
    reviewer: Reviewer, connection: Connection, frames: dict[str, str], new: dict[str, ManualFrame]
) -> None:
    sections = {frames[id]: frame.section for id, frame in new.items() if frame.section and id in frames}
    positions = [
        replace(position, section=sections[position.frame])
        for position in load_positions(connection)
        if position.frame in sections
    ]
    add_positions(connection, reviewer.name, positions)
