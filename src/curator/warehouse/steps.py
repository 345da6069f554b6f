"""Steps: the decisions that a reviewer took together, with the entries that an import wrote beside them.

One undo takes a step back and one redo brings it back. Each is rows of its own; the latest row counts.
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
"""SQL: decisions and the steps of imports in one order, and which of them are undone; an undo is once it was redone."""


@dataclass(frozen=True)
class ImportedEntries:
    """An import's own row: the entries that it put on the list beside frames."""

    id: str
    file: str
    entries: tuple[tuple[str, str], ...]  # id and text


@dataclass(frozen=True)
class Step:
    """Decisions and entries that one undo reverses or one redo restores together."""

    batch: str
    decisions: tuple[Decision, ...]  # as they were taken, in their order
    written: ImportedEntries | None = None  # None where nothing was imported
    left: str = ""  # why an undo leaves entries of an old import on the list

    @property
    def action(self) -> str:
        """The kind of the step: "import", or the action of its decisions."""
        return "import" if self.written or self.left else self.decisions[0].action

    @property
    def candidates(self) -> tuple[str, ...]:
        """The candidates that were decided in this step."""
        return tuple(one.candidate for one in self.decisions)

    @property
    def entries(self) -> tuple[tuple[str, str], ...]:
        """The ids and texts of the entries that an import added."""
        return self.written.entries if self.written else ()

    @property
    def size(self) -> int:
        """The number of decisions and entries."""
        return len(self.decisions) + len(self.entries)


def add_import(connection: Connection, batch: str, reviewer: str) -> None:
    """Record that entries were written in this batch, together with its decisions."""
    row = {"step": secrets.token_hex(6), "number": load_next_number(connection), "action": "import", "undoes": None}
    add_rows(
        connection, "entry_steps", [row | {"batch": batch, "reviewer": reviewer, "request": None, "added": utc_now()}]
    )


def load_next_undo(connection: Connection, reviewer: str) -> Step | None:
    """Return the reviewer's latest step that stands; None where there is none."""
    row = connection.execute(
        f"with {_ROWS} select batch from rows "  # noqa: S608
        "where reviewer = $reviewer and action not in ('undo', 'redo') and id not in (select undoes from undone) "
        "order by number desc limit 1",
        {"reviewer": reviewer},
    ).fetchone()
    return _load_step(connection, row[0]) if row else None


def load_next_redo(connection: Connection, reviewer: str) -> tuple[str, Step] | None:
    """Return the reviewer's latest undo that no redo took back, and the step that it took back.

    None where there is none, or where the reviewer has decided a candidate or imported a list since.
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
    """Return the step that an undo or a redo with this request took back or brought back; None where it is new."""
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
    connection: Connection, way: Direction, reviewer: str, taken: Sequence[tuple[str, str]], request: str | None
) -> str:
    """Add an undo's or a redo's rows, and return their batch.

    Args:
        connection: inside a transaction.
        way: which of the two.
        reviewer: who does it.
        taken: of each row that is taken back, its id and its candidate; "" for an import's own row.
        request: the client's token.
    """
    number, batch = load_next_number(connection), secrets.token_hex(6)
    blank = Decision(
        "", number, "", way, None, None, None, None, reviewer, utc_now(), batch=batch, request=request
    )  # fmt: skip
    rows = [
        replace(blank, id=secrets.token_hex(6), number=number + n, candidate=candidate, undoes=id)
        for n, (id, candidate) in enumerate(taken)
    ]
    add_decisions(connection, [one for one in rows if one.candidate])
    add_rows(
        connection,
        "entry_steps",
        [
            {"step": one.id, "number": one.number, "action": way, "undoes": one.undoes, "batch": batch,
             "reviewer": reviewer, "request": request, "added": one.added}
            for one in rows if not one.candidate
        ],
    )  # fmt: skip
    return batch


def load_step_rows(connection: Connection, batch: str) -> list[tuple[str, str]]:
    """Return what `take` needs of a batch: its rows' ids, each with its candidate; "" for an import's own row."""
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
    """Return the step that an undo, known by its batch, took back."""
    row = connection.execute(
        f"with {_ROWS} select d.batch from rows u join rows d on d.id = u.undoes where u.batch = $batch limit 1",  # noqa: S608
        {"batch": undo},
    ).fetchone()
    assert row is not None  # an undo always names what it takes back
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
    """Say what stays where an import by an earlier version, which did not record its batch, is undone; else ""."""
    accepted = [one for one in decisions if one.action == "accept"]
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
        f"The {row[1]} other entries of {row[0]} stay on the list: the version of Curator that imported it did not "
        "record which they are. `curator answer Q --drop` and `curator todo --drop T` take questions and to-dos off."
    )
