"""Compute what changed in the list from day to day, from what was published; no log is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from curator.publish.citations import id_number
from curator.types import CHANGES, Change
from curator.warehouse.frames import RetiredFrame
from curator.warehouse.publications import CONTRADICTS, FrameChange, PublishedText


def describe_change(difference: FrameChange, retired: Mapping[str, RetiredFrame]) -> Iterator[Change]:
    """Yield what a frame's difference between two publications means.

    A frame that was added or retired is one change. A frame that stays gives up to three: new words, a new paper ("new
    evidence"), and a new version of a paper ("paper revised"). The last two are unknown if one of the publications is
    older than the record of sources.

    Args:
        difference: A frame in both publications.
        retired: The frames that have left the list, by id, with the reasons.
    """
    match difference:
        case FrameChange(day, frame, None, PublishedText(text)):
            yield Change(day, "added", frame, text)
        case FrameChange(day, frame, PublishedText(text), None):
            yield Change(day, "retired", frame, text, _retirement_note(retired.get(frame)))
        case FrameChange(day, frame, PublishedText() as before, PublishedText() as after):
            if before.text != after.text:
                yield Change(day, "reworded", frame, after.text)
            if before.sources is not None and after.sources is not None:
                yield from _source_changes(day, frame, after.text, before.sources, after.sources)


def _source_changes(day: date, frame: str, text: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    papers_before = {_paper(source) for source in before}
    new = [source for source in after if source not in before]
    revised = [source for source in new if _paper(source) in papers_before]
    further = [source for source in new if _paper(source) not in papers_before]
    if further:
        yield Change(day, "new evidence", frame, text, ", ".join(further))
    if revised:
        yield Change(day, "paper revised", frame, text, ", ".join(revised))


def _paper(source: str) -> str:
    """Return the paper of a version: "2501.01234" of "against 2501.01234v2"."""
    return source.removeprefix(CONTRADICTS).rpartition("v")[0]


def _retirement_note(retired: RetiredFrame | None) -> str:
    if retired is None:
        return ""
    successor = f"superseded by {retired.superseded_by}" if retired.superseded_by else ""
    return "; ".join(part for part in (retired.reason or "", successor) if part)


def group_by_day(changes: Iterable[Change]) -> list[tuple[date, list[Change]]]:
    """Group changes by day, the newest first; order those of a day by type, then by frame."""

    def newest_first(change: Change) -> tuple[int, int, int]:
        return -change.day.toordinal(), CHANGES.index(change.what), id_number(change.frame_id)

    return [
        (day, list(group)) for day, group in groupby(sorted(changes, key=newest_first), key=lambda change: change.day)
    ]


def change_key(change: Change) -> str:
    """Return a text that distinguishes a change from all others of its day. The warehouse stores it."""
    return f"{change.what} {change.frame_id} {change.text}"
