"""`publish` and `export`: the list out."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from curator.cli.confirmation import yes_option
from curator.cli.consent import wording_lines
from curator.cli.decide import decide
from curator.cli.options import Day, current_reviewer, current_workspace
from curator.cli.output import count, wrap_text
from curator.errors import PublishError
from curator.publish.formats import FOLDERS, FORMATS
from curator.types import KINDS

if TYPE_CHECKING:
    from curator.publish.hand_edits import HandEdits
    from curator.types import Kind
    from curator.workspace import Workspace


@click.command()
@click.option("--check", is_flag=True, help="Say what would change and change nothing; exit code 3 if anything would.")
@click.option("--since", type=Day(), metavar="DATE", help="Print what changed since then, to paste; write nothing.")
@click.option("--adopt", is_flag=True, help="First take in what you reworded in the list itself: frames, changelog.")
@yes_option
def publish(check: bool, since: datetime | None, adopt: bool, yes: bool) -> None:
    """Write the list: sections, frames with sources, open questions, changelog.

    Only the parts between Curator's own markers are written; the rest of the file is yours. Where another reviewer
    accepted a frame that --adopt would reword, you are asked.
    """
    from curator.publish.hand_edits import NOTHING
    from curator.publish.publisher import publish as publish_
    from curator.publish.publisher import update_since

    if check + bool(since) + adopt > 1:
        raise click.UsageError("--check, --since and --adopt are different things; give one at a time.")
    workspace, _ = current_workspace()
    adopted = _adopt(workspace, yes) if adopt else NOTHING
    if since:
        click.echo(update_since(workspace, since.date()))
        return
    published = publish_(workspace, check=check, adopted=adopted)
    if check:
        click.echo(published.diff or f"{published.file} is up to date with {count(published.frames, 'frame')}.")
        sys.exit(3 if published.diff else 0)
    done = "Wrote" if published.diff else "Nothing to change in"
    click.echo(f"{done} {published.file}: {count(published.frames, 'frame')}.")


def _adopt(workspace: Workspace, yes: bool) -> HandEdits:
    """Take edits in the list's file into the warehouse: rewordings as decisions; return what was adopted."""
    from curator.publish.publisher import adopt_changelog, find_hand_edits
    from curator.review.decisions import DecisionRequest, find_candidate

    desk = current_reviewer()
    edits = find_hand_edits(workspace)
    for frame, text in edits.frames.values():
        for line in wording_lines(find_candidate(current_workspace()[1], frame.candidate_id), text, None):
            click.echo(line)
        decide(frame.candidate_id, DecisionRequest("accept", text), yes=yes)
        click.echo(f"Adopted {frame.id}:")
        click.echo(wrap_text(text))
    if edits.days:
        adopt_changelog(workspace, edits, desk.reviewer)
        days = ", ".join("the earlier lines" if day == date.min else f"{day}" for day in edits.days)
        click.echo(f"Adopted the changelog: {days}.")
    if not edits.frames and not edits.days:
        click.echo("No frame was reworded in the list, nor its changelog.")
    return edits


@click.command()
@click.argument("format", type=click.Choice(FORMATS))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file or, of obsidian and html, a folder.")
@click.option("--topic", metavar="T", help="Only frames of this topic.")
@click.option("--kind", type=click.Choice(KINDS), help="Only frames of this kind.")
@click.option("--since", type=Day(), metavar="DATE", help="Only frames accepted on this day or after it.")
def export(format: str, output: Path | None, topic: str | None, kind: Kind | None, since: datetime | None) -> None:
    """Write the accepted frames in another format."""
    from curator.publish.managed_regions import replacing_file
    from curator.publish.publisher import export_folder, export_frames, export_parquet
    from curator.publish.snapshot import Selection

    workspace, warehouse = current_workspace()
    known = [one.name for one in workspace.settings.topics]
    if topic is not None and topic not in known:
        raise click.BadParameter(f"{topic!r} is none of {', '.join(known)}.", param_hint="--topic")
    selection = Selection(topic, kind, since)
    if output is None and format in FOLDERS | {"parquet"}:
        raise click.UsageError(f"{format} is not for a terminal; say where it goes with -o.")
    if output is not None and not output.parent.is_dir():
        raise PublishError(f"There is no folder {output.parent}.")
    if output is not None and output.is_dir() != (format in FOLDERS) and output.exists():
        raise PublishError(f"{output} is {'a' if output.is_dir() else 'no'} folder; name another place.")
    if output is not None and format == "parquet":
        number = export_parquet(warehouse, workspace.settings, output, selection)
    elif output is not None and format in FOLDERS:
        number = export_folder(warehouse, workspace.settings, format, output, selection)
    elif output is not None:
        with replacing_file(output) as file:
            number = export_frames(warehouse, workspace.settings, format, file, selection)
    else:
        export_frames(warehouse, workspace.settings, format, sys.stdout.buffer, selection)
        return
    click.echo(f"Wrote {count(number, 'frame')} to {output}.", err=True)


COMMANDS = (publish, export)
