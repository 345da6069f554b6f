"""Consent to a frame's open question and scope: each is published only if an acceptance says so, in its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from curator.errors import DecisionError
from curator.sanitize import single_line
from curator.warehouse.candidates import QueuedCandidate
from curator.warehouse.decisions import Decision

Part = Literal["question", "scope"]
PARTS: Mapping[Part, str] = {"question": "open question", "scope": "scope"}
"""The optional parts of a frame, each with the name that people read."""
MAX_TERM_CHARS = 1000
"""Characters of an open question or a scope."""

ConsentChoice = str | bool | None
"""A reviewer's choice for a part: publish it in these words, publish its current or drafted words (True), do not
publish it (False), or make no choice (None)."""


def clean_choice(choice: ConsentChoice, part: Part) -> ConsentChoice:
    """Return the choice with its words cleaned.

    Raises:
        DecisionError: The words are empty or too long.
    """
    if not isinstance(choice, str):
        return choice
    words = single_line(choice)
    if not words:
        raise DecisionError(f"The {PARTS[part]} is empty. Write it, or accept the frame without it.")
    if len(words) > MAX_TERM_CHARS:
        raise DecisionError(f"The {PARTS[part]} is longer than {MAX_TERM_CHARS} characters.")
    return words


def consent_fields(item: QueuedCandidate, question: ConsentChoice, scope: ConsentChoice) -> dict[str, object]:
    """Return the fields that an acceptance records: `question`, `question_agreed`, `scope` and `scope_agreed`.

    Without a choice, an accepted frame keeps its published words, and a part that an earlier version of Curator
    published without consent stays undecided; for every other candidate the part is not published.

    Args:
        item: The candidate to accept.
        question: The choice for its open question.
        scope: The choice for its scope.

    Raises:
        DecisionError: A part is to be published, but has no words.
    """
    fields: dict[str, object] = {}
    fields["question"], fields["question_agreed"] = _resolve_choice(item, "question", question)
    fields["scope"], fields["scope_agreed"] = _resolve_choice(item, "scope", scope)
    return fields


def _resolve_choice(item: QueuedCandidate, part: Part, choice: ConsentChoice) -> tuple[str | None, bool | None]:
    """Return the words to publish, and whether a reviewer has agreed to them (None: undecided)."""
    if choice is None and item.status == "accepted":
        current = agreed(item, part)
        return (term_words(item, part) if current else None), current
    if not choice:
        return None, False
    words = choice if isinstance(choice, str) else term_words(item, part)
    if not words:
        raise DecisionError(
            f"Candidate {item.id} was drafted without {'an' if part == 'question' else 'a'} {PARTS[part]}, so there is "
            f"none to publish. Write one with --{part}-text."
        )
    return words, True


def scope_published(item: QueuedCandidate, choice: ConsentChoice) -> str:
    """Return the scope that accepting a candidate with this choice would publish; "" for no scope.

    Raises:
        DecisionError: The scope is to be published, but has no words.
    """
    words, is_agreed = _resolve_choice(item, "scope", choice)
    return single_line(term_words(item, "scope") if is_agreed is None else words or "")[:MAX_TERM_CHARS]


def term_words(item: QueuedCandidate, part: Part) -> str:
    """Return the words that consent to a part would publish: the published words, else the draft's, else ""."""
    return (item.question or item.draft_question or "") if part == "question" else (item.scope or item.draft_scope)


def agreed(item: QueuedCandidate, part: Part) -> bool | None:
    """Return True if a reviewer agreed to publish the part, None if an earlier version published it without asking."""
    return item.question_agreed if part == "question" else item.scope_agreed


def is_undecided(item: QueuedCandidate, part: Part) -> bool:
    """Return whether an earlier version published this part of the frame and no reviewer has decided on it since."""
    return item.question_undecided if part == "question" else item.scope_undecided


def has_consent(decision: Decision) -> bool:
    """Return whether an acceptance agreed to publish the open question or the scope."""
    return bool(decision.question_agreed or decision.scope_agreed)
