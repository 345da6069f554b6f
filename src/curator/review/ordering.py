"""The order of the list as a person arranges it: frames moved, pinned, or put into sections.

Each arrangement is a new row; the latest one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from curator.errors import DecisionError
from curator.list_order import group_of, sort_by_list_order
from curator.sanitize import single_line
from curator.warehouse import Connection, Warehouse, frames
from curator.warehouse.frames import ListPosition

MAX_SECTION_CHARS = 80
"""Characters of a section's name."""
MIN_DISTANCE = 1e-6
"""Two neighbours whose positions differ by less leave no room for a frame between them."""


@dataclass(frozen=True)
class PlacementRequest:
    """Where to put a frame. A field left at its default keeps its current value."""

    before: str | None = None  # a frame of the same kind and group
    after: str | None = None
    first: bool = False  # in its group
    last: bool = False
    pinned: bool | None = None
    section: str | None = None  # "" for no section

    @property
    def moves(self) -> int:
        """The number of positions that the request names; more than one contradict each other."""
        return bool(self.before) + bool(self.after) + self.first + self.last


def arrange(
    warehouse: Warehouse, reviewer: str, topics: Sequence[str], frame: str, request: PlacementRequest
) -> list[ListPosition]:
    """Move, pin or unpin a frame, or put it into a section.

    Args:
        warehouse: Holds the list.
        reviewer: The name to record.
        topics: The list's topics, in order.
        frame: The frame's id.
        request: Where to put it.

    Returns:
        The frame's group in its new order.

    Raises:
        DecisionError: A frame is not on the list, the two frames are in different groups, or the request is invalid.
    """
    if request.moves > 1:
        raise DecisionError("Choose only one of before, after, first and last.")
    section = single_line(request.section) if request.section is not None else None
    if section and len(section) > MAX_SECTION_CHARS:
        raise DecisionError(f"A section's name has at most {MAX_SECTION_CHARS} characters.")

    def write(connection: Connection) -> list[ListPosition]:
        positions = {position.frame: position for position in frames.load_positions(connection)}
        own = _find_position(positions, frame)
        moved = replace(own, pinned=own.pinned if request.pinned is None else request.pinned)
        if section is not None:
            moved = replace(moved, section=section or None)
        same_kind = (position for position in positions.values() if position.kind == own.kind)
        group = [
            position
            for position in sort_by_list_order(same_kind, topics)
            if position.frame != own.frame and group_of(position, topics) == group_of(moved, topics)
        ]
        index = _find_index(group, moved, request, positions)
        changed = [moved] if index is None else _insert(group, moved, index)
        changes = [position for position in changed if position != positions[position.frame]]
        frames.add_positions(connection, reviewer, changes)
        after = {position.frame: position for position in (*group, *changed)}
        return sort_by_list_order(after.values(), topics)

    return warehouse.write(write)


def _find_position(positions: dict[str, ListPosition], frame: str) -> ListPosition:
    position = positions.get(frame.strip().upper())
    if position is None:
        raise DecisionError(f"There is no frame {frame!r} on the list.")
    return position


def _find_index(
    group: list[ListPosition], moved: ListPosition, request: PlacementRequest, positions: dict[str, ListPosition]
) -> int | None:
    """Return the index in its group at which to insert the frame; None if it keeps its position."""
    if request.first:
        return 0
    if request.last:
        return len(group)
    named = request.before or request.after
    if not named:
        return None
    other = _find_position(positions, named)
    if other.frame == moved.frame:
        raise DecisionError(f"{other.frame} cannot be placed before or after itself.")
    if other not in group:
        raise DecisionError(
            f"{moved.frame} and {other.frame} are not in the same group: the list is ordered by kind, then topic. Pin "
            "both, put both into one section, or give them the same first topic."
        )
    return group.index(other) + (1 if request.after else 0)


def _insert(group: list[ListPosition], moved: ListPosition, index: int) -> list[ListPosition]:
    """Return the frames whose positions change: the moved one or, if its neighbours leave no room, the whole group."""
    before = group[index - 1].position if index else None
    after = group[index].position if index < len(group) else None
    if before is None or after is None:
        position = after - 1 if after is not None else before + 1 if before is not None else moved.position
        return [replace(moved, position=position)]
    if after - before > MIN_DISTANCE:
        return [replace(moved, position=(before + after) / 2)]
    whole = [*group[:index], moved, *group[index:]]
    return [replace(frame, position=float(number)) for number, frame in enumerate(whole, 1)]
