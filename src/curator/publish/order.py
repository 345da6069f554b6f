"""The order of the list: by kind, then topic, then as the person arranged it; pinned first, named sections last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from curator.publish.contents import Contents
from curator.records import Frame, Kind


class Placed(Protocol):
    """What has a place on the list."""

    @property
    def topics(self) -> tuple[str, ...]: ...
    @property
    def position(self) -> float: ...
    @property
    def pinned(self) -> bool: ...
    @property
    def section(self) -> str | None: ...


P = TypeVar("P", bound=Placed)


def ordered(frames: Iterable[P], topics: Sequence[str]) -> list[P]:
    """Frames of one kind in the list's order; a frame with several topics stands with the one that comes first.

    A named section stands where the first of its frames would among the sections.
    """
    ranks = {topic: rank for rank, topic in reversed(list(enumerate(topics)))}

    def place(frame: P) -> tuple[bool, int, float]:
        rank = min((ranks.get(topic, len(ranks)) for topic in frame.topics), default=len(ranks))
        return not frame.pinned, rank, frame.position

    in_order = sorted(frames, key=place)
    sections = list(dict.fromkeys(frame.section for frame in in_order if frame.section))
    return sorted(in_order, key=lambda frame: sections.index(frame.section) if frame.section else -1)


def in_sections(kind: Kind, told: Contents) -> list[tuple[str | None, list[Frame]]]:
    """The frames of a kind, in the list's order, by the person's own sections; those without one come first."""
    groups: dict[str | None, list[Frame]] = {}
    for frame in ordered((frame for frame in told.frames if frame.kind == kind), told.topics):
        groups.setdefault(frame.section, []).append(frame)
    return list(groups.items())
