"""The hourly check for answers of the model provider's Batch API."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from curator.pipeline import IngestRequest, has_open_batches
from curator.private_files import private_umask
from curator.workspace import Workspace, find_workspace
from flows.ingest import RUNNER, run_and_notify


@flow(name="collect", task_runner=RUNNER, persist_result=False)
def collect(workspace: str | None = None) -> str:
    """Fetch the answers of open batches, and queue the drafts.

    Args:
        workspace: The folder of the workspace; by default the current one.

    Returns:
        The id of the run; "" if there is no open batch.
    """
    target = Workspace(Path(workspace)) if workspace else find_workspace()
    if not has_open_batches(target):
        return ""
    return run_and_notify(target, IngestRequest(collect=True))


if __name__ == "__main__":
    with private_umask():
        collect()
