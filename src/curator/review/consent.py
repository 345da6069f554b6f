"""Agreeing to a frame's open question and scope: each is published only where an acceptance says so, in its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from curator.errors import DecisionError
from curator.sanitize import single_line
from curator.warehouse.candidates import QueuedCandidate
from curator.warehouse.decisions import Decision

Part = Literal["question", "scope"]
PARTS: Mapping[Part, str] = {"question": "open question", "scope": "scope"}
"""What a frame may carry beside its text, and its name."""
MAX_TERM_CHARS = 1000  # characters of either

ConsentChoice = str | bool | None
"""What a reviewer wants of a part: published in these words, as it stands or was drafted (True), not published (False);
None says nothing of it."""


def clean_choice(wish: ConsentChoice, part: Part) -> ConsentChoice:
    """Clean the words of a wish. Raises DecisionError where they are empty or too long."""
    if not isinstance(wish, str):
        return wish
    words = single_line(wish)
    if not words:
        raise DecisionError(f"The {PARTS[part]} is empty; write it, or accept the frame without it.")
    if len(words) > MAX_TERM_CHARS:
        raise DecisionError(f"The {PARTS[part]} is longer than {MAX_TERM_CHARS} characters.")
    return words


def consent_fields(item: QueuedCandidate, question: ConsentChoice, scope: ConsentChoice) -> dict[str, object]:
    """Return what an acceptance records of both: `question`, `question_agreed`, `scope` and `scope_agreed`.

    Without a wish, what stands on an accepted frame stays, and so does an undecided part of an earlier version; for
    every other candidate the part is not published. Raises DecisionError where there are no words to agree to.
    """
    recorded: dict[str, object] = {}
    for part, wish in (("question", question), ("scope", scope)):
        recorded[part], recorded[f"{part}_agreed"] = _term(item, part, wish)  # type: ignore[arg-type]
    return recorded


def _term(item: QueuedCandidate, part: Part, wish: ConsentChoice) -> tuple[str | None, bool | None]:
    if wish is None and item.status == "accepted":
        standing = agreed(item, part)
        return (term_words(item, part) if standing else None), standing
    if not wish:
        return None, False
    words = wish if isinstance(wish, str) else term_words(item, part)
    if not words:
        raise DecisionError(
            f"Candidate {item.id} was drafted without {'an' if part == 'question' else 'a'} {PARTS[part]}, so there is "
            f"none to agree to; write one with --{part}-text."
        )
    return words, True


def scope_published(item: QueuedCandidate, wish: ConsentChoice) -> str:
    """Return the scope that accepting a candidate with this wish would publish; "" for none.

    Raises DecisionError where there are no words to agree to.
    """
    words, said = _term(item, "scope", wish)
    return single_line(term_words(item, "scope") if said is None else words or "")[:MAX_TERM_CHARS]


def term_words(item: QueuedCandidate, part: Part) -> str:
    """The words that agreeing to a part would publish: those that are published, else the draft's; or ""."""
    return (item.question or item.draft_question or "") if part == "question" else (item.scope or item.draft_scope)


def agreed(item: QueuedCandidate, part: Part) -> bool | None:
    """True where the part is published with someone's consent, None where an earlier version published it unasked."""
    return item.question_agreed if part == "question" else item.scope_agreed


def is_undecided(item: QueuedCandidate, part: Part) -> bool:
    """Whether an earlier version published this part of the frame, and nobody has decided on it since."""
    return item.question_undecided if part == "question" else item.scope_undecided


def has_consent(decision: Decision) -> bool:
    """Whether an acceptance agreed to a part of the frame."""
    return bool(decision.question_agreed or decision.scope_agreed)
