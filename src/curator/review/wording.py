"""Whether the quotes carry a reviewer's own wording: the keyless check, on the words that would be published.

The evidence is the candidate's own quotes, as for its draft; quotes of candidates merged into it are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from curator.draft.overreach import lexical_support
from curator.records import Support
from curator.text import one_line
from curator.warehouse import Connection, drafts
from curator.warehouse.queue import Item


def is_reworded(item: Item, text: str) -> bool:
    """Whether a text differs from the draft's; white space and invisible characters aside."""
    return one_line(text) != one_line(item.draft_text)


def support_of(item: Item, text: str) -> Support | None:
    """Return the keyless check's verdict on a wording; None where the candidate has no quote to check it against.

    Args:
        text: a frame's text, no longer than one may be.
    """
    words = one_line(text)
    if not item.holds or not words:
        return None
    found = lexical_support(words, item.quotes, item.draft_scope)
    return replace(found, text=words, judged="final" if is_reworded(item, words) else "draft")


def record(connection: Connection, accepted: Iterable[tuple[Item, str | None]]) -> None:
    """Record the verdict on each accepted wording, so that it stands beside the draft's.

    Args:
        accepted: candidates with their final text; None for the draft's, which was judged when it was drafted.
    """
    for item, text in accepted:
        found = support_of(item, text) if text is not None else None
        if found:
            drafts.add_supports(connection, None, item.id, [found], text=found.text)
