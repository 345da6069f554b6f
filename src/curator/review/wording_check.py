"""Whether the quotes carry a reviewer's own wording: the keyless check, on the words that would be published.

The evidence is the candidate's own quotes, as for its draft; quotes of candidates merged into it are left out. The
scope is the one that would be published with the words, if any.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from curator.review import consent
from curator.sanitize import single_line
from curator.support.overclaim import lexical_support
from curator.types import Support
from curator.warehouse import Connection, supports
from curator.warehouse.candidates import QueuedCandidate
from curator.warehouse.decisions import Decision


def is_reworded(item: QueuedCandidate, text: str) -> bool:
    """Whether a text differs from the draft's; white space and invisible characters aside."""
    return single_line(text) != single_line(item.draft_text)


def check_wording(item: QueuedCandidate, text: str, scope: str) -> Support | None:
    """Return the keyless check's verdict on a wording; None where the candidate has no quote to check it against.

    Args:
        text: a frame's text, no longer than one may be.
        scope: that is published with it; "" for none.
    """
    words = single_line(text)
    if not item.holds or not words:
        return None
    found = lexical_support(words, item.quotes, scope)
    drafted = not is_reworded(item, words) and scope == item.draft_scope
    return replace(found, text=words, judged="draft" if drafted else "final")


def record_wording_check(connection: Connection, accepted: Iterable[tuple[QueuedCandidate, Decision]]) -> None:
    """Record the verdict on each accepted wording, so that it stands beside the draft's.

    What is accepted as it was drafted was judged then.

    Args:
        accepted: candidates as they stood before, each with its acceptance.
    """
    for item, decision in accepted:
        wish = decision.scope if decision.scope_agreed else decision.scope_agreed
        scope = consent.scope_published(item, wish)
        found = check_wording(item, decision.text if decision.text is not None else item.draft_text, scope)
        if found and found.judged == "final":
            supports.add_supports(connection, None, item.id, [found], text=found.text, scope=scope)
