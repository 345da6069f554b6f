"""Writing into a file that belongs to a person: Curator's text stays between Curator's own comments.

    <!-- curator:begin functional sha=3fa9c1d20b7e -->
    …
    <!-- curator:end functional -->

The begin marker carries a hash of what Curator wrote there, so that a hand edit is noticed and never
overwritten. All else in the file is kept byte for byte.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
import secrets
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from curator.errors import PublishError
from curator.private_files import make_public
from curator.publish import text_diff
from curator.publish.compare_and_replace import replace_if_unchanged
from curator.sanitize import escape_markdown

_BOM = "\ufeff"
_OURS = re.compile(r"<!--[ \t]*curator:")
_MARKER = re.compile(r"[ \t]*<!-- curator:(?P<what>begin|end) (?P<name>[a-z]+)(?: sha=(?P<sha>[0-9a-f]+))? -->[ \t]*")
_PIECE = 1 << 16  # characters
_LEFTOVER_SECONDS = 3600
_DIFF_LINES = 80  # as much of a hand edit as a terminal shows

_HEADINGS = {
    "topics": "## Things we want to understand",
    "representational": "## Representational frames\n\nThese look inside the model, at what it is made of.",
    "functional": "## Functional frames\n\n"
    "These look at the model from outside: at its data, its objective and its behaviour.",
    "changelog": "## Changelog",
}


@dataclass(frozen=True)
class _Marker:
    what: str  # "begin" or "end"
    name: str
    sha: str | None
    line: int  # from 1
    start: int  # offset of its "<!--"
    end: int  # offset of its line's end, before the newline

    def __str__(self) -> str:
        return f'the marker "curator:{self.what} {self.name}" on line {self.line}'


@dataclass(frozen=True)
class _Region:
    begin: _Marker
    end: _Marker


def write_regions(existing: str | None, regions: Mapping[str, str], title: str, about: str) -> str:
    """The list file's new text: `existing` with the content of Curator's regions replaced by `regions`.

    `existing` is as `read_list` gives it. A file without regions gets all of them at its end; no file, or an
    empty one, is laid out whole, with `title` (plain text) and `about` (the person's own Markdown). A region
    that the person took out with both its markers stays out as long as another one is there. Line ends follow
    the file's.

    Raises PublishError when a marker is damaged, and when a region was edited by hand since Curator wrote it.
    """
    _refuse_markers(title, about, *regions.values())
    existing = existing or ""
    found = _find_regions(existing, regions)
    if not found:
        return _with_all_regions(existing, regions, title, about)
    _refuse_hand_edits(existing, found, regions)
    pieces: list[str] = []
    position = 0
    for region in found:
        newline, position_after = _bounds(existing, region)
        pieces += existing[position : region.begin.start], _block_head(region.begin.name, regions, newline)
        position = position_after
    return "".join([*pieces, existing[position:]])


def region_content(text: str, name: str) -> str | None:
    """What stands in a region of the list's file, without line ends' carriage returns; None where it is not there.

    Raises PublishError when a marker is damaged.
    """
    for region in _find_regions(text, _HEADINGS):
        if region.begin.name == name:
            return text[region.begin.end : region.end.start].replace("\r\n", "\n").strip("\n")
    return None


def with_content(text: str, name: str, content: str) -> str:
    """The list's file with this content in a region, unhashed, in place of whatever stands there."""
    for region in _find_regions(text, _HEADINGS):
        if region.begin.name == name:
            newline, end = _bounds(text, region)
            return text[: region.begin.end] + newline + content.replace("\n", newline) + newline + text[end:]
    return text


def _bounds(text: str, region: _Region) -> tuple[str, int]:
    """A region's line end, and where the line of its end marker begins."""
    newline = "\r\n" if text.startswith("\r\n", region.begin.end) else "\n"
    return newline, text.rfind("\n", 0, region.end.start) + 1


def _block_head(name: str, regions: Mapping[str, str], newline: str) -> str:
    """A region up to its end marker."""
    content = regions[name].replace("\n", newline)
    return f"<!-- curator:begin {name} sha={_hash(regions[name])} -->{newline}{content}{newline}"


def lay_out_regions(regions: Mapping[str, Iterable[str]], title: str, about: str) -> Iterator[str]:
    """A new list file, piece by piece, from the blocks of its regions; what `write_regions` makes of no file.

    Raises PublishError as that does.
    """
    _refuse_markers(title, about)
    head = [f"# {escape_markdown(title)}", *filter(None, [about.strip().replace("\r\n", "\n")])]
    yield "\n\n".join(head)
    for name, blocks in regions.items():
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogatepass", newline="\n") as kept:
            mark = _Hash()
            for at, block in enumerate(blocks):
                _refuse_markers(block)
                piece = f"\n\n{block}" if at else block
                mark.add(piece)
                kept.write(piece)
            kept.seek(0)
            yield f"\n\n{_HEADINGS[name]}\n\n<!-- curator:begin {name} sha={mark.digest()} -->\n"
            while piece := kept.read(_PIECE):
                yield piece
            yield f"\n<!-- curator:end {name} -->"
    yield "\n"


def _refuse_markers(*texts: str) -> None:
    if any(_OURS.search(text) for text in texts):
        raise PublishError(
            "The list's title, description or frames contain the text of one of Curator's region markers "
            '("<!-- curator:"). Take it out of the settings.'
        )


def _with_all_regions(existing: str, regions: Mapping[str, str], title: str, about: str) -> str:
    newline = "\r\n" if "\r\n" in existing else "\n"
    has_text = bool(existing.strip(_BOM + " \t\r\n"))
    head = [] if has_text else [f"# {escape_markdown(title)}", about.strip()]
    parts = [part.replace("\r\n", "\n").replace("\n", newline) for part in head if part]
    for name in regions:
        parts.append(_HEADINGS[name].replace("\n", newline))
        parts.append(f"{_block_head(name, regions, newline)}<!-- curator:end {name} -->")
    gap = newline if has_text and existing.endswith("\n") else newline * 2 if has_text else ""
    return existing + gap + (newline * 2).join(parts) + newline


def _find_regions(text: str, names: Mapping[str, str]) -> list[_Region]:
    found: list[_Region] = []
    begin: _Marker | None = None
    for marker in _markers(text):
        if marker.name not in names:
            raise _damaged(marker, f"names no region of the list; there are {', '.join(names)}")
        if marker.what == "begin":
            if begin:
                raise _damaged(marker, f"stands inside the region begun on line {begin.line}, which is not ended")
            if any(region.begin.name == marker.name for region in found):
                raise _damaged(marker, "is there a second time")
            begin = marker
        else:
            if begin is None:
                raise _damaged(marker, "ends a region that was not begun")
            if begin.name != marker.name:
                raise _damaged(marker, f'ends another region than "{begin.name}", begun on line {begin.line}')
            found.append(_Region(begin, marker))
            begin = None
    if begin:
        raise _damaged(begin, "begins a region that is not ended")
    return found


def _markers(text: str) -> Iterator[_Marker]:
    start = 0
    for number, line in enumerate(text.split("\n"), start=1):
        # not the first line's byte order mark, nor the carriage return of "\r\n", are part of a marker
        offset = start + line.startswith(_BOM)
        body = line.removeprefix(_BOM).removesuffix("\r")
        if _OURS.search(body):
            match = _MARKER.fullmatch(body)
            if match is None:
                raise PublishError(
                    f"Line {number} of the list holds one of Curator's markers, but damaged or not alone on its "
                    f"line: {body.strip()[:120]!r}. Restore it. Nothing was written."
                )
            begins = offset + body.index("<!--")
            yield _Marker(match["what"], match["name"], match["sha"], number, begins, offset + len(body))
        start += len(line) + 1


def _damaged(marker: _Marker, what: str) -> PublishError:
    return PublishError(
        f"In the list, {marker} {what}. Restore the pair of begin and end markers, each alone on its line, "
        "or take out both. Nothing was written."
    )


def _refuse_hand_edits(text: str, found: list[_Region], regions: Mapping[str, str]) -> None:
    edits = []
    for region in found:
        name = region.begin.name
        content = _canonical(text[region.begin.end : region.end.start])
        if content and _hash(content) not in (region.begin.sha, _hash(regions[name])):
            edits.append(_hand_edit(region.begin, content, _canonical(regions[name])))
    if edits:
        raise PublishError(
            "The list was edited by hand where Curator writes. `curator publish --adopt` takes a frame's new words "
            "into the warehouse; move any other edit outside of the markers, or delete everything between them to "
            "let Curator write it anew. Nothing was written.\n\n" + "\n\n".join(edits)
        )


def _hand_edit(begin: _Marker, content: str, ours: str) -> str:
    diff = text_diff.unified_diff(
        ours.split("\n"),
        content.split("\n"),
        f"{begin.name}, as Curator would write it now",
        f"{begin.name}, as it stands from line {begin.line + 1} on",
        around=1,
    )
    more = [f"… and {len(diff) - _DIFF_LINES} more lines"] if len(diff) > _DIFF_LINES else []
    return "\n".join(diff[:_DIFF_LINES] + more)


def _canonical(content: str) -> str:
    """The content without what editors and git change of their own accord: line ends, blanks at line ends."""
    return "\n".join(line.rstrip() for line in content.split("\n")).strip()


def _hash(content: str) -> str:
    mark = _Hash()
    mark.add(content)
    return mark.digest()


class _Hash:
    """The hash of a region that comes in pieces: that of `_canonical` of the whole."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._line = ""  # as far as it has come
        self._blank = 0  # lines since the last one that says something
        self._begun = False

    def add(self, piece: str) -> None:
        *lines, self._line = (self._line + piece).split("\n")
        for line in lines:
            self._take(line)

    def digest(self) -> str:
        self._take(self._line)
        self._line = ""
        return self._hash.hexdigest()[:12]

    def _take(self, line: str) -> None:
        told = line.rstrip()
        if not self._begun:
            told = told.lstrip()
        if not told:
            self._blank += self._begun
            return
        parted = "\n" * (self._blank + 1) if self._begun else ""
        self._hash.update((parted + told).encode("utf-8", "surrogatepass"))
        self._begun, self._blank = True, 0


def read_list(path: Path) -> str | None:
    """The list file as it is, line ends and byte order mark included; None where there is none.

    Raises PublishError when it cannot be read or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise PublishError(
            f"The list {path} is not UTF-8 text (byte {error.start}). Save it as UTF-8 and publish again."
        ) from error
    except OSError as error:
        raise PublishError(f"The list {path} cannot be read: {error.strerror}. Check the path.") from error


def write_atomically(path: Path, content: str | Iterable[bytes], *, durable: bool = True) -> None:
    """Replace the file by this text, or these pieces, as `replacing` does."""
    with replacing_file(path, durable=durable) as file:
        file.writelines([content.encode("utf-8")] if isinstance(content, str) else content)


def replace_list(path: Path, text: str, existing: str | None) -> bool:
    """Replace the list file by `text`, provided that it still is what `read_list` gave; return whether it was.

    Raises:
        PublishError: The list cannot be written.
    """
    with _beside(path, durable=True) as (target, temporary):
        with temporary.open("ab") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        _take_mode(temporary, target)
        return replace_if_unchanged(temporary, target, None if existing is None else existing.encode("utf-8"))


@contextmanager
def replacing_file(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """Something to write to that takes the file's place, whole or not at all.

    Its mode is kept, and a new file has the mode that the user's umask says; of a link, the target is what is replaced.
    Without `durable`, that holds but for a power failure: for one of thousands of files that can be made again. Raises
    PublishError when it cannot be written; the old file is then as it was.
    """
    with _beside(path, durable) as (target, temporary):
        with temporary.open("ab") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        _take_mode(temporary, target)
        temporary.replace(target)


@contextmanager
def _beside(path: Path, durable: bool) -> Iterator[tuple[Path, Path]]:
    """Where `path` leads, and an empty file beside that, which is removed at the end. Raises PublishError."""
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    if durable:
        _remove_leftovers(target)
    try:
        temporary.touch(exist_ok=False)
        yield target, temporary
    except OSError as error:
        raise PublishError(
            f"The list {path} cannot be written: {error.strerror}. It is as it was; check the folder's rights "
            "and the space on the disk."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _take_mode(temporary: Path, target: Path) -> None:
    try:
        temporary.chmod(stat.S_IMODE(target.stat().st_mode))
    except FileNotFoundError:
        make_public(temporary)


def _remove_leftovers(target: Path) -> None:
    """Remove what writers of this file that were killed have left."""
    before = time.time() - _LEFTOVER_SECONDS
    for left in target.parent.glob(f".{glob.escape(target.name)}.{'[0-9a-f]' * 12}.tmp"):
        with suppress(OSError):  # another process may remove it at the same moment
            if left.lstat().st_mtime < before:
                left.unlink()
