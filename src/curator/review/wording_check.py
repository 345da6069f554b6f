"""The check whether a candidate's quotes support the reviewer's own wording. It needs no model.

The evidence is the candidate's own quotes, as for its draft; quotes of candidates merged into it are left out. The
wording is checked together with the scope that would be published with it, if any.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from curator.review import consent
from curator.sanitize import single_line
from curator.support.overclaim import check_overclaim
from curator.types import Support
from curator.warehouse import Connection, supports
from curator.warehouse.candidates import QueuedCandidate
from curator.warehouse.decisions import Decision


def is_reworded(item: QueuedCandidate, text: str) -> bool:
    """Return whether a text differs from the draft in more than white space and invisible characters."""
    return single_line(text) != single_line(item.draft_text)


def check_wording(item: QueuedCandidate, text: str, scope: str) -> Support | None:
    """Return the check's verdict on a wording; None if the candidate has no quote to check it against.

    Args:
        item: The candidate.
        text: A frame's text, within its maximum length.
        scope: The scope that would be published with it; "" for no scope.
    """
    words = single_line(text)
    if not item.holds or not words:
        return None
    support = check_overclaim(words, item.quotes, scope)
    is_draft = not is_reworded(item, words) and scope == item.draft_scope
    return replace(support, text=words, judged="draft" if is_draft else "final")


def record_wording_check(connection: Connection, accepted: Iterable[tuple[QueuedCandidate, Decision]]) -> None:
    """Record the verdict on each accepted wording, in addition to the verdict on the draft.

    A candidate accepted as drafted is skipped: its draft was checked when it was drafted.

    Args:
        connection: Inside a transaction.
        accepted: Candidates in their state before the decision, each with its acceptance.
    """
    for item, decision in accepted:
        choice = decision.scope if decision.scope_agreed else decision.scope_agreed
        scope = consent.scope_published(item, choice)
        text = decision.text if decision.text is not None else item.draft_text
        support = check_wording(item, text, scope)
        if support and support.judged == "final":
            supports.add_supports(connection, None, item.id, [support], text=support.text, scope=scope)
