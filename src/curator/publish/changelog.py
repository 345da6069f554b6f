"""What changed in the list from day to day, worked out from what was published rather than kept as a log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from curator.publish.cite import id_number
from curator.records import Change


def changes(publications: Sequence[tuple[datetime, Mapping[str, str]]]) -> list[Change]:
    """The net changes of each day, oldest day first; within a day added, reworded, retired, each by frame id.

    A publication is its time (UTC) and the final text of each frame then in the list. Only the last one of
    a day counts, so a frame reworded twice in a day is one change, and one that came and went within it none.
    """
    last_of_day: dict[date, Mapping[str, str]] = {}
    for when, texts in sorted(publications, key=lambda publication: publication[0]):
        last_of_day[when.date()] = texts
    found: list[Change] = []
    before: Mapping[str, str] = {}
    for day, after in last_of_day.items():
        found += _difference(day, before, after)
        before = after
    return found


def changes_since(publications: Sequence[tuple[datetime, Mapping[str, str]]], since: date) -> list[Change]:
    """The net changes from the last publication before a day to the last of all."""
    ordered = sorted(publications, key=lambda publication: publication[0])
    if not ordered:
        return []
    before: Mapping[str, str] = {}
    for when, texts in ordered:
        if when.date() < since:
            before = texts
    last, after = ordered[-1]
    return list(_difference(last.date(), before, after))


def _difference(day: date, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for frame_id in sorted(after.keys() - before.keys(), key=id_number):
        yield Change(day, "added", frame_id, after[frame_id])
    for frame_id in sorted(after.keys() & before.keys(), key=id_number):
        if after[frame_id] != before[frame_id]:
            yield Change(day, "reworded", frame_id, after[frame_id])
    for frame_id in sorted(before.keys() - after.keys(), key=id_number):
        yield Change(day, "retired", frame_id, before[frame_id])
