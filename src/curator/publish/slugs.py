"""File names made from a stranger's or a person's words: letters and digits alone, told apart whatever their case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 60  # characters


def make_slugs(names: Iterable[str], between: str = "-") -> dict[str, str]:
    """A file name for each name, in their order; what has no letters of the Latin alphabet is called "topic"."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        if name in found:
            continue
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        base = re.sub(r"[^A-Za-z0-9]+", between, plain).strip(between)[:LONGEST].strip(between) or "topic"
        slug, number = base, 1
        while slug.lower() in taken:
            number += 1
            slug = f"{base}{between}{number}"
        taken.add(slug.lower())
        found[name] = slug
    return found
