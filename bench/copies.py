"""A warehouse grown to size: the sample candidates, over and over, with decisions."""

from __future__ import annotations

from curator.warehouse import Connection

_COPIES = """
    create temp table originals as select row_number() over (order by candidate) as n, * from record.candidates;
    create temp table copies as
        select substr(md5('copy ' || i), 1, 12) as copy, i + 1 as number, o.* from range($count) r(i)
        join originals o on o.n = 1 + r.i % (select count(*) from originals);
"""
_ROWS = (
    "insert into record.candidates by name "
    "select copy as candidate, paper, version, rank, kind, text, topics, scope, question, drafter, call, run, added "
    "from copies",
    "insert into record.quotes by name select c.copy as candidate, q.* exclude (candidate) "
    "from record.quotes q join copies c on c.candidate = q.candidate",
    "insert into record.supports by name select c.copy as candidate, s.* exclude (candidate) "
    "from record.supports s join copies c on c.candidate = s.candidate",
    "insert into record.decisions by name select md5('decision ' || number) as decision, number, copy as candidate, "
    "case when number <= $accepted then 'accept' else 'reject' end as action, 'too vague' as reason, "
    "'Bo' as reviewer, added from copies where number <= $decided",
    "insert into record.frames by name select 'F' || number as frame, number, copy as candidate, added from copies "
    "where number <= $accepted",
)


def multiply(connection: Connection, count: int, *, accepted: int, rejected: int = 0) -> None:
    """Add `count` copies of the candidates; of them, the first are accepted, the next rejected, and the rest wait."""
    connection.execute(_COPIES, {"count": count})
    known = {"accepted": accepted, "decided": accepted + rejected}
    for statement in _ROWS:
        connection.execute(statement, {name: value for name, value in known.items() if f"${name}" in statement})
