"""The papers that the stand-in for arXiv serves: the bundled samples, or a folder of PDFs with a catalogue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from curator.demo.holdings import HeldPaper
from curator.errors import CuratorError
from curator.types import Paper

PAPERS = Path(__file__).parent / "papers"
"""The folder of the bundled sample papers: PDFs and a catalogue, both written by `make demo-data`."""
CATALOGUE = "catalogue.jsonl"
"""The name of the catalogue in that folder."""
FIRST_DAY = datetime(2026, 10, 1, tzinfo=UTC)
"""Earlier than every sample paper: pass it as `since` to a run over all of them."""


@cache
def load_sample_papers() -> tuple[HeldPaper, ...]:
    """Load the bundled sample papers with the bytes of their PDFs, once per process.

    One file is truncated on purpose: some real PDFs are damaged, and a run must cope with them.
    """
    return tuple(
        replace(held, pdf=held.pdf.read_bytes()) if isinstance(held.pdf, Path) else held
        for held in load_catalogue(PAPERS / CATALOGUE, PAPERS)
    )


def load_catalogue(path: Path, pdf_dir: Path) -> tuple[HeldPaper, ...]:
    """Load the papers that a catalogue describes, one JSON object a line.

    Required keys: id, version, title, abstract, authors, categories, published, updated, file. Optional keys:
    comment, journal_ref, doi. A paper whose `file` is null, or missing from the folder, has no PDF. A date without
    a time zone is in UTC.

    Args:
        path: The catalogue.
        pdf_dir: The folder that holds the catalogue's files.

    Raises:
        CuratorError: The catalogue cannot be read, or a line does not describe a paper.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CuratorError(f"The catalogue {path} cannot be read ({error}). Name a file of JSON lines.") from error
    held = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                held.append(_parse_entry(json.loads(line), pdf_dir))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise CuratorError(
                    f"Line {number} of {path} does not describe a paper ({type(error).__name__}: {error}). "
                    "Each line must be an object with id, version, title, abstract, authors, categories, "
                    "published, updated and file."
                ) from error
    return tuple(held)


def _parse_entry(entry: Mapping[str, Any], pdf_dir: Path) -> HeldPaper:
    paper = Paper(
        id=str(entry["id"]),
        version=int(entry["version"]),
        title=str(entry["title"]),
        abstract=str(entry["abstract"]),
        authors=tuple(str(author) for author in entry["authors"]),
        categories=tuple(str(category) for category in entry["categories"]),
        published=_parse_date(entry["published"]),
        updated=_parse_date(entry["updated"]),
        comment=entry.get("comment"),
        journal_ref=entry.get("journal_ref"),
        doi=entry.get("doi"),
    )
    file = entry["file"]
    if file is None:
        return HeldPaper(paper, None)
    if Path(file).name != file or file in ("", ".", ".."):
        raise ValueError(f"{file} is not a plain file name")
    return HeldPaper(paper, pdf_dir / file)


def _parse_date(text: str) -> datetime:
    date = datetime.fromisoformat(text)
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
