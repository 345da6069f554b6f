"""The site's files, made from frames. No server, no request to anybody else, no script but our own search.

PDFs and their pictures are not republished (arXiv's terms of use); quotes are, with links to arXiv's own pages.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path, PurePosixPath
from urllib.parse import urlencode

from curator.html import Environment, strict_templates
from curator.publish.changelog import group_by_day
from curator.publish.citations import (
    citation_label,
    is_on_arxiv,
    page_of,
    page_url,
    paper_url,
    papers_of,
    source_of,
    split_name,
)
from curator.publish.formats.atom import write_feed
from curator.publish.slugs import make_slugs
from curator.publish.snapshot import ListSnapshot
from curator.sanitize import single_line
from curator.types import Frame, Kind, Paper

HERE = Path(__file__).parent
SiteFile = tuple[PurePosixPath, Iterable[bytes]]
"""A file of the site, and its content in pieces."""
KINDS: tuple[tuple[Kind, str], ...] = (
    ("representational", "Frames that look inside the model, at what it is made of."),
    ("functional", "Frames that look at the model from outside: at its data, its objective and its behaviour."),
)
MOST_DAYS = 60  # of the changelog on the front page, the latest
MOST_CHANGES = 100  # of a day
MOST_ON_FRONT = 2000  # frames of a kind; of a longer list the front page shows the latest, and the topics' pages all
LATEST = 100
_PIECES = 200  # of a template, written at once


def site_files(contents: ListSnapshot) -> Iterator[SiteFile]:
    """The files, one after the other. Links between them are relative, so that a folder of them can lie anywhere."""
    told = contents.frames
    used = dict.fromkeys(topic for one in contents.outline for topic in one.topics)
    names = make_slugs([*contents.topics, *used])
    templates = _templates(names)
    topics, ids = [topic for topic in names if topic in used], {one.id for one in contents.outline}
    shared: dict[str, object] = {"listing": contents, "topics": topics, "ids": ids}
    yield PurePosixPath("index.html"), _front(templates, shared, contents)
    for frame in told:
        yield (
            PurePosixPath("frames", f"{frame.id}.html"),
            _page(templates, "frame.html", shared, root="../", frame=frame),
        )
    for gone in contents.retired.values():
        yield (
            PurePosixPath("frames", f"{gone.frame}.html"),
            _page(templates, "retired.html", shared, root="../", gone=gone),
        )
    for topic in topics:
        its = [(kind, contents.on_topic(topic, kind)) for kind, _ in KINDS]
        yield (
            PurePosixPath("topics", f"{names[topic]}.html"),
            _page(templates, "topic.html", shared, root="../", topic=topic, frames=its),
        )
    yield PurePosixPath("frames.js"), _data(told)
    yield PurePosixPath("feed.xml"), _feed(contents)
    for file in sorted((HERE / "static").iterdir()):
        yield PurePosixPath(file.name), [file.read_bytes()]


def _front(templates: Environment, shared: dict[str, object], told: ListSnapshot) -> Iterator[bytes]:
    days = [(day, changes[:MOST_CHANGES], len(changes[MOST_CHANGES:])) for day, changes in group_by_day(told.changes)]
    sections = {kind: told.in_sections(kind) for kind, _ in KINDS}
    number = {kind: sum(len(its) for _, its in groups) for kind, groups in sections.items()}
    latest = {kind: told.latest(kind, LATEST) for kind, _ in KINDS if number[kind] > MOST_ON_FRONT}
    return _page(
        templates, "front.html", shared, root="", frames=len(told.frames), days=days[:MOST_DAYS],
        sections={kind: [(None, latest[kind])] if kind in latest else groups for kind, groups in sections.items()},
        left_out={kind: number[kind] - len(its) for kind, its in latest.items()},
    )  # fmt: skip


def _templates(names: dict[str, str]) -> Environment:
    made = strict_templates(HERE / "templates")
    made.filters.update(line=single_line, label=citation_label)
    made.globals.update(
        kinds=KINDS, papers_of=papers_of, paper_url=paper_url, page_url=page_url, page_of=page_of, source_of=source_of,
        coins=_coins, citation=_citation, slug=names.__getitem__,
    )  # fmt: skip
    return made


def _page(templates: Environment, name: str, shared: dict[str, object], **values: object) -> Iterator[bytes]:
    made = templates.get_template(name).generate(shared | values)
    while pieces := list(islice(made, _PIECES)):
        yield "".join(pieces).encode("utf-8", "replace")


def _citation(paper: Paper) -> list[tuple[str, str]]:
    """Names and contents of the meta elements by which reference managers recognise the paper (Highwire's)."""
    fields = [("citation_title", paper.title), *(("citation_author", author) for author in paper.authors)]
    if paper.issued:
        fields += [("citation_publication_date", f"{paper.issued:%Y/%m/%d}")]
    if is_on_arxiv(paper):
        fields += [("citation_arxiv_id", paper.id), ("citation_pdf_url", f"https://arxiv.org/pdf/{paper.versioned_id}")]
    if paper.doi:
        fields.append(("citation_doi", paper.doi))
    return [(name, single_line(content)) for name, content in fields]


def _coins(paper: Paper) -> str:
    """The paper as a ContextObject in a span (OpenURL COinS, Z39.88-2004), which Zotero's connector reads."""
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


def _data(frames: Iterable[Frame]) -> Iterator[bytes]:
    """What the search looks through, as a script: pages opened from a file system may fetch nothing."""
    yield b"const frames = ["
    for at, frame in enumerate(frames):
        words = [frame.text, *frame.topics, *(quote.text for quote in frame.quotes if quote.holds)]
        told = {
            "id": frame.id,
            "kind": frame.kind,
            "text": single_line(frame.text),
            "words": single_line(" ".join([*words, *(paper.title for paper in papers_of(frame))])),
        }
        yield (",\n" if at else "\n").encode() + json.dumps(told, ensure_ascii=True).encode("ascii")
    yield b"\n];\n"


def _feed(told: ListSnapshot) -> Iterator[bytes]:
    stream = io.BytesIO()
    write_feed(told, stream)
    yield stream.getvalue()
