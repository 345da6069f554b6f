"""Whether the quotes carry a reviewer's own wording: the keyless check, on the words that would be published.

The evidence is the candidate's own quotes, as for its draft; quotes of candidates merged into it are left out. The
scope is the one that would be published with the words, if any.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from curator.draft.overreach import lexical_support
from curator.records import Support
from curator.review import agreeing
from curator.text import one_line
from curator.warehouse import Connection, drafts
from curator.warehouse.queue import Decision, Item


def is_reworded(item: Item, text: str) -> bool:
    """Whether a text differs from the draft's; white space and invisible characters aside."""
    return one_line(text) != one_line(item.draft_text)


def support_of(item: Item, text: str, scope: str) -> Support | None:
    """Return the keyless check's verdict on a wording; None where the candidate has no quote to check it against.

    Args:
        text: a frame's text, no longer than one may be.
        scope: that is published with it; "" for none.
    """
    words = one_line(text)
    if not item.holds or not words:
        return None
    found = lexical_support(words, item.quotes, scope)
    drafted = not is_reworded(item, words) and scope == item.draft_scope
    return replace(found, text=words, judged="draft" if drafted else "final")


def record(connection: Connection, accepted: Iterable[tuple[Item, Decision]]) -> None:
    """Record the verdict on each accepted wording, so that it stands beside the draft's.

    What is accepted as it was drafted was judged then.

    Args:
        accepted: candidates as they stood before, each with its acceptance.
    """
    for item, decision in accepted:
        wish = decision.scope if decision.scope_agreed else decision.scope_agreed
        scope = agreeing.scope_published(item, wish)
        found = support_of(item, decision.text if decision.text is not None else item.draft_text, scope)
        if found and found.judged == "final":
            drafts.add_supports(connection, None, item.id, [found], text=found.text, scope=scope)
