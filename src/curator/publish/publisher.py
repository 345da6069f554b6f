"""Publish the list in the user's Markdown file, or export it in another format."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from curator.errors import PublishError
from curator.publish import text_diff
from curator.publish.export_dir import write_folder
from curator.publish.formats.registry import find_format
from curator.publish.hand_edits import NO_EDITS, HandEdits, find_hand_edits_in, settle_adopted
from curator.publish.list_file import read_list, replace_list, replacing_file
from curator.publish.managed_regions import write_regions
from curator.publish.markdown import render_list, render_update
from curator.publish.snapshot import EVERYTHING, Selection, changes_since, take_snapshot
from curator.settings import Settings
from curator.warehouse import Connection, Warehouse, questions
from curator.warehouse.frames import load_frames
from curator.warehouse.publications import add_publication, to_published_texts
from curator.workspace import Workspace

MAX_TRIES = 40
"""Attempts to replace the list while other programs save it."""
RETRY_SECONDS = 0.05
"""Seconds between two attempts."""


@dataclass(frozen=True)
class PublishResult:
    """The outcome of publishing, or of checking what it would change."""

    file: Path
    frames: int  # on the list
    diff: str  # unified; empty if the file is up to date


def publish(workspace: Workspace, *, check: bool = False, adopted: HandEdits = NO_EDITS) -> PublishResult:
    """Write the list.

    If another program saves the file meanwhile, the list is written into the saved text. The file is written before
    the publication is recorded: after a crash between the two, the list is ahead of the record, never behind it, and
    the next publication repairs the record.

    Args:
        workspace: The workspace whose list is written.
        check: Return what would change, and change nothing.
        adopted: Hand edits of the file that the warehouse now holds.

    Raises:
        PublishError: The list contains other hand edits or damaged markers, or cannot be written.
        WarehouseError: The warehouse cannot be read or written.
    """
    settings = workspace.settings
    warehouse = Warehouse(workspace.warehouse_file)
    snapshot = warehouse.read(take_snapshot, settings)
    regions = render_list(snapshot)
    for _ in range(MAX_TRIES):
        existing = read_list(workspace.list_file)
        settled = settle_adopted(existing or "", snapshot, regions, adopted)
        text = write_regions(settled, regions, settings.title, settings.about)
        diff = _diff(existing or "", text, settings.list)
        if check or not diff or replace_list(workspace.list_file, text, existing):
            break
        time.sleep(RETRY_SECONDS)
    else:
        raise PublishError(
            f"Another program keeps changing {workspace.list_file} or has it open for writing. Nothing was written. "
            "Close the file in that program, then publish again."
        )
    if not check:
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        warehouse.write(add_publication, settings.list, sha256, to_published_texts(snapshot.frames))
    return PublishResult(workspace.list_file, len(snapshot.frames), diff)


def find_hand_edits(workspace: Workspace) -> HandEdits:
    """Return the hand edits of the list's file that can be adopted into the warehouse.

    Raises:
        PublishError: The list cannot be read, or its markers are damaged.
        WarehouseError: The warehouse cannot be read.
    """
    published = Warehouse(workspace.warehouse_file).read(take_snapshot, workspace.settings, as_published=True)
    return find_hand_edits_in(read_list(workspace.list_file) or "", published)


def adopt_changelog(workspace: Workspace, edits: HandEdits, reviewer: str) -> None:
    """Record the edited days of the changelog in the user's words."""

    def write(connection: Connection) -> None:
        for day, text in edits.days.items():
            questions.set_day_text(connection, day, text, reviewer)

    Warehouse(workspace.warehouse_file).write(write)


def update_since(workspace: Workspace, since: date) -> str:
    """Return the net changes of the list since a day, as Markdown to paste into a post."""

    def read(connection: Connection) -> str:
        frames = load_frames(connection)
        return render_update(frames, changes_since(connection, frames, since))

    return Warehouse(workspace.warehouse_file).read(read)


def export(
    warehouse: Warehouse,
    settings: Settings,
    format: str,
    target: Path | BinaryIO,
    selection: Selection = EVERYTHING,
) -> int:
    """Write accepted frames in an export format.

    Args:
        warehouse: The warehouse to read the list from.
        settings: The list's settings.
        format: A name in `curator.publish.formats.registry.EXPORT_FORMATS`.
        target: The file to replace, whole or not at all; or a stream, which stays open. For a format that is a folder,
            the folder; `write_folder` says which files in it are replaced.
        selection: The frames to write.

    Returns:
        The number of frames written.

    Raises:
        PublishError: There is no such format, or the target cannot be written.
        WarehouseError: The warehouse cannot be read.
    """
    chosen = find_format(format)
    snapshot = warehouse.read(take_snapshot, settings, selection, changelog=chosen.with_changelog)
    if chosen.output == "folder":
        if not isinstance(target, Path):
            raise PublishError(f"The export format {format!r} is a folder. Name the folder to write to.")
        write_folder(target, chosen.render_folder(snapshot))
    elif isinstance(target, Path):
        with replacing_file(target) as file:
            file.writelines(chosen.render_file(snapshot))
    else:
        target.writelines(chosen.render_file(snapshot))
    return len(snapshot.frames)


def _diff(before: str, after: str, name: str) -> str:
    return "\n".join(
        text_diff.unified_diff(before.splitlines(), after.splitlines(), f"{name} now", f"{name} then", context=3)
    )
