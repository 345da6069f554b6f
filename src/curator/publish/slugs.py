"""Make file names from arbitrary text: ASCII letters and digits only, distinct even where case does not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_SLUG = 60
"""Characters of a file name, before the number that makes it unique."""


def make_slugs(names: Iterable[str], separator: str = "-") -> dict[str, str]:
    """Return a file name for each name, in their order.

    Args:
        names: The names; repeated names count once.
        separator: The text that replaces each run of other characters.

    Returns:
        The file name, without an ending, of each name: "topic" for a name without ASCII letters or digits.
    """
    slugs: dict[str, str] = {}
    used: set[str] = set()
    for name in names:
        if name in slugs:
            continue
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        base = re.sub(r"[^A-Za-z0-9]+", separator, plain).strip(separator)[:MAX_SLUG].strip(separator) or "topic"
        slug, number = base, 1
        while slug.lower() in used:
            number += 1
            slug = f"{base}{separator}{number}"
        used.add(slug.lower())
        slugs[name] = slug
    return slugs
