"""Who decides: the name that goes on decisions."""

from __future__ import annotations

import getpass

from curator.sanitize import single_line
from curator.settings import Settings

LONGEST = 80  # characters


def reviewer_name(settings: Settings) -> str:
    """The settings' name, else the login name."""
    if settings.reviewer:
        return settings.reviewer
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def clean_name(name: str) -> str:
    """A name as somebody typed it, fit to be kept; "" where nothing of it is."""
    return single_line(name)[:LONGEST].strip()
