"""Publishing as a flow: says what would change, or writes the list where it is told to."""

from __future__ import annotations

from pathlib import Path

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from curator.private_files import private_umask
from curator.publish.publisher import publish as write_list
from curator.workspace import Workspace, find_workspace
from flows.notify import told_of_failure


@flow(name="publish", persist_result=False)
def publish(workspace: str | None = None, check: bool = True) -> bool:
    """Whether the list differs from what is accepted. Writes it only where `check` is false."""
    place = Workspace(Path(workspace)) if workspace else find_workspace()
    with told_of_failure(place, "publish"):
        published = write_list(place, check=check)
    indented = "\n".join(f"    {line}" for line in published.diff.splitlines())
    verb = "would change" if check else "changed"
    said = f"The list {verb}:\n\n{indented}" if published.diff else "The list is up to date."
    create_markdown_artifact(key="publish", markdown=said, description=f"{published.frames} frames")
    return bool(published.diff)


if __name__ == "__main__":
    with private_umask():
        publish()
