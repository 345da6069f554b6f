"""Open questions and scopes that earlier versions of Curator published, and on which no reviewer has decided since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from curator.types import Kind
from curator.warehouse.connection import Connection

IS_UNCONFIRMED = "(question_undecided or scope_undecided)"
"""SQL condition: a row of the view `frames` has such a question or scope."""


@dataclass(frozen=True)
class UnconfirmedText:
    """An open question or a scope that is published without anyone's consent."""

    frame: str
    candidate: str
    kind: Kind
    frame_text: str
    what: Literal["question", "scope"]
    text: str
    question: str | None  # the id of an open question, such as "Q3"


def load_unconfirmed(connection: Connection) -> list[UnconfirmedText]:
    """Return every such open question and scope, by frame."""
    rows = connection.execute(
        """
        with undecided as (
            select frame, number, candidate, kind, text, 'question' as what, question as words from frames
            where question_undecided
            union all
            select frame, number, candidate, kind, text, 'scope', scope from frames where scope_undecided)
        select t.frame, t.candidate, t.kind, t.text, t.what, trim(t.words), e.entry
        from undecided t left join record.entries e
             on t.what = 'question' and e.what = 'question' and lower(trim(e.text)) = lower(trim(t.words))
        order by t.number, t.what
        """
    ).fetchall()
    return [UnconfirmedText(*row) for row in rows]
