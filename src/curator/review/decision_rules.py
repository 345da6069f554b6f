"""The rules of deciding: which requests are valid, and which decisions a candidate allows.

These functions read candidates and requests and write nothing; `curator.review.decisions` carries decisions out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from curator.errors import DecisionConflict, DecisionError
from curator.review import consent
from curator.sanitize import single_line
from curator.types import KINDS, Kind
from curator.warehouse.candidates import QueuedCandidate

MAX_TEXT_CHARS = 1000
"""Characters of a frame's text."""
MAX_REASON_CHARS = 1000
"""Characters of a reason for rejecting a candidate."""
MAX_TOPIC_CHARS = 80
"""Characters of a topic's name."""
MAX_TOPICS = 10
"""Topics of one frame."""

DecisionAction = Literal["accept", "reject", "defer", "merge"]
"""The actions that a reviewer can request. Undoing and redoing are separate (`curator.review.undo`)."""
_REQUEST_TOKEN = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True)
class DecisionRequest:
    """A decision that a reviewer asks for. A field left at its default keeps the current value, or else the draft's."""

    action: DecisionAction
    text: str | None = None  # accept: the final text
    kind: Kind | None = None  # accept
    topics: tuple[str, ...] | None = None  # accept
    reason: str | None = None  # reject
    into: str | None = None  # merge: the id of a candidate or a frame
    contradicts: bool = False  # merge: the candidate is evidence against `into`
    superseded_by: str | None = None  # reject: the id of the candidate or frame that replaces this one
    as_drafted: bool = False  # accept: use the draft's text instead of the current one
    question: consent.ConsentChoice = None  # accept: whether to publish the open question, and in which words
    scope: consent.ConsentChoice = None  # accept: the same for the scope

    @property
    def names_another(self) -> bool:
        """True if the request refers to a second candidate or frame."""
        return bool(self.into or self.superseded_by)


@dataclass(frozen=True)
class SeenState:
    """The state in which a reviewer saw a candidate: the id of its current decision (None: undecided), open notices."""

    decision: str | None
    notices: int = 0


def clean_request(request: DecisionRequest) -> DecisionRequest:
    """Return the request with cleaned texts.

    Raises:
        DecisionError: A required field is missing, two fields exclude each other, or a text is too long.
    """
    if request.kind is not None and request.kind not in KINDS:
        raise DecisionError(f"A frame's kind is one of {', '.join(KINDS)}.")
    if request.action == "merge" and not request.into:
        raise DecisionError("Name the candidate or frame to merge into.")
    if request.as_drafted and request.text is not None:
        raise DecisionError("Choose either the draft's text or your own text, not both.")
    if request.into and request.action != "merge":
        raise DecisionError("Only a merge can name a candidate or frame to merge into.")
    if request.superseded_by and request.action != "reject":
        raise DecisionError("Only a frame that leaves the list can be superseded by another.")
    return replace(
        request,
        text=_clean_text(request.text, "text", MAX_TEXT_CHARS) if request.text is not None else None,
        reason=_clean_text(request.reason or "", "reason", MAX_REASON_CHARS) if request.action == "reject" else None,
        topics=_clean_topics(request.topics) if request.topics is not None else None,
        question=consent.clean_choice(request.question, "question"),
        scope=consent.clean_choice(request.scope, "scope"),
    )


def check_request_token(token: str | None) -> None:
    """Check the token by which a client marks a request, so that sending it twice has no further effect.

    Raises:
        DecisionError: The token has other characters than letters, digits and hyphens, or more than 64 of them.
    """
    if token is not None and not _REQUEST_TOKEN.fullmatch(token):
        raise DecisionError("A request token has 1 to 64 letters, digits and hyphens.")


def find_obstacle(
    item: QueuedCandidate, request: DecisionRequest, target: QueuedCandidate | None, merge_chain: frozenset[str]
) -> str:
    """Return why a candidate does not allow a decision; "" if it does.

    Args:
        item: The candidate to decide.
        request: The decision.
        target: The candidate that the request refers to, if any.
        merge_chain: The ids of `target` and of all candidates that it is merged into.
    """
    if request.action == "accept" and not item.acceptable:
        return (
            f"Candidate {item.id} cannot be accepted: none of its quotes was found in {item.paper_id}. "
            "It stays on record; `curator queue --all` shows such candidates."
        )
    if target is None:
        return ""
    if request.action == "reject":
        return f"Candidate {item.id} cannot supersede itself." if target.id == item.id else ""
    if target.status == "rejected":
        return f"Candidate {target.id} is rejected. Accept it or undo the rejection first, or merge into another."
    if item.id in merge_chain:
        return f"Candidate {item.id} cannot be merged into {target.id}: the merges would form a circle."
    return ""


def build_conflict(item: QueuedCandidate) -> DecisionConflict:
    """Return the error for a candidate that has changed since the reviewer saw it."""
    if item.notices:
        return DecisionConflict(
            "A later version of the paper has arrived since you opened this candidate. Review it again, then decide.",
            item.decision,
        )
    if item.decision is None:
        return DecisionConflict(
            "The decision on this candidate has been undone since you opened it. Decide again if you still want to.",
            None,
        )
    return DecisionConflict(
        f"{item.reviewer} has {item.status} this candidate since you opened it. Decide again to replace that decision.",
        item.decision,
    )


def find_changes(item: QueuedCandidate, request: DecisionRequest) -> dict[str, object]:
    """Return the fields of a decision in which an acceptance differs from the draft; empty for other actions."""
    if request.action != "accept":
        return {}
    kind = request.kind or item.kind
    topics = request.topics if request.topics is not None else item.topics
    current_text = item.text if item.status == "accepted" and not request.as_drafted else item.draft_text
    text = request.text if request.text is not None else current_text
    version = version_to_cite(item)
    return {
        "text": text if text != item.draft_text else None,
        "kind": kind if kind != item.draft_kind else None,
        "topics": topics if topics != item.draft_topics else None,
        "version": version if version != item.version else None,
        **consent.consent_fields(item, request.question, request.scope),
    }


def is_same_decision(
    item: QueuedCandidate, request: DecisionRequest, target: QueuedCandidate | None, reviewer: str
) -> bool:
    """Return whether this reviewer's current decision already says what the request asks for.

    A candidate with an open notice needs a new decision even so.
    """
    if item.decision is None or item.reviewer != reviewer or item.notices:
        return False
    target_id = target.id if target else None
    match request.action:
        case "accept":
            if item.status != "accepted":
                return False
            return find_changes(item, request) == find_changes(item, DecisionRequest("accept"))
        case "reject":
            return item.status == "rejected" and (item.reason, item.superseded_by) == (request.reason, target_id)
        case "merge":
            return item.status == "merged" and (item.merged_into, item.contradicts) == (target_id, request.contradicts)
    return item.status == "deferred"


def version_to_cite(item: QueuedCandidate) -> int:
    """Return the paper version that a frame cites once it is accepted.

    That is the latest version which the reviewer has a notice of and in which a quote was found; without one, the
    version cited so far.
    """
    if item.status != "accepted":
        return item.version
    later = [
        notice.version
        for notice in item.notices
        if notice.evidence_id == item.id and any(recheck.now.holds for recheck in notice.rechecks)
    ]
    return max(later, default=item.cited)


def _clean_topics(topics: Sequence[str]) -> tuple[str, ...]:
    cleaned = tuple(dict.fromkeys(_clean_text(topic, "topic", MAX_TOPIC_CHARS) for topic in topics))
    if len(cleaned) > MAX_TOPICS:
        raise DecisionError(f"A frame has at most {MAX_TOPICS} topics.")
    return cleaned


def _clean_text(text: str, field: str, max_chars: int) -> str:
    cleaned = single_line(text)
    if not cleaned:
        raise DecisionError(f"The {field} is empty.")
    if len(cleaned) > max_chars:
        raise DecisionError(f"The {field} is longer than {max_chars} characters.")
    return cleaned
