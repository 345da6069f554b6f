"""Looking things up: status, runs, costs, why, SQL, and what a PDF says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curator.cli.consent import list_agreed_parts, part_lines
from curator.cli.options import current_workspace, json_option
from curator.cli.output import address_of, count, echo_json, format_cell, print_table, program, wrap_text
from curator.cli.render_evidence import (
    difference,
    differences_json,
    notice_json,
    notice_lines,
    quote_json,
    quote_lines,
    support_lines,
    warning_lines,
    warnings_of,
)
from curator.errors import CuratorError, PdfUnreadable, QueryError, SettingsError
from curator.resources import resource_path
from curator.types import Document, Quote
from curator.workspace import find_workspace

if TYPE_CHECKING:
    from curator.quotes.highlight import Highlight
    from curator.settings import ReadSettings
    from curator.warehouse.candidates import QueuedCandidate
    from curator.warehouse.decisions import Decision


@click.command()
@json_option
def status(as_json: bool) -> None:
    """Show where things stand: counts, and what failed."""
    from curator.warehouse import statistics

    _, warehouse = current_workspace()
    counts, failed = warehouse.read(lambda c: (statistics.load_status(c), statistics.load_open_failures(c)))
    if as_json:
        echo_json(counts)
        return
    candidates = counts["candidates"]
    if counts["last_ingest"]:
        click.echo(f"All topics were last asked for on {format_cell(counts['last_ingest'])} UTC.")
    click.echo(f"{count(counts['papers'], 'paper')} known, {counts['documents']} read.")
    click.echo(
        f"{count(candidates['pending'], 'candidate')} waiting; {candidates['accepted']} accepted, "
        f"{candidates['rejected']} rejected, {candidates['deferred']} deferred, {candidates['merged']} merged; "
        f"{candidates['without_evidence']} set aside because no quote of theirs holds."
    )
    click.echo(f"{count(counts['published'], 'frame')} published.")
    if counts["returned"]:
        click.echo(
            f"{count(counts['returned'], 'frame')} on the list to be decided on again, because of what became of a "
            f"paper: first in `{program()} queue`."
        )
    if counts["in_batches"]:
        click.echo(
            f"{count(counts['in_batches'], 'paper')} with the model's provider, in batches: `{program()} collect`."
        )
    if failed.rows:
        click.echo(f"\n{count(len(failed.rows), 'open failure')}:")
        print_table(failed.columns, failed.rows)
    elif candidates["pending"]:
        click.echo(f"Next: `{program()} queue`.")


@click.command()
@click.option("--limit", default=10, show_default=True, type=click.IntRange(min=1), help="How many.")
@json_option
def runs(limit: int, as_json: bool) -> None:
    """Show the latest runs: what was asked, found, made, failed and spent."""
    from curator.warehouse import statistics

    _, warehouse = current_workspace()
    found = warehouse.read(statistics.load_runs, limit)
    if as_json:
        echo_json(found)
        return
    for one in found:
        ended = format_cell(one["ended"]) or "no end on record"
        click.secho(f"{one['id']}  {format_cell(one['started'])} to {ended} UTC: {one['outcome']}", bold=True)
        if one["message"]:
            click.echo(wrap_text(one["message"]))
        cost = f", cost {one['cost']:.4f}" if one["cost"] is not None else ""
        cost += f" ({one['estimated_cost']:.4f} of it estimated)" if one["estimated_cost"] else ""
        click.echo(
            f"  {count(one['papers'], 'new paper')}, {one['documents']} read, {count(one['candidates'], 'candidate')}, "
            f"{count(one['failures'], 'failure')}, {count(one['calls'], 'model call')}{cost}; "
            f"{'drafter: ' + one['drafter'] if one['drafter'] else 'a look at papers on the list'}"
        )
        for topic in one["topics"]:
            click.echo(f"  {topic['topic']}: {topic['state']}, {topic['announced']} announced, {topic['new']} new")
            if said := _owed(topic):
                click.echo(wrap_text(said, "      "))
            for problem in topic["problems"]:
                click.echo(wrap_text(problem, "      "))
    if not found:
        click.echo(f"No run yet. `{program()} ingest` starts one.")


def _owed(topic: dict[str, Any]) -> str:
    """What arXiv announced and did not hand out; nothing is known of that in runs of earlier versions."""
    if topic["got"] is None or topic["got"] >= topic["announced"] or topic["state"] == "failed":
        return ""
    unread = f" ({', '.join(topic['unread'])})" if topic["unread"] else ""
    return f"expected and not got: {topic['announced'] - topic['got']}{unread}; the next runs ask again"


@click.command()
@click.option(
    "--by", type=click.Choice(["day", "topic", "stage"]), default="day", show_default=True, help="One row each."
)
@json_option
def costs(by: str, as_json: bool) -> None:
    """Show what model calls took: tokens, seconds, money where a price is set, and money for each frame on the list."""
    from curator.warehouse.ad_hoc import run_query
    from curator.warehouse.costs import load_cost_per_frame, load_costs

    workspace, warehouse = current_workspace()
    if by == "day":
        spent = warehouse.read(load_costs)
    else:
        sql = resource_path("warehouse", "queries", f"cost_by_{by}.sql").read_text(encoding="utf-8")
        spent = warehouse.read(run_query, sql)
    if as_json:
        echo_json(spent.dicts())
        return
    if not spent.rows:
        click.echo("No model has been called. The keyless drafter costs nothing.")
        return
    print_table(spent.columns, spent.rows)
    if estimated := sum(row["estimated_calls"] for row in spent.dicts()):
        click.echo(
            wrap_text(
                f"Estimated: {count(estimated, 'call')} whose usage is not known, because the endpoint did not report "
                "it or no whole answer came. Their tokens and cost are the most that they may have used.", ""
            )
        )  # fmt: skip
    each = warehouse.read(load_cost_per_frame)
    if each is not None:
        click.echo(f"{each:.4f} for each frame on the list.")
    if workspace.settings.draft.price_in is None:
        click.echo("Set draft.price_in and draft.price_out in curator.toml, and costs are counted from then on.")


@click.command()
@click.argument("candidate", metavar="ID")
@click.option("--prov", is_flag=True, help="Of a frame: the whole chain as JSON-LD in the words of PROV-O.")
@json_option
def why(candidate: str, prov: bool, as_json: bool) -> None:
    """Trace a candidate or a frame back: decision, draft, prompt and model, quote, page, paper."""
    from curator.review.decisions import find_candidate
    from curator.warehouse.decisions import load_decisions_on
    from curator.warehouse.frames import load_frame_id
    from curator.warehouse.overview import explain_candidate

    _, warehouse = current_workspace()
    item = find_candidate(warehouse, candidate)
    chain, decisions, frame = warehouse.read(
        lambda c: (explain_candidate(c, item.id), load_decisions_on(c, item.id), load_frame_id(c, item.id))
    )
    if prov:
        echo_json(_provenance(item, chain, decisions))
        return
    if as_json:
        echo_json(
            vars(item)
            | {"quotes": [vars(quote) | quote_json(quote) for quote in item.quotes], "frame": frame}
            | {"support": [one.to_json() for one in item.support], "warnings": warnings_of(item.hidden)}
            | {"notices": [notice_json(notice) for notice in item.notices]}
            | chain
            | {"decisions": [vars(one) for one in decisions]}
        )
        return
    click.secho(f"{item.id} · {item.status}" + (f" · {frame}" if frame else ""), bold=True)
    click.echo(wrap_text(item.text))
    if item.text != item.draft_text:
        click.echo(wrap_text(f"drafted as: {item.draft_text}", "    "))
    if source := address_of(item):
        click.echo(wrap_text(f"Source: {item.title} ({source})", "", "  "))
    else:
        click.echo(wrap_text(f"Source wanted. {item.title}.", "", "  "))
    if item.author:
        click.echo(wrap_text(f"Written by {item.author}, {item.drafter}, {format_cell(item.added)} UTC", "", "  "))
        if item.note:
            click.echo(wrap_text(f"Said with it: {item.note}", "", "  "))
    else:
        _tell_drafting(item, chain)
    for quote in item.quotes:
        for line in quote_lines(quote, "  "):
            click.echo(line)
    for line in (*support_lines(item.support, ""), *warning_lines(item.hidden, "")):
        click.echo(line)
    for notice in item.notices:
        for line in notice_lines(notice, "  "):
            click.echo(line)
    for failed in chain["unchecked"]:
        click.echo(wrap_text(f"No model checked its support: {failed['message'] or failed['outcome']}", "", "  "))
    for merged in chain["merged"]:
        what = "Contradicted by" if merged["contradicts"] else "Merged into it:"
        click.echo(wrap_text(f"{what} {merged['candidate']} from {merged['paper']}: {merged['text']}", "", "  "))
    for line in part_lines(item):
        click.echo(line)
    for one in decisions:
        into = f"{'against' if one.contradicts else 'into'} {one.merged_into}" if one.merged_into else ""
        instead = f"superseded by {one.superseded_by}" if one.superseded_by else ""
        with_it = f"with its {' and '.join(parts)}" if (parts := list_agreed_parts(one)) else ""
        said = "; ".join(filter(None, [one.reason, one.text, into, instead, with_it]))
        click.echo(wrap_text(f"{format_cell(one.added)} UTC {one.reviewer}: {one.action} {said}", "", "  "))


def _provenance(item: QueuedCandidate, chain: dict[str, Any], decisions: Sequence[Decision]) -> dict[str, Any]:
    from curator.publish.provenance import build_provenance
    from curator.warehouse.frames import load_frames
    from curator.warehouse.migrations import load_warehouse_identity

    workspace, warehouse = current_workspace()
    frames, identity = warehouse.read(lambda c: (load_frames(c, [item.id]), load_warehouse_identity(c)))
    if not frames:
        raise CuratorError(f"{item.id} is not on the list, and only frames on the list have provenance to export.")
    return build_provenance(frames[0], decisions, chain, title=workspace.settings.title, identity=identity)


def _tell_drafting(item: QueuedCandidate, chain: dict[str, Any]) -> None:
    """How a candidate came out of its paper."""
    for screening in chain["screenings"]:
        verdict = "relevant" if screening["relevant"] else "not relevant"
        click.echo(
            wrap_text(
                f"Screened for {screening['topic']}: {verdict}, {screening['score']:.2f} by {screening['screener']}: "
                f"{screening['reason']}", "", "  "
            )
        )  # fmt: skip
    if not chain["screenings"]:
        click.echo("Not screened: asked for by its id.")
    click.echo(
        wrap_text(f"Drafted {format_cell(chain['drafted'])} UTC in run {chain['run']} by {item.drafter}", "", "  ")
    )
    if chain["call"]:
        tokens = f"{format_cell(chain['tokens_in'])} tokens in, {format_cell(chain['tokens_out'])} out"
        tokens += " (estimated)" if chain["estimated"] else ""
        prompt = f"prompts/{chain['prompt']}.md {chain['prompt_sha256'][:12]}"
        click.echo(f"  call {chain['call']}: {chain['model']}, {tokens}; {prompt}")
    if chain["dropped"]:
        click.echo(wrap_text(f"not shown to the drafter: {', '.join(chain['dropped'])}"))


@click.command()
@click.argument("sql", metavar="QUERY")
@json_option
def sql(sql: str, as_json: bool) -> None:
    """Run read-only SQL over the warehouse's views. `show tables` names them."""
    _answer(sql, as_json)


@click.command()
@click.argument("name", metavar="[NAME]", required=False)
@json_option
def query(name: str | None, as_json: bool) -> None:
    """Run a named query from warehouse/queries/; without a name, list them."""
    workspace, _ = current_workspace()
    files = workspace.query_files()
    if name is None and as_json:
        echo_json([{"name": known, "about": _first_line(file)} for known, file in files.items()])
        return
    if name is None:
        for known, file in files.items():
            click.echo(f"{known:<24}{_first_line(file)}")
        return
    if name not in files:
        raise QueryError(f"There is no query {name!r}; there are: {', '.join(files)}.")
    _answer(files[name].read_text(encoding="utf-8"), as_json)


def _first_line(file: Path) -> str:
    return file.read_text(encoding="utf-8").splitlines()[0].removeprefix("--").strip()


def _answer(sql: str, as_json: bool) -> None:
    from curator.warehouse.ad_hoc import run_query

    _, warehouse = current_workspace()
    answer = warehouse.read(run_query, sql)
    if as_json:
        echo_json(answer.dicts())
    elif answer.columns:
        print_table(answer.columns, answer.rows)
        click.echo(count(len(answer.rows), "row"), err=True)


@click.command()
@click.argument("source", metavar="PDF-or-ID")
@json_option
def read(source: str, as_json: bool) -> None:
    """Show the text of a PDF file, or of a paper in the warehouse, page by page."""
    document = _document(source)
    if as_json:
        echo_json(
            {
                "paper": source if Path(source).is_file() else document.versioned_id,
                "pages": [{"number": page.number, "text": page.text} for page in document.pages],
                "sections": [{"title": s.title, "page": s.page, "kind": s.kind} for s in document.sections],
                "hidden": [{"page": h.page, "text": h.text, "why": h.why, "honest": h.honest} for h in document.hidden],
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
        what = "text layer" if hidden.honest else "hidden"
        click.echo(wrap_text(f"{what} on page {hidden.page} ({hidden.why}): {hidden.text}"), err=True)


@click.command("check-quotes")
@click.argument("source", metavar="PDF-or-ID")
@click.option("--quotes", "file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help='One JSON object a line: {"id": ..., "quote": ...}.')  # fmt: skip
@json_option
def check_quotes(source: str, file: Path, as_json: bool) -> None:
    """Grade quotes against a PDF file, or a paper in the warehouse."""
    from curator.quotes.checker import QuoteChecker, mark_unreadable
    from curator.quotes.highlight import find_highlights

    wanted = list(_quotes_in(file))
    document: Document | None = None
    try:
        document = _document(source)
    except PdfUnreadable as error:
        click.echo(f"curator: {error}", err=True)
        graded = [(one_id, mark_unreadable(quote)) for one_id, quote, _ in wanted]
    else:
        grade = QuoteChecker(document).grade
        graded = [(one_id, grade(quote, page if isinstance(page, int) else None)) for one_id, quote, page in wanted]
    if as_json:
        boxes = [find_highlights(document.pages, quote.spans) if document else [] for _, quote in graded]
        echo_json([_checked(one_id, quote, of) for (one_id, quote), of in zip(graded, boxes, strict=True)])
        return
    print_table(
        ("id", "grade", "page", "where", "found", "quoted → in the paper, or why not"),
        [(one_id, q.grade, q.page, q.place, q.text if q.holds else "", _remark(q)) for one_id, q in graded],
    )


def _checked(one_id: Any, quote: Quote, boxes: list[Highlight]) -> dict[str, Any]:
    return {
        "id": one_id,
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
    return quote.why or " ".join(difference(one, colour=False) for one in quote.differences)


def _quotes_in(file: Path) -> list[tuple[Any, str, Any]]:
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CuratorError(f"{file} cannot be read as UTF-8 text: {error}.") from error
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
            if not isinstance(one["quote"], str):
                raise TypeError("a quote is text")
            found.append((one["id"], one["quote"], one.get("page")))
        except (json.JSONDecodeError, KeyError, TypeError, RecursionError) as error:
            raise CuratorError(
                f'{file}, line {number}: not a JSON object such as {{"id": 1, "quote": "..."}}.'
            ) from error
    return found


def _reading_settings() -> ReadSettings:
    """The workspace's limits on reading a PDF; outside of one, the usual ones."""
    from curator.settings import ReadSettings

    try:
        workspace = find_workspace()
    except SettingsError:
        return ReadSettings()
    return workspace.settings.read


def _document(source: str) -> Document:
    """A PDF file that exists, read now; else a paper of the warehouse by its id."""
    from curator.arxiv_ids import parse_arxiv_id
    from curator.pdf.reader import Reader, ReadLimits
    from curator.warehouse import documents, papers

    file = Path(source)
    if file.is_file():
        with Reader(ReadLimits.of(_reading_settings(), workers=1)) as reader:
            return reader.read(file, file.stem, 1)
    try:
        wanted = parse_arxiv_id(source)
    except ValueError as error:
        raise CuratorError(f"{source} is neither a file nor an arXiv id.") from error
    _, warehouse = current_workspace()
    paper = warehouse.read(papers.get_paper, wanted.id, wanted.version)
    document = paper and warehouse.read(documents.get_document, paper.id, paper.version)
    if not document:
        raise CuratorError(f"{wanted} has not been read; `{program()} ingest --id {wanted}` fetches it.")
    return document


COMMANDS = (status, runs, costs, why, sql, query, read, check_quotes)
