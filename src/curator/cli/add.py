"""`add` and `suggest`: what people write themselves, and papers that they name."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from curator.cli.options import Day, current_reviewer, current_workspace
from curator.cli.output import count, program, wrap_text
from curator.cli.render_evidence import quote_lines
from curator.errors import CuratorError, DecisionError, PaperError
from curator.types import KINDS

if TYPE_CHECKING:
    from curator.types import Document, Kind, Paper, Quote
    from curator.warehouse import Warehouse
    from curator.workspace import Workspace

PROPOSED = 5  # quotes


@click.command()
@click.argument("source", metavar="[PDF-or-ID]", required=False)
@click.option("--frame", metavar="TEXT", help="A frame in your words; or the id or words of one that lacks a source.")
@click.option("--source", "sources", multiple=True, metavar="S", help="arXiv id, DOI or address (repeatable).")
@click.option("--quote", "quotes", multiple=True, metavar="Q", help="A passage of the first source (repeatable).")
@click.option("--kind", type=click.Choice(KINDS), help="Of the frame; else its words tell.")
@click.option("--topic", "topics", multiple=True, metavar="T", help="A topic of the frame (repeatable).")
@click.option("--url", metavar="U", help="Where a PDF file is from.")
@click.option("--title", default="", metavar="T", help="The title of a source that is not on arXiv.")
@click.option("--author", "authors", multiple=True, metavar="A", help="An author of that source (repeatable).")
@click.option("--date", "issued", type=Day(), metavar="DATE", help="When that source was published.")
@click.option("--contradicts", is_flag=True, help="The source speaks against the frame, which is on the list.")
@click.option("--suggested-by", "suggested_by", metavar="WHO", help="Queue the frame as this reader's suggestion.")
def add(
    source: str | None,
    frame: str | None,
    sources: tuple[str, ...],
    quotes: tuple[str, ...],
    kind: Kind | None,
    topics: tuple[str, ...],
    url: str | None,
    title: str,
    authors: tuple[str, ...],
    issued: datetime | None,
    contradicts: bool,
    suggested_by: str | None,
) -> None:
    """Add a paper (arXiv id or address, or a PDF file), or with --frame a frame of your own.

    A paper is read and drafted from, whatever its topic. A frame of yours goes on the list at once, on your word, with
    its source if you name one; one that is there already gets one more source. `undo` takes either back.
    """
    named = [*([source] if source else []), *sources]
    if not frame:
        if len(named) != 1:
            raise click.UsageError("Name one paper: an arXiv id, its address, or a PDF file; or write a --frame.")
        if quotes or contradicts or suggested_by:
            raise click.UsageError("--quote, --contradicts and --suggested-by go with a --frame.")
        _add_paper(named[0], url, title, authors, issued)
        return
    workspace, warehouse = current_workspace()
    papers = [_source(workspace, one, url, title, authors, issued) for one in named]
    evidence = _evidence(workspace, papers[0] if papers else None, frame, quotes)
    _add_frame(workspace, warehouse, frame, papers, evidence, kind, topics, contradicts, suggested_by)


def _add_paper(named: str, url: str | None, title: str, authors: Sequence[str], issued: datetime | None) -> None:
    from curator.cli.ingest import run_ingest
    from curator.cli.run_report import finish_run
    from curator.pipeline import IngestRequest
    from curator.sources import parse_source

    workspace, _ = current_workspace()
    if Path(named).is_file():
        paper = _source(workspace, named, url, title, authors, issued)
        finish_run(run_ingest(workspace, IngestRequest(sources=(paper.id,))), as_json=False)
        return
    try:
        found = parse_source(named)
    except ValueError as error:
        raise click.UsageError(f"There is no file {named}. {error}") from error
    if found.arxiv is None:
        raise click.UsageError(
            "Curator reads papers at arXiv and PDF files. Download that one and name the file (with --url), or write "
            "what it says yourself with --frame."
        )
    finish_run(run_ingest(workspace, IngestRequest(ids=(str(found.arxiv),))), as_json=False)


def _source(
    workspace: Workspace, named: str, url: str | None, title: str, authors: Sequence[str], issued: datetime | None
) -> Paper:
    """What is named as a source; of a paper at arXiv what arXiv says of it, of a file its copy in the workspace."""
    from curator.cli.progress import make_progress
    from curator.pipeline.lookup import look_up_papers, store_local_pdf
    from curator.sources import make_external_source, make_local_source, parse_source

    day = issued.date() if issued else None
    file = Path(named)
    if file.is_file():
        if url and not parse_source(url).url:
            raise click.UsageError("--url is an address, such as https://…; name a DOI with --source.")
        content = file.read_bytes()
        paper = make_local_source(content, file.name, title=title, authors=authors, issued=day, url=url)
        return store_local_pdf(workspace, content, paper)
    try:
        found = parse_source(named)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if found.arxiv is None:
        return make_external_source(found, title=title, authors=authors, issued=day)
    with make_progress() as progress:
        papers, problems = look_up_papers(workspace, [found.arxiv], progress)
    if found.arxiv not in papers:
        raise CuratorError(f"arXiv:{found.arxiv} could not be looked up: {'; '.join(problems) or 'arXiv has no such'}.")
    return papers[found.arxiv]


def _evidence(workspace: Workspace, paper: Paper | None, frame: str, quotes: Sequence[str]) -> list[Quote]:
    """The quotes that were given, graded; without any, those that are chosen from what Curator proposes."""
    from curator.cli.progress import make_progress
    from curator.drafting.suggest_quotes import propose_quotes
    from curator.pipeline.lookup import get_text, grade_quotes
    from curator.quotes.checker import mark_unreadable

    if quotes and paper is None:
        raise click.UsageError("A --quote is of a source; name it with --source.")
    if paper is None:
        return []
    if paper.place not in ("arxiv", "file"):
        return [mark_unreadable(quote) for quote in quotes]
    if not quotes and not (sys.stdin.isatty() and click.confirm(f"Look for quotes in {paper.title!r}?", default=True)):
        return []
    try:
        with make_progress() as progress:
            document = get_text(workspace, paper, progress)
    except PaperError as error:
        if quotes:
            raise
        click.echo(f"{error} The frame is added without quotes.", err=True)
        return []
    if not quotes:
        return _chosen(propose_quotes(_words(frame), document, PROPOSED))
    found = grade_quotes(document, quotes)
    missing = [quote for quote in found if not quote.holds]
    if missing:
        lines = [line for quote in missing for line in quote_lines(quote)]
        said = [f"Not in {paper.versioned_id}; nothing was added:", *lines, *_nearest(document, missing)]
        raise CuratorError("\n".join(said))
    return found


def _nearest(document: Document, missing: Sequence[Quote]) -> list[str]:
    from curator.drafting.suggest_quotes import propose_quotes

    near = [one for quote in missing for one in propose_quotes(quote.text, document, 1)]
    return ["Nearest passages:", *(line for quote in near for line in quote_lines(quote))] if near else []


def _words(frame: str) -> str:
    """The text of a frame that is named by its id, or what was written."""
    from curator.review.decisions import find_candidate

    try:
        return find_candidate(current_workspace()[1], frame).text
    except CuratorError:
        return frame


def _chosen(quotes: Sequence[Quote]) -> list[Quote]:
    if not quotes:
        click.echo("No sentence of it shares enough words with the frame.")
        return []
    for number, quote in enumerate(quotes, 1):
        click.echo(f"  {number}")
        for line in quote_lines(quote):
            click.echo(line)
    said = click.prompt("Which of them carry it? Numbers, or nothing", default="", show_default=False)
    wanted = {int(part) for part in said.replace(",", " ").split() if part.isdigit()}
    return [quote for number, quote in enumerate(quotes, 1) if number in wanted]


def _add_frame(
    workspace: Workspace,
    warehouse: Warehouse,
    frame: str,
    papers: Sequence[Paper],
    evidence: Sequence[Quote],
    kind: Kind | None,
    topics: Sequence[str],
    contradicts: bool,
    suggested_by: str | None,
) -> None:
    from curator.drafting.extractive import classify_kind, extract_topic_words, match_topics
    from curator.review.manual import ManualFrame, add_frames, add_source
    from curator.sources import make_unnamed_source

    desk = current_reviewer()
    topics = tuple(topics) or match_topics(extract_topic_words(workspace.settings.topics), frame)
    standing = _standing(warehouse, frame)
    if standing and papers:
        add_source(desk, warehouse, standing, papers[0], evidence, contradicts=contradicts, further=papers[1:])
        _tell_frame(warehouse, standing)
        return
    if contradicts:
        raise click.UsageError("--contradicts goes with a frame that is on the list, and a source.")
    written = ManualFrame(
        frame, kind or classify_kind(frame), papers[0] if papers else make_unnamed_source("Written by hand"),
        suggested_by or desk.name, "suggested" if suggested_by else "by hand",
        topics, tuple(evidence), tuple(papers[1:]),
    )  # fmt: skip
    taken = add_frames(desk, warehouse, [written], accept=not suggested_by)
    for _, known in taken.known:
        click.echo(f"It is there already, as {known.frame or known.candidate[:6]} ({known.status}); nothing was added.")
    for candidate in taken.new:
        if suggested_by:
            click.echo(f"Queued {candidate[:6]}, suggested by {suggested_by}; `{program()} queue` shows it.")
        else:
            _tell_frame(warehouse, taken.frames[candidate])


def _standing(warehouse: Warehouse, frame: str) -> str | None:
    """The id of the frame on the list that is named by its id or its words; None for a new one."""
    from curator.review.manual import fold_frame, known_frames

    if not warehouse.file.exists():
        return None
    known = warehouse.read(known_frames)
    by_id = {one.frame: one for one in known.values() if one.frame}
    found = by_id.get(frame.strip().upper()) or known.get(fold_frame(frame))
    if found is None and frame.strip()[:1].upper() == "F" and frame.strip()[1:].isdigit():
        raise DecisionError(f"There is no frame {frame.strip()}.")
    return found.frame if found and found.status == "accepted" else None


def _tell_frame(warehouse: Warehouse, id: str) -> None:
    from curator.publish.citations import citation_label, papers_of
    from curator.review.decisions import find_candidate
    from curator.warehouse import frames

    item = find_candidate(warehouse, id)
    (frame,) = warehouse.read(frames.load_frames, [item.id])
    click.echo(f"{frame.id}, {frame.kind}" + (f", {', '.join(frame.topics)}" if frame.topics else "") + ":")
    click.echo(wrap_text(frame.text))
    for paper in papers_of(frame):
        click.echo(wrap_text(f"Source: {citation_label(paper)}: {paper.title}", "  ", "    "))
    for paper in frame.contradicting:
        click.echo(wrap_text(f"Contradicted by {citation_label(paper)}: {paper.title}", "  ", "    "))
    if not papers_of(frame):
        click.echo(f"  Source wanted: `{program()} add --frame {frame.id} --source S`.")
    for quote in frame.quotes:
        for line in quote_lines(quote):
            click.echo(line)


@click.command()
@click.argument("file", type=click.File("rb"), metavar="FILE")
@click.option("--by", metavar="WHO", help="Who suggests, where the file does not say.")
def suggest(file: BinaryIO, by: str | None) -> None:
    """Queue what readers suggest: a CSV or JSON Lines file, or a GitHub issue form's body; - is standard input.

    Columns, keys or headings: frame, source, quote, kind, topics, by, note; only frame must be there.
    """
    from curator.cli.progress import make_progress
    from curator.drafting.extractive import classify_kind, extract_topic_words, match_topics
    from curator.pipeline.lookup import resolve_sources
    from curator.review.manual import ManualFrame, add_frames
    from curator.review.suggestions import read_suggestions
    from curator.sources import make_unnamed_source

    workspace, warehouse = current_workspace()
    suggestions = read_suggestions(_text_of(file), getattr(file, "name", ""))
    with make_progress() as progress:
        sources, _ = resolve_sources(workspace, (one.source for one in suggestions if one.source), progress)
    words = extract_topic_words(workspace.settings.topics)
    written = []
    for one in suggestions:
        paper = sources.get(one.source) or make_unnamed_source("Suggested by a reader")
        said = f"source as given: {one.source}" if one.source and one.source not in sources else ""
        note = "; ".join(filter(None, [one.note, said]))
        quotes = _suggested_quotes(workspace, paper, one.quote)
        topics = one.topics or match_topics(words, one.text)
        written.append(
            ManualFrame(one.text, one.kind or classify_kind(one.text), paper, one.by or by or "a reader", "suggested",
                        topics, quotes, note=note or None)
        )  # fmt: skip
    taken = add_frames(current_reviewer(), warehouse, written, accept=False)
    click.echo(f"Queued {count(len(taken.new), 'suggestion')}; `{program()} queue` shows them.")
    for frame, known in taken.known:
        name = known.frame or known.candidate[:6]
        click.echo(wrap_text(f"Known as {name} ({known.status}): {frame.text}", "  ", "    "))


def _text_of(file: BinaryIO) -> str:
    content = file.read()
    try:
        return str(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CuratorError(f"{file.name} is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error


def _suggested_quotes(workspace: Workspace, paper: Paper, quote: str) -> tuple[Quote, ...]:
    from curator.cli.progress import make_progress
    from curator.pipeline.lookup import get_text, grade_quotes
    from curator.quotes.checker import mark_unreadable

    if not quote:
        return ()
    if paper.place == "arxiv":
        try:
            with make_progress() as progress:
                return tuple(grade_quotes(get_text(workspace, paper, progress), [quote]))
        except PaperError as error:
            click.echo(f"{error}", err=True)
    return (mark_unreadable(quote),)


COMMANDS = (add, suggest)
