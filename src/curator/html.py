"""HTML templates that escape every value; an undefined name raises an error and is never rendered as empty text."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

__all__ = ["Context", "Environment", "pass_context", "strict_templates"]


def strict_templates(folder: Path) -> Environment:
    """Return the environment of the HTML templates in a folder."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
