"""The list as it stands in the warehouse, out to the person's Markdown file, or to another format."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from curator.errors import PublishError, WarehouseError
from curator.publish.changelog import changes
from curator.publish.exports import FORMATS as STREAMED
from curator.publish.exports import Row, export, rows
from curator.publish.listing import render
from curator.publish.regions import read_list, write_atomically, write_regions
from curator.records import Frame
from curator.settings import Settings
from curator.warehouse import Warehouse, queue, reports
from curator.warehouse.store import now
from curator.workspace import Workspace

FORMATS = (*STREAMED, "parquet")


@dataclass(frozen=True)
class Published:
    """What publishing changes, or would change."""

    file: Path
    frames: int
    diff: str  # unified; empty where the file says it all already


def publish(workspace: Workspace, *, check: bool = False) -> Published:
    """Write the list. With `check`, say what would change and change nothing.

    The file is written before the publication is put on record: a crash in between leaves a list that says
    more than the record, which the next publication mends, never the reverse. Raises PublishError, WarehouseError.
    """
    settings = workspace.settings
    warehouse = Warehouse(workspace.warehouse_file)
    frames, published = warehouse.read(lambda c: (queue.frames(c), queue.publications(c)))
    texts = {frame.id: frame.text for frame in frames}
    if not published or published[-1][1] != texts:
        published = [*published, (now(), texts)]
    regions = render([topic.name for topic in settings.topics], frames, changes(published))
    existing = read_list(workspace.list_file)
    text = write_regions(existing, regions, settings.title, settings.about)
    diff = _diff(existing or "", text, settings.list)
    if not check:
        if diff:
            write_atomically(workspace.list_file, text)
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        warehouse.write(lambda c: queue.add_publication(c, settings.list, sha256, texts))
    return Published(workspace.list_file, len(frames), diff)


def export_frames(warehouse: Warehouse, settings: Settings, format: str, stream: BinaryIO) -> int:
    """Write all accepted frames to `stream` in a format other than Parquet; return how many. Raises PublishError."""
    frames, published = warehouse.read(lambda c: (queue.frames(c), queue.publications(c)))
    topics = [topic.name for topic in settings.topics]
    export(
        format, frames, stream, title=settings.title, about=settings.about, topics=topics, changes=changes(published)
    )
    return len(frames)


def export_parquet(warehouse: Warehouse, file: Path) -> int:
    """Write all accepted frames to a Parquet file, whole or not at all; return how many. Raises PublishError."""
    frames: Sequence[Frame] = warehouse.read(queue.frames)
    part = file.with_name(f".{file.name}.part")
    try:
        reports.write_parquet(part, list(Row.__annotations__), [dict(row) for row in rows(frames)])
        part.replace(file)
    except (OSError, WarehouseError) as error:
        raise PublishError(f"{file} cannot be written: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return len(frames)


def _diff(before: str, after: str, name: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), f"{name} now", f"{name} then", lineterm="")
    return "\n".join(lines)
