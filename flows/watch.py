"""The weekly check of the papers that the list cites: `pipeline.recheck`, on a schedule."""

from __future__ import annotations

from pathlib import Path

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from curator.errors import CuratorError
from curator.pipeline.recheck import has_rechecked_since
from curator.pipeline.recheck import watch as recheck
from curator.pipeline.report_text import render_watch, watch_message
from curator.private_files import private_umask
from curator.workspace import Workspace, find_workspace
from flows.catch_up import is_caught_up
from flows.notify import notify, notify_on_failure
from flows.progress import FlowLog


@flow(name="watch", persist_result=False)
def watch(workspace: str | None = None) -> str:
    """Check the papers that the list cites for changes; frames that lost a quote return to the queue.

    Args:
        workspace: The folder of the workspace; by default the current one.

    Returns:
        The id of the run; "" if this run is late and a later run has already done its work.

    Raises:
        CuratorError: The check failed.
    """
    target = Workspace(Path(workspace)) if workspace else find_workspace()
    if is_caught_up(lambda due: has_rechecked_since(target, due)):
        return ""
    with notify_on_failure(target, "watch"):
        report = recheck(target, progress=FlowLog())
    create_markdown_artifact(key="watch", markdown=render_watch(report), description=f"Run {report.run}")
    notify(target, watch_message(report))
    if report.outcome == "failed":
        raise CuratorError(str(report.stopped or " ".join(report.problems)))
    return report.run


if __name__ == "__main__":
    with private_umask():
        watch()
