"""Write the demo's PDFs and their catalogue from the Markdown sources: `make demo-data`.

The bytes depend on the version of PyMuPDF; tests/typesetting/test_demo_data.py compares text and page pictures.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from curator.demo.samples import CATALOGUE, PAPERS
from curator.types import Paper
from tests.typesetting.markup import Source, parse_source
from tests.typesetting.typeset import typeset

SOURCES = Path(__file__).parent / "sources"
TRUNCATED_SHARE = 0.6
"""The share of a damaged sample's file that is kept: the table of its pages comes later in the file."""


def load_sources() -> Iterator[tuple[str, Source]]:
    """Yield each sample paper's versioned id and source, in the order of the ids."""
    for path in sorted(SOURCES.glob("*.md")):
        yield path.stem, parse_source(path.read_text(encoding="utf-8"))


def is_truncated(source: Source) -> bool:
    """Return whether the demo serves this paper with a file that is cut short."""
    return source.front.get("served") == "truncated"


def make_pdf(source: Source) -> bytes:
    """Typeset a sample paper as the demo serves it."""
    pdf = typeset(source)
    return pdf[: int(len(pdf) * TRUNCATED_SHARE)] if is_truncated(source) else pdf


def describe_paper(paper: Paper, file: str) -> dict[str, Any]:
    """Return the catalogue entry that `curator.demo.samples.load_catalogue` reads back as this paper."""
    entry = {
        "id": paper.id,
        "version": paper.version,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "published": paper.published.isoformat(),
        "updated": paper.updated.isoformat(),
        "comment": paper.comment,
        "journal_ref": paper.journal_ref,
        "doi": paper.doi,
        "file": file,
    }
    return {key: value for key, value in entry.items() if value is not None}


def format_catalogue() -> str:
    """Return the catalogue of all sample papers, one JSON object a line."""
    entries = (describe_paper(source.paper, f"{name}.pdf") for name, source in load_sources())
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


def write_demo_data(folder: Path) -> None:
    """Write every sample paper's PDF and the catalogue, and remove PDFs that no longer have a source."""
    pdfs = {folder / f"{name}.pdf": make_pdf(source) for name, source in load_sources()}
    for path, pdf in pdfs.items():
        path.write_bytes(pdf)
    for path in set(folder.glob("*.pdf")) - pdfs.keys():
        path.unlink()
    (folder / CATALOGUE).write_text(format_catalogue(), encoding="utf-8", newline="\n")


def main() -> None:
    """Rewrite the demo's bundled files and print their size."""
    write_demo_data(PAPERS)
    sizes = [path.stat().st_size for path in PAPERS.glob("*.pdf")]
    print(f"{len(sizes)} PDFs in {PAPERS}: {sum(sizes) / 1000:.0f} kB, and {CATALOGUE}")


if __name__ == "__main__":
    main()
