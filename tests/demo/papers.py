"""Papers for the stand-in for arXiv to hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from curator.demo.server import HeldPaper
from curator.types import Paper

NEW_YEAR = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
PDF = b"%PDF-1.7 a file"


def make_paper(number: int = 1, *, version: int = 1, pdf: Any = PDF, **changes: Any) -> HeldPaper:
    """Make paper n, submitted n days after 1 January; each later version follows a day after the one before."""
    published = NEW_YEAR + timedelta(days=number)
    values: dict[str, Any] = {
        "id": f"2601.{number:05d}",
        "version": version,
        "title": f"Paper {number}",
        "abstract": "We study something.",
        "authors": ("Zoë Lindqvist", "Jürgen Østby"),
        "categories": ("cs.CL", "cs.LG"),
        "published": published,
        "updated": published + timedelta(days=version - 1),
    }
    return HeldPaper(Paper(**{**values, **changes}), pdf)
