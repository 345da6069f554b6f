"""The weekly look at the papers that the list rests on: `pipeline.watching`, on a schedule."""

from __future__ import annotations

from pathlib import Path

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from curator.errors import CuratorError
from curator.pipeline.recheck import has_rechecked_since
from curator.pipeline.recheck import watch as look_again
from curator.pipeline.report_text import render_watch, watch_message
from curator.private_files import private_umask
from curator.workspace import Workspace, find_workspace
from flows.catch_up import is_made_up
from flows.notify import tell, told_of_failure
from flows.progress import FlowLog


@flow(name="watch", persist_result=False)
def watch(workspace: str | None = None) -> str:
    """Ask arXiv again for the papers of the list; what no longer holds waits in the queue. Returns the run's id.

    Of runs that come late and in a row the first looks; the others return "".
    """
    place = Workspace(Path(workspace)) if workspace else find_workspace()
    if is_made_up(lambda due: has_rechecked_since(place, due)):
        return ""
    with told_of_failure(place, "watch"):
        report = look_again(place, progress=FlowLog())
    create_markdown_artifact(key="watch", markdown=render_watch(report), description=f"Run {report.run}")
    tell(place, watch_message(report))
    if report.outcome == "failed":
        raise CuratorError(str(report.stopped or " ".join(report.problems)))
    return report.run


if __name__ == "__main__":
    with private_umask():
        watch()
