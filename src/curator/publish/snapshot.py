"""Gather the whole list at one moment, as `publish` writes it and as every export renders it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

from curator.list_order import sort_by_list_order
from curator.publish.changelog import describe_change
from curator.publish.readable_metadata import make_readable
from curator.publish.spooled_frames import FrameSubset, SpooledFrames
from curator.settings import Settings
from curator.types import Change, Frame, Kind, Question, Todo
from curator.warehouse import Connection, migrations
from curator.warehouse.frames import RetiredFrame, iterate_frames, load_retired
from curator.warehouse.publications import (
    FrameChange,
    PublishedText,
    load_frame_changes,
    load_last_published,
    to_published_texts,
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
from curator.warehouse.rows import to_naive_utc, utc_now


@dataclass(frozen=True)
class Selection:
    """Which frames to export; a criterion that is None accepts every frame."""

    topic: str | None = None
    kind: Kind | None = None
    since: datetime | None = None  # accepted at this time or later; UTC

    def includes(self, frame: Frame) -> bool:
        """Return True if the frame meets every criterion."""
        since = to_naive_utc(self.since) if self.since else None
        return (
            (self.topic is None or self.topic in frame.topics)
            and (self.kind is None or frame.kind == self.kind)
            and (since is None or to_naive_utc(frame.accepted) >= since)
        )


EVERYTHING = Selection()


class ListedFrame(NamedTuple):
    """The parts of a frame that decide its place on the list, kept in memory for every frame."""

    frame_index: int  # in `ListSnapshot.frames`
    id: str
    kind: Kind
    topics: tuple[str, ...]
    position: float
    pinned: bool
    section: str | None


@dataclass(frozen=True)
class ListSnapshot:
    """The list at one moment."""

    title: str  # the setting `title`
    frames: Sequence[Frame]  # the selected ones, by number; they may be on disk
    about: str = ""  # the setting `about`, in the user's own Markdown
    topics: tuple[str, ...] = ()  # in the list's order
    questions: Sequence[Question] = ()
    todos: Sequence[Todo] = ()
    changes: Sequence[Change] = ()
    days: Mapping[date, DayText] = field(default_factory=dict)  # of the changelog, in the user's own words
    old_changes: Sequence[OldChange] = ()  # from before Curator kept the changelog
    retired: Mapping[str, RetiredFrame] = field(default_factory=dict)  # by the frame's id
    identity: str = ""  # distinguishes this list from all others

    @cached_property
    def outline(self) -> Sequence[ListedFrame]:
        """The place of each frame on the list, in the order of `frames`."""
        return [
            ListedFrame(index, frame.id, frame.kind, frame.topics, frame.position, frame.pinned, frame.section)
            for index, frame in enumerate(self.frames)
        ]

    def in_sections(self, kind: Kind) -> list[tuple[str | None, Sequence[Frame]]]:
        """Return the frames of a kind, in the list's order, grouped by the user's own sections.

        Pinned frames and frames without a section come first, under None.
        """
        sections: dict[str | None, list[int]] = {}
        for listed in sort_by_list_order((listed for listed in self.outline if listed.kind == kind), self.topics):
            sections.setdefault(None if listed.pinned else listed.section, []).append(listed.frame_index)
        return [(section, FrameSubset(self.frames, indices)) for section, indices in sections.items()]

    def on_topic(self, topic: str, kind: Kind) -> Sequence[Frame]:
        """Return the frames of a topic and a kind, in the list's order."""
        on_topic = (listed for listed in self.outline if listed.kind == kind and topic in listed.topics)
        return FrameSubset(self.frames, [listed.frame_index for listed in sort_by_list_order(on_topic, self.topics)])

    def latest(self, kind: Kind, limit: int) -> Sequence[Frame]:
        """Return the `limit` frames of a kind with the highest numbers, the highest first."""
        indices = [listed.frame_index for listed in reversed(self.outline) if listed.kind == kind]
        return FrameSubset(self.frames, indices[:limit])


def take_snapshot(
    connection: Connection,
    settings: Settings,
    selection: Selection = EVERYTHING,
    *,
    as_published: bool = False,
    changelog: bool = True,
) -> ListSnapshot:
    """Return the list as the warehouse has it; its frames are kept on disk.

    A setting that an export needs is copied here into a field of the snapshot.

    Args:
        connection: The warehouse.
        settings: The list's settings.
        selection: The frames to include. Unless it is `EVERYTHING`, the snapshot has only the questions that the frames
            raise or answer, and no to-dos.
        as_published: End the changelog with the last publication, not with this moment.
        changelog: Compute the changelog.
    """
    present: dict[str, PublishedText] = {}
    frames = SpooledFrames(_select_frames(iterate_frames(connection), selection, present if changelog else None))
    selected = {frame.id for frame in frames} if selection != EVERYTHING else set[str]()
    questions = load_questions(connection)
    todos = [todo for todo, _ in load_todos(connection)]
    if selection != EVERYTHING:
        questions = [
            question for question in questions if selected.intersection((*question.raised_by, *question.spoken_to_by))
        ]
        todos = []
    retired = load_retired(connection)
    return ListSnapshot(
        title=settings.title,
        frames=frames,
        about=settings.about,
        topics=list_topics(settings, load_topics(connection)),
        questions=questions,
        todos=todos,
        changes=_load_changes(connection, None if as_published else present, retired) if changelog else (),
        days=load_day_texts(connection),
        old_changes=load_old_changes(connection),
        retired={gone.frame: gone for gone in retired},
        identity=migrations.load_warehouse_identity(connection),
    )


def _select_frames(
    frames: Iterable[Frame], selection: Selection, texts: dict[str, PublishedText] | None
) -> Iterator[Frame]:
    """Yield the selected frames with readable metadata; add the texts of all frames to `texts`."""
    for frame in frames:
        if texts is not None:
            texts |= to_published_texts([frame])
        if selection.includes(frame):
            yield make_readable(frame)


def list_topics(settings: Settings, imported: Iterable[str]) -> tuple[str, ...]:
    """Return the topics of the settings, then those that only the list has; each once, ignoring case."""
    names: dict[str, str] = {}
    for topic in (*(topic.name for topic in settings.topics), *imported):
        names.setdefault(topic.casefold(), topic)
    return tuple(names.values())


def _load_changes(
    connection: Connection, present: Mapping[str, PublishedText] | None, retired: Sequence[RetiredFrame]
) -> list[Change]:
    """Return the changes of every day up to `present`, the list of today; without it, up to the last publication."""
    if present is None:
        return _describe_changes(load_frame_changes(connection, date.max), retired)
    today = utc_now().date()
    since_yesterday = _find_differences(today, load_last_published(connection, today), present)
    return _describe_changes([*load_frame_changes(connection, today), *since_yesterday], retired)


def _describe_changes(differences: Iterable[FrameChange], retired: Iterable[RetiredFrame]) -> list[Change]:
    by_id = {gone.frame: gone for gone in retired}
    return [change for difference in differences for change in describe_change(difference, by_id)]


def _find_differences(
    day: date, before: Mapping[str, PublishedText] | None, after: Mapping[str, PublishedText]
) -> list[FrameChange]:
    before = before or {}
    return [
        FrameChange(day, id, before.get(id), after.get(id))
        for id in {**before, **after}
        if before.get(id) != after.get(id)
    ]


def changes_since(connection: Connection, frames: Sequence[Frame], since: date) -> list[Change]:
    """Return the net changes from the last publication before a day to the list as it is now.

    Args:
        connection: The warehouse.
        frames: The frames that are now on the list.
        since: The day.
    """
    differences = _find_differences(since, load_last_published(connection, since), to_published_texts(frames))
    return _describe_changes(differences, load_retired(connection))
