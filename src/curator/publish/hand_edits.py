"""What a person has edited in the list itself, where Curator writes: to be taken back into the warehouse.

A frame's new words, and the changelog's items. Whatever else is edited there stays a hand edit, which is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from curator.publish.changelog import group_by_day, key_of
from curator.publish.managed_regions import region_content, with_content
from curator.publish.markdown import EARLIER, day_lines, frame_line, old_lines
from curator.publish.snapshot import ListSnapshot
from curator.sanitize import single_line, unescape_markdown
from curator.types import Frame
from curator.warehouse.questions import DayText

CHANGELOG = "changelog"
_LINE = re.compile(r'^(- <a id="(?P<id>F\d+)"></a>)(?P<rest>.*)$', re.MULTILINE)
_DAY = re.compile(r"### (?:(?P<day>\d{4}-\d{2}-\d{2})|" + EARLIER + r")\s*")
_REFERENCE = re.compile(r"\[(F\d+)\]\(#\1\)")
_ITEM = re.compile(r"[-*+] +(?P<text>\S.*)")


@dataclass(frozen=True)
class HandEdits:
    """Edits that can be adopted."""

    frames: Mapping[str, tuple[Frame, str]] = field(default_factory=dict)  # id → the frame and its new text
    days: Mapping[date, DayText] = field(default_factory=dict)  # of the changelog; `date.min`: the earlier lines
    lines: Mapping[str, str] = field(default_factory=dict)  # a frame's id → the rest of its line, as it was read
    changelog: str | None = None  # as it was read


NOTHING = HandEdits()


def hand_edits_in(existing: str, told: ListSnapshot) -> HandEdits:
    """What of the list's file says something else than the warehouse, and is understood.

    `told` is the list with its changelog as it was published last.
    """
    texts = find_reworded(existing, told.frames)
    frames = {frame.id: (frame, texts[frame.id]) for frame in told.frames if frame.id in texts}
    lines = {id: lines[0] for id, lines in _lines(existing).items() if id in frames}
    return HandEdits(frames, _reworded_days(existing, told), lines, region_content(existing, CHANGELOG))


def settle_adopted(existing: str, told: ListSnapshot, regions: Mapping[str, str], adopted: HandEdits) -> str:
    """Return the file with what was adopted as Curator writes it, so that it is no hand edit any more.

    What was edited again since it was adopted stays as it is, and is a hand edit.
    """
    text = _with_lines_of(existing, [frame for frame in told.frames if frame.id in adopted.lines], adopted.lines)
    if adopted.days and region_content(text, CHANGELOG) == adopted.changelog:
        return with_content(text, CHANGELOG, regions[CHANGELOG])
    return text


def find_reworded(existing: str, frames: Iterable[Frame]) -> dict[str, str]:
    """Frame id → the text that the person gave it; frames that say what the warehouse says are left out.

    Only the text may differ: a line whose sources or id were edited too is no rewording, nor is one that stands twice.
    """
    lines = _lines(existing)
    texts = {}
    for frame in frames:
        ending = frame_line(frame).removeprefix(frame_line(frame, ending=False))
        own = lines.get(frame.id, [])
        if len(own) == 1 and own[0].endswith(ending):
            text = unescape_markdown(own[0].removesuffix(ending))
            if text and text != single_line(frame.text):
                texts[frame.id] = text
    return texts


def _lines(existing: str) -> dict[str, list[str]]:
    """Return each frame's lines in the file, without their beginnings."""
    lines: dict[str, list[str]] = {}
    for found in _LINE.finditer(existing):
        lines.setdefault(found["id"], []).append(found["rest"].rstrip())
    return lines


def _with_lines_of(existing: str, frames: Iterable[Frame], read: Mapping[str, str]) -> str:
    """Return the list with these frames' lines as Curator writes them, where they still are as they were `read`."""
    written = {frame.id: frame_line(frame) for frame in frames}

    def line(found: re.Match[str]) -> str:
        rest = found["rest"].rstrip()
        written_now = written.get(found["id"], rest) if read.get(found["id"]) == rest else rest
        return f"{found[1]}{written_now}{found['rest'][len(rest) :]}"

    return _LINE.sub(line, existing)


def _reworded_days(existing: str, told: ListSnapshot) -> dict[date, DayText]:
    """The days whose items are not those that were published; none where the changelog holds anything else."""
    written = _days_in(region_content(existing, CHANGELOG) or "")
    if not written:
        return {}
    ours = {**day_lines(told), date.min: old_lines(told)}
    changes = dict(group_by_day(told.changes))
    return {
        day: DayText(tuple(written.get(day, ())), frozenset(map(key_of, changes.get(day, ()))))
        for day in sorted({*written, *ours})
        if [*map(_plain, written.get(day, ()))] != [*map(_plain, ours.get(day, ()))]
    }


def _plain(line: str) -> str:
    """An item without its links to frames, which come and go with them."""
    return _REFERENCE.sub(r"\1", line)


def _days_in(content: str) -> dict[date, list[str]]:
    """The changelog's items by day; empty where there is anything that is neither a day nor an item."""
    days: dict[date, list[list[str]]] = {}  # each item as the lines that it stands on
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
    return {day: [" ".join(lines) for lines in its] for day, its in days.items()}
