"""The nightly backup, which replaces the oldest one."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from curator.ops.backup import latest_backup, rotate_backups
from curator.private_files import private_umask
from curator.workspace import Workspace, find_workspace
from flows.catch_up import is_caught_up
from flows.notify import notify_on_failure


@flow(name="backup", persist_result=False)
def backup(workspace: str | None = None) -> str:
    """Write a backup into the folder of `[backup]`, and delete the oldest ones beyond its limit.

    Args:
        workspace: The folder of the workspace; by default the current one.

    Returns:
        The file of the backup; "" if this run is late and a later run has already written one.
    """
    target = Workspace(Path(workspace)) if workspace else find_workspace()
    with notify_on_failure(target, "backup"):
        settings = target.settings.backup
        folder = target.root / settings.folder
        if is_caught_up(lambda due: (last := latest_backup(folder)) is not None and last >= due):
            return ""
        return str(rotate_backups(target, folder, settings.keep))


if __name__ == "__main__":
    with private_umask():
        backup()
