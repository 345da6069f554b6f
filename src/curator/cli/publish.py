"""`publish` writes the list to its file; `export` writes it in another format."""

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
from curator.publish.formats.registry import EXPORT_FORMATS, format_names
from curator.types import KINDS

if TYPE_CHECKING:
    from curator.publish.formats.registry import ExportFormat
    from curator.publish.hand_edits import HandEdits
    from curator.types import Kind
    from curator.workspace import Workspace


@click.command()
@click.option("--check", is_flag=True, help="Print the changes without making them; exit with code 3 if there are any.")
@click.option(
    "--since",
    type=Day(),
    metavar="DATE",
    help="Print the changes since this day, for a post; write nothing.",
)
@click.option("--adopt", is_flag=True, help="First record your edits of frames and changelog in the list's file.")
@yes_option
def publish(check: bool, since: datetime | None, adopt: bool, yes: bool) -> None:
    """Write the list to its file.

    The list contains topics, frames with sources, open questions and a changelog. Curator writes only between its own
    markers; the rest of the file is yours. With --adopt, Curator asks before it rewords a frame that another reviewer
    accepted.
    """
    from curator.publish.hand_edits import NO_EDITS
    from curator.publish.publisher import publish as publish_
    from curator.publish.publisher import update_since

    if check + bool(since) + adopt > 1:
        raise click.UsageError("--check, --since and --adopt exclude one another. Use one of them.")
    workspace, _ = current_workspace()
    adopted = _adopt(workspace, yes) if adopt else NO_EDITS
    if since:
        click.echo(update_since(workspace, since.date()))
        return
    published = publish_(workspace, check=check, adopted=adopted)
    if check:
        click.echo(published.diff or f"{published.file} is up to date with {count(published.frames, 'frame')}.")
        sys.exit(3 if published.diff else 0)
    result = "Wrote" if published.diff else "Nothing to change in"
    click.echo(f"{result} {published.file}: {count(published.frames, 'frame')}.")


def _adopt(workspace: Workspace, yes: bool) -> HandEdits:
    """Record the edits of the list's file in the warehouse, rewordings as decisions; return them."""
    from curator.publish.publisher import adopt_changelog, find_hand_edits
    from curator.review.decisions import DecisionRequest, find_candidate

    reviewer = current_reviewer()
    edits = find_hand_edits(workspace)
    for frame, text in edits.frames.values():
        for line in wording_lines(find_candidate(current_workspace()[1], frame.candidate_id), text, None):
            click.echo(line)
        decide(frame.candidate_id, DecisionRequest("accept", text), yes=yes)
        click.echo(f"Adopted {frame.id}:")
        click.echo(wrap_text(text))
    if edits.days:
        adopt_changelog(workspace, edits, reviewer.name)
        days = ", ".join("the earlier lines" if day == date.min else f"{day}" for day in edits.days)
        click.echo(f"Adopted the changelog: {days}.")
    if not edits.frames and not edits.days:
        click.echo("No frame was reworded in the list, and its changelog was not edited.")
    return edits


@click.command()
@click.argument("format", type=click.Choice(list(EXPORT_FORMATS)))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help=f"A file or, for {' and '.join(format_names('folder'))}, a folder.",
)
@click.option("--topic", metavar="T", help="Include only frames of this topic.")
@click.option("--kind", type=click.Choice(KINDS), help="Include only frames of this kind.")
@click.option("--since", type=Day(), metavar="DATE", help="Include only frames accepted on this day or later.")
def export(format: str, output: Path | None, topic: str | None, kind: Kind | None, since: datetime | None) -> None:
    """Write the accepted frames in another format."""
    from curator.publish.publisher import export as export_
    from curator.publish.snapshot import Selection

    workspace, warehouse = current_workspace()
    names = [known.name for known in workspace.settings.topics]
    if topic is not None and topic not in names:
        raise click.BadParameter(f"{topic!r} is not a topic. Choose one of {', '.join(names)}.", param_hint="--topic")
    _check_output(EXPORT_FORMATS[format], output)
    number = export_(warehouse, workspace.settings, format, output or sys.stdout.buffer, Selection(topic, kind, since))
    if output is not None:
        click.echo(f"Wrote {count(number, 'frame')} to {output}.", err=True)


def _check_output(format: ExportFormat, output: Path | None) -> None:
    """Raise an error if this format cannot be written to this file, folder or, without `output`, stdout."""
    if output is None:
        if format.output != "text":
            raise click.UsageError(f"{format.name} cannot be printed. Use -o to name the place to write it to.")
        return
    if not output.parent.is_dir():
        raise PublishError(f"There is no folder {output.parent}.")
    if output.exists() and output.is_dir() != (format.output == "folder"):
        found, wanted = ("folder", "file") if output.is_dir() else ("file", "folder")
        raise PublishError(f"{output} is a {found}, and {format.name} needs a {wanted}. Name another place.")


COMMANDS = (publish, export)
