"""Frames that a person has reworded in the list itself: what they now say, to be taken back into the warehouse."""

from __future__ import annotations

import re
from collections.abc import Iterable

from curator.publish.listing import frame_line, unescape_markdown
from curator.records import Frame
from curator.text import one_line

_LINE = re.compile(r'^(- <a id="(?P<id>F\d+)"></a>)(?P<rest>.*?)(\s*)$', re.MULTILINE)


def reworded(existing: str, frames: Iterable[Frame]) -> dict[str, str]:
    """Frame id → the text that the person gave it; frames that say what the warehouse says are left out.

    Only the text may differ: a line whose sources or id were edited too is no rewording, nor is one that stands twice.
    """
    lines: dict[str, list[str]] = {}
    for found in _LINE.finditer(existing):
        lines.setdefault(found["id"], []).append(found["rest"])
    texts = {}
    for frame in frames:
        ending = frame_line(frame).removeprefix(frame_line(frame, ending=False))
        own = lines.get(frame.id, [])
        if len(own) == 1 and own[0].endswith(ending):
            text = unescape_markdown(own[0].removesuffix(ending))
            if text and text != one_line(frame.text):
                texts[frame.id] = text
    return texts


def with_lines_of(existing: str, frames: Iterable[Frame]) -> str:
    """The list with these frames' lines as Curator writes them."""
    written = {frame.id: frame_line(frame) for frame in frames}

    def line(found: re.Match[str]) -> str:
        return f"{found[1]}{written.get(found['id'], found['rest'])}{found[4]}"

    return _LINE.sub(line, existing)
