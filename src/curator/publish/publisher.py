"""The list as it stands in the warehouse, out to the person's Markdown file, or to another format."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from curator.errors import PublishError, WarehouseError
from curator.private_files import make_public
from curator.publish import text_diff
from curator.publish.export_dir import write_folder
from curator.publish.formats import FOLDERS
from curator.publish.formats.obsidian import vault_notes
from curator.publish.formats.registry import FrameRow, frame_rows, write_export
from curator.publish.hand_edits import NOTHING, HandEdits, hand_edits_in, settle_adopted
from curator.publish.managed_regions import read_list, replace_list, write_regions
from curator.publish.markdown import render_list, render_update
from curator.publish.site.pages import site_files as site_files
from curator.publish.snapshot import EVERYTHING, Selection, changes_since, take_snapshot
from curator.settings import Settings
from curator.warehouse import Connection, Warehouse, questions, statistics
from curator.warehouse.frames import add_publication, load_frames, published_texts
from curator.workspace import Workspace

TRIES = 40  # to write the list while others save it
PAUSE = 0.05  # seconds between two of them


@dataclass(frozen=True)
class PublishResult:
    """What publishing changes, or would change."""

    file: Path
    frames: int
    diff: str  # unified; empty where the file says it all already


def publish(workspace: Workspace, *, check: bool = False, adopted: HandEdits = NOTHING) -> PublishResult:
    """Write the list. With `check`, say what would change and change nothing.

    `adopted` is what a person has edited in the file and the warehouse holds by now. If somebody saves the file while
    this runs, the list is written into what they saved. The file is written before the publication is put on record: a
    crash in between leaves a list that says more than the record, which the next publication mends, never the reverse.
    Raises PublishError, WarehouseError.
    """
    settings = workspace.settings
    warehouse = Warehouse(workspace.warehouse_file)
    told = warehouse.read(take_snapshot, settings)
    regions = render_list(told)
    for _ in range(TRIES):
        existing = read_list(workspace.list_file)
        text = write_regions(
            settle_adopted(existing or "", told, regions, adopted), regions, settings.title, settings.about
        )
        diff = _diff(existing or "", text, settings.list)
        if check or not diff or replace_list(workspace.list_file, text, existing):
            break
        time.sleep(PAUSE)
    else:
        raise PublishError(
            f"Another program kept changing {workspace.list_file}, or has it open to write. Nothing was written. "
            "Close it there, then publish again."
        )
    if not check:
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        warehouse.write(add_publication, settings.list, sha256, published_texts(told.frames))
    return PublishResult(workspace.list_file, len(told.frames), diff)


def find_hand_edits(workspace: Workspace) -> HandEdits:
    """What a person has edited in the list's file that can be taken into the warehouse. Raises PublishError."""
    told = Warehouse(workspace.warehouse_file).read(take_snapshot, workspace.settings, as_published=True)
    return hand_edits_in(read_list(workspace.list_file) or "", told)


def adopt_changelog(workspace: Workspace, edits: HandEdits, reviewer: str) -> None:
    """Let the days of the changelog that were edited stand as the person worded them."""

    def write(connection: Connection) -> None:
        for day, text in edits.days.items():
            questions.set_day_text(connection, day, text, reviewer)

    Warehouse(workspace.warehouse_file).write(write)


def update_since(workspace: Workspace, since: date) -> str:
    """What changed on the list from a day on, net of what came and went, as Markdown to be pasted into a post."""

    def read(connection: Connection) -> str:
        frames = load_frames(connection)
        return render_update(frames, changes_since(connection, frames, since))

    return Warehouse(workspace.warehouse_file).read(read)


def export_frames(
    warehouse: Warehouse, settings: Settings, format: str, stream: BinaryIO, selection: Selection = EVERYTHING
) -> int:
    """Write accepted frames to `stream` in a format that is one file of text; return how many. Raises PublishError."""
    told = warehouse.read(take_snapshot, settings, selection, changelog=format == "md")
    write_export(format, told, stream)
    return len(told.frames)


def export_parquet(warehouse: Warehouse, settings: Settings, file: Path, selection: Selection = EVERYTHING) -> int:
    """Write accepted frames to a Parquet file, whole or not at all; return how many. Raises PublishError."""
    frames = warehouse.read(take_snapshot, settings, selection, changelog=False).frames
    part = file.with_name(f".{file.name}.part")
    try:
        statistics.write_parquet(part, list(FrameRow.__annotations__), (dict(row) for row in frame_rows(frames)))
        make_public(part)
        part.replace(file)
    except (OSError, WarehouseError) as error:
        raise PublishError(f"{file} cannot be written: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return len(frames)


def export_folder(
    warehouse: Warehouse, settings: Settings, format: str, folder: Path, selection: Selection = EVERYTHING
) -> int:
    """Write accepted frames as the files of one of `FOLDERS`, as `write_folder` does; return how many frames."""
    assert format in FOLDERS, format
    told = warehouse.read(take_snapshot, settings, selection, changelog=format == "html")
    write_folder(folder, vault_notes(told) if format == "obsidian" else site_files(told))
    return len(told.frames)


def _diff(before: str, after: str, name: str) -> str:
    return "\n".join(
        text_diff.unified_diff(before.splitlines(), after.splitlines(), f"{name} now", f"{name} then", around=3)
    )
