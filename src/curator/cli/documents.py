"""`read` prints the text of a paper; `check-quotes` grades quotes against it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curator.cli.options import current_workspace, json_option
from curator.cli.output import echo_json, print_table, program, wrap_text
from curator.cli.render_evidence import differences_json, format_difference
from curator.errors import CuratorError, PdfUnreadable, SettingsError
from curator.types import Document, Quote
from curator.workspace import find_workspace

if TYPE_CHECKING:
    from curator.quotes.highlight import Highlight
    from curator.settings import ReadSettings


@click.command()
@click.argument("source", metavar="PDF-or-ID")
@json_option
def read(source: str, as_json: bool) -> None:
    """Show the text of a PDF file or a paper, page by page.

    An arXiv id names a paper in the warehouse. Hidden text is listed on stderr.
    """
    document = _load_document(source)
    if as_json:
        echo_json(
            {
                "paper": source if Path(source).is_file() else document.versioned_id,
                "pages": [{"number": page.number, "text": page.text} for page in document.pages],
                "sections": [{"title": s.title, "page": s.page, "kind": s.kind} for s in document.sections],
                "hidden": [
                    {"page": h.page, "text": h.text, "why": h.why, "honest": h.is_ocr_layer} for h in document.hidden
                ],
                "extractor": document.extraction.extractor,
            }
        )
        return
    for page in document.pages:
        click.secho(f"--- page {page.number} ---", dim=True)
        click.echo(page.text)
    click.secho("--- sections ---", dim=True)
    for section in document.sections:
        click.echo(wrap_text(f"p. {section.page}: {section.title} ({section.kind})", "", "  "))
    for hidden in document.hidden:
        what = "text layer" if hidden.is_ocr_layer else "hidden"
        click.echo(wrap_text(f"{what} on page {hidden.page} ({hidden.why}): {hidden.text}"), err=True)


@click.command("check-quotes")
@click.argument("source", metavar="PDF-or-ID")
@click.option("--quotes", "file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help='A file with one JSON object a line: {"id": ..., "quote": ...}.')  # fmt: skip
@json_option
def check_quotes(source: str, file: Path, as_json: bool) -> None:
    """Grade quotes against a PDF file or a paper.

    An arXiv id names a paper in the warehouse.
    """
    from curator.pipeline import quote_check
    from curator.quotes.checker import mark_unreadable
    from curator.quotes.highlight import find_highlights

    requests = list(_read_requests(file))
    document: Document | None = None
    try:
        document = _load_document(source)
    except PdfUnreadable as error:
        click.echo(f"curator: {error}", err=True)
        checked = [mark_unreadable(quote) for _, quote, _ in requests]
    else:
        pages = [page if isinstance(page, int) else None for _, _, page in requests]
        checked = quote_check.check_quotes(document, [quote for _, quote, _ in requests], pages=pages)
    graded = [(id, quote) for (id, _, _), quote in zip(requests, checked, strict=True)]
    if as_json:
        boxes = [find_highlights(document.pages, quote.spans) if document else [] for _, quote in graded]
        echo_json([_to_json(id, quote, highlights) for (id, quote), highlights in zip(graded, boxes, strict=True)])
        return
    print_table(
        ("id", "grade", "page", "where", "found", "quoted → in the paper, or why not"),
        [(id, q.grade, q.page, q.place, q.text if q.holds else "", _remark(q)) for id, q in graded],
    )


def _to_json(id: Any, quote: Quote, boxes: list[Highlight]) -> dict[str, Any]:
    return {
        "id": id,
        "grade": quote.grade,
        "page": quote.page,
        "found": quote.text if quote.holds else None,
        "section": quote.section,
        "form": quote.form,
        "where": quote.place,
        "differences": differences_json(quote),
        "why": quote.why,
        "boxes": [
            {"page": page} | {name: round(at, 2) for name, at in zip(("x0", "y0", "x1", "y1"), corners, strict=True)}
            for page, *corners in boxes
        ],
    }


def _remark(quote: Quote) -> str:
    return quote.why or " ".join(format_difference(one, colour=False) for one in quote.differences)


def _read_requests(file: Path) -> list[tuple[Any, str, Any]]:
    """Return the id, the text and the page, if given, of each quote in the file."""
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CuratorError(f"{file} cannot be read as UTF-8 text: {error}.") from error
    requests = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            request = json.loads(line)
            if not isinstance(request["quote"], str):
                raise TypeError("a quote is a string")
            requests.append((request["id"], request["quote"], request.get("page")))
        except (json.JSONDecodeError, KeyError, TypeError, RecursionError) as error:
            raise CuratorError(
                f'{file}, line {number}: not a JSON object such as {{"id": 1, "quote": "..."}}.'
            ) from error
    return requests


def _reading_settings() -> ReadSettings:
    """Return the workspace's limits for reading a PDF; the defaults outside of a workspace."""
    from curator.settings import ReadSettings

    try:
        workspace = find_workspace()
    except SettingsError:
        return ReadSettings()
    return workspace.settings.read


def _load_document(source: str) -> Document:
    """Read a PDF file, or load a paper of the warehouse by its id."""
    from curator.arxiv_ids import parse_arxiv_id
    from curator.pdf.reader import ReadLimits, read_pdf
    from curator.warehouse import documents, papers

    file = Path(source)
    if file.is_file():
        return read_pdf(file, ReadLimits.from_settings(_reading_settings()))
    try:
        wanted = parse_arxiv_id(source)
    except ValueError as error:
        raise CuratorError(f"{source} is neither a file nor an arXiv id.") from error
    _, warehouse = current_workspace()
    paper = warehouse.read(papers.get_paper, wanted.id, wanted.version)
    document = paper and warehouse.read(documents.get_document, paper.id, paper.version)
    if not document:
        raise CuratorError(f"{wanted} is not in the warehouse; `{program()} ingest --id {wanted}` adds it.")
    return document


COMMANDS = (read, check_quotes)
