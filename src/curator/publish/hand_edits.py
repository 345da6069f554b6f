"""Find the user's edits inside Curator's regions that the warehouse can adopt: a frame's wording, the changelog.

Any other edit there is refused when the list is published.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from curator.publish.changelog import change_key, group_by_day
from curator.publish.managed_regions import region_content, replace_content
from curator.publish.markdown import EARLIER, day_lines, earlier_lines, frame_line
from curator.publish.snapshot import ListSnapshot
from curator.sanitize import single_line, unescape_markdown
from curator.types import Frame
from curator.warehouse.questions import DayText

_CHANGELOG = "changelog"
_FRAME_LINE = re.compile(r'^(- <a id="(?P<id>F\d+)"></a>)(?P<rest>.*)$', re.MULTILINE)
_DAY = re.compile(r"### (?:(?P<day>\d{4}-\d{2}-\d{2})|" + EARLIER + r")\s*")
_FRAME_LINK = re.compile(r"\[(F\d+)\]\(#\1\)")
_ITEM = re.compile(r"[-*+] +(?P<text>\S.*)")


@dataclass(frozen=True)
class HandEdits:
    """Edits that can be adopted."""

    frames: Mapping[str, tuple[Frame, str]] = field(default_factory=dict)  # by id: the frame and its new text
    days: Mapping[date, DayText] = field(default_factory=dict)  # of the changelog; `date.min`: the earlier lines
    lines: Mapping[str, str] = field(default_factory=dict)  # by id: the frame's line after its anchor, as it was read
    changelog: str | None = None  # as it was read


NO_EDITS = HandEdits()


def find_hand_edits_in(existing: str, published: ListSnapshot) -> HandEdits:
    """Return the edits of the list's text that the warehouse can adopt.

    Args:
        existing: The list's text.
        published: The list, with its changelog as it was last published.

    Raises:
        PublishError: A marker is damaged.
    """
    texts = find_reworded(existing, published.frames)
    frames = {frame.id: (frame, texts[frame.id]) for frame in published.frames if frame.id in texts}
    lines = {id: lines[0] for id, lines in _frame_lines(existing).items() if id in frames}
    return HandEdits(frames, _find_reworded_days(existing, published), lines, region_content(existing, _CHANGELOG))


def settle_adopted(existing: str, snapshot: ListSnapshot, regions: Mapping[str, str], adopted: HandEdits) -> str:
    """Return the list with adopted edits in the form in which Curator writes them, so that they are accepted.

    Text that was edited again since it was adopted stays as it is, and is refused as a hand edit.

    Args:
        existing: The list's text.
        snapshot: The list as the warehouse has it.
        regions: The content of each region that Curator would write, by name.
        adopted: The edits that the warehouse now holds.
    """
    reworded = [frame for frame in snapshot.frames if frame.id in adopted.lines]
    text = _restore_lines(existing, reworded, adopted.lines)
    if adopted.days and region_content(text, _CHANGELOG) == adopted.changelog:
        return replace_content(text, _CHANGELOG, regions[_CHANGELOG])
    return text


def find_reworded(existing: str, frames: Iterable[Frame]) -> dict[str, str]:
    """Return the new texts of the frames that the user reworded, by id.

    Only the text may differ: a line whose sources or id were edited too does not count, nor does a line that occurs
    twice.
    """
    lines = _frame_lines(existing)
    texts = {}
    for frame in frames:
        ending = frame_line(frame).removeprefix(frame_line(frame, ending=False))
        found = lines.get(frame.id, [])
        if len(found) == 1 and found[0].endswith(ending):
            text = unescape_markdown(found[0].removesuffix(ending))
            if text and text != single_line(frame.text):
                texts[frame.id] = text
    return texts


def _frame_lines(existing: str) -> dict[str, list[str]]:
    """Return the lines of each frame in the list, from the anchor on, by id."""
    lines: dict[str, list[str]] = {}
    for match in _FRAME_LINE.finditer(existing):
        lines.setdefault(match["id"], []).append(match["rest"].rstrip())
    return lines


def _restore_lines(existing: str, frames: Iterable[Frame], read: Mapping[str, str]) -> str:
    """Return the list with these frames' lines as Curator writes them, if they still are as they were `read`."""
    ours = {frame.id: frame_line(frame) for frame in frames}

    def restore(match: re.Match[str]) -> str:
        rest = match["rest"].rstrip()
        line = ours.get(match["id"], rest) if read.get(match["id"]) == rest else rest
        return f"{match[1]}{line}{match['rest'][len(rest) :]}"

    return _FRAME_LINE.sub(restore, existing)


def _find_reworded_days(existing: str, published: ListSnapshot) -> dict[date, DayText]:
    """Return the days whose items the user changed; empty if the changelog contains anything but days and items."""
    found = _parse_days(region_content(existing, _CHANGELOG) or "")
    if not found:
        return {}
    ours = {**day_lines(published), date.min: earlier_lines(published)}
    changes = dict(group_by_day(published.changes))
    return {
        day: DayText(tuple(found.get(day, ())), frozenset(map(change_key, changes.get(day, ()))))
        for day in sorted({*found, *ours})
        if [*map(_unlink_frames, found.get(day, ()))] != [*map(_unlink_frames, ours.get(day, ()))]
    }


def _unlink_frames(line: str) -> str:
    """Return an item without its links to frames, since a link disappears when its frame leaves the list."""
    return _FRAME_LINK.sub(r"\1", line)


def _parse_days(content: str) -> dict[date, list[str]]:
    """Return the changelog's items by day; empty if a line is neither a day nor part of an item."""
    days: dict[date, list[list[str]]] = {}  # each item as its lines
    items: list[list[str]] | None = None
    for line in filter(str.strip, content.split("\n")):
        if heading := _DAY.fullmatch(line.strip()):
            try:
                day = date.fromisoformat(heading["day"]) if heading["day"] else date.min
            except ValueError:
                return {}
            items = days.setdefault(day, [])
        elif (item := _ITEM.fullmatch(line.rstrip())) and items is not None:
            items.append([item["text"]])
        elif items and line.startswith("  "):
            items[-1].append(line.strip())
        else:
            return {}
    return {day: [" ".join(lines) for lines in items] for day, items in days.items()}
