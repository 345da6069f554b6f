"""Steps: decisions that a reviewer made together, with the other entries of an import.

One undo reverses a step and one redo restores it. Each undo and redo is recorded as rows of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from curator.warehouse.connection import Connection
from curator.warehouse.decisions import Decision, add_decisions, load_decisions_of_batch, load_next_number
from curator.warehouse.rows import add_rows, utc_now

Direction = Literal["undo", "redo"]

_ROWS = """
    rows as (
        select decision as id, number, action, undoes, reviewer, coalesce(batch, decision) as batch, request
        from record.decisions
        union all
        select step, number, action, undoes, reviewer, batch, request from record.entry_steps),
    undone as (
        select undoes from rows
        where undoes is not null and id not in (select undoes from rows where undoes is not null))
"""
"""SQL: decisions and imports in one sequence, and those that are undone; an undo counts as undone once it is redone."""


@dataclass(frozen=True)
class ImportedEntries:
    """The row of an import itself, with the entries that it put on the list besides frames."""

    id: str
    file: str
    entries: tuple[tuple[str, str], ...]  # id and text


@dataclass(frozen=True)
class Step:
    """Decisions and entries that one undo reverses or one redo restores together."""

    batch: str
    decisions: tuple[Decision, ...]  # in their order
    written: ImportedEntries | None = None  # None if the step is not an import
    left: str = ""  # a sentence on entries that an undo leaves on the list; only for imports by earlier versions

    @property
    def action(self) -> str:
        """The kind of the step: "import", or the action of its decisions."""
        return "import" if self.written or self.left else self.decisions[0].action

    @property
    def candidates(self) -> tuple[str, ...]:
        """The candidates that were decided in this step."""
        return tuple(decision.candidate for decision in self.decisions)

    @property
    def entries(self) -> tuple[tuple[str, str], ...]:
        """The ids and texts of the entries that an import added."""
        return self.written.entries if self.written else ()

    @property
    def size(self) -> int:
        """The number of decisions and entries."""
        return len(self.decisions) + len(self.entries)


def add_import(connection: Connection, batch: str, reviewer: str) -> None:
    """Record an import, so that its entries and its decisions of the same batch are undone together."""
    row = {"step": secrets.token_hex(6), "number": load_next_number(connection), "action": "import", "undoes": None}
    add_rows(
        connection, "entry_steps", [row | {"batch": batch, "reviewer": reviewer, "request": None, "added": utc_now()}]
    )


def load_next_undo(connection: Connection, reviewer: str) -> Step | None:
    """Return the reviewer's latest step that is still in effect; None if there is none."""
    row = connection.execute(
        f"with {_ROWS} select batch from rows "  # noqa: S608
        "where reviewer = $reviewer and action not in ('undo', 'redo') and id not in (select undoes from undone) "
        "order by number desc limit 1",
        {"reviewer": reviewer},
    ).fetchone()
    return _load_step(connection, row[0]) if row else None


def load_next_redo(connection: Connection, reviewer: str) -> tuple[str, Step] | None:
    """Return the step that the reviewer's next redo restores.

    Returns:
        The batch of the reviewer's latest undo that was not redone, and the step that it reversed; None if there is no
        such undo, or if the reviewer has decided a candidate or imported a list since.
    """
    row = connection.execute(
        f"""
        with {_ROWS} select batch from rows
        where reviewer = $reviewer and action = 'undo' and id not in (select undoes from undone)
          and number > coalesce((select max(number) from rows
                                 where reviewer = $reviewer and action not in ('undo', 'redo')), 0)
        order by number desc limit 1
        """,  # noqa: S608
        {"reviewer": reviewer},
    ).fetchone()
    return (row[0], _load_undone_step(connection, row[0])) if row else None


def load_step_of_request(connection: Connection, request: str) -> Step | None:
    """Return the step that an undo or a redo with this request token reversed or restored; None if the token is new."""
    row = connection.execute(
        f"with {_ROWS} select batch, action from rows where request = $request limit 1",  # noqa: S608
        {"request": request},
    ).fetchone()
    if row is None or row[1] not in ("undo", "redo"):
        return None
    batch, action = row
    if action == "redo":
        undo = connection.execute(
            f"with {_ROWS} select u.batch from rows r join rows u on u.id = r.undoes where r.batch = $batch",  # noqa: S608
            {"batch": batch},
        ).fetchone()
        assert undo is not None  # a redo always names an undo
        batch = undo[0]
    return _load_undone_step(connection, batch)


def add_step(
    connection: Connection,
    direction: Direction,
    reviewer: str,
    reversed_rows: Sequence[tuple[str, str]],
    request: str | None,
) -> str:
    """Record an undo or a redo, and return its batch.

    Args:
        connection: Inside a transaction.
        direction: Undo or redo.
        reviewer: The reviewer.
        reversed_rows: The id and the candidate of each row that is reversed, as `load_step_rows` returns them.
        request: The client's token.
    """
    number, batch = load_next_number(connection), secrets.token_hex(6)
    blank = Decision(
        "", number, "", direction, None, None, None, None, reviewer, utc_now(), batch=batch, request=request
    )  # fmt: skip
    rows = [
        replace(blank, id=secrets.token_hex(6), number=number + n, candidate=candidate, undoes=id)
        for n, (id, candidate) in enumerate(reversed_rows)
    ]
    add_decisions(connection, [row for row in rows if row.candidate])
    add_rows(
        connection,
        "entry_steps",
        [
            {"step": row.id, "number": row.number, "action": direction, "undoes": row.undoes, "batch": batch,
             "reviewer": reviewer, "request": request, "added": row.added}
            for row in rows if not row.candidate
        ],
    )  # fmt: skip
    return batch


def load_step_rows(connection: Connection, batch: str) -> list[tuple[str, str]]:
    """Return the id and the candidate of each row of a batch, as `add_step` needs them; an import has candidate ""."""
    rows = connection.execute(
        """
        select decision, candidate from (
            select decision, candidate, number, coalesce(batch, decision) as batch from record.decisions
            union all select step, '', number, batch from record.entry_steps)
        where batch = $batch order by number
        """,
        {"batch": batch},
    ).fetchall()
    return [(id, candidate) for id, candidate in rows]


def _load_undone_step(connection: Connection, undo: str) -> Step:
    """Return the step that an undo, given by its batch, reversed."""
    row = connection.execute(
        f"with {_ROWS} select d.batch from rows u join rows d on d.id = u.undoes where u.batch = $batch limit 1",  # noqa: S608
        {"batch": undo},
    ).fetchone()
    assert row is not None  # an undo always names the rows that it reverses
    return _load_step(connection, row[0])


def _load_step(connection: Connection, batch: str) -> Step:
    decisions = tuple(load_decisions_of_batch(connection, batch))
    row = connection.execute(
        "select s.step, i.file from record.entry_steps s left join record.imports i using (batch) "
        "where s.batch = $batch and s.action = 'import'",
        {"batch": batch},
    ).fetchone()
    if row is None:
        return Step(batch, decisions, left=_explain_old_import(connection, decisions))
    entries = connection.execute(
        "select e.entry, coalesce(b.text, e.text) from record.entry_batches b join record.entries e using (entry) "
        "where b.batch = $batch order by e.what, e.number",
        {"batch": batch},
    ).fetchall()
    return Step(batch, decisions, ImportedEntries(row[0], row[1] or "", tuple((id, text) for id, text in entries)))


def _explain_old_import(connection: Connection, decisions: Sequence[Decision]) -> str:
    """Return a sentence on the entries that undoing an import leaves on the list; "" for any other step.

    Earlier versions did not record which entries an import wrote.
    """
    accepted = [decision for decision in decisions if decision.action == "accept"]
    if not accepted:
        return ""
    row = connection.execute(
        """
        select file, entries from record.imports
        where batch is null and reviewer = $reviewer and frames = $frames and entries > 0
          and added between $from and $until
          and $candidate in (select candidate from record.candidates where drafter = 'imported')
        order by added limit 1
        """,
        {
            "reviewer": accepted[0].reviewer, "frames": len(accepted), "candidate": accepted[0].candidate,
            "from": accepted[0].added, "until": accepted[0].added + timedelta(minutes=10),
        },
    ).fetchone()  # fmt: skip
    if row is None:
        return ""
    return (
        f"The {row[1]} other entries of {row[0]} stay on the list, because the version of Curator that imported it did "
        "not record them. Remove questions with `curator answer Q --drop`, and to-dos with `curator todo --drop T`."
    )
