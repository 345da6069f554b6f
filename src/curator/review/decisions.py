"""Deciding: accept, reject, defer, merge; undoing and redoing. Nothing is changed or deleted by it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from curator.errors import DecisionConflict, DecisionError
from curator.review import consent, wording_check
from curator.review.undo import Reversal, next_undo, redo_step, undo_step
from curator.sanitize import single_line
from curator.types import KINDS, Action, Kind
from curator.warehouse import Connection, Warehouse, candidate_search, unsaved_edits
from curator.warehouse.candidates import QueuedCandidate, find_candidates, load_candidates_by_id
from curator.warehouse.decisions import Decision, add_decisions, load_decisions_of_request, load_next_number
from curator.warehouse.frames import load_frame_id, load_frame_ids
from curator.warehouse.rows import utc_now
from curator.warehouse.steps import Step

MAX_TEXT_CHARS = 1000  # characters of a final text
MAX_REASON_CHARS = 1000
LONGEST_TOPIC = 80
MOST_TOPICS = 10
Choosable = Literal["accept", "reject", "defer", "merge"]
_REQUEST = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True)
class DecisionRequest:
    """What a reviewer wants done with a candidate. What is left out stays as it stands, or as it was drafted."""

    action: Choosable
    text: str | None = None  # to accept: the final text
    kind: Kind | None = None  # to accept
    topics: tuple[str, ...] | None = None  # to accept
    reason: str | None = None  # to reject: why
    into: str | None = None  # to merge: the id of a candidate or a frame
    contradicts: bool = False  # to merge: it speaks against what it is merged into
    superseded_by: str | None = None  # to reject: the id of the candidate or frame that stands in its place
    as_drafted: bool = False  # to accept: the draft's text, in place of the one that stands
    question: consent.ConsentChoice = None  # to accept: whether its open question is published, and in which words
    scope: consent.ConsentChoice = None  # to accept

    @property
    def names_another(self) -> bool:
        return bool(self.into or self.superseded_by)


@dataclass(frozen=True)
class SeenState:
    """What a reviewer had before them: the decision that stood, None for none, and how many notices were open."""

    decision: str | None
    notices: int = 0


@dataclass(frozen=True)
class DecisionResult:
    """What came of deciding."""

    batch: str  # what one undo takes back
    decided: tuple[str, ...]  # candidates, in the order given
    refused: Mapping[str, str] = field(default_factory=dict)  # candidate → why
    frames: Mapping[str, str] = field(default_factory=dict)  # accepted candidate → its frame
    merged_into: str | None = None  # a candidate's id
    repeated: bool = False  # the request had been carried out before; nothing was added
    unchanged: tuple[str, ...] = ()  # of those decided: this reviewer's same decision stood; nothing was added


class Reviewer:
    """Where one reviewer decides. Safe to use beside a running ingest and beside other reviewers."""

    def __init__(self, warehouse: Warehouse, reviewer: str) -> None:
        self._warehouse = warehouse
        self.reviewer = reviewer

    def decide(
        self, candidate: str, choice: DecisionRequest, *, request: str | None = None, seen: SeenState | None = None
    ) -> DecisionResult:
        """Decide one candidate, named by its id, the beginning of it, or its frame's id.

        `request` is a token of the client's: the same one again adds nothing and gives the same outcome.
        Raises DecisionError where the choice cannot be carried out, DecisionConflict where another decision stands
        than the one `seen`, or a later version of its paper came in since. Nothing is accepted without evidence.
        """
        choice = _checked(choice)

        def write(connection: Connection) -> DecisionResult:
            before = _before(connection, request)
            if before is not None:
                return before
            item = _one(connection, candidate)
            if seen is not None and (seen.decision != item.decision or seen.notices < len(item.notices)):
                raise _conflict(item)
            return self._carry_out(connection, [item], choice, request, strict=True)

        return self._warehouse.write(write)

    def decide_many(
        self, candidates: Sequence[str], choice: DecisionRequest, *, request: str | None = None
    ) -> DecisionResult:
        """Decide candidates, named by their whole ids, together: one undo takes all of it back.

        What cannot be decided so is left as it is and named in the outcome. Raises DecisionError where nothing can.
        """
        choice = _checked(choice)
        wanted = list(dict.fromkeys(candidates))
        if not wanted:
            raise DecisionError("No candidate is chosen; choose at least one.")
        if len(wanted) > candidate_search.MAX_SELECTED:
            raise DecisionError(
                f"At most {candidate_search.MAX_SELECTED} candidates are decided at once; choose fewer."
            )

        def write(connection: Connection) -> DecisionResult:
            before = _before(connection, request)
            return before or self._carry_out(connection, _all(connection, wanted), choice, request, strict=False)

        return self._warehouse.write(write)

    def accept(self, candidate: str, text: str | None = None) -> DecisionResult:
        """Accept as drafted, or with `text` as the final text."""
        return self.decide(candidate, DecisionRequest("accept", text))

    def reject(self, candidate: str, reason: str) -> DecisionResult:
        return self.decide(candidate, DecisionRequest("reject", reason=reason))

    def defer(self, candidate: str) -> DecisionResult:
        return self.decide(candidate, DecisionRequest("defer"))

    def merge(self, candidate: str, into: str, *, contradicts: bool = False) -> DecisionResult:
        """Let `candidate` become further evidence of `into`, a candidate or a frame; or evidence against it."""
        return self.decide(candidate, DecisionRequest("merge", into=into, contradicts=contradicts))

    def retire(self, frame: str, reason: str, superseded_by: str | None = None) -> DecisionResult:
        """Take a frame off the list; it stays findable with its reason and the frame that stands in its place.

        Raises DecisionError where it is not on the list.
        """
        item = find_listed_candidate(self._warehouse, frame)
        choice = DecisionRequest("reject", reason=reason, superseded_by=superseded_by)
        return self.decide(item.id, choice, seen=SeenState(item.decision, len(item.notices)))

    def to_undo(self) -> Step:
        """Return what the next undo would take back. Raises DecisionError where there is nothing."""
        return self._warehouse.read(next_undo, self.reviewer)

    def undo(self, request: str | None = None, *, shown: str | None = None, single: bool = False) -> Reversal:
        """Take back this reviewer's latest decisions that still stand and were taken together; again for those before.

        Raises DecisionError where there are none; see `undoing.undo` for `shown` and `single`.
        """
        _check_request(request)
        return self._warehouse.write(undo_step, self.reviewer, request, shown=shown, single=single)

    def redo(self, request: str | None = None) -> Reversal:
        """Bring back what this reviewer's latest undo took back; again for the undo before.

        Raises DecisionError where nothing was undone, or the reviewer has decided a candidate or imported a list since.
        """
        _check_request(request)
        return self._warehouse.write(redo_step, self.reviewer, request)

    def decide_within(
        self, connection: Connection, candidates: Sequence[str], choice: DecisionRequest, *, batch: str | None = None
    ) -> DecisionResult:
        """Decide candidates, named by their whole ids, inside a transaction that does more; `batch`: of an earlier one.

        Raises DecisionError where any of them cannot be decided so.
        """
        return self._carry_out(
            connection, _all(connection, candidates), _checked(choice), None, strict=True, batch=batch
        )

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
        refused: dict[str, str] = {}
        target = _one(connection, choice.into or choice.superseded_by or "") if choice.names_another else None
        follows = _chain(connection, target) if target else frozenset()
        able: list[QueuedCandidate] = []
        for item in items:
            why = _obstacle(item, choice, target, follows)
            if why and strict:
                raise DecisionError(why)
            if why:
                refused[item.id] = why
            else:
                able.append(item)
        if not able:
            raise DecisionError("None of them can be decided so. " + next(iter(refused.values())))
        ids = tuple(item.id for item in able)
        unchanged = tuple(item.id for item in able if _stands_so(item, choice, target, self.reviewer))
        able = [item for item in able if item.id not in unchanged]
        blank = replace(self._blank(connection, choice.action, request), reason=choice.reason)
        if batch:
            blank = replace(blank, batch=batch)
        if target and choice.action == "merge":
            blank = replace(blank, merged_into=target.id, contradicts=choice.contradicts)
        elif target:
            blank = replace(blank, superseded_by=target.id)
        values = [_set(item, choice) for item in able]
        decided = _numbered(blank, [(item.id, one) for item, one in zip(able, values, strict=True)])
        add_decisions(connection, decided)
        if choice.action == "accept":
            wording_check.record_wording_check(connection, zip(able, decided, strict=True))
            unsaved_edits.end_edits(connection, self.reviewer, ids if choice.text else [item.id for item in able])
        frames = load_frame_ids(connection, ids) if choice.action == "accept" else {}
        merged_into = target.id if target else None
        return DecisionResult(str(blank.batch), ids, refused, frames, merged_into, unchanged=unchanged)

    def _blank(self, connection: Connection, action: Action, request: str | None) -> Decision:
        """A decision of this moment, without a candidate; its number is the first that is free."""
        return Decision(
            "", load_next_number(connection), "", action, None, None, None, None, self.reviewer, utc_now(),
            batch=secrets.token_hex(6), request=request,
        )  # fmt: skip


def find_candidate(warehouse: Warehouse, beginning: str) -> QueuedCandidate:
    """The one candidate whose id begins so, or that a frame's id names; "F12" is the frame, "f12" may be a beginning.

    Raises DecisionError.
    """
    return warehouse.read(_one, beginning)


def find_listed_candidate(warehouse: Warehouse, frame: str) -> QueuedCandidate:
    """The candidate of a frame that is on the list. Raises DecisionError."""
    item = find_candidate(warehouse, frame)
    if item.status != "accepted":
        raise DecisionError(f"{frame} is not on the list: its candidate is {item.status}.")
    return item


def _one(connection: Connection, beginning: str) -> QueuedCandidate:
    beginning = single_line(beginning)
    whole = load_candidates_by_id(connection, [beginning])
    if whole:
        return whole[0]
    found = find_candidates(connection, beginning) if len(beginning) > 1 else []
    exact = [item for item in found if beginning == load_frame_id(connection, item.id)]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        some = ", ".join(item.id for item in found[:5])
        raise DecisionError(f"More than one candidate's id begins with {beginning!r} ({some}); give more of it.")
    raise DecisionError(f"There is no candidate {beginning!r}; `curator queue` lists those that wait.")


def _all(connection: Connection, ids: Sequence[str]) -> list[QueuedCandidate]:
    items = load_candidates_by_id(connection, ids)
    missing = set(ids) - {item.id for item in items}
    if missing:
        raise DecisionError(f"There is no candidate {min(missing)!r}; reload the list.")
    return items


def _obstacle(
    item: QueuedCandidate, choice: DecisionRequest, target: QueuedCandidate | None, follows: frozenset[str]
) -> str:
    """Why a choice cannot be carried out on a candidate; "" where it can."""
    if choice.action == "accept" and not item.acceptable:
        return (
            f"Candidate {item.id} cannot be accepted: none of its quotes was found in {item.paper_id}. "
            "It stays on record; `curator queue --all` shows such candidates."
        )
    if target is None:
        return ""
    if choice.action == "reject":
        return f"Candidate {item.id} cannot take its own place." if target.id == item.id else ""
    if target.status == "rejected":
        return f"Candidate {target.id} is rejected; accept or undo it first, or merge into another."
    if item.id in follows:
        return f"Candidate {item.id} cannot be merged into {target.id}: they would go in a circle."
    return ""


def _chain(connection: Connection, target: QueuedCandidate) -> frozenset[str]:
    """A candidate, what it is merged into, and so on."""
    seen = {target.id}
    following = target
    while following.status == "merged" and following.merged_into and following.merged_into not in seen:
        seen.add(following.merged_into)
        following = _one(connection, following.merged_into)
    return frozenset(seen)


def _set(item: QueuedCandidate, choice: DecisionRequest) -> dict[str, object]:
    """What a reviewer set otherwise than it was drafted."""
    if choice.action != "accept":
        return {}
    kind = choice.kind or item.kind
    topics = choice.topics if choice.topics is not None else item.topics
    standing = item.text if item.status == "accepted" and not choice.as_drafted else item.draft_text
    text = choice.text if choice.text is not None else standing
    return {
        "text": text if text != item.draft_text else None,
        "kind": kind if kind != item.draft_kind else None,
        "topics": topics if topics != item.draft_topics else None,
        "version": version if (version := cites_next(item)) != item.version else None,
        **consent.consent_fields(item, choice.question, choice.scope),
    }


def _stands_so(item: QueuedCandidate, choice: DecisionRequest, target: QueuedCandidate | None, reviewer: str) -> bool:
    """Whether this reviewer's own decision stands on a candidate, says the same, and no notice asks for another."""
    if item.decision is None or item.reviewer != reviewer or item.notices:
        return False
    of = target.id if target else None
    match choice.action:
        case "accept":
            return item.status == "accepted" and _set(item, choice) == _set(item, DecisionRequest("accept"))
        case "reject":
            return item.status == "rejected" and (item.reason, item.superseded_by) == (choice.reason, of)
        case "merge":
            return item.status == "merged" and (item.merged_into, item.contradicts) == (of, choice.contradicts)
    return item.status == "deferred"


def cites_next(item: QueuedCandidate) -> int:
    """The version that a frame cites once it is accepted: the later one before the reviewer, if that carries it."""
    if item.status != "accepted":
        return item.version
    later = [
        notice.version
        for notice in item.notices
        if notice.evidence_id == item.id and any(one.now.holds for one in notice.rechecks)
    ]
    return max(later, default=item.cited)


def _numbered(blank: Decision, decided: Sequence[tuple[str, Mapping[str, object]]]) -> list[Decision]:
    return [
        replace(blank, id=secrets.token_hex(6), number=blank.number + n, candidate=candidate, **values)  # type: ignore[arg-type]
        for n, (candidate, values) in enumerate(decided)
    ]


def _before(connection: Connection, request: str | None) -> DecisionResult | None:
    """What this request led to when it came before; None where it is new."""
    _check_request(request)
    done = load_decisions_of_request(connection, request) if request else []
    if not done:
        return None
    ids = tuple(one.candidate for one in done)
    frames = load_frame_ids(connection, ids) if done[0].action == "accept" else {}
    return DecisionResult(done[0].batch or done[0].id, ids, {}, frames, done[0].merged_into, repeated=True)


def _check_request(request: str | None) -> None:
    if request is not None and not _REQUEST.fullmatch(request):
        raise DecisionError("A request's token is up to 64 letters, digits and hyphens.")


def _conflict(item: QueuedCandidate) -> DecisionConflict:
    if item.notices:
        return DecisionConflict(
            "A later version of its paper has come in since you looked; look again before you decide.", item.decision
        )
    if item.decision is None:
        return DecisionConflict(
            "What was decided on this candidate has been undone since you looked; decide again if you still want to.",
            None,
        )
    return DecisionConflict(
        f"{item.reviewer} has {item.status} this candidate since you looked. Decide again to replace that.",
        item.decision,
    )


def _checked(choice: DecisionRequest) -> DecisionRequest:
    """The choice with its texts cleaned. Raises DecisionError where it lacks something or has something too long."""
    if choice.kind is not None and choice.kind not in KINDS:
        raise DecisionError(f"A frame's kind is one of {', '.join(KINDS)}.")
    if choice.action == "merge" and not choice.into:
        raise DecisionError("Say into which candidate or frame.")
    if choice.as_drafted and choice.text is not None:
        raise DecisionError("A frame has the draft's text or your own, not both.")
    if (choice.into and choice.action != "merge") or (choice.superseded_by and choice.action != "reject"):
        raise DecisionError("Only a merge goes into another, and only what leaves the list is superseded by one.")
    return replace(
        choice,
        text=_clean(choice.text, "text", MAX_TEXT_CHARS) if choice.text is not None else None,
        reason=_clean(choice.reason or "", "reason", MAX_REASON_CHARS) if choice.action == "reject" else None,
        topics=_topics(choice.topics) if choice.topics is not None else None,
        question=consent.clean_choice(choice.question, "question"),
        scope=consent.clean_choice(choice.scope, "scope"),
    )


def _topics(topics: Sequence[str]) -> tuple[str, ...]:
    cleaned = tuple(dict.fromkeys(_clean(topic, "topic", LONGEST_TOPIC) for topic in topics))
    if len(cleaned) > MOST_TOPICS:
        raise DecisionError(f"A frame has at most {MOST_TOPICS} topics.")
    return cleaned


def _clean(text: str, what: str, longest: int) -> str:
    cleaned = single_line(text)
    if not cleaned:
        raise DecisionError(f"The {what} is empty.")
    if len(cleaned) > longest:
        raise DecisionError(f"The {what} is longer than {longest} characters.")
    return cleaned
