"""The name under which a reviewer's decisions are recorded."""

from __future__ import annotations

import getpass

from curator.sanitize import single_line
from curator.settings import Settings

MAX_NAME_CHARS = 80
"""Characters of a reviewer's name."""


def reviewer_name(settings: Settings) -> str:
    """Return the reviewer's name from the settings, else the login name."""
    if settings.reviewer:
        return settings.reviewer
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def clean_name(name: str) -> str:
    """Return a typed name on one line and cut to its maximum length; "" if no visible character is left."""
    return single_line(name)[:MAX_NAME_CHARS].strip()
