"""Undoing and redoing: any number of steps back and forth again, across restarts. Each is rows of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curator.errors import DecisionConflict, DecisionError, UndoUnconfirmed
from curator.review import consent
from curator.warehouse import Connection, steps, unsaved_edits
from curator.warehouse.candidates import load_candidates_by_id
from curator.warehouse.decisions import Decision
from curator.warehouse.frames import load_frame_ids
from curator.warehouse.steps import Step
from curator.warehouse.unsaved_edits import UnsavedEdit

MOST_SHOWN = 40  # decisions and entries of a step that are shown before it is undone


@dataclass(frozen=True)
class Reversal:
    """What an undo took back, or a redo brought back."""

    action: str  # of the decisions; "import" for all that an import wrote
    candidates: tuple[str, ...]
    entries: tuple[str, ...] = ()  # ids of what stands beside frames
    repeated: bool = False
    notes: tuple[str, ...] = ()  # what the reviewer may not expect, in whole sentences


def next_undo(connection: Connection, reviewer: str) -> Step:
    """Return what the next undo would take back. Raises DecisionError where there is nothing."""
    step = steps.load_next_undo(connection, reviewer)
    if step is None:
        raise DecisionError(f"There is no decision to undo: none of those that stand is by {reviewer}.")
    return step


def lines_of(connection: Connection, step: Step) -> list[tuple[str, str]]:
    """Return what a step consists of: each decision and entry by a short name, and its text."""
    texts = {item.id: item.text for item in load_candidates_by_id(connection, step.candidates)}
    frames = load_frame_ids(connection, [one.candidate for one in step.decisions if one.action == "accept"])
    decided = [
        (f"{one.action} {frames.get(one.candidate, one.candidate[:6])}", texts[one.candidate]) for one in step.decisions
    ]
    return [*decided, *step.entries]


def summary_of(step: Step) -> str:
    """Return what an undo would take back, in a few words."""
    number = _counted(len(step.decisions), "decision", len(step.entries))
    if step.action != "import":
        return f"{number} that you made together" if len(step.decisions) > 1 else number
    file = step.written.file if step.written else ""
    return f"the import of {file or 'a list'}: {number}"


def load_reversal(done: Reversal) -> str:
    """Return what an undo took back, or a redo brought back, in a few words."""
    if done.action != "import" and len(done.candidates) == 1:
        return f"{done.action} {done.candidates[0][:6]}"
    return f"{done.action} of {_counted(len(done.candidates), 'candidate', len(done.entries))}"


def _counted(number: int, noun: str, entries: int) -> str:
    parts = [f"{number:,} {noun}{'s' if number > 1 else ''}"] if number else []
    parts += [f"{entries:,} other {'entries' if entries > 1 else 'entry'}"] if entries else []
    return " and ".join(parts)


def undo_step(
    connection: Connection, reviewer: str, request: str | None, *, shown: str | None, single: bool
) -> Reversal:
    """Take back a reviewer's latest step that stands; its texts become unfinished edits again.

    Args:
        connection: inside a transaction.
        reviewer: whose step.
        request: the client's token; one that was carried out before adds nothing.
        shown: the batch of the step that the reviewer was shown and agreed to undo.
        single: without `shown`, refuse a step of more than one decision.

    Raises:
        UndoUnconfirmed: the step is more than one decision, and nobody agreed to undo it.
        DecisionConflict: another step than the one shown is the latest now.
        DecisionError: there is nothing to undo.
    """
    before = steps.load_step_of_request(connection, request) if request else None
    if before:
        return _undone(before, repeated=True)
    step = next_undo(connection, reviewer)
    if shown and shown != step.batch:
        raise DecisionConflict("You have decided something else since you were asked; undo again to see what.")
    if single and not shown and step.size > 1:
        raise UndoUnconfirmed(f"This takes back {summary_of(step)}; confirm that all of it is undone.")
    later = _decided_later(connection, step)
    steps.add_step(connection, "undo", reviewer, steps.load_step_rows(connection, step.batch), request)
    for one in step.decisions:
        _reopen(connection, one)
    return _undone(step, notes=(*_waiting(connection, step), *later, *_circles(connection, step.candidates)))


def redo_step(connection: Connection, reviewer: str, request: str | None) -> Reversal:
    """Bring back what the reviewer's latest undo took back, unless the reviewer has decided or imported since.

    Raises DecisionError where there is nothing to redo.
    """
    before = steps.load_step_of_request(connection, request) if request else None
    if before:
        return _redone(connection, before, repeated=True)
    found = steps.load_next_redo(connection, reviewer)
    if found is None:
        raise DecisionError(
            f"There is nothing to redo: {reviewer} has undone nothing, or has decided a candidate or imported a list "
            "since."
        )
    undo, step = found
    steps.add_step(connection, "redo", reviewer, steps.load_step_rows(connection, undo), request)
    for one in step.decisions:
        _close(connection, one)
    return _redone(connection, step)


def _undone(step: Step, *, repeated: bool = False, notes: tuple[str, ...] = ()) -> Reversal:
    entries = tuple(id for id, _ in step.entries)
    return Reversal(step.action, step.candidates, entries, repeated, (step.left, *notes) if step.left else notes)


def _redone(connection: Connection, step: Step, *, repeated: bool = False) -> Reversal:
    notes = (*_decided_later(connection, step), *_circles(connection, step.candidates))
    return Reversal(step.action, step.candidates, tuple(id for id, _ in step.entries), repeated, notes)


def _decided_later(connection: Connection, step: Step) -> tuple[str, ...]:
    """Say of which candidates another decision than the step's stands, while the step does."""
    items = {item.id: item for item in load_candidates_by_id(connection, step.candidates)}
    return tuple(
        f"{item.reviewer} has decided on candidate {item.id} since, so it stays {item.status}."
        for item in (items[one.candidate] for one in step.decisions if items[one.candidate].decision != one.id)
    )


def _waiting(connection: Connection, step: Step) -> tuple[str, ...]:
    """Say how many frames of an import that was undone are candidates in the queue now."""
    if step.action != "import":
        return ()
    number = sum(item.status == "pending" for item in load_candidates_by_id(connection, step.candidates))
    return (
        (f"Its {number:,} frames wait in the queue." if number > 1 else "Its frame waits in the queue.",)
        if number
        else ()
    )


def _edit_of(connection: Connection, decision: Decision) -> UnsavedEdit | None:
    """Return what a reviewer wrote for a decision, as an unfinished edit; None for nothing."""
    if (
        decision.text is None
        and decision.kind is None
        and decision.topics is None
        and not consent.has_consent(decision)
    ):
        return None
    (item,) = load_candidates_by_id(connection, [decision.candidate])
    return UnsavedEdit(
        decision.text if decision.text is not None else item.draft_text, decision.kind, decision.topics,
        question=decision.question, question_agreed=decision.question_agreed or None,
        scope=decision.scope, scope_agreed=decision.scope_agreed or None,
    )  # fmt: skip


def _reopen(connection: Connection, undone: Decision) -> None:
    """Make what was written for an undone decision an unfinished edit again, unless there is a newer one."""
    edit = _edit_of(connection, undone)
    if edit and undone.candidate not in unsaved_edits.load_edits(connection, undone.reviewer, [undone.candidate]):
        unsaved_edits.add_edit(connection, undone.reviewer, undone.candidate, edit)


def _close(connection: Connection, redone: Decision) -> None:
    """End the unfinished edit that undoing a decision made; one that was changed since stays."""
    edit = _edit_of(connection, redone)
    begun = unsaved_edits.load_edits(connection, redone.reviewer, [redone.candidate]).get(redone.candidate)
    if edit and edit == begun:
        unsaved_edits.end_edits(connection, redone.reviewer, [redone.candidate])


def _circles(connection: Connection, candidates: Sequence[str]) -> tuple[str, ...]:
    """Say of which candidates two reviewers' merges, each right when it was decided, now form a circle."""
    said = list[str]()
    for item in load_candidates_by_id(connection, candidates):
        seen, following = [item.id], item
        while following.status == "merged" and following.merged_into and following.merged_into not in seen:
            seen.append(following.merged_into)
            (following,) = load_candidates_by_id(connection, [following.merged_into])
        if following.status == "merged" and following.merged_into == item.id:
            said.append(
                f"Candidates {', '.join(seen)} are merged into each other now, so none of them is on the list or in "
                "the queue; decide one of them again."
            )
    return tuple(said)
