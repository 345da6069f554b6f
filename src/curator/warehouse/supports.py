"""Verdicts on whether a candidate's quotes support its text."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from curator.types import JudgedWording, Support
from curator.warehouse.connection import Connection
from curator.warehouse.rows import add_rows, utc_now


def load_supports(connection: Connection, final: Mapping[str, tuple[str, str]]) -> Mapping[str, tuple[Support, ...]]:
    """Return the verdicts on these candidates, by candidate: on the current words first, then latest first.

    Args:
        connection: A connection.
        final: The current words and their scope, by candidate.
    """
    rows = connection.execute(
        "select candidate, verdict, reason, checker, overreach, coalesce(s.text, c.text), "
        "coalesce(s.scope, c.scope, ''), s.text is null and s.scope is null "
        "from record.supports s join record.candidates c using (candidate) "
        "join (select unnest($candidates::json::varchar[]) as candidate) using (candidate) "
        "order by candidate, s.added desc, checker desc",
        {"candidates": json.dumps(list(final))},
    ).fetchall()
    verdicts: dict[str, list[Support]] = defaultdict(list)
    for candidate, verdict, reason, checker, overreach, text, scope, of_draft in rows:
        current = (text, scope) == final[candidate]
        judged: JudgedWording = "draft" if of_draft else "final" if current else "earlier"
        verdicts[candidate].append(Support(verdict, reason, checker, tuple(overreach or ()), text, judged, current))
    return {
        candidate: tuple(sorted(supports, key=lambda support: not support.current))
        for candidate, supports in verdicts.items()
    }


AS_DRAFTED = "(c.text = c.draft_text and coalesce(c.scope, '') = coalesce(c.draft_scope, ''))"
"""SQL condition: the current words and scope of a row `c` of the view `candidates` are the draft's."""
JUDGED = """exists (from record.supports s where s.candidate = c.candidate and s.call is not null
                    and coalesce(s.text, c.draft_text) = c.text
                    and coalesce(s.scope, c.draft_scope, '') = coalesce(c.scope, ''))"""
"""SQL condition: a model has judged the current words and scope of a row `c` of the view `candidates`."""


def add_supports(
    connection: Connection,
    run: str | None,
    candidate: str,
    supports: Sequence[Support],
    *,
    call: str | None = None,
    text: str | None = None,
    scope: str | None = None,
) -> None:
    """Record verdicts on whether a candidate's quotes support its text; one per checker, wording and scope.

    Args:
        connection: A connection that can write.
        run: The run that asked the checkers.
        candidate: The candidate's id.
        supports: The verdicts.
        call: The model call that gave them.
        text: The words that were judged; None for the draft's.
        scope: The scope that was judged, "" for none; None for the draft's.
    """
    row = connection.execute(
        "select text, coalesce(scope, '') from record.candidates where candidate = $id", {"id": candidate}
    ).fetchone()
    draft_text, draft_scope = row or (None, None)
    rows = [
        {
            "candidate": candidate,
            "verdict": support.verdict,
            "reason": support.reason,
            "overreach": list(support.overreach),
            "checker": support.checker,
            "call": call,
            "run": run,
            "added": utc_now(),
            "text": text if text != draft_text else None,
            "scope": scope if scope != draft_scope else None,
        }
        for support in supports
    ]
    add_rows(connection, "supports", rows, identity=("candidate", "checker", "text", "scope"))
