"""Undo and redo: any number of steps, across restarts. Each undo and redo is recorded as rows of its own."""

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

MAX_LINES_SHOWN = 40
"""Decisions and entries of a step that are shown before it is undone."""


@dataclass(frozen=True)
class Reversal:
    """The decisions and entries that an undo reversed or a redo restored."""

    action: str  # that of the decisions; "import" for everything that an import added
    candidates: tuple[str, ...]
    entries: tuple[str, ...] = ()  # ids of questions, to-dos and the like
    repeated: bool = False
    notes: tuple[str, ...] = ()  # consequences that the reviewer may not expect, as sentences


def next_undo(connection: Connection, reviewer: str) -> Step:
    """Return the step that the next undo would reverse.

    Raises:
        DecisionError: There is nothing to undo.
    """
    step = steps.load_next_undo(connection, reviewer)
    if step is None:
        raise DecisionError(f"There is no decision to undo: no current decision is by {reviewer}.")
    return step


def list_step_lines(connection: Connection, step: Step) -> list[tuple[str, str]]:
    """Return the decisions and entries of a step, each as a short name and its text."""
    texts = {item.id: item.text for item in load_candidates_by_id(connection, step.candidates)}
    frames = load_frame_ids(
        connection, [decision.candidate for decision in step.decisions if decision.action == "accept"]
    )
    decided = [
        (f"{decision.action} {frames.get(decision.candidate, decision.candidate[:6])}", texts[decision.candidate])
        for decision in step.decisions
    ]
    return [*decided, *step.entries]


def describe_step(step: Step) -> str:
    """Return a step in a few words, such as "3 decisions that you made together"."""
    number = _count(len(step.decisions), "decision", len(step.entries))
    if step.action != "import":
        return f"{number} that you made together" if len(step.decisions) > 1 else number
    file = step.written.file if step.written else ""
    return f"the import of {file or 'a list'}: {number}"


def describe_reversal(done: Reversal) -> str:
    """Return the outcome of an undo or redo in a few words, such as "accept a1b2c3"."""
    if done.action != "import" and len(done.candidates) == 1:
        return f"{done.action} {done.candidates[0][:6]}"
    return f"{done.action} of {_count(len(done.candidates), 'candidate', len(done.entries))}"


def _count(number: int, noun: str, entries: int) -> str:
    parts = [f"{number:,} {noun}{'s' if number > 1 else ''}"] if number else []
    parts += [f"{entries:,} other {'entries' if entries > 1 else 'entry'}"] if entries else []
    return " and ".join(parts)


def undo_step(
    connection: Connection, reviewer: str, request: str | None, *, shown: str | None, single: bool
) -> Reversal:
    """Reverse a reviewer's latest step that is still in effect; its texts become unfinished edits again.

    Args:
        connection: Inside a transaction.
        reviewer: The name of the reviewer.
        request: The client's token. A token that was carried out before adds nothing.
        shown: The batch of the step that the reviewer was shown and confirmed.
        single: Refuse a step of more than one decision, unless it was `shown`.

    Raises:
        UndoUnconfirmed: The step has more than one decision and was not confirmed.
        DecisionConflict: The latest step is no longer the one that was shown.
        DecisionError: There is nothing to undo.
    """
    earlier = steps.load_step_of_request(connection, request) if request else None
    if earlier:
        return _undone(earlier, repeated=True)
    step = next_undo(connection, reviewer)
    if shown and shown != step.batch:
        raise DecisionConflict(
            "You have made another decision since this confirmation was shown. Undo again to see it."
        )
    if single and not shown and step.size > 1:
        raise UndoUnconfirmed(f"This would undo {describe_step(step)}. Confirm to undo all of it.")
    later = _describe_later_decisions(connection, step)
    steps.add_step(connection, "undo", reviewer, steps.load_step_rows(connection, step.batch), request)
    for decision in step.decisions:
        _restore_edit(connection, decision)
    return _undone(
        step,
        notes=(*_describe_queued_frames(connection, step), *later, *_describe_circles(connection, step.candidates)),
    )


def redo_step(connection: Connection, reviewer: str, request: str | None) -> Reversal:
    """Restore the step that the reviewer's latest undo reversed.

    Args:
        connection: Inside a transaction.
        reviewer: The name of the reviewer.
        request: The client's token. A token that was carried out before adds nothing.

    Raises:
        DecisionError: Nothing was undone, or the reviewer has decided a candidate or imported a list since.
    """
    earlier = steps.load_step_of_request(connection, request) if request else None
    if earlier:
        return _redone(connection, earlier, repeated=True)
    reversible = steps.load_next_redo(connection, reviewer)
    if reversible is None:
        raise DecisionError(
            f"There is nothing to redo: {reviewer} has not undone anything, or has decided a candidate or imported a "
            "list since."
        )
    undo, step = reversible
    steps.add_step(connection, "redo", reviewer, steps.load_step_rows(connection, undo), request)
    for decision in step.decisions:
        _end_edit(connection, decision)
    return _redone(connection, step)


def _undone(step: Step, *, repeated: bool = False, notes: tuple[str, ...] = ()) -> Reversal:
    entries = tuple(id for id, _ in step.entries)
    return Reversal(step.action, step.candidates, entries, repeated, (step.left, *notes) if step.left else notes)


def _redone(connection: Connection, step: Step, *, repeated: bool = False) -> Reversal:
    notes = (*_describe_later_decisions(connection, step), *_describe_circles(connection, step.candidates))
    return Reversal(step.action, step.candidates, tuple(id for id, _ in step.entries), repeated, notes)


def _describe_later_decisions(connection: Connection, step: Step) -> tuple[str, ...]:
    """Return a sentence for each candidate of the step that has a later decision."""
    items = {item.id: item for item in load_candidates_by_id(connection, step.candidates)}
    return tuple(
        f"{item.reviewer} has decided candidate {item.id} since, so it stays {item.status}."
        for decision in step.decisions
        if (item := items[decision.candidate]).decision != decision.id
    )


def _describe_queued_frames(connection: Connection, step: Step) -> tuple[str, ...]:
    """Return a sentence on the frames of an undone import that are candidates in the queue now, if any."""
    if step.action != "import":
        return ()
    number = sum(item.status == "pending" for item in load_candidates_by_id(connection, step.candidates))
    return (
        (f"Its {number:,} frames are in the queue." if number > 1 else "Its frame is in the queue.",) if number else ()
    )


def _edit_of(connection: Connection, decision: Decision) -> UnsavedEdit | None:
    """Return the texts and choices of a decision as an unfinished edit; None if the decision has none."""
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


def _restore_edit(connection: Connection, undone: Decision) -> None:
    """Turn the texts of an undone decision into an unfinished edit again, unless there is a newer one."""
    edit = _edit_of(connection, undone)
    if edit and undone.candidate not in unsaved_edits.load_edits(connection, undone.reviewer, [undone.candidate]):
        unsaved_edits.add_edit(connection, undone.reviewer, undone.candidate, edit)


def _end_edit(connection: Connection, redone: Decision) -> None:
    """End the unfinished edit that undoing a decision made, unless it has been changed since."""
    edit = _edit_of(connection, redone)
    begun = unsaved_edits.load_edits(connection, redone.reviewer, [redone.candidate]).get(redone.candidate)
    if edit and edit == begun:
        unsaved_edits.end_edits(connection, redone.reviewer, [redone.candidate])


def _describe_circles(connection: Connection, candidates: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence for each circle that merges form now, though each merge was valid when it was decided."""
    sentences = list[str]()
    for item in load_candidates_by_id(connection, candidates):
        seen, following = [item.id], item
        while following.status == "merged" and following.merged_into and following.merged_into not in seen:
            seen.append(following.merged_into)
            (following,) = load_candidates_by_id(connection, [following.merged_into])
        if following.status == "merged" and following.merged_into == item.id:
            sentences.append(
                f"Candidates {', '.join(seen)} are now merged into each other, so none of them is on the list or in "
                "the queue. Decide one of them again."
            )
    return tuple(sentences)
