"""All that the list says, gathered once: what `publish` writes, and every export lays out in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

from curator.list_order import sort_by_list_order
from curator.publish.changelog import changes_of
from curator.publish.spooled_frames import FrameSubset, SpooledFrames
from curator.settings import Settings
from curator.types import Change, Frame, Kind, Question, Todo
from curator.warehouse import Connection, statistics
from curator.warehouse.database import to_naive_utc, utc_now
from curator.warehouse.frames import (
    FrameChange,
    PublishedText,
    RetiredFrame,
    iterate_frames,
    load_frame_changes,
    load_last_published,
    load_retired,
    published_texts,
)
from curator.warehouse.questions import (
    DayText,
    OldChange,
    load_day_texts,
    load_old_changes,
    load_questions,
    load_todos,
    load_topics,
)


@dataclass(frozen=True)
class Selection:
    """Which frames are wanted; what is left out asks for nothing."""

    topic: str | None = None
    kind: Kind | None = None
    since: datetime | None = None  # accepted at or after; UTC

    def takes(self, frame: Frame) -> bool:
        since = to_naive_utc(self.since) if self.since else None
        return (
            (self.topic is None or self.topic in frame.topics)
            and (self.kind is None or frame.kind == self.kind)
            and (since is None or to_naive_utc(frame.accepted) >= since)
        )


EVERYTHING = Selection()


class ListedFrame(NamedTuple):
    """A frame, as far as its place on the list needs it."""

    at: int  # in `Contents.frames`
    id: str
    kind: Kind
    topics: tuple[str, ...]
    position: float
    pinned: bool
    section: str | None


@dataclass(frozen=True)
class ListSnapshot:
    """The list at one moment."""

    title: str
    frames: Sequence[Frame]  # by number; they may be on the disk
    about: str = ""  # the person's own Markdown
    topics: tuple[str, ...] = ()  # in the list's order
    questions: Sequence[Question] = ()
    todos: Sequence[Todo] = ()
    changes: Sequence[Change] = ()
    days: Mapping[date, DayText] = field(default_factory=dict)  # of the changelog, as the person worded them
    old_changes: Sequence[OldChange] = ()  # from before Curator kept the changelog
    retired: Mapping[str, RetiredFrame] = field(default_factory=dict)  # by frame
    identity: str = ""  # tells this list from all others

    @cached_property
    def outline(self) -> Sequence[ListedFrame]:
        """Where each frame belongs, in the order of `frames`."""
        return [
            ListedFrame(at, one.id, one.kind, one.topics, one.position, one.pinned, one.section)
            for at, one in enumerate(self.frames)
        ]

    def in_sections(self, kind: Kind) -> list[tuple[str | None, Sequence[Frame]]]:
        """The frames of a kind, in the list's order, by the person's own sections; those without one come first."""
        groups: dict[str | None, list[int]] = {}
        for one in sort_by_list_order((one for one in self.outline if one.kind == kind), self.topics):
            groups.setdefault(None if one.pinned else one.section, []).append(one.at)
        return [(section, FrameSubset(self.frames, places)) for section, places in groups.items()]

    def on_topic(self, topic: str, kind: Kind) -> Sequence[Frame]:
        """The frames of a topic and a kind, in the list's order."""
        its = (one for one in self.outline if one.kind == kind and topic in one.topics)
        return FrameSubset(self.frames, [one.at for one in sort_by_list_order(its, self.topics)])

    def latest(self, kind: Kind, most: int) -> Sequence[Frame]:
        """The frames of a kind that were given their numbers last, the last first."""
        return FrameSubset(self.frames, [one.at for one in reversed(self.outline) if one.kind == kind][:most])


def take_snapshot(
    connection: Connection,
    settings: Settings,
    selection: Selection = EVERYTHING,
    *,
    as_published: bool = False,
    changelog: bool = True,
) -> ListSnapshot:
    """The list as it stands, or what a selection takes of it; its frames are kept on the disk.

    Its `changelog`, where wanted, reaches up to this moment or, `as_published`, to the last publication.
    """
    snapshots: dict[str, PublishedText] = {}
    frames = SpooledFrames(_taken(iterate_frames(connection), selection, snapshots if changelog else None))
    taken = {frame.id for frame in frames} if selection != EVERYTHING else set[str]()
    questions = load_questions(connection)
    todos = [todo for todo, _ in load_todos(connection)]
    if selection != EVERYTHING:
        questions = [one for one in questions if taken.intersection((*one.raised_by, *one.spoken_to_by))]
        todos = []
    gone = load_retired(connection)
    return ListSnapshot(
        title=settings.title,
        frames=frames,
        about=settings.about,
        topics=list_topics(settings, load_topics(connection)),
        questions=questions,
        todos=todos,
        changes=_changes(connection, None if as_published else snapshots, gone) if changelog else (),
        days=load_day_texts(connection),
        old_changes=load_old_changes(connection),
        retired={one.frame: one for one in gone},
        identity=statistics.warehouse_identity(connection),
    )


def _taken(
    frames: Iterable[Frame], selection: Selection, snapshots: dict[str, PublishedText] | None
) -> Iterator[Frame]:
    """What a selection takes of the frames; `snapshots` learns of all of them."""
    for frame in frames:
        if snapshots is not None:
            snapshots |= published_texts([frame])
        if selection.takes(frame):
            yield frame


def list_topics(settings: Settings, written: Iterable[str]) -> tuple[str, ...]:
    """Those that are watched, then those that a person wrote down; each once, however its case differs."""
    found: dict[str, str] = {}
    for topic in (*(one.name for one in settings.topics), *written):
        found.setdefault(topic.casefold(), topic)
    return tuple(found.values())


def _changes(
    connection: Connection, told: Mapping[str, PublishedText] | None, gone: Sequence[RetiredFrame]
) -> list[Change]:
    """The changes of every day, today's with the list as this has it; without it, what was published."""
    if told is None:
        return _told(load_frame_changes(connection, date.max), gone)
    today = utc_now().date()
    present = _differences(today, load_last_published(connection, today), told)
    return _told([*load_frame_changes(connection, today), *present], gone)


def _told(differences: Iterable[FrameChange], gone: Iterable[RetiredFrame]) -> list[Change]:
    reasons = {one.frame: one for one in gone}
    return [change for one in differences for change in changes_of(one, reasons)]


def _differences(
    day: date, before: Mapping[str, PublishedText] | None, after: Mapping[str, PublishedText]
) -> list[FrameChange]:
    before = before or {}
    return [
        FrameChange(day, id, before.get(id), after.get(id))
        for id in {**before, **after}
        if before.get(id) != after.get(id)
    ]


def changes_since(connection: Connection, frames: Sequence[Frame], since: date) -> list[Change]:
    """The net changes from the last publication before a day to the list as it now stands."""
    found = _differences(since, load_last_published(connection, since), published_texts(frames))
    return _told(found, load_retired(connection))
