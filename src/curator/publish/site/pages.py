"""Render the site's files. The site needs no server, requests nothing from other hosts and has one script, its search.

arXiv's terms of use do not allow PDFs and pictures of their pages to be republished. The site has quotes, with links to
arXiv's own pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path, PurePosixPath
from urllib.parse import urlencode

from curator.html import Environment, strict_templates
from curator.publish.changelog import group_by_day
from curator.publish.citations import (
    citation_label,
    display_name,
    is_on_arxiv,
    page_of,
    page_url,
    paper_url,
    papers_of,
    source_of,
    split_name,
)
from curator.publish.slugs import make_slugs
from curator.publish.snapshot import ListSnapshot
from curator.sanitize import single_line
from curator.types import Frame, Kind, Paper

HERE = Path(__file__).parent
KINDS: tuple[tuple[Kind, str], ...] = (
    ("representational", "Frames that look inside the model, at what it is made of."),
    ("functional", "Frames that look at the model from outside: at its data, its objective and its behaviour."),
)
"""Each kind of frame, with the sentence under its heading."""
MAX_DAYS = 60
"""Days of the changelog on the front page, the latest."""
MAX_CHANGES = 100
"""Changes of a day on the front page."""
MAX_ON_FRONT = 2000
"""Frames of a kind on the front page. Of a longer list, it shows the latest frames; the topics' pages show all."""
LATEST_ON_FRONT = 100
"""The number of latest frames of a kind that the front page of a longer list shows."""
_PIECES_AT_ONCE = 200
"""Pieces of a rendered template that are joined before they are written."""


def site_files(snapshot: ListSnapshot, feed: Iterable[bytes]) -> Iterator[tuple[PurePosixPath, Iterable[bytes]]]:
    """Yield the site's files. Links between them are relative, so that the folder can be moved.

    Args:
        snapshot: The list.
        feed: The Atom feed of the same list.
    """
    used = dict.fromkeys(topic for listed in snapshot.outline for topic in listed.topics)
    slugs = make_slugs([*snapshot.topics, *used])
    templates = _load_templates()
    topics, ids = [topic for topic in slugs if topic in used], {listed.id for listed in snapshot.outline}
    shared: dict[str, object] = {"listing": snapshot, "topics": topics, "ids": ids, "slug": slugs.__getitem__}
    yield PurePosixPath("index.html"), _front_page(templates, shared, snapshot)
    for frame in snapshot.frames:
        path = PurePosixPath("frames", f"{frame.id}.html")
        yield path, _page(templates, "frame.html", shared, root="../", frame=frame)
    for retired in snapshot.retired.values():
        path = PurePosixPath("frames", f"{retired.frame}.html")
        yield path, _page(templates, "retired.html", shared, root="../", gone=retired)
    for topic in topics:
        frames = [(kind, snapshot.on_topic(topic, kind)) for kind, _ in KINDS]
        path = PurePosixPath("topics", f"{slugs[topic]}.html")
        yield path, _page(templates, "topic.html", shared, root="../", topic=topic, frames=frames)
    yield PurePosixPath("frames.js"), _search_data(snapshot.frames)
    yield PurePosixPath("feed.xml"), feed
    for file in sorted((HERE / "static").iterdir()):
        yield PurePosixPath(file.name), [file.read_bytes()]


def _front_page(templates: Environment, shared: dict[str, object], snapshot: ListSnapshot) -> Iterator[bytes]:
    days = [(day, changes[:MAX_CHANGES], len(changes[MAX_CHANGES:])) for day, changes in group_by_day(snapshot.changes)]
    sections = {kind: snapshot.in_sections(kind) for kind, _ in KINDS}
    number = {kind: sum(len(frames) for _, frames in groups) for kind, groups in sections.items()}
    latest = {kind: snapshot.latest(kind, LATEST_ON_FRONT) for kind, _ in KINDS if number[kind] > MAX_ON_FRONT}
    return _page(
        templates, "front.html", shared, root="", frames=len(snapshot.frames), days=days[:MAX_DAYS],
        sections={kind: [(None, latest[kind])] if kind in latest else groups for kind, groups in sections.items()},
        left_out={kind: number[kind] - len(frames) for kind, frames in latest.items()},
    )  # fmt: skip


@cache
def _load_templates() -> Environment:
    templates = strict_templates(HERE / "templates")
    templates.filters.update(line=single_line, label=citation_label, name=display_name)
    templates.globals.update(
        kinds=KINDS, papers_of=papers_of, paper_url=paper_url, page_url=page_url, page_of=page_of, source_of=source_of,
        coins=_coins, citation=_citation_metadata,
    )  # fmt: skip
    return templates


def _page(templates: Environment, name: str, shared: dict[str, object], **values: object) -> Iterator[bytes]:
    rendered = templates.get_template(name).generate(shared | values)
    while pieces := list(islice(rendered, _PIECES_AT_ONCE)):
        yield "".join(pieces).encode("utf-8", "replace")


def _citation_metadata(paper: Paper) -> list[tuple[str, str]]:
    """Return names and contents of Highwire's meta elements, by which reference managers recognise the paper."""
    fields = [("citation_title", paper.title), *(("citation_author", display_name(author)) for author in paper.authors)]
    if paper.issued:
        fields += [("citation_publication_date", f"{paper.issued:%Y/%m/%d}")]
    if is_on_arxiv(paper):
        fields += [("citation_arxiv_id", paper.id), ("citation_pdf_url", f"https://arxiv.org/pdf/{paper.versioned_id}")]
    if paper.doi:
        fields.append(("citation_doi", paper.doi))
    return [(name, single_line(content)) for name, content in fields]


def _coins(paper: Paper) -> str:
    """Return the paper as a ContextObject for a span (OpenURL COinS, Z39.88-2004), which Zotero's connector reads."""
    fields = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"),
        ("rft.genre", "article" if paper.journal_ref else "preprint"),
        ("rft.atitle", single_line(paper.title)),
        ("rft.jtitle", single_line(paper.journal_ref or ("arXiv" if is_on_arxiv(paper) else ""))),
        ("rft.date", f"{paper.issued:%Y-%m-%d}" if paper.issued else ""),
    ]
    for author in paper.authors:
        name = split_name(author)
        fields.append(("rft.au", ", ".join(filter(None, [name.last, name.first, name.suffix]))))
    if paper.doi:
        fields.append(("rft_id", f"info:doi/{single_line(paper.doi)}"))
    if url := paper_url(paper):
        fields.append(("rft_id", url))
    return urlencode([(name, value) for name, value in fields if value], errors="replace")


def _search_data(frames: Iterable[Frame]) -> Iterator[bytes]:
    """Yield the data of the search as a script, because a page opened from a file system cannot fetch a file."""
    yield b"const frames = ["
    for index, frame in enumerate(frames):
        words = [frame.text, *frame.topics, *(quote.text for quote in frame.quotes if quote.holds)]
        entry = {
            "id": frame.id,
            "kind": frame.kind,
            "text": single_line(frame.text),
            "words": single_line(" ".join([*words, *(paper.title for paper in papers_of(frame))])),
        }
        yield (",\n" if index else "\n").encode() + json.dumps(entry, ensure_ascii=True).encode("ascii")
    yield b"\n];\n"
