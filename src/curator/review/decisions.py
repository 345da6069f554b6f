"""Deciding: accept, reject, defer, merge, and undoing any number of steps. Nothing is changed or deleted by it."""

from __future__ import annotations

from collections.abc import Callable

from curator.errors import DecisionError
from curator.records import Action
from curator.text import one_line
from curator.warehouse import Connection, Warehouse, queue
from curator.warehouse.queue import Decision, Item

LONGEST_TEXT = 1000  # characters of a final text
LONGEST_REASON = 1000


class Desk:
    """Where one reviewer decides. Safe to use beside a running ingest and beside other reviewers."""

    def __init__(self, warehouse: Warehouse, reviewer: str) -> None:
        self._warehouse = warehouse
        self.reviewer = reviewer

    def accept(self, candidate: str, text: str | None = None) -> tuple[Item, str]:
        """Accept as drafted, or with `text` as the final text; return the candidate and its frame's id.

        Raises DecisionError where none of its quotes holds: nothing is published without evidence.
        """
        final = _clean(text, "text", LONGEST_TEXT) if text is not None else None

        def write(connection: Connection) -> tuple[Item, str]:
            item = _one(connection, candidate)
            if not item.holds:
                raise DecisionError(
                    f"Candidate {item.id} cannot be accepted: none of its quotes was found in {item.paper_id}. "
                    "It stays on record; `curator queue --all` shows such candidates."
                )
            queue.add_decision(connection, item.id, "accept", self.reviewer, text=final)
            frame = queue.frame_id(connection, item.id)
            assert frame is not None  # accepting gave it one
            return item, frame

        return self._warehouse.write(write)

    def reject(self, candidate: str, reason: str) -> Item:
        reason = _clean(reason, "reason", LONGEST_REASON)
        return self._warehouse.write(self._decide(candidate, "reject", reason))

    def defer(self, candidate: str) -> Item:
        return self._warehouse.write(self._decide(candidate, "defer", None))

    def merge(self, candidate: str, into: str) -> tuple[Item, Item]:
        """Let `candidate` become further evidence of `into`, a candidate or a frame."""

        def write(connection: Connection) -> tuple[Item, Item]:
            item, target = _one(connection, candidate), _one(connection, into)
            if target.status == "rejected":
                raise DecisionError(
                    f"Candidate {target.id} is rejected; accept or undo it first, or merge into another."
                )
            following, seen = target, {item.id}
            while following.id not in seen and following.merged_into and following.status == "merged":
                seen.add(following.id)
                following = _one(connection, following.merged_into)
            if following.id in seen:
                raise DecisionError(
                    f"Candidate {item.id} cannot be merged into {target.id}: they would go in a circle."
                )
            queue.add_decision(connection, item.id, "merge", self.reviewer, merged_into=target.id)
            return item, target

        return self._warehouse.write(write)

    def undo(self) -> Decision:
        """Take back this reviewer's latest decision that still stands; again for the one before.

        Raises DecisionError where there is none.
        """

        def write(connection: Connection) -> Decision:
            last = queue.last_decision(connection, self.reviewer)
            if last is None:
                raise DecisionError(f"There is no decision to undo: none of those that stand is by {self.reviewer}.")
            queue.add_decision(connection, last.candidate, "undo", self.reviewer, undoes=last.id)
            return last

        return self._warehouse.write(write)

    def _decide(self, candidate: str, action: Action, reason: str | None) -> Callable[[Connection], Item]:
        def write(connection: Connection) -> Item:
            item = _one(connection, candidate)
            queue.add_decision(connection, item.id, action, self.reviewer, reason=reason)
            return item

        return write


def find(warehouse: Warehouse, beginning: str) -> Item:
    """The one candidate whose id begins so, or that a frame's id names; "F12" is the frame, "f12" may be a beginning.

    Raises DecisionError.
    """
    return warehouse.read(lambda connection: _one(connection, beginning))


def _one(connection: Connection, beginning: str) -> Item:
    beginning = one_line(beginning)
    found = queue.matching(connection, beginning) if len(beginning) > 1 else []
    exact = [item for item in found if beginning in (item.id, queue.frame_id(connection, item.id))]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        some = ", ".join(item.id for item in found[:5])
        raise DecisionError(f"More than one candidate's id begins with {beginning!r} ({some}); give more of it.")
    raise DecisionError(f"There is no candidate {beginning!r}; `curator queue` lists those that wait.")


def _clean(text: str, what: str, longest: int) -> str:
    cleaned = one_line(text)
    if not cleaned:
        raise DecisionError(f"The {what} is empty.")
    if len(cleaned) > longest:
        raise DecisionError(f"The {what} is longer than {longest} characters.")
    return cleaned
