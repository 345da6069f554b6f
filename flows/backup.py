"""The nightly backup, with the oldest making room for the newest."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from curator.ops.backup import latest_backup, rotate_backups
from curator.private_files import private_umask
from curator.workspace import Workspace, find_workspace
from flows.catch_up import is_made_up
from flows.notify import told_of_failure


@flow(name="backup", persist_result=False)
def backup(workspace: str | None = None) -> str:
    """Write a backup into the folder of `[backup]` and keep as many as it says; returns the file.

    Of runs that come late and in a row the first writes one; the others return "", and push no older one out.
    """
    place = Workspace(Path(workspace)) if workspace else find_workspace()
    with told_of_failure(place, "backup"):
        settings = place.settings.backup
        folder = place.root / settings.folder
        if is_made_up(lambda due: (last := latest_backup(folder)) is not None and last >= due):
            return ""
        return str(rotate_backups(place, folder, settings.keep))


if __name__ == "__main__":
    with private_umask():
        backup()
