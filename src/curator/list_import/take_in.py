"""Taking in an old list: frames, topics, open questions, to-dos and changelog, as one step that one undo takes back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from curator.review.decisions import Reviewer
from curator.review.manual import AddResult, ManualFrame, add_frames_within, check_texts
from curator.review.questions import clean_entry
from curator.warehouse import Connection, Warehouse, questions, steps
from curator.warehouse.questions import NewEntry


def import_list(
    desk: Reviewer,
    warehouse: Warehouse,
    frames: Sequence[ManualFrame],
    others: Sequence[NewEntry],
    file: str,
    sha256: str,
) -> tuple[AddResult, list[str]]:
    """Put what a file holds on the list, whole or not at all.

    Args:
        desk: whose list it is; accepts the frames.
        warehouse: where they go.
        frames: that are to be accepted as they are written.
        others: what stands beside frames.
        file: its name, and
        sha256: the checksum of its content, both for the record.

    Returns:
        What became of the frames, and the ids of the other entries that are new.

    Raises:
        DecisionError: a text is empty or too long.
    """
    check_texts(frames)
    clean_entry(others)

    def write(connection: Connection) -> tuple[AddResult, list[str]]:
        taken = add_frames_within(desk, connection, frames, accept=True)
        batch = taken.batch or secrets.token_hex(6)
        ids = list(questions.add_entries(connection, desk.reviewer, others, batch).values())
        if taken.frames or ids:
            steps.add_import(connection, batch, desk.reviewer)
        questions.add_import(connection, file, sha256, desk.reviewer, len(taken.frames), len(ids), batch)
        return taken, ids

    return warehouse.write(write)
