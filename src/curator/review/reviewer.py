"""Who decides: the name that goes on decisions."""

from __future__ import annotations

import getpass

from curator.settings import Settings
from curator.text import one_line

LONGEST = 80  # characters


def reviewer_name(settings: Settings) -> str:
    """The settings' name, else the login name."""
    if settings.reviewer:
        return settings.reviewer
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def cleaned(name: str) -> str:
    """A name as somebody typed it, fit to be kept; "" where nothing of it is."""
    return one_line(name)[:LONGEST].strip()
