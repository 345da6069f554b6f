"""The list as it stands in the warehouse, out to the person's Markdown file, or to another format."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from curator.errors import PublishError, WarehouseError
from curator.publish.adopting import reworded, with_lines_of
from curator.publish.changelog import changes, changes_since
from curator.publish.exports import FORMATS as STREAMED
from curator.publish.exports import Row, export, rows
from curator.publish.listing import render, render_update
from curator.publish.obsidian import notes
from curator.publish.regions import read_list, write_atomically, write_regions
from curator.publish.site.pages import Listing
from curator.publish.site.pages import files as site_files
from curator.records import Frame, Kind
from curator.settings import Settings
from curator.warehouse import Warehouse, queue, reports
from curator.warehouse.store import now, utc
from curator.workspace import Workspace

FOLDERS = frozenset({"obsidian", "html"})
"""Formats that are folders of files."""
FORMATS = (*STREAMED, "parquet", *sorted(FOLDERS))


@dataclass(frozen=True)
class Published:
    """What publishing changes, or would change."""

    file: Path
    frames: int
    diff: str  # unified; empty where the file says it all already


def publish(workspace: Workspace, *, check: bool = False, adopted: Collection[str] = ()) -> Published:
    """Write the list. With `check`, say what would change and change nothing.

    `adopted` are ids of frames whose lines a person has edited and whose new text is in the warehouse by now.
    The file is written before the publication is put on record: a crash in between leaves a list that says
    more than the record, which the next publication mends, never the reverse. Raises PublishError, WarehouseError.
    """
    settings = workspace.settings
    warehouse = Warehouse(workspace.warehouse_file)
    frames, published = warehouse.read(lambda c: (queue.frames(c), queue.publications(c)))
    published = _as_it_stands(published, frames)
    texts = published[-1][1]
    regions = render([topic.name for topic in settings.topics], frames, changes(published))
    existing = read_list(workspace.list_file)
    settled = with_lines_of(existing or "", [frame for frame in frames if frame.id in adopted])
    text = write_regions(settled, regions, settings.title, settings.about)
    diff = _diff(existing or "", text, settings.list)
    if not check:
        if diff:
            write_atomically(workspace.list_file, text)
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        warehouse.write(lambda c: queue.add_publication(c, settings.list, sha256, texts))
    return Published(workspace.list_file, len(frames), diff)


def hand_edits(workspace: Workspace) -> list[tuple[Frame, str]]:
    """Frames that were reworded in the list's file by hand, each with its new text. Raises PublishError."""
    frames = Warehouse(workspace.warehouse_file).read(queue.frames)
    texts = reworded(read_list(workspace.list_file) or "", frames)
    return [(frame, texts[frame.id]) for frame in frames if frame.id in texts]


def update_since(workspace: Workspace, since: date) -> str:
    """What changed on the list from a day on, net of what came and went, as Markdown to be pasted into a post."""
    warehouse = Warehouse(workspace.warehouse_file)
    frames, published = warehouse.read(lambda c: (queue.frames(c), queue.publications(c)))
    return render_update(frames, changes_since(_as_it_stands(published, frames), since))


def _as_it_stands(
    published: list[tuple[datetime, dict[str, str]]], frames: Sequence[Frame]
) -> list[tuple[datetime, dict[str, str]]]:
    """The publications, with one of this moment where the list says something else by now."""
    texts = {frame.id: frame.text for frame in frames}
    return published if published and published[-1][1] == texts else [*published, (now(), texts)]


@dataclass(frozen=True)
class Selection:
    """Which frames are exported; what is left out asks for nothing."""

    topic: str | None = None
    kind: Kind | None = None
    since: datetime | None = None  # accepted at or after; UTC

    def of(self, frames: Iterable[Frame]) -> list[Frame]:
        return [frame for frame in frames if self._takes(frame)]

    def _takes(self, frame: Frame) -> bool:
        since = utc(self.since) if self.since else None
        return (
            (self.topic is None or self.topic in frame.topics)
            and (self.kind is None or frame.kind == self.kind)
            and (since is None or utc(frame.accepted) >= since)
        )


EVERYTHING = Selection()


def export_frames(
    warehouse: Warehouse, settings: Settings, format: str, stream: BinaryIO, selection: Selection = EVERYTHING
) -> int:
    """Write accepted frames to `stream` in a format that is one file of text; return how many. Raises PublishError."""
    frames, published, identity = warehouse.read(
        lambda c: (selection.of(queue.frames(c)), queue.publications(c), reports.identity(c))
    )
    topics = [topic.name for topic in settings.topics]
    export(
        format, frames, stream, title=settings.title, about=settings.about, topics=topics, changes=changes(published),
        identity=identity,
    )  # fmt: skip
    return len(frames)


def export_parquet(warehouse: Warehouse, file: Path, selection: Selection = EVERYTHING) -> int:
    """Write accepted frames to a Parquet file, whole or not at all; return how many. Raises PublishError."""
    frames = warehouse.read(lambda c: selection.of(queue.frames(c)))
    part = file.with_name(f".{file.name}.part")
    try:
        reports.write_parquet(part, list(Row.__annotations__), [dict(row) for row in rows(frames)])
        part.replace(file)
    except (OSError, WarehouseError) as error:
        raise PublishError(f"{file} cannot be written: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return len(frames)


def export_folder(
    warehouse: Warehouse, settings: Settings, format: str, folder: Path, selection: Selection = EVERYTHING
) -> int:
    """Write accepted frames as the files of one of `FOLDERS`; return how many frames. Raises PublishError.

    Files of the same name are replaced, each whole or not at all; whatever else is in the folder stays.
    """
    frames, published, identity = warehouse.read(
        lambda c: (selection.of(queue.frames(c)), queue.publications(c), reports.identity(c))
    )
    topics = [topic.name for topic in settings.topics]
    listing = Listing(settings.title, settings.about, topics, changes(published), identity)
    made = notes(frames, settings.title) if format == "obsidian" else site_files(frames, listing)
    for place, content in made:
        file = folder / place
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PublishError(f"{file.parent} cannot be made: {error}.") from error
        write_atomically(file, content, durable=False)
    return len(frames)


def _diff(before: str, after: str, name: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), f"{name} now", f"{name} then", lineterm="")
    return "\n".join(lines)
