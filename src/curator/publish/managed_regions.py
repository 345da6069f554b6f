"""Write Curator's text into a file that belongs to the user: between Curator's own markers, and nowhere else.

The begin marker carries a hash of what Curator wrote there, so that a hand edit is noticed and never overwritten.
Everything outside the markers is kept byte for byte.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping

from curator.errors import PublishError
from curator.publish import text_diff
from curator.publish.region_hash import RegionHasher, hash_content, normalize_content
from curator.publish.region_markers import (
    BYTE_ORDER_MARK,
    ManagedRegion,
    Marker,
    find_regions,
    format_begin,
    format_end,
    refuse_markers,
)
from curator.sanitize import escape_markdown

_OWN_LINE = re.compile(r'<a id="(?P<id>[FQ]\d+)"></a>')
_LOST_LINE = re.compile(
    r"(?:<|&lt;|&#60;|\\<)\s*a\s+id\s*=\s*\S{0,8}?(?P<id>[FQ]\d{1,9})\b", re.IGNORECASE
)  # fmt: skip
"""The anchor of a frame or question, also typeset, escaped or in capitals."""
_PIECE_CHARACTERS = 1 << 16
_MAX_DIFF_LINES = 80
"""Lines of a hand edit that a message shows: about two screens."""

_HEADINGS = {
    "topics": "## Things we want to understand",
    "representational": "## Representational frames\n\nThese look inside the model, at what it is made of.",
    "functional": "## Functional frames\n\n"
    "These look at the model from outside: at its data, its objective and its behaviour.",
    "changelog": "## Changelog",
}
"""The heading above each region of a new list; its keys are the regions' names."""


def write_regions(existing: str | None, regions: Mapping[str, str], title: str, about: str) -> str:
    """Return the list's new text, with the content of Curator's regions replaced.

    A file without regions gets all of them at its end. A missing or empty file is laid out whole. A region that the
    user removed together with both its markers is not added again as long as another region is left. Line ends follow
    those of the file.

    Args:
        existing: The list's text as `read_list` returns it.
        regions: The content of each region by name.
        title: The title of a new file, in plain text.
        about: The description in a new file, in the user's own Markdown.

    Raises:
        PublishError: A marker is damaged, all markers are lost, or a region was edited by hand since Curator wrote it.
    """
    refuse_markers((title, about, *regions.values()))
    existing = existing or ""
    found = find_regions(existing, regions)
    if not found:
        _refuse_lost_markers(existing, regions)
        return _append_regions(existing, regions, title, about)
    _refuse_hand_edits(existing, found, regions)
    pieces: list[str] = []
    position = 0
    for region in found:
        head = _region_head(region.name, regions[region.name], region.newline_in(existing))
        pieces += existing[position : region.begin.start], head
        position = region.end_line_start_in(existing)
    return "".join([*pieces, existing[position:]])


def _refuse_lost_markers(existing: str, regions: Mapping[str, str]) -> None:
    """Refuse a list that holds Curator's frames but no marker: they would be written a second time.

    Editors and content management systems remove comments, typeset or escape them, and change the case of tags.
    """
    ids = {match["id"] for content in regions.values() for match in _OWN_LINE.finditer(content)}
    lost = sorted({match["id"].upper() for match in _LOST_LINE.finditer(existing)} & ids)
    if lost:
        shown = ", ".join(lost[:5]) + (" and others" if len(lost) > 5 else "")
        raise PublishError(
            f"The list has lines of Curator's ({shown}), but none of the comments between which Curator writes, such "
            'as "<!-- curator:begin functional … -->". A program may have removed or changed them. '
            "Nothing was written: each frame would then be on the list twice. Take the comments over from an earlier "
            "copy of the file, or delete Curator's frames and changelog from the list, and publish again."
        )


def region_content(text: str, name: str) -> str | None:
    r"""Return the content of a region, with "\n" as line ends; None if the list has no such region.

    Raises:
        PublishError: A marker is damaged.
    """
    for region in find_regions(text, _HEADINGS):
        if region.name == name:
            return region.content_in(text).replace("\r\n", "\n").strip("\n")
    return None


def replace_content(text: str, name: str, content: str) -> str:
    """Return the list with other content in a region, whose marker keeps its hash.

    Raises:
        PublishError: A marker is damaged.
    """
    for region in find_regions(text, _HEADINGS):
        if region.name == name:
            newline, rest = region.newline_in(text), text[region.end_line_start_in(text) :]
            return text[: region.begin.end] + newline + content.replace("\n", newline) + newline + rest
    return text


def lay_out_regions(regions: Mapping[str, Iterable[str]], title: str, about: str) -> Iterator[str]:
    """Yield a new list, piece by piece: the text that `write_regions` returns for a missing file.

    Each region passes through a temporary file, because its hash comes before its content.

    Args:
        regions: The blocks of each region by name.
        title: The list's title, in plain text.
        about: The list's description, in the user's own Markdown.

    Raises:
        PublishError: A text looks like one of Curator's markers.
    """
    refuse_markers((title, about))
    head = [f"# {escape_markdown(title)}", *filter(None, [about.strip().replace("\r\n", "\n")])]
    yield "\n\n".join(head)
    for name, blocks in regions.items():
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogatepass", newline="\n") as spool:
            hasher = RegionHasher()
            for index, block in enumerate(blocks):
                refuse_markers([block])
                piece = f"\n\n{block}" if index else block
                hasher.add(piece)
                spool.write(piece)
            spool.seek(0)
            yield f"\n\n{_HEADINGS[name]}\n\n{format_begin(name, hasher.digest())}\n"
            while piece := spool.read(_PIECE_CHARACTERS):
                yield piece
            yield f"\n{format_end(name)}"
    yield "\n"


def _append_regions(existing: str, regions: Mapping[str, str], title: str, about: str) -> str:
    newline = "\r\n" if "\r\n" in existing else "\n"
    has_text = bool(existing.strip(BYTE_ORDER_MARK + " \t\r\n"))
    head = [] if has_text else [f"# {escape_markdown(title)}", about.strip()]
    parts = [part.replace("\r\n", "\n").replace("\n", newline) for part in head if part]
    for name, content in regions.items():
        parts.append(_HEADINGS[name].replace("\n", newline))
        parts.append(_region_head(name, content, newline) + format_end(name))
    gap = newline if has_text and existing.endswith("\n") else newline * 2 if has_text else ""
    return existing + gap + (newline * 2).join(parts) + newline


def _region_head(name: str, content: str, newline: str) -> str:
    """Return a region up to its end marker."""
    lines = content.replace("\n", newline)
    return f"{format_begin(name, hash_content(content))}{newline}{lines}{newline}"


def _refuse_hand_edits(text: str, found: list[ManagedRegion], regions: Mapping[str, str]) -> None:
    """Raise PublishError if a region holds neither what Curator wrote nor what it would write now."""
    edits = []
    for region in found:
        content = normalize_content(region.content_in(text))
        if content and hash_content(content) not in (region.begin.sha, hash_content(regions[region.name])):
            edits.append(_show_hand_edit(region.begin, content, normalize_content(regions[region.name])))
    if edits:
        raise PublishError(
            "The list was edited by hand inside a region that Curator writes. `curator publish --adopt` records a "
            "frame's new wording. Move any other edit outside the markers, or delete everything between them so "
            "that Curator writes the region again. Nothing was written.\n\n" + "\n\n".join(edits)
        )


def _show_hand_edit(begin: Marker, content: str, ours: str) -> str:
    diff = text_diff.unified_diff(
        ours.split("\n"),
        content.split("\n"),
        f"{begin.name}, as Curator would write it now",
        f"{begin.name}, as it is in the file from line {begin.line + 1}",
        context=1,
    )
    more = [f"… and {len(diff) - _MAX_DIFF_LINES} more lines"] if len(diff) > _MAX_DIFF_LINES else []
    return "\n".join(diff[:_MAX_DIFF_LINES] + more)
