"""The nightly backup, with the oldest making room for the newest."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from curator.backup import rotate
from curator.workspace import Workspace, find_workspace
from flows.notify import told_of_failure


@flow(name="backup", persist_result=False)
def backup(workspace: str | None = None) -> str:
    """Write a backup into the folder of `[backup]` and keep as many as it says; returns the file."""
    place = Workspace(Path(workspace)) if workspace else find_workspace()
    settings = place.settings.backup
    with told_of_failure(place, "backup"):
        return str(rotate(place, place.root / settings.folder, settings.keep))


if __name__ == "__main__":
    backup()
