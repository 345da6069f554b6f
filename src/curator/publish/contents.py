"""All that the list says, gathered once: what `publish` writes, and every export lays out in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from curator.order import ordered
from curator.publish.changelog import changes_of
from curator.records import Change, Frame, Kind, Question, Todo
from curator.settings import Settings
from curator.warehouse import Connection, entries, listed, reports
from curator.warehouse.entries import DayText, OldChange
from curator.warehouse.listed import Retired, Snapshot
from curator.warehouse.store import now, utc


@dataclass(frozen=True)
class Selection:
    """Which frames are wanted; what is left out asks for nothing."""

    topic: str | None = None
    kind: Kind | None = None
    since: datetime | None = None  # accepted at or after; UTC

    def of(self, frames: Iterable[Frame]) -> list[Frame]:
        return [frame for frame in frames if self._takes(frame)]

    def _takes(self, frame: Frame) -> bool:
        since = utc(self.since) if self.since else None
        return (
            (self.topic is None or self.topic in frame.topics)
            and (self.kind is None or frame.kind == self.kind)
            and (since is None or utc(frame.accepted) >= since)
        )


EVERYTHING = Selection()


@dataclass(frozen=True)
class Contents:
    """The list at one moment."""

    title: str
    frames: Sequence[Frame]  # by number
    about: str = ""  # the person's own Markdown
    topics: tuple[str, ...] = ()  # in the list's order
    questions: Sequence[Question] = ()
    todos: Sequence[Todo] = ()
    changes: Sequence[Change] = ()
    days: Mapping[date, DayText] = field(default_factory=dict)  # of the changelog, as the person worded them
    old_changes: Sequence[OldChange] = ()  # from before Curator kept the changelog
    retired: Mapping[str, Retired] = field(default_factory=dict)  # by frame
    identity: str = ""  # tells this list from all others

    def in_sections(self, kind: Kind) -> list[tuple[str | None, list[Frame]]]:
        """The frames of a kind, in the list's order, by the person's own sections; those without one come first."""
        groups: dict[str | None, list[Frame]] = {}
        for frame in ordered((frame for frame in self.frames if frame.kind == kind), self.topics):
            groups.setdefault(None if frame.pinned else frame.section, []).append(frame)
        return list(groups.items())


def contents(
    connection: Connection, settings: Settings, selection: Selection = EVERYTHING, *, as_published: bool = False
) -> Contents:
    """The list as it stands, or what a selection takes of it.

    Its changelog reaches up to this moment or, where wanted `as_published`, to the last publication.
    """
    every = listed.frames(connection)
    frames = selection.of(every)
    taken = {frame.id for frame in frames}
    questions = entries.questions(connection)
    todos = [todo for todo, _ in entries.todos(connection)]
    if selection != EVERYTHING:
        questions = [one for one in questions if taken.intersection((*one.raised_by, *one.spoken_to_by))]
        todos = []
    gone = listed.retired(connection)
    return Contents(
        title=settings.title,
        frames=frames,
        about=settings.about,
        topics=list_topics(settings, entries.topics(connection)),
        questions=questions,
        todos=todos,
        changes=_changes(connection, None if as_published else every, gone),
        days=entries.day_texts(connection),
        old_changes=entries.old_changes(connection),
        retired={one.frame: one for one in gone},
        identity=reports.identity(connection),
    )


def list_topics(settings: Settings, written: Iterable[str]) -> tuple[str, ...]:
    """Those that are watched, then those that a person wrote down; each once, however its case differs."""
    found: dict[str, str] = {}
    for topic in (*(one.name for one in settings.topics), *written):
        found.setdefault(topic.casefold(), topic)
    return tuple(found.values())


def _changes(connection: Connection, frames: Sequence[Frame] | None, gone: Sequence[Retired]) -> list[Change]:
    """The changes of every day, today's with the list as these frames have it; without them, what was published."""
    if frames is None:
        return _told(listed.differences(connection, date.max), gone)
    today = now().date()
    present = _differences(today, listed.last_published(connection, today), listed.snapshot(frames))
    return _told([*listed.differences(connection, today), *present], gone)


def _told(differences: Iterable[listed.Difference], gone: Iterable[Retired]) -> list[Change]:
    reasons = {one.frame: one for one in gone}
    return [change for one in differences for change in changes_of(one, reasons)]


def _differences(
    day: date, before: Mapping[str, Snapshot] | None, after: Mapping[str, Snapshot]
) -> list[listed.Difference]:
    before = before or {}
    return [
        listed.Difference(day, id, before.get(id), after.get(id))
        for id in {**before, **after}
        if before.get(id) != after.get(id)
    ]


def changes_since(connection: Connection, frames: Sequence[Frame], since: date) -> list[Change]:
    """The net changes from the last publication before a day to the list as it now stands."""
    found = _differences(since, listed.last_published(connection, since), listed.snapshot(frames))
    return _told(found, listed.retired(connection))
