"""Sources as RIS, which every reference manager reads: one record for each paper version that a frame rests on.

The format: refman.com's "RIS Format Specifications" of 2011. A preprint is UNPB, as Zotero reads it, and a
page of the web ELEC; values stand on one line, so that no text of a stranger's can begin a field or end a record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from curator.publish.citations import PersonName, is_on_arxiv, paper_url, sources, split_name
from curator.sanitize import single_line
from curator.types import Frame, Paper


def ris_records(frames: Sequence[Frame]) -> Iterator[str]:
    """The records, each with its line ends (CRLF, as the format has it), in the order of the frames that used them."""
    for paper, frame_ids in sources(frames):
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
    """ "Last, First, Suffix"; a group, which has one name only, ends with a comma, or readers would split it."""
    if not name.first:
        return f"{name.last}," if " " in name.last else name.last
    return ", ".join(filter(None, [name.last, name.first, name.suffix]))
