"""The order of the list: pinned frames, then by topic, then sections of the person's own; in each as arranged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class Placeable(Protocol):
    """What has a place on the list."""

    @property
    def topics(self) -> tuple[str, ...]: ...
    @property
    def position(self) -> float: ...
    @property
    def pinned(self) -> bool: ...
    @property
    def section(self) -> str | None: ...


P = TypeVar("P", bound=Placeable)
Group = tuple[int, int, str]


def group_of(frame: Placeable, topics: Sequence[str]) -> Group:
    """Among which frames of its kind one is arranged: pinned ones, those of its section, or those of its topic.

    A frame with several topics stands with the one that comes first on the list.
    """
    if frame.pinned:
        return 0, 0, ""
    if frame.section:
        return 2, 0, frame.section
    ranks = [topics.index(topic) for topic in frame.topics if topic in topics]
    return 1, min(ranks, default=len(topics)), ""


def sort_by_list_order(frames: Iterable[P], topics: Sequence[str]) -> list[P]:
    """Frames of one kind in the list's order. A section stands where the first of its frames does by position."""
    every = list(frames)
    first: dict[str, float] = {}
    for frame in every:
        if frame.section and not frame.pinned:
            first[frame.section] = min(first.get(frame.section, frame.position), frame.position)

    def place(frame: P) -> tuple[int, int, float, str, float]:
        which, rank, section = group_of(frame, topics)
        return which, rank, first.get(section, 0.0), section, frame.position

    return sorted(every, key=place)
