"""Find the comments that mark Curator's regions in the list's file.

<!-- curator:begin functional sha=3fa9c1d20b7e -->
…
<!-- curator:end functional -->
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from curator.errors import PublishError

BYTE_ORDER_MARK = "\ufeff"
_MARKER_START = re.compile(r"<!--[ \t]*curator:")
_MARKER = re.compile(r"[ \t]*<!-- curator:(?P<what>begin|end) (?P<name>[a-z]+)(?: sha=(?P<sha>[0-9a-f]+))? -->[ \t]*")


@dataclass(frozen=True)
class Marker:
    """A begin or end marker, alone on its line."""

    what: str  # "begin" or "end"
    name: str  # of the region
    sha: str | None  # of a begin marker: the hash of what Curator wrote
    line: int  # counted from 1
    start: int  # offset of its "<!--"
    end: int  # offset of its line's end, before the newline

    def __str__(self) -> str:
        return f'the marker "curator:{self.what} {self.name}" on line {self.line}'


@dataclass(frozen=True)
class ManagedRegion:
    """A pair of markers; the region's content is between them."""

    begin: Marker
    end: Marker

    @property
    def name(self) -> str:
        """The region's name."""
        return self.begin.name

    def content_in(self, text: str) -> str:
        """Return the region's content, with the line ends next to its markers."""
        return text[self.begin.end : self.end.start]

    def newline_in(self, text: str) -> str:
        """Return the line end that the begin marker's line has."""
        return "\r\n" if text.startswith("\r\n", self.begin.end) else "\n"

    def end_line_start_in(self, text: str) -> int:
        """Return the offset at which the end marker's line starts."""
        return text.rfind("\n", 0, self.end.start) + 1


def format_begin(name: str, sha: str) -> str:
    """Return a region's begin marker with the hash of the region's content."""
    return f"<!-- curator:begin {name} sha={sha} -->"


def format_end(name: str) -> str:
    """Return a region's end marker."""
    return f"<!-- curator:end {name} -->"


def refuse_markers(texts: Iterable[str]) -> None:
    """Check that no text to be published looks like a marker.

    Raises:
        PublishError: A text does.
    """
    if any(_MARKER_START.search(text) for text in texts):
        raise PublishError(
            "The list's title, description or frames contain \"<!-- curator:\", which marks Curator's regions. Remove "
            "it from the settings."
        )


def find_regions(text: str, names: Collection[str]) -> list[ManagedRegion]:
    """Return the regions of a list, in their order.

    Args:
        text: The list.
        names: The names that regions may have.

    Raises:
        PublishError: A marker is damaged, unknown, nested, repeated or without its partner.
    """
    regions: dict[str, ManagedRegion] = {}
    begin: Marker | None = None
    for marker in _markers(text):
        if marker.name not in names:
            raise _damaged(marker, f"names no region of the list; the regions are {', '.join(names)}")
        if marker.what == "begin":
            _check_begin(marker, begin, regions)
            begin = marker
        else:
            regions[marker.name] = ManagedRegion(_matching_begin(marker, begin), marker)
            begin = None
    if begin:
        raise _damaged(begin, "has no end marker")
    return list(regions.values())


def _check_begin(marker: Marker, open_begin: Marker | None, regions: Collection[str]) -> None:
    if open_begin:
        raise _damaged(marker, f"is inside the region that begins on line {open_begin.line} and has no end marker")
    if marker.name in regions:
        raise _damaged(marker, "occurs a second time")


def _matching_begin(marker: Marker, begin: Marker | None) -> Marker:
    if begin is None:
        raise _damaged(marker, "has no begin marker")
    if begin.name != marker.name:
        raise _damaged(marker, f'does not end the region "{begin.name}", which begins on line {begin.line}')
    return begin


def _markers(text: str) -> Iterator[Marker]:
    start = 0
    for number, line in enumerate(text.split("\n"), start=1):
        # neither the byte order mark of the first line nor the carriage return of "\r\n" is part of a marker
        offset = start + line.startswith(BYTE_ORDER_MARK)
        body = line.removeprefix(BYTE_ORDER_MARK).removesuffix("\r")
        if _MARKER_START.search(body):
            match = _MARKER.fullmatch(body)
            if match is None:
                raise PublishError(
                    f"A marker of Curator's on line {number} of the list is damaged or not alone on its line: "
                    f"{body.strip()[:120]!r}. Restore it. Nothing was written."
                )
            marker_start = offset + body.index("<!--")
            yield Marker(match["what"], match["name"], match["sha"], number, marker_start, offset + len(body))
        start += len(line) + 1


def _damaged(marker: Marker, problem: str) -> PublishError:
    return PublishError(
        f"In the list, {marker} {problem}. Restore the pair of begin and end markers, each alone on its line, "
        "or remove both. Nothing was written."
    )
