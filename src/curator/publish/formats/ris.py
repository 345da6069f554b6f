"""The sources as RIS, which every reference manager reads: one record for each paper version.

The format is refman.com's "RIS Format Specifications" of 2011. The type of a preprint is UNPB, which Zotero reads as
a preprint, and that of a web page ELEC. Each value is put on one line, so that no title can start a field or end a
record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from curator.publish.citations import PersonName, cited_papers, is_on_arxiv, paper_url, split_name
from curator.publish.snapshot import ListSnapshot
from curator.sanitize import single_line
from curator.types import Paper


def render(snapshot: ListSnapshot) -> Iterator[str]:
    """Yield a record for each source, in the order of the frames that cite it; lines end with CRLF."""
    for paper, frame_ids in cited_papers(snapshot.frames):
        yield _record(paper, frame_ids)


def _record(paper: Paper, frame_ids: Iterable[str]) -> str:
    fields = [("TY", _type(paper))]
    fields += [("AU", _author(split_name(author))) for author in paper.authors if single_line(author)]
    fields += [
        ("TI", paper.title),
        ("PY", f"{paper.issued:%Y}" if paper.issued else ""),
        ("DA", f"{paper.issued:%Y/%m/%d}/" if paper.issued else ""),
        ("T2", paper.journal_ref or ""),
        ("AB", paper.abstract),
        ("DO", paper.doi or ""),
        ("UR", paper_url(paper) or ""),
        ("PB", "arXiv" if is_on_arxiv(paper) else ""),
        ("M1", f"arXiv:{paper.versioned_id}" if is_on_arxiv(paper) else ""),
        *(("KW", category) for category in paper.categories),
        ("N1", f"Frames {', '.join(frame_ids)}"),
    ]
    lines = [f"{tag}  - {value}" for tag, text in fields if (value := single_line(text))]
    return "".join(f"{line}\r\n" for line in (*lines, "ER  - ", ""))


def _type(paper: Paper) -> str:
    if paper.journal_ref:
        return "JOUR"
    return "ELEC" if paper.place == "web" else "UNPB"


def _author(name: PersonName) -> str:
    """Return "Last, First, Suffix". A group's name ends with a comma; without it, readers would split the name."""
    if not name.first:
        return f"{name.last}," if " " in name.last else name.last
    return ", ".join(filter(None, [name.last, name.first, name.suffix]))
