"""The site's files, made from frames. No server, no request to anybody else, no script but our own search.

PDFs and their pictures are not republished (arXiv's terms of use); quotes are, with links to arXiv's own pages.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlencode

from curator.publish.atom import write_feed
from curator.publish.cite import id_number, is_on_arxiv, label, page_url, paper_url, papers_of, split_name
from curator.publish.slugs import slugs
from curator.records import Change, Frame, Kind, Paper, Quote
from curator.templating import Environment, strict_templates
from curator.text import one_line

HERE = Path(__file__).parent
File = tuple[PurePosixPath, bytes]
"""A file of the site, and its content."""
KINDS: tuple[tuple[Kind, str], ...] = (
    ("representational", "Frames that look inside the model, at what it is made of."),
    ("functional", "Frames that look at the model from outside: at its data, its objective and its behaviour."),
)
MOST_CHANGES = 200  # on the front page, the latest


@dataclass(frozen=True)
class Listing:
    """What the site says beside the frames."""

    title: str
    about: str
    topics: Sequence[str]  # in the list's order
    changes: Sequence[Change]
    identity: str  # tells this list's feed from all others


def files(frames: Iterable[Frame], listing: Listing) -> Iterator[File]:
    """The files, one after the other. Links between them are relative, so that a folder of them can lie anywhere."""
    told = sorted(frames, key=lambda frame: id_number(frame.id))
    names = slugs([*listing.topics, *dict.fromkeys(topic for frame in told for topic in frame.topics)])
    templates = _templates(names)
    used = {topic for frame in told for topic in frame.topics}
    topics = [topic for topic in names if topic in used]
    shared: dict[str, object] = {"listing": listing, "topics": topics}
    latest = sorted(listing.changes, key=lambda change: change.day, reverse=True)[:MOST_CHANGES]
    yield (
        PurePosixPath("index.html"),
        _page(templates, "front.html", shared, root="", frames=told, changes=latest, ids={frame.id for frame in told}),
    )
    for frame in told:
        yield (
            PurePosixPath("frames", f"{frame.id}.html"),
            _page(templates, "frame.html", shared, root="../", frame=frame),
        )
    for topic in topics:
        its = [frame for frame in told if topic in frame.topics]
        yield (
            PurePosixPath("topics", f"{names[topic]}.html"),
            _page(templates, "topic.html", shared, root="../", topic=topic, frames=its),
        )
    yield PurePosixPath("frames.js"), _data(told)
    yield PurePosixPath("feed.xml"), _feed(told, listing)
    for file in sorted((HERE / "static").iterdir()):
        yield PurePosixPath(file.name), file.read_bytes()


def _templates(names: dict[str, str]) -> Environment:
    made = strict_templates(HERE / "templates")
    made.filters.update(line=one_line, label=label)
    made.globals.update(
        kinds=KINDS, papers_of=papers_of, paper_url=paper_url, place=_place, source_of=_source_of, coins=_coins,
        citation=_citation, slug=names.__getitem__,
    )  # fmt: skip
    return made


def _page(templates: Environment, name: str, shared: dict[str, object], **values: object) -> bytes:
    return templates.get_template(name).render(shared | values).encode("utf-8", "replace")


def _source_of(quote: Quote, frame: Frame) -> Paper:
    return next((paper for paper in papers_of(frame) if paper.versioned_id == quote.paper), frame.paper)


def _place(quote: Quote, frame: Frame) -> str | None:
    """Where a quote's page is to be seen."""
    return page_url(_source_of(quote, frame), quote.page) if quote.page else None


def _citation(paper: Paper) -> list[tuple[str, str]]:
    """Names and contents of the meta elements by which reference managers recognise the paper (Highwire's)."""
    fields = [("citation_title", paper.title), *(("citation_author", author) for author in paper.authors)]
    fields += [("citation_publication_date", f"{paper.published:%Y/%m/%d}")]
    if is_on_arxiv(paper):
        fields += [("citation_arxiv_id", paper.id), ("citation_pdf_url", f"https://arxiv.org/pdf/{paper.versioned_id}")]
    if paper.doi:
        fields.append(("citation_doi", paper.doi))
    return [(name, one_line(content)) for name, content in fields]


def _coins(paper: Paper) -> str:
    """The paper as a ContextObject in a span (OpenURL COinS, Z39.88-2004), which Zotero's connector reads."""
    fields = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"),
        ("rft.genre", "article" if paper.journal_ref else "preprint"),
        ("rft.atitle", one_line(paper.title)),
        ("rft.jtitle", one_line(paper.journal_ref or "arXiv")),
        ("rft.date", f"{paper.published:%Y-%m-%d}"),
    ]
    for author in paper.authors:
        name = split_name(author)
        fields.append(("rft.au", ", ".join(filter(None, [name.last, name.first, name.suffix]))))
    if paper.doi:
        fields.append(("rft_id", f"info:doi/{one_line(paper.doi)}"))
    if url := paper_url(paper):
        fields.append(("rft_id", url))
    return urlencode(fields, errors="replace")


def _data(frames: Iterable[Frame]) -> bytes:
    """What the search looks through, as a script: pages opened from a file system may fetch nothing."""
    told = [
        {
            "id": frame.id,
            "kind": frame.kind,
            "text": one_line(frame.text),
            "words": one_line(
                " ".join([frame.text, *frame.topics, *(q.text for q in frame.quotes if q.holds), frame.paper.title])
            ),
        }
        for frame in frames
    ]
    lines = ",\n".join(json.dumps(one, ensure_ascii=True) for one in told)
    return f"const frames = [\n{lines}\n];\n".encode("ascii")


def _feed(frames: Sequence[Frame], listing: Listing) -> bytes:
    stream = io.BytesIO()
    write_feed(frames, stream, title=listing.title, about=listing.about, identity=listing.identity)
    return stream.getvalue()
