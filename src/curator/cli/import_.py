"""`import` adds the entries of a list that was kept by hand, after it has shown its plan."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from curator.cli.options import current_reviewer, current_workspace, json_option
from curator.cli.output import count, echo_json, program, wrap_text
from curator.errors import CuratorError
from curator.types import KINDS

if TYPE_CHECKING:
    from curator.list_import.parser import EntryKind, ParsedEntry, ParsedList
    from curator.list_import.plan import ImportPlan
    from curator.review.manual import ManualFrame
    from curator.types import Kind

MAX_FILE_BYTES = 5_000_000
"""Bytes of an imported file: some thousand pages of text, more than any list has."""
MAX_SHOWN_TEXT = 100
"""Characters of a skipped paragraph on the terminal."""

_HEADINGS: tuple[tuple[EntryKind, str], ...] = (
    ("topic", "topics"),
    ("frame", "frames"),
    ("question", "open questions"),
    ("todo", "to-dos"),
    ("change", "changes"),
)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--check", is_flag=True, help="Show the plan, and write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    help="The kind of frames without a heading of a kind; by default, chosen from their words.",
)
@click.option("--offline", is_flag=True, help="Do not look up the linked papers on arXiv.")
@json_option
def import_(file: Path, check: bool, yes: bool, kind: Kind | None, offline: bool, as_json: bool) -> None:
    """Import an existing list.

    FILE is Markdown, HTML, or text pasted from a web page. Frames, open questions, to-dos, topics and the changelog are
    added to the list unchanged, as your decisions. Frames without a link are marked as lacking a source. Entries that
    are on the list already are skipped.
    """
    from curator.cli.progress import make_progress
    from curator.list_import.parser import parse_list
    from curator.list_import.plan import plan_import

    workspace, _ = current_workspace()
    content = _read(file)
    post = parse_list(content, file.name)
    if not (post.entries or post.struck):
        raise CuratorError(_describe_nothing(file, post))
    with make_progress() as progress:
        plan = plan_import(
            workspace, post, file=file.name, author=current_reviewer().name, kind=kind, progress=progress,
            offline=offline or check,
        )  # fmt: skip
    for problem in plan.problems:
        click.echo(wrap_text(problem, ""), err=True)
    if not as_json:
        _print_plan(post, plan)
    if check or plan.is_empty:
        _print_nothing_written(post, check=check, as_json=as_json)
        return
    if sys.stdin.isatty() and not (yes or as_json):
        click.confirm("Put this on the list?", abort=True)
    _write(post, plan, file.name, content, as_json=as_json)


def _read(file: Path) -> str:
    if file.stat().st_size > MAX_FILE_BYTES:
        raise CuratorError(f"{file} is larger than {MAX_FILE_BYTES // 1_000_000} MB, too large for a list.")
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CuratorError(f"{file} is not UTF-8 text (byte {error.start}). Save it as UTF-8 and try again.") from error


def _describe_nothing(file: Path, post: ParsedList) -> str:
    """Return the message about a post in which nothing was understood, with the beginning of what was seen."""
    seen = "; ".join(repr(text[:60]) for text in post.rest[:3])
    found = f"It has {count(len(post.rest), 'paragraph')}, such as {seen}." if seen else "It has no text."
    return (
        f"Nothing in {file} reads as a frame, a question or a to-do, so nothing was imported. {found} Frames are list "
        "items or the rows of a table, best under a heading such as `## Functional frames`."
    )


def _print_plan(post: ParsedList, plan: ImportPlan) -> None:
    """Print every entry of the post, with kind, section and sources of new frames, and the skipped paragraphs."""
    new = {frame.text: frame for frame in plan.frames}
    for what, heading in _HEADINGS:
        entries = post.of(what)
        if entries:
            click.secho(count(len(entries), heading.removesuffix("s"), heading), bold=True)
        for entry in entries:
            _print_entry(entry, new.get(entry.text) if what == "frame" else None)
    if post.struck:
        click.secho(f"Struck out, and so not imported ({len(post.struck)}):", bold=True)
        for text in post.struck:
            click.echo(wrap_text(text, "  - ", "    "))
    if post.rest:
        click.secho(f"Skipped {count(len(post.rest), 'paragraph')}:", bold=True)
        for text in post.rest:
            shown = text if len(text) < MAX_SHOWN_TEXT else f"{text[: MAX_SHOWN_TEXT - 1]}…"
            click.echo(wrap_text(shown, "  ", "  "))
    if plan.listed:
        click.echo(f"On the list already: {plan.listed} of these.")


def _print_entry(entry: ParsedEntry, frame: ManualFrame | None) -> None:
    kind, section = (frame.kind, frame.section) if frame else (entry.kind, None)
    labels = " · ".join(filter(None, [kind, entry.day, section]))
    click.echo(wrap_text((f"[{labels}] " if labels else "") + entry.text, "  - ", "    "))
    if entry.what == "frame":
        click.echo(f"    {_describe_sources(frame)}")


def _describe_sources(frame: ManualFrame | None) -> str:
    if frame is None:
        return "on the list already"
    if not frame.source.is_named:
        return "source wanted"
    return "; ".join(dict.fromkeys(source.url or source.versioned_id for source in (frame.source, *frame.further)))


def _print_nothing_written(post: ParsedList, *, check: bool, as_json: bool) -> None:
    if as_json:
        echo_json(_to_json(post) | ({} if check else {"frames_added": [], "entries_added": []}))
    elif not check:
        click.echo("The list has all of this already. Nothing was written.")


def _write(post: ParsedList, plan: ImportPlan, name: str, content: str, *, as_json: bool) -> None:
    from curator.list_import.importer import import_list
    from curator.list_import.plan import find_unwatched_topics

    workspace, warehouse = current_workspace()
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    added, entries = import_list(current_reviewer(), warehouse, plan.frames, plan.entries, name, sha256)
    if as_json:
        echo_json(_to_json(post) | {"frames_added": list(added.frames.values()), "entries_added": entries})
        return
    others = count(len(entries), "other entry", "other entries")
    click.echo(f"Imported {count(len(added.frames), 'frame')} and {others}.")
    if plan.unsourced:
        verb = "lacks" if plan.unsourced == 1 else "lack"
        click.echo(
            f"{count(plan.unsourced, 'frame')} {verb} a source. `{program()} add --frame F --source S` adds a source."
        )
    _suggest_topics(find_unwatched_topics(workspace.settings, post))
    click.echo(f"Next: `{program()} publish --check`. `{program()} undo` reverses the whole import.")


def _suggest_topics(unwatched: Sequence[str]) -> None:
    """Print the settings with which Curator would search arXiv for topics that only the list has."""
    if not unwatched:
        return
    click.echo("Curator does not search arXiv for these topics of the list. To change that, add to curator.toml:")
    for name in unwatched:
        about = name.split("(")[0].strip().lower()
        query = f'cat:cs.CL AND abs:"{about}"'
        click.echo(f"\n  [[topics]]\n  name = {json.dumps(name, ensure_ascii=False)}\n  query = {json.dumps(query)}")
        click.echo(f'  about = {json.dumps(about, ensure_ascii=False)}\n  not_about = ""')
    click.echo()


def _to_json(post: ParsedList) -> dict[str, object]:
    return {
        "entries": [vars(entry) for entry in post.entries],
        "passed_over": list(post.rest),
        "struck_out": list(post.struck),
    }


COMMANDS = (import_,)
