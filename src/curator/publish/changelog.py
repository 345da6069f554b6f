"""What changed in the list from day to day, worked out from what was published rather than kept as a log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from curator.publish.citations import id_number
from curator.types import CHANGES, Change
from curator.warehouse.frames import AGAINST, FrameChange, PublishedText, RetiredFrame


def changes_of(one: FrameChange, retired: Mapping[str, RetiredFrame]) -> Iterator[Change]:
    """What a difference between two publications means: one change or, for a frame that stays, up to three.

    A source's new version is a revised paper, another paper new evidence; a list written before sources were kept
    tells of neither. `retired` tells why a frame has left.
    """
    match one:
        case FrameChange(day, frame, None, PublishedText(text)):
            yield Change(day, "added", frame, text)
        case FrameChange(day, frame, PublishedText(text), None):
            yield Change(day, "retired", frame, text, _why(retired.get(frame)))
        case FrameChange(day, frame, PublishedText() as before, PublishedText() as after):
            if before.text != after.text:
                yield Change(day, "reworded", frame, after.text)
            if before.sources is not None and after.sources is not None:
                yield from _of_sources(day, frame, after.text, before.sources, after.sources)


def _of_sources(day: date, frame: str, text: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    known = {_paper(source) for source in before}
    new = [source for source in after if source not in before]
    revised = [source for source in new if _paper(source) in known]
    further = [source for source in new if _paper(source) not in known]
    if further:
        yield Change(day, "new evidence", frame, text, ", ".join(further))
    if revised:
        yield Change(day, "paper revised", frame, text, ", ".join(revised))


def _paper(source: str) -> str:
    """The paper of a version: "2501.01234" of "against 2501.01234v2"."""
    return source.removeprefix(AGAINST).rpartition("v")[0]


def _why(gone: RetiredFrame | None) -> str:
    if gone is None:
        return ""
    instead = f"superseded by {gone.superseded_by}" if gone.superseded_by else ""
    return "; ".join(part for part in (gone.reason or "", instead) if part)


def group_by_day(changes: Iterable[Change]) -> list[tuple[date, list[Change]]]:
    """The newest day first; within a day by what happened, then by frame."""

    def newest_first(change: Change) -> tuple[int, int, int]:
        return -change.day.toordinal(), CHANGES.index(change.what), id_number(change.frame_id)

    return [(day, list(group)) for day, group in groupby(sorted(changes, key=newest_first), key=lambda one: one.day)]


def key_of(change: Change) -> str:
    """What tells a change from all others of its day."""
    return f"{change.what} {change.frame_id} {change.text}"
