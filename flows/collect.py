"""The hourly look for what the model's provider has answered in batches."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from curator.pipeline import IngestRequest, has_open_batches
from curator.private_files import private_umask
from curator.workspace import Workspace, find_workspace
from flows.ingest import RUNNER, run_and_tell


@flow(name="collect", task_runner=RUNNER, persist_result=False)
def collect(workspace: str | None = None) -> str:
    """Queue what comes of the answers. Returns the run's id; "" where no batch waits, and nobody was asked."""
    place = Workspace(Path(workspace)) if workspace else find_workspace()
    if not has_open_batches(place):
        return ""
    return run_and_tell(place, IngestRequest(collect=True))


if __name__ == "__main__":
    with private_umask():
        collect()
