"""Entries of the list besides frames: open questions, to-dos, topics that people wrote, and old changelog lines.

An entry's row never changes; later rows record its state and, after an import, its text.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from curator.types import Kind, Question, Todo
from curator.warehouse.connection import Connection
from curator.warehouse.rows import add_rows, utc_now

EntryKind = Literal["question", "todo", "topic", "change"]
EntryState = Literal["open", "answered", "dropped", "done"]
_LETTERS: Mapping[EntryKind, str] = {"question": "Q", "todo": "T", "topic": "W", "change": "C"}


@dataclass(frozen=True)
class NewEntry:
    """An entry that a person wrote."""

    what: EntryKind
    text: str
    kind: Kind | None = None
    day: str | None = None  # of a changelog line: its date as the person wrote it


@dataclass(frozen=True)
class OldChange:
    """A line of the changelog from before Curator kept it."""

    text: str
    day: str | None  # as the person wrote it: "2 Jan"


@dataclass(frozen=True)
class DayText:
    """A day of the changelog in a person's own words."""

    lines: tuple[str, ...]  # Markdown, one item each
    covers: frozenset[str]  # keys of the changes that the lines describe; the day's other changes follow the lines


def fold_entry(text: str) -> str:
    """Fold a text for comparison with others, as `lower(trim(text))` does in the view `questions`."""
    return text.strip().lower()


def add_entries(
    connection: Connection, author: str, entries: Sequence[NewEntry], batch: str | None = None
) -> dict[NewEntry, str]:
    """Put entries on the list with permanent ids.

    An entry that has left the list, because its import was undone or because no frame raises the question any more,
    returns under its old id. If a person writes an entry that is on the list only through an import, undoing the import
    no longer removes it.

    Args:
        connection: Inside a transaction.
        author: The person who wrote the entries.
        entries: The entries, in their order.
        batch: The batch of the import, by which the entries are undone; None if they were written one by one.

    Returns:
        The ids of the entries that were not on the list.
    """
    known = _load_known(connection)
    rows, ids = [], dict[NewEntry, str]()
    returning = list[tuple[str, NewEntry]]()
    for what, letter in _LETTERS.items():
        row = connection.execute(
            "select coalesce(max(number), 0) from record.entries where what = $what", {"what": what}
        ).fetchone()
        assert row is not None  # an aggregate always gives a row
        number = int(row[0])
        for entry in entries:
            key = (entry.what, fold_entry(entry.text))
            if entry.what != what:
                continue
            existing = known.get(key)
            if existing is None:
                number += 1
                ids[entry] = f"{letter}{number}"
                rows.append(vars(entry) | {"entry": ids[entry], "number": number, "author": author, "added": utc_now()})
            elif existing.state == "off":
                ids[entry] = existing.id
            if existing and (existing.state == "off" or (existing.state == "imported" and not batch)):
                returning.append((existing.id, entry))
            known[key] = _KnownEntry(ids.get(entry, existing.id if existing else ""), "on")
    add_rows(connection, "entries", rows)
    written_in = batch or secrets.token_hex(6)  # no import has this batch, so it is never undone
    additions = [(ids[entry], entry) for entry in ids] if batch else returning
    add_rows(
        connection,
        "entry_batches",
        [
            {
                "entry": id,
                "batch": written_in,
                "kind": entry.kind,
                "text": entry.text,
                "author": author,
                "added": utc_now(),
            }
            for id, entry in additions
        ],
    )
    return ids


class _KnownEntry(NamedTuple):
    """An entry that is on record."""

    id: str
    state: Literal["on", "imported", "off"]  # on the list; on it unless its import is undone; not on it


def _load_known(connection: Connection) -> dict[tuple[str, str], _KnownEntry]:
    """Return every recorded entry by kind and folded text; of duplicates, the current one."""
    rows = connection.execute(
        """
        select what, text, entry, case when off then 'off' when author is null or lasting then 'on' else 'imported' end
        from (select e.*, case when e.what = 'question'
                     then e.author is null and coalesce(len(q.raised_by), 0) = 0 else e.withdrawn end as off
              from entries e left join questions q on q.question = e.entry)
        order by off desc, number desc
        """
    ).fetchall()
    return {(what, fold_entry(text)): _KnownEntry(id, state) for what, text, id, state in rows}


def number_questions(connection: Connection, raised: Mapping[str, str]) -> None:
    """Give open questions that accepted frames raise their permanent numbers; a known question keeps its number.

    Args:
        connection: Inside a transaction.
        raised: The question by candidate.
    """
    connection.execute(
        """
        insert into record.entries
        select 'Q' || n, n, 'question', kind, question, null, null, $added
        from (select *, (select coalesce(max(number), 0) from record.entries where what = 'question')
                        + row_number() over (order by place) as n
              from (select trim(r.question) as question, c.kind, place
                    from record.candidates c
                    join (select unnest($candidates::varchar[]) as candidate, unnest($questions::varchar[]) as question,
                                 generate_subscripts($candidates::varchar[], 1) as place) r using (candidate)
                    where lower(trim(r.question)) not in (
                          select lower(trim(text)) from record.entries where what = 'question')
                    qualify row_number() over (partition by lower(trim(r.question)) order by place) = 1))
        """,
        {"candidates": list(raised), "questions": list(raised.values()), "added": utc_now()},
    )


def load_questions(connection: Connection, *, everything: bool = False) -> list[Question]:
    """Return the open questions of the list by number: written by a person, or raised by a frame on it.

    With `everything`, include questions that were answered or dropped, and those whose frames have left the list.
    """
    rows = connection.execute(
        """
        select question, text, kind, raised_by, spoken_to_by, state, answered_by, author from questions
        where $everything or (state = 'open' and (author is not null or len(raised_by) > 0)) order by number
        """,
        {"everything": everything},
    ).fetchall()
    return [Question(id, text, kind, tuple(by), tuple(to), *rest) for id, text, kind, by, to, *rest in rows]


def load_todos(connection: Connection, *, everything: bool = False) -> list[tuple[Todo, EntryState]]:
    """Return the open to-dos by number; with `everything`, include those that were done or dropped."""
    rows = connection.execute(
        "select todo, text, kind, state from todos where $everything or state = 'open' order by number",
        {"everything": everything},
    ).fetchall()
    return [(Todo(id, text, kind), state) for id, text, kind, state in rows]


def load_topics(connection: Connection) -> list[str]:
    """Return the topics that a person wrote on the list, in their order; the watched topics are in the settings."""
    rows = connection.execute(
        "select text from entries where what = 'topic' and not withdrawn order by number"
    ).fetchall()
    return [row[0] for row in rows]


def load_old_changes(connection: Connection) -> list[OldChange]:
    """Return the lines of the changelog from before Curator kept it."""
    rows = connection.execute(
        "select text, day from entries where what = 'change' and not withdrawn order by number"
    ).fetchall()
    return [OldChange(*row) for row in rows]


def set_entry_state(
    connection: Connection,
    entry: str,
    state: EntryState,
    reviewer: str,
    *,
    frame: str | None = None,
    reason: str | None = None,
) -> None:
    """Record a new state of an entry."""
    row = {"entry": entry, "state": state, "frame": frame, "reason": reason, "reviewer": reviewer, "added": utc_now()}
    add_rows(connection, "entry_states", [row])


def add_link(connection: Connection, question: str, candidate: str, reviewer: str, *, speaks: bool = True) -> None:
    """Record that a candidate addresses a question or, with `speaks=False`, that it does not."""
    row = {"entry": question, "candidate": candidate, "speaks": speaks, "reviewer": reviewer, "added": utc_now()}
    add_rows(connection, "entry_links", [row])


def load_links(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Return the candidates that address each question, by question, whatever their status."""
    rows = connection.execute(
        """
        with latest as (from record.entry_links
                        qualify row_number() over (partition by entry, candidate order by added desc, rowid desc) = 1)
        select entry, list(candidate order by added, candidate) from latest where speaks group by entry
        """
    ).fetchall()
    return {entry: tuple(candidates) for entry, candidates in rows}


def set_day_text(connection: Connection, day: date, text: DayText, reviewer: str) -> None:
    """Record a person's own words for a day of the changelog."""
    row = {
        "day": day,
        "lines": list(text.lines),
        "covers": sorted(text.covers),
        "reviewer": reviewer,
        "added": utc_now(),
    }
    add_rows(connection, "changelog_days", [row])


def load_day_texts(connection: Connection) -> dict[date, DayText]:
    """Return the days of the changelog that a person has worded."""
    rows = connection.execute(
        """
        select day, lines, covers from record.changelog_days
        qualify row_number() over (partition by day order by added desc, rowid desc) = 1
        """
    ).fetchall()
    return {day: DayText(tuple(lines), frozenset(covers)) for day, lines, covers in rows}


def add_import(
    connection: Connection, file: str, sha256: str, reviewer: str, frames: int, entries: int, batch: str
) -> None:
    """Record that a list was imported.

    Args:
        connection: Inside a transaction.
        file: The file's name.
        sha256: The hash of the file.
        reviewer: The person who imported it.
        frames: The number of new frames.
        entries: The number of new entries besides frames.
        batch: The batch by which the import is undone.
    """
    row = {
        "import": sha256[:12], "file": file, "sha256": sha256, "frames": frames, "entries": entries, "batch": batch,
    }  # fmt: skip
    add_rows(connection, "imports", [row | {"reviewer": reviewer, "added": utc_now()}])
