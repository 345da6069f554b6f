"""Files that come with Curator and are not code: initial settings, prompts and SQL."""

from __future__ import annotations

from pathlib import Path


def resource_path(*parts: str) -> Path:
    """Return the path of a resource, in the installed package or in the checkout that Curator runs from."""
    package = Path(__file__).parent
    installed = package / "bundle"
    root = installed if installed.is_dir() else package.parents[1]
    return root.joinpath(*parts)
