"""Sources as CSL-JSON, which Pandoc, Zotero and citation processors read: one item for each paper version.

The format: the CSL project's csl-data schema, version 1.0.2. A preprint is an `article`, its number the arXiv id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from curator.publish.citations import is_on_arxiv, paper_url, sources, split_name
from curator.sanitize import single_line
from curator.types import Frame, Paper


def csl_items(frames: Sequence[Frame]) -> Iterator[dict[str, Any]]:
    """The items, in the order of the frames that used them; `id` is the paper's versioned id."""
    for paper, frame_ids in sources(frames):
        yield _item(paper, frame_ids)


def _item(paper: Paper, frame_ids: Iterable[str]) -> dict[str, Any]:
    day = paper.issued
    fields: dict[str, Any] = {
        "id": paper.versioned_id,
        "type": "article-journal" if paper.journal_ref else "webpage" if paper.place == "web" else "article",
        "title": single_line(paper.title),
        "author": [_author(author) for author in paper.authors if single_line(author)],
        "issued": {"date-parts": [[day.year, day.month, day.day]]} if day else None,
        "abstract": single_line(paper.abstract),
        "container-title": single_line(paper.journal_ref or ""),
        "DOI": single_line(paper.doi or ""),
        "URL": paper_url(paper) or "",
        "note": f"Frames {', '.join(frame_ids)}",
    }
    if is_on_arxiv(paper):
        fields |= {"publisher": "arXiv", "number": f"arXiv:{paper.versioned_id}"}
    return {name: value for name, value in fields.items() if value}


def _author(author: str) -> dict[str, str]:
    name = split_name(author)
    if not name.first:
        return {"literal": name.last}
    parts = {"family": name.last, "given": name.first, "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}
