"""`init` creates a workspace."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from curator.cli.output import program
from curator.workspace import SETTINGS_FILE, create_files


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Create a workspace for a new list in DIR.

    The workspace contains commented settings, prompts and a folder for the warehouse. Existing files are not changed.
    """
    written = list(create_files(folder))
    for path in written:
        click.echo(f"  {path}")
    if not written:
        click.echo(f"{folder / SETTINGS_FILE} and its prompts exist already; nothing was changed.")
        return
    click.echo(
        f"\nThis is the workspace of one living list. Next, edit the topics in {folder / SETTINGS_FILE}, and run\n"
        f"  cd {shlex.quote(str(folder))}\n  {program(folder)} ingest --limit 5\n"
        "Unless OPENAI_API_KEY or OPENAI_BASE_URL is set, Curator drafts without a model."
    )


COMMANDS = (init,)
