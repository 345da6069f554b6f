"""The sources as CSL-JSON, which Pandoc, Zotero and citation processors read: one item for each paper version.

The format is the CSL project's csl-data schema, version 1.0.2. An item's `id` is the versioned id of the paper; a
preprint is an `article` with its arXiv id as `number`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from curator.publish.citations import cited_papers, is_on_arxiv, paper_url, split_name
from curator.publish.frame_rows import to_json
from curator.publish.snapshot import ListSnapshot
from curator.sanitize import single_line
from curator.types import Paper


def render(snapshot: ListSnapshot) -> Iterator[str]:
    """Yield a JSON list with one source on each line, in the order of the frames that cite it."""
    yield "["
    separator = "\n"
    for paper, frame_ids in cited_papers(snapshot.frames):
        yield separator + to_json(_item(paper, frame_ids))
        separator = ",\n"
    yield "\n]\n"


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
