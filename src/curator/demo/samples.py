"""What the stand-in for arXiv can hold: the bundled sample papers, or any folder of PDFs with a catalogue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from curator.demo.holdings import HeldPaper
from curator.demo.markup import parse_source
from curator.errors import CuratorError
from curator.types import Paper

PAPERS = Path(__file__).parent / "papers"
FIRST_DAY = datetime(2026, 10, 1, tzinfo=UTC)
"""No sample paper is older; what a run over all of them passes as `since`."""
_TRUNCATED = 0.6  # the share of a damaged sample's file that is served; what says where its pages are comes later


@cache
def sample_papers() -> tuple[HeldPaper, ...]:
    """The bundled sample papers, typeset in memory: under a second, once in a process.

    One of them has its file cut short, because some papers' files are damaged and a run has to get over it.
    """
    from curator.demo.typeset import typeset  # here, because PyMuPDF takes its time to load

    held = []
    for path in sorted(PAPERS.glob("*.md")):
        source = parse_source(path.read_text(encoding="utf-8"))
        pdf = typeset(source)
        if source.front.get("served") == "truncated":
            pdf = pdf[: int(len(pdf) * _TRUNCATED)]
        held.append(HeldPaper(source.paper, pdf))
    return tuple(held)


def load_catalogue(path: Path, pdf_dir: Path) -> tuple[HeldPaper, ...]:
    """The papers that a JSON-lines catalogue lists, their PDFs in `pdf_dir`.

    Keys: id, version, title, abstract, authors, categories, published, updated, file; optional are comment,
    journal_ref and doi. A null `file` or one that is missing from the folder is a paper without a PDF.

    Raises:
        CuratorError: the catalogue cannot be read, or a line of it is not such an object.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CuratorError(f"The catalogue {path} cannot be read ({error}). Name a file of JSON lines.") from error
    held = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                held.append(_held(json.loads(line), pdf_dir))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise CuratorError(
                    f"Line {number} of {path} does not describe a paper ({type(error).__name__}: {error}). "
                    "Each line needs an object with id, version, title, abstract, authors, categories, "
                    "published, updated and file."
                ) from error
    return tuple(held)


def _held(entry: Mapping[str, Any], pdf_dir: Path) -> HeldPaper:
    paper = Paper(
        id=str(entry["id"]),
        version=int(entry["version"]),
        title=str(entry["title"]),
        abstract=str(entry["abstract"]),
        authors=tuple(str(author) for author in entry["authors"]),
        categories=tuple(str(category) for category in entry["categories"]),
        published=_utc(entry["published"]),
        updated=_utc(entry["updated"]),
        comment=entry.get("comment"),
        journal_ref=entry.get("journal_ref"),
        doi=entry.get("doi"),
    )
    file = entry["file"]
    if file is None:
        return HeldPaper(paper, None)
    if Path(file).name != file or file in ("", ".", ".."):
        raise ValueError(f"{file} is not the plain name of a file in the folder")
    return HeldPaper(paper, pdf_dir / file)


def _utc(text: str) -> datetime:
    date = datetime.fromisoformat(text)
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
