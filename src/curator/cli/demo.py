"""`demo` runs the whole pipeline on bundled sample papers."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from curator.cli.ingest import run_ingest
from curator.cli.output import count, program, wrap_text
from curator.cli.render_evidence import quote_lines, support_lines
from curator.cli.run_report import print_report
from curator.private_files import make_private_folder, make_public_folder, write_private
from curator.workspace import SETTINGS_FILE, Workspace, create_files


@click.command()
@click.option("--no-serve", is_flag=True, help="Exit after the run, without serving the review page.")
def demo(no_serve: bool) -> None:
    """Run the whole pipeline offline on sample papers.

    The review page is served afterwards. The demo needs no key. It has a workspace of its own: the folder in
    CURATOR_WORKSPACE if that is set, else demo/.
    """
    from curator.arxiv.rate_limit import gate_file
    from curator.demo.samples import FIRST_DAY, load_sample_papers
    from curator.demo.server import ArxivServer
    from curator.pipeline import IngestRequest
    from curator.settings import ArxivSettings

    root = Path(os.environ.get("CURATOR_WORKSPACE") or "demo").expanduser()
    started = time.monotonic()
    _lay_out_demo(root)
    server = ArxivServer(load_sample_papers())
    try:
        with server:
            workspace = Workspace(root.absolute(), ArxivSettings(url=server.url, interval=0))
            report = run_ingest(
                workspace, IngestRequest(since=FIRST_DAY, until=datetime(2100, 1, 1, tzinfo=UTC), keyless=True)
            )
    finally:
        gate_file(server.url).unlink(missing_ok=True)  # another server may take the port of the stand-in
    print_report(report)
    _print_next_steps(root, time.monotonic() - started)
    if report.outcome == "failed":
        sys.exit(1)
    if not no_serve:
        from curator.cli.review import serve_page

        serve_page(Workspace(root.absolute()), open_browser=sys.stdout.isatty(), any_port=True)


def _lay_out_demo(root: Path) -> None:
    """Create the demo's workspace, and mark it, so that sample papers never get into a real list."""
    from curator.errors import SettingsError

    mark = Workspace(root).demo_mark
    if (root / SETTINGS_FILE).exists() and not mark.exists():
        raise SettingsError(
            f"{root} contains a list of your own, and the demo would add invented papers to it. "
            "Unset CURATOR_WORKSPACE, or set it to an empty folder."
        )
    make_public_folder(root)
    make_private_folder(mark.parent)
    write_private(mark, b"This workspace belongs to the demo: its papers are invented.\n")
    list(create_files(root))


def _print_next_steps(root: Path, seconds: float) -> None:
    from curator.warehouse import Warehouse, candidates

    warehouse = Warehouse(Workspace(root).warehouse_file)
    waiting = warehouse.read(candidates.load_candidates)
    curator = program()
    click.echo(f"\nThe whole pipeline ran in {seconds:.1f} s, on invented papers, in the workspace {root}/.")
    if waiting:
        best = waiting[0]
        click.echo(f"{count(len(waiting), 'candidate')} to review. The first:\n")
        click.echo(wrap_text(best.text))
        for quote in best.quotes[:1]:
            for line in quote_lines(quote):
                click.echo(line)
        for line in support_lines(best.support, "    "):
            click.echo(line)
    first = waiting[0].id[:6] if waiting else "ID"
    exported = root if root.is_absolute() else f"$PWD/{root}"
    click.echo(
        f"\nTo review in a browser, or from the shell:\n"
        f"  export CURATOR_WORKSPACE={exported}\n"
        f"  {curator} review           decide with one key, and see each quote on the paper's page\n"
        f"  {curator} queue            list the candidates, best first\n"
        f"  {curator} why {first}       show where the first candidate comes from\n"
        f"  {curator} accept {first}    or: reject ID --reason R, defer ID, merge ID INTO, undo\n"
        f"  {curator} publish          write {root}/list.md"
    )


COMMANDS = (demo,)
