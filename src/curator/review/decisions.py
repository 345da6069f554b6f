"""Deciding: accept, reject, defer and merge candidates; undo and redo. Each decision is a new row; none is changed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from curator.errors import DecisionError
from curator.review import wording_check
from curator.review.decision_rules import (
    MAX_TEXT_CHARS,
    DecisionRequest,
    SeenState,
    build_conflict,
    check_request_token,
    clean_request,
    find_changes,
    find_obstacle,
    is_same_decision,
)
from curator.review.undo import Reversal, next_undo, redo_step, undo_step
from curator.sanitize import single_line
from curator.types import Action
from curator.warehouse import Connection, Warehouse, candidate_search, unsaved_edits
from curator.warehouse.candidates import QueuedCandidate, find_candidates, load_candidates_by_id
from curator.warehouse.decisions import Decision, add_decisions, load_decisions_of_request, load_next_number
from curator.warehouse.frames import load_frame_id, load_frame_ids
from curator.warehouse.rows import utc_now
from curator.warehouse.steps import Step

__all__ = [
    "MAX_TEXT_CHARS",
    "DecisionRequest",
    "DecisionResult",
    "Reviewer",
    "SeenState",
    "find_candidate",
    "find_listed_candidate",
]


@dataclass(frozen=True)
class DecisionResult:
    """The outcome of a request to decide candidates."""

    batch: str  # the id shared by decisions that one undo reverses together
    decided: tuple[str, ...]  # candidate ids, in the order given
    refused: Mapping[str, str] = field(default_factory=dict)  # candidate id → why it was not decided
    frames: Mapping[str, str] = field(default_factory=dict)  # id of an accepted candidate → id of its frame
    merged_into: str | None = None  # a candidate id
    repeated: bool = False  # this request had been carried out before, so nothing was added
    unchanged: tuple[str, ...] = ()  # of `decided`: this reviewer had already decided the same, so nothing was added


class Reviewer:
    """The decisions of one reviewer. Safe to use while an ingest is running and other reviewers decide.

    Args:
        warehouse: Holds the candidates and receives the decisions.
        name: The reviewer's name, which is recorded with each decision.
    """

    def __init__(self, warehouse: Warehouse, name: str) -> None:
        self._warehouse = warehouse
        self.name = name

    def decide(
        self, candidate: str, choice: DecisionRequest, *, request: str | None = None, seen: SeenState | None = None
    ) -> DecisionResult:
        """Decide one candidate.

        Args:
            candidate: The candidate's id, the beginning of it, or the id of its frame.
            choice: The decision.
            request: A token made by the client. Sending the same token again adds nothing and returns the same result.
            seen: The state in which the reviewer saw the candidate.

        Raises:
            DecisionConflict: The candidate has another decision than the one `seen`, or a newer version of its paper
                has arrived since.
            DecisionError: The decision cannot be carried out; a candidate without evidence is never accepted.
        """
        choice = clean_request(choice)

        def write(connection: Connection) -> DecisionResult:
            earlier = _find_earlier_result(connection, request)
            if earlier is not None:
                return earlier
            item = _load_candidate(connection, candidate)
            if seen is not None and (seen.decision != item.decision or seen.notices < len(item.notices)):
                raise build_conflict(item)
            return self._carry_out(connection, [item], choice, request, strict=True)

        return self._warehouse.write(write)

    def decide_many(
        self, candidates: Sequence[str], choice: DecisionRequest, *, request: str | None = None
    ) -> DecisionResult:
        """Decide several candidates together, so that one undo reverses all of these decisions.

        A candidate that does not allow the decision is skipped and named in the result.

        Args:
            candidates: Full candidate ids.
            choice: The decision.
            request: A token made by the client, as for `decide`.

        Raises:
            DecisionError: No candidate allows the decision.
        """
        choice = clean_request(choice)
        ids = list(dict.fromkeys(candidates))
        if not ids:
            raise DecisionError("No candidate is selected. Select at least one.")
        if len(ids) > candidate_search.MAX_SELECTED:
            raise DecisionError(
                f"At most {candidate_search.MAX_SELECTED} candidates can be decided at once. Select fewer."
            )

        def write(connection: Connection) -> DecisionResult:
            earlier = _find_earlier_result(connection, request)
            if earlier is not None:
                return earlier
            return self._carry_out(connection, _load_candidates(connection, ids), choice, request, strict=False)

        return self._warehouse.write(write)

    def accept(self, candidate: str, text: str | None = None) -> DecisionResult:
        """Accept a candidate as drafted, or with `text` as the final text."""
        return self.decide(candidate, DecisionRequest("accept", text))

    def reject(self, candidate: str, reason: str) -> DecisionResult:
        """Reject a candidate for a reason."""
        return self.decide(candidate, DecisionRequest("reject", reason=reason))

    def defer(self, candidate: str) -> DecisionResult:
        """Set a candidate aside for later."""
        return self.decide(candidate, DecisionRequest("defer"))

    def merge(self, candidate: str, into: str, *, contradicts: bool = False) -> DecisionResult:
        """Make `candidate` further evidence for `into` (a candidate or a frame), or evidence against it."""
        return self.decide(candidate, DecisionRequest("merge", into=into, contradicts=contradicts))

    def retire(self, frame: str, reason: str, superseded_by: str | None = None) -> DecisionResult:
        """Take a frame off the list. It can still be found, with the reason and the frame that supersedes it.

        Raises:
            DecisionError: The frame is not on the list.
        """
        item = find_listed_candidate(self._warehouse, frame)
        choice = DecisionRequest("reject", reason=reason, superseded_by=superseded_by)
        return self.decide(item.id, choice, seen=SeenState(item.decision, len(item.notices)))

    def next_undo(self) -> Step:
        """Return the step that the next undo would reverse.

        Raises:
            DecisionError: There is nothing to undo.
        """
        return self._warehouse.read(next_undo, self.name)

    def undo(self, request: str | None = None, *, shown: str | None = None, single: bool = False) -> Reversal:
        """Reverse this reviewer's latest step that is still in effect; called again, the step before it.

        See `curator.review.undo.undo_step` for `shown` and `single`.

        Raises:
            DecisionError: There is nothing to undo.
        """
        check_request_token(request)
        return self._warehouse.write(undo_step, self.name, request, shown=shown, single=single)

    def redo(self, request: str | None = None) -> Reversal:
        """Restore the step that this reviewer's latest undo reversed; called again, the one before it.

        Raises:
            DecisionError: Nothing was undone, or the reviewer has decided a candidate or imported a list since.
        """
        check_request_token(request)
        return self._warehouse.write(redo_step, self.name, request)

    def decide_within(
        self, connection: Connection, candidates: Sequence[str], choice: DecisionRequest, *, batch: str | None = None
    ) -> DecisionResult:
        """Decide candidates inside a transaction that writes other rows too.

        Args:
            connection: Inside a transaction.
            candidates: Full candidate ids.
            choice: The decision.
            batch: The batch of earlier decisions that one undo reverses together with these.

        Raises:
            DecisionError: One of the candidates does not allow the decision.
        """
        items = _load_candidates(connection, candidates)
        return self._carry_out(connection, items, clean_request(choice), None, strict=True, batch=batch)

    def _carry_out(
        self,
        connection: Connection,
        items: Sequence[QueuedCandidate],
        choice: DecisionRequest,
        request: str | None,
        *,
        strict: bool,
        batch: str | None = None,
    ) -> DecisionResult:
        target = (
            _load_candidate(connection, choice.into or choice.superseded_by or "") if choice.names_another else None
        )
        allowed, refused = _separate_refused(connection, items, choice, target, strict=strict)
        ids = tuple(item.id for item in allowed)
        unchanged = tuple(item.id for item in allowed if is_same_decision(item, choice, target, self.name))
        changed = [item for item in allowed if item.id not in unchanged]
        template = self._decision_template(connection, choice, target, request, batch)
        decisions = [
            replace(
                template,
                id=secrets.token_hex(6),
                number=template.number + offset,
                candidate=item.id,
                **find_changes(item, choice),  # type: ignore[arg-type]
            )
            for offset, item in enumerate(changed)
        ]
        add_decisions(connection, decisions)
        if choice.action == "accept":
            wording_check.record_wording_check(connection, zip(changed, decisions, strict=True))
            unsaved_edits.end_edits(connection, self.name, ids if choice.text else [item.id for item in changed])
        frames = load_frame_ids(connection, ids) if choice.action == "accept" else {}
        merged_into = target.id if target else None
        return DecisionResult(str(template.batch), ids, refused, frames, merged_into, unchanged=unchanged)

    def _decision_template(
        self,
        connection: Connection,
        choice: DecisionRequest,
        target: QueuedCandidate | None,
        request: str | None,
        batch: str | None,
    ) -> Decision:
        """Return a decision of this moment that still lacks its id and candidate; its number is the next free one."""
        action: Action = choice.action
        merged = action == "merge"
        return Decision(
            id="", number=load_next_number(connection), candidate="", action=action, text=None, reason=choice.reason,
            merged_into=target.id if target and merged else None, undoes=None, reviewer=self.name, added=utc_now(),
            batch=batch or secrets.token_hex(6), request=request,
            contradicts=choice.contradicts if target and merged else None,
            superseded_by=target.id if target and not merged else None,
        )  # fmt: skip


def find_candidate(warehouse: Warehouse, name: str) -> QueuedCandidate:
    """Return the candidate with an id, with an id that begins with `name`, or with the frame id `name`.

    "F12" is a frame; "f12" may be the beginning of a candidate's id.

    Raises:
        DecisionError: There is no such candidate, or more than one.
    """
    return warehouse.read(_load_candidate, name)


def find_listed_candidate(warehouse: Warehouse, frame: str) -> QueuedCandidate:
    """Return the candidate of a frame that is on the list.

    Raises:
        DecisionError: There is no such frame, or it is not on the list.
    """
    item = find_candidate(warehouse, frame)
    if item.status != "accepted":
        raise DecisionError(f"{frame} is not on the list: its candidate is {item.status}.")
    return item


def _load_candidate(connection: Connection, name: str) -> QueuedCandidate:
    name = single_line(name)
    by_full_id = load_candidates_by_id(connection, [name])
    if by_full_id:
        return by_full_id[0]
    matches = find_candidates(connection, name) if len(name) > 1 else []
    by_frame_id = [item for item in matches if name == load_frame_id(connection, item.id)]
    if len(by_frame_id or matches) == 1:
        return (by_frame_id or matches)[0]
    if matches:
        examples = ", ".join(item.id for item in matches[:5])
        raise DecisionError(f"More than one candidate id begins with {name!r} ({examples}). Give more of the id.")
    raise DecisionError(f"There is no candidate {name!r}. `curator queue` lists the pending candidates.")


def _load_candidates(connection: Connection, ids: Sequence[str]) -> list[QueuedCandidate]:
    items = load_candidates_by_id(connection, ids)
    missing = set(ids) - {item.id for item in items}
    if missing:
        raise DecisionError(f"There is no candidate {min(missing)!r}. Reload the list.")
    return items


def _separate_refused(
    connection: Connection,
    items: Sequence[QueuedCandidate],
    choice: DecisionRequest,
    target: QueuedCandidate | None,
    *,
    strict: bool,
) -> tuple[list[QueuedCandidate], dict[str, str]]:
    """Return the candidates that allow a decision, and the reasons of the others by id.

    Raises:
        DecisionError: No candidate allows it; or, if `strict`, any does not.
    """
    merge_chain = _follow_merges(connection, target) if target else frozenset[str]()
    allowed: list[QueuedCandidate] = []
    refused: dict[str, str] = {}
    for item in items:
        obstacle = find_obstacle(item, choice, target, merge_chain)
        if obstacle and strict:
            raise DecisionError(obstacle)
        if obstacle:
            refused[item.id] = obstacle
        else:
            allowed.append(item)
    if not allowed:
        raise DecisionError("No selected candidate allows this decision. " + next(iter(refused.values())))
    return allowed, refused


def _follow_merges(connection: Connection, target: QueuedCandidate) -> frozenset[str]:
    """Return the ids of a candidate, of the candidate it is merged into, and so on."""
    seen = {target.id}
    current = target
    while current.status == "merged" and current.merged_into and current.merged_into not in seen:
        seen.add(current.merged_into)
        current = _load_candidate(connection, current.merged_into)
    return frozenset(seen)


def _find_earlier_result(connection: Connection, request: str | None) -> DecisionResult | None:
    """Return the result of a request that was carried out before; None if it is new."""
    check_request_token(request)
    decisions = load_decisions_of_request(connection, request) if request else []
    if not decisions:
        return None
    first = decisions[0]
    ids = tuple(decision.candidate for decision in decisions)
    frames = load_frame_ids(connection, ids) if first.action == "accept" else {}
    return DecisionResult(first.batch or first.id, ids, {}, frames, first.merged_into, repeated=True)
