"""`add` takes papers and frames from the user; `suggest` queues suggestions from readers."""

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
from curator.errors import CuratorError, PaperError
from curator.types import KINDS

if TYPE_CHECKING:
    from curator.review.add_frame import FrameRequest, SourceDetails
    from curator.review.manual import AddResult
    from curator.types import Kind, Paper, Quote
    from curator.warehouse import Warehouse
    from curator.workspace import Workspace


@click.command()
@click.argument("source", metavar="[PDF-or-ID]", required=False)
@click.option("--frame", metavar="TEXT", help="Your frame; or the id or text of a frame on the list.")
@click.option("--source", "sources", multiple=True, metavar="S", help="An arXiv id, DOI or address (repeatable).")
@click.option("--quote", "quotes", multiple=True, metavar="Q", help="A passage of the first source (repeatable).")
@click.option("--kind", type=click.Choice(KINDS), help="The kind of the frame; by default, chosen from its words.")
@click.option("--topic", "topics", multiple=True, metavar="T", help="A topic of the frame (repeatable).")
@click.option("--url", metavar="U", help="The address from which you downloaded the PDF file.")
@click.option("--title", default="", metavar="T", help="The title of the source, if it is not on arXiv.")
@click.option("--author", "authors", multiple=True, metavar="A", help="An author of that source (repeatable).")
@click.option("--date", "issued", type=Day(), metavar="DATE", help="The date on which that source was published.")
@click.option("--contradicts", is_flag=True, help="Add the source as evidence against a frame on the list.")
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
    """Add a paper, or a frame of your own with --frame.

    A paper is an arXiv id, an address or a PDF file. Curator reads it, whatever its topic, and queues candidates.
    A frame goes on the list at once, with its source if you name one. If the frame is on the list already, the source
    is added to it. `undo` reverses both.
    """
    from curator.review.add_frame import FrameRequest, SourceDetails

    details = SourceDetails(url, title, authors, issued.date() if issued else None)
    names = [*([source] if source else []), *sources]
    if not frame:
        if len(names) != 1:
            raise click.UsageError("Name one paper: an arXiv id, its address, or a PDF file; or write a --frame.")
        if quotes or contradicts or suggested_by:
            raise click.UsageError("--quote, --contradicts and --suggested-by require a --frame.")
        _add_paper(names[0], details)
        return
    workspace, warehouse = current_workspace()
    papers = [_resolve_source(workspace, name, details) for name in names]
    evidence = _find_evidence(workspace, papers[0] if papers else None, frame, quotes)
    request = FrameRequest(frame, tuple(papers), tuple(evidence), kind, topics, contradicts, suggested_by)
    _add_frame(workspace, warehouse, request)


def _add_paper(name: str, details: SourceDetails) -> None:
    from curator.cli.ingest import run_ingest
    from curator.cli.run_report import finish_run
    from curator.pipeline import IngestRequest
    from curator.sources import parse_source

    workspace, _ = current_workspace()
    if Path(name).is_file():
        paper = _resolve_source(workspace, name, details)
        finish_run(run_ingest(workspace, IngestRequest(sources=(paper.id,))), as_json=False)
        return
    try:
        source = parse_source(name)
    except ValueError as error:
        raise click.UsageError(f"There is no file {name}. {error}") from error
    if source.arxiv is None:
        raise click.UsageError(
            "Curator reads arXiv papers and PDF files. Download this source and name the file (with --url), or add "
            "a frame about it with --frame."
        )
    finish_run(run_ingest(workspace, IngestRequest(ids=(str(source.arxiv),))), as_json=False)


def _resolve_source(workspace: Workspace, name: str, details: SourceDetails) -> Paper:
    from curator.cli.progress import make_progress
    from curator.review.add_frame import resolve_source
    from curator.sources import parse_source

    try:
        if not Path(name).is_file():
            parse_source(name)
        elif details.url and not parse_source(details.url).url:
            raise click.UsageError("--url takes an address, such as https://…; name a DOI with --source.")
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    with make_progress() as progress:
        return resolve_source(workspace, name, details, progress)


def _find_evidence(workspace: Workspace, paper: Paper | None, frame: str, quotes: Sequence[str]) -> Sequence[Quote]:
    """Return the given quotes with their grades; if none are given, those that the user chooses from proposals."""
    from curator.cli.progress import make_progress
    from curator.review.add_frame import can_read, grade_evidence, propose_evidence

    if paper is None:
        if quotes:
            raise click.UsageError("A --quote needs a source. Name it with --source.")
        return ()
    if quotes:
        with make_progress() as progress:
            evidence = grade_evidence(workspace, paper, quotes, progress)
        if evidence.missing:
            lines = [line for quote in evidence.missing for line in quote_lines(quote)]
            nearest = [line for quote in evidence.nearest for line in quote_lines(quote)]
            lines += ["Nearest passages:", *nearest] if nearest else []
            raise CuratorError("\n".join([f"Not in {paper.versioned_id}; nothing was added:", *lines]))
        return evidence.quotes
    if not can_read(paper) or not sys.stdin.isatty():
        return ()
    if not click.confirm(f"Look for quotes in {paper.title!r}?", default=True):
        return ()
    try:
        with make_progress() as progress:
            proposed = propose_evidence(workspace, paper, frame, progress)
    except PaperError as error:
        click.echo(f"{error} The frame is added without quotes.", err=True)
        return ()
    return _ask_for_choice(proposed)


def _ask_for_choice(quotes: Sequence[Quote]) -> list[Quote]:
    if not quotes:
        click.echo("No sentence of the paper shares enough words with the frame.")
        return []
    for number, quote in enumerate(quotes, 1):
        click.echo(f"  {number}")
        for line in quote_lines(quote):
            click.echo(line)
    question = "Which quotes support the frame? Type their numbers, or press Enter for none"
    answer = click.prompt(question, default="", show_default=False)
    wanted = {int(part) for part in answer.replace(",", " ").split() if part.isdigit()}
    return [quote for number, quote in enumerate(quotes, 1) if number in wanted]


def _add_frame(workspace: Workspace, warehouse: Warehouse, request: FrameRequest) -> None:
    from curator.review.add_frame import add_new_frame, add_sources_to_frame, find_frame_on_list

    reviewer = current_reviewer()
    frame = find_frame_on_list(warehouse, request.text)
    if frame and request.sources:
        add_sources_to_frame(reviewer, warehouse, frame, request)
        _print_frame(warehouse, frame)
        return
    if request.contradicts:
        raise click.UsageError("--contradicts requires a frame that is on the list, and a source.")
    result = add_new_frame(workspace, reviewer, warehouse, request)
    _print_added(warehouse, result, request.suggested_by)


def _print_added(warehouse: Warehouse, result: AddResult, suggested_by: str | None) -> None:
    for _, known in result.known:
        name = known.frame or known.candidate[:6]
        click.echo(f"This frame exists already as {name} ({known.status}); nothing was added.")
    for candidate in result.new:
        if suggested_by:
            click.echo(f"Queued {candidate[:6]}, suggested by {suggested_by}; `{program()} queue` shows it.")
        else:
            _print_frame(warehouse, result.frames[candidate])


def _print_frame(warehouse: Warehouse, id: str) -> None:
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
        click.echo(f"  Source wanted: `{program()} add --frame {frame.id} --source S` adds one.")
    for quote in frame.quotes:
        for line in quote_lines(quote):
            click.echo(line)


@click.command()
@click.argument("file", type=click.File("rb"), metavar="FILE")
@click.option("--by", metavar="WHO", help="The author of suggestions that name no author.")
def suggest(file: BinaryIO, by: str | None) -> None:
    """Queue readers' suggestions from a file.

    FILE is a CSV file, a JSON Lines file or the body of a GitHub issue form; - reads standard input. The columns, keys
    or headings are frame, source, quote, kind, topics, by and note; only frame is required.
    """
    from curator.cli.progress import make_progress
    from curator.review.add_frame import queue_suggestions
    from curator.review.suggestions import read_suggestions

    workspace, warehouse = current_workspace()
    suggestions = read_suggestions(_decode(file), getattr(file, "name", ""))
    with make_progress() as progress:
        result = queue_suggestions(workspace, current_reviewer(), warehouse, suggestions, progress, author=by)
    for problem in result.problems:
        click.echo(problem, err=True)
    click.echo(f"Queued {count(len(result.added.new), 'suggestion')}; `{program()} queue` shows them.")
    for frame, known in result.added.known:
        name = known.frame or known.candidate[:6]
        click.echo(wrap_text(f"Exists already as {name} ({known.status}): {frame.text}", "  ", "    "))


def _decode(file: BinaryIO) -> str:
    content = file.read()
    try:
        return str(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CuratorError(f"{file.name} is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error


COMMANDS = (add, suggest)
