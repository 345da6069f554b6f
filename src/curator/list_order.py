"""The order of the list: pinned frames, then topics, then the user's own sections; arranged by hand within each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class Placeable(Protocol):
    """A frame, or anything else with a position on the list."""

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics of the frame."""
        ...

    @property
    def position(self) -> float:
        """The position within its group."""
        ...

    @property
    def pinned(self) -> bool:
        """True if the frame comes first."""
        ...

    @property
    def section(self) -> str | None:
        """The user's own heading above the frame."""
        ...


P = TypeVar("P", bound=Placeable)
Group = tuple[int, int, str]


def group_of(frame: Placeable, topics: Sequence[str]) -> Group:
    """Return the group in which a frame is arranged: the pinned frames, those of its section, or those of its topic.

    A frame with several topics belongs to the topic that comes first on the list.
    """
    if frame.pinned:
        return 0, 0, ""
    if frame.section:
        return 2, 0, frame.section
    ranks = [topics.index(topic) for topic in frame.topics if topic in topics]
    return 1, min(ranks, default=len(topics)), ""


def sort_by_list_order(frames: Iterable[P], topics: Sequence[str]) -> list[P]:
    """Return frames of one kind in the list's order. Sections are ordered by the position of their first frame."""
    unsorted = list(frames)
    first: dict[str, float] = {}  # by section: the position of its first frame
    for frame in unsorted:
        if frame.section and not frame.pinned:
            first[frame.section] = min(first.get(frame.section, frame.position), frame.position)

    def place(frame: P) -> tuple[int, int, float, str, float]:
        which, rank, section = group_of(frame, topics)
        return which, rank, first.get(section, 0.0), section, frame.position

    return sorted(unsorted, key=place)
