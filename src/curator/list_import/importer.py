"""Put an import on the list in one step, which one undo reverses."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from curator.review.decisions import Reviewer
from curator.review.manual import AddResult, ManualFrame, add_frames_within, check_texts
from curator.review.questions import check_entries
from curator.warehouse import Connection, Warehouse, questions, steps
from curator.warehouse.questions import NewEntry


def import_list(
    reviewer: Reviewer,
    warehouse: Warehouse,
    frames: Sequence[ManualFrame],
    entries: Sequence[NewEntry],
    file: str,
    sha256: str,
) -> tuple[AddResult, list[str]]:
    """Put frames and other entries on the list, all or nothing.

    Args:
        reviewer: The person who accepts the frames.
        warehouse: The warehouse to write to.
        frames: The frames to accept as they are.
        entries: The topics, questions, to-dos and changes to add.
        file: The imported file's name, for the record.
        sha256: The checksum of the file's content, for the record.

    Returns:
        The outcome for the frames, and the ids of the entries that were new.

    Raises:
        DecisionError: A text is empty or too long.
    """
    check_texts(frames)
    check_entries(entries)

    def write(connection: Connection) -> tuple[AddResult, list[str]]:
        added = add_frames_within(reviewer, connection, frames, accept=True)
        batch = added.batch or secrets.token_hex(6)
        ids = list(questions.add_entries(connection, reviewer.name, entries, batch).values())
        if added.frames or ids:
            steps.add_import(connection, batch, reviewer.name)
        questions.add_import(connection, file, sha256, reviewer.name, len(added.frames), len(ids), batch)
        return added, ids

    return warehouse.write(write)
