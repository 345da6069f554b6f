"""Workspaces: a workspace is a folder with `curator.toml`, `prompts/` and `warehouse/`, and holds one living list."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout

from curator.errors import SettingsError, WarehouseBusy
from curator.private_files import (
    FILE_MODE,
    close_to_others,
    make_private_folder,
    make_public,
    make_public_folder,
    owner_of,
)
from curator.resources import resource_path
from curator.settings import ArxivSettings, Settings, load_settings

SETTINGS_FILE = "curator.toml"
PRIVATE_FOLDERS = ("warehouse", "backups")
"""Folders of a workspace that only their owner may enter."""
LINKABLE_FOLDERS = tuple(f"warehouse/{name}" for name in ("pdfs", "pictures", "logs", "prefect", "queries"))
"""Folders inside the private ones that may be links, for example to a larger disk."""


@dataclass(frozen=True)
class Workspace:
    """One living list: a folder, its settings and its files."""

    root: Path
    arxiv: ArxivSettings | None = None  # replaces the settings' arXiv; the demo serves its own

    @cached_property
    def settings(self) -> Settings:
        """The settings, read on first use. Raises SettingsError."""
        settings = load_settings(self.root / SETTINGS_FILE)
        return settings.model_copy(update={"arxiv": self.arxiv}) if self.arxiv else settings

    @property
    def warehouse_file(self) -> Path:
        """The DuckDB file of the warehouse."""
        return self.root / "warehouse" / "curator.duckdb"

    @property
    def pdfs(self) -> Path:
        """The folder of downloaded PDFs."""
        return self.root / "warehouse" / "pdfs"

    @property
    def pictures(self) -> Path:
        """The folder of page pictures."""
        return self.root / "warehouse" / "pictures"

    @property
    def list_file(self) -> Path:
        """The published list."""
        return self.root / self.settings.list

    @property
    def demo_mark(self) -> Path:
        """The file that marks a demo's workspace."""
        return self.root / "warehouse" / "DEMO"

    @property
    def is_demo(self) -> bool:
        """True if this is the workspace of `curator demo`, whose papers come from the bundled sample archive."""
        return self.demo_mark.is_file()

    def prompt_file(self, name: str) -> Path:
        """Return the workspace's own `prompts/NAME.md`, or else the prompt that comes with Curator."""
        own = self.root / "prompts" / f"{name}.md"
        return own if own.is_file() else resource_path("prompts", f"{name}.md")

    def query_files(self) -> dict[str, Path]:
        """Return the file of each named query; the workspace's own replace those that come with Curator."""
        files: dict[str, Path] = {}
        for folder in (resource_path("warehouse", "queries"), self.root / "warehouse" / "queries"):
            files |= {path.stem: path for path in sorted(folder.glob("*.sql"))}
        return dict(sorted(files.items()))


@contextmanager
def exclusive_lock(workspace: Workspace, kind: str) -> Iterator[None]:
    """Allow only one run of a kind at a time in the workspace.

    Args:
        workspace: The workspace.
        kind: "ingest" or "watch".

    Raises:
        WarehouseBusy: Another run of this kind is in progress.
    """
    make_private_folder(workspace.warehouse_file.parent)
    lock = FileLock(workspace.root / "warehouse" / f"{kind}.lock", mode=FILE_MODE)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise WarehouseBusy(
            f"Another {kind} of {workspace.root} is in progress; `curator runs` shows it. Nothing was started."
        ) from error
    try:
        yield
    finally:
        lock.release()


def find_workspace(start: Path | None = None) -> Workspace:
    """Return the workspace that `CURATOR_WORKSPACE` names, or else the nearest folder upwards with a `curator.toml`.

    If an earlier version left its private folders open to other users, close them.

    Args:
        start: The folder to start from; the current folder if left out.

    Raises:
        SettingsError: There is no workspace, or its warehouse belongs to another user.
    """
    named = os.environ.get("CURATOR_WORKSPACE")
    if named:
        root = Path(named).expanduser().absolute()
        if not (root / SETTINGS_FILE).is_file():
            raise SettingsError(
                f"CURATOR_WORKSPACE names {root}, which contains no {SETTINGS_FILE}. "
                f"`curator init {root}` creates a workspace there."
            )
        return _close(Workspace(root))
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents):
        if (folder / SETTINGS_FILE).is_file():
            return _close(Workspace(folder))
    raise SettingsError(
        f"There is no {SETTINGS_FILE} in {here} or any folder above it. Create a workspace here with `curator init`, "
        "or set CURATOR_WORKSPACE to the folder of an existing one."
    )


def _close(workspace: Workspace) -> Workspace:
    for name in (*PRIVATE_FOLDERS, *LINKABLE_FOLDERS):
        close_to_others(workspace.root / name)
    folder = workspace.root / PRIVATE_FOLDERS[0]
    with suppress(FileNotFoundError):
        owner = owner_of(folder)
        if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
            raise SettingsError(f"{folder} can be opened only by its owner, {owner}. Run Curator as that user.")
    return workspace


def create_files(root: Path) -> Iterator[Path]:
    """Write the files of a new workspace into `root`, and yield each; existing files are left unchanged."""
    sources = [resource_path(SETTINGS_FILE), *sorted(resource_path("prompts").glob("*.md"))]
    for source in sources:
        target = root / (source.name if source.name == SETTINGS_FILE else f"prompts/{source.name}")
        if not target.exists():
            make_public_folder(target.parent)
            target.write_bytes(source.read_bytes())
            make_public(target)
            yield target
    for folder in (root / "warehouse", root / "warehouse" / "queries", root / "warehouse" / "pdfs"):
        make_private_folder(folder)
