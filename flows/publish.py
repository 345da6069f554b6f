"""The scheduled publication: it reports the changes, and writes the list if the settings say so."""

from __future__ import annotations

from pathlib import Path

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from curator.private_files import private_umask
from curator.publish.publisher import publish as write_list
from curator.workspace import Workspace, find_workspace
from flows.notify import notify_on_failure


@flow(name="publish", persist_result=False)
def publish(workspace: str | None = None, check: bool = True) -> bool:
    """Compare the list with the accepted frames; write it unless `check` is True.

    Args:
        workspace: The folder of the workspace; by default the current one.
        check: Report the changes only.

    Returns:
        True if the list differed.
    """
    target = Workspace(Path(workspace)) if workspace else find_workspace()
    with notify_on_failure(target, "publish"):
        published = write_list(target, check=check)
    indented = "\n".join(f"    {line}" for line in published.diff.splitlines())
    verb = "would change" if check else "changed"
    report = f"The list {verb}:\n\n{indented}" if published.diff else "The list is up to date."
    create_markdown_artifact(key="publish", markdown=report, description=f"{published.frames} frames")
    return bool(published.diff)


if __name__ == "__main__":
    with private_umask():
        publish()
