"""Templates that escape whatever is put into them; a name that is not there is an error, never an empty place."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

__all__ = ["Context", "Environment", "pass_context", "strict_templates"]


def strict_templates(folder: Path) -> Environment:
    """The templates in a folder, for HTML."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
