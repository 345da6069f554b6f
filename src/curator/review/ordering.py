"""Where a person puts frames on the list: moved, pinned, in a section. Each arrangement is a row; the latest counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from curator.errors import DecisionError
from curator.list_order import group_of, sort_by_list_order
from curator.sanitize import single_line
from curator.warehouse import Connection, Warehouse, frames
from curator.warehouse.frames import ListPosition

LONGEST_SECTION = 80  # characters
CLOSEST = 1e-6  # positions that are nearer make room for none between them


@dataclass(frozen=True)
class PlacementRequest:
    """Where a frame is to stand; what is left out stays as it is."""

    before: str | None = None  # a frame of the same kind and group
    after: str | None = None
    first: bool = False  # of its group
    last: bool = False
    pinned: bool | None = None
    section: str | None = None  # "" for none

    @property
    def moves(self) -> int:
        return bool(self.before) + bool(self.after) + self.first + self.last


def arrange(
    warehouse: Warehouse, reviewer: str, topics: Sequence[str], frame: str, wish: PlacementRequest
) -> list[ListPosition]:
    """Carry a wish out; return the frame's group, in its new order. `topics`: the list's, in its order.

    Raises DecisionError where a frame is not on the list, or does not stand in the same group as the other.
    """
    if wish.moves > 1:
        raise DecisionError("Before, after, first, last: one at a time.")
    section = single_line(wish.section) if wish.section is not None else None
    if section and len(section) > LONGEST_SECTION:
        raise DecisionError(f"A section's name has at most {LONGEST_SECTION} characters.")

    def write(connection: Connection) -> list[ListPosition]:
        places = {one.frame: one for one in frames.load_positions(connection)}
        own = _one(places, frame)
        moved = replace(own, pinned=own.pinned if wish.pinned is None else wish.pinned)
        if section is not None:
            moved = replace(moved, section=section or None)
        group = [
            one
            for one in sort_by_list_order((one for one in places.values() if one.kind == own.kind), topics)
            if one.frame != own.frame and group_of(one, topics) == group_of(moved, topics)
        ]
        at = _where(group, moved, wish, places)
        changed = [moved] if at is None else _with(group, moved, at)
        frames.add_positions(connection, reviewer, [one for one in changed if one != places[one.frame]])
        after = {one.frame: one for one in (*group, *changed)}
        return sort_by_list_order(after.values(), topics)

    return warehouse.write(write)


def _one(places: dict[str, ListPosition], frame: str) -> ListPosition:
    found = places.get(frame.strip().upper())
    if found is None:
        raise DecisionError(f"There is no frame {frame!r} on the list.")
    return found


def _where(
    group: list[ListPosition], moved: ListPosition, wish: PlacementRequest, places: dict[str, ListPosition]
) -> int | None:
    """At which place of its group the frame is to stand; None where it keeps its position."""
    if wish.first:
        return 0
    if wish.last:
        return len(group)
    named = wish.before or wish.after
    if not named:
        return None
    other = _one(places, named)
    if other.frame == moved.frame:
        raise DecisionError(f"{other.frame} cannot stand before or after itself.")
    if other not in group:
        raise DecisionError(
            f"{moved.frame} and {other.frame} do not stand in one group: the list is ordered by kind, then topic. Pin "
            "both, put both into one section, or give them the same first topic."
        )
    return group.index(other) + (1 if wish.after else 0)


def _with(group: list[ListPosition], moved: ListPosition, at: int) -> list[ListPosition]:
    """The frames whose positions change: this one or, where there is no room between two, the whole group."""
    before = group[at - 1].position if at else None
    after = group[at].position if at < len(group) else None
    if before is None or after is None:
        position = after - 1 if after is not None else before + 1 if before is not None else moved.position
        return [replace(moved, position=position)]
    if after - before > CLOSEST:
        return [replace(moved, position=(before + after) / 2)]
    whole = [*group[:at], moved, *group[at:]]
    return [replace(one, position=float(number)) for number, one in enumerate(whole, 1)]
