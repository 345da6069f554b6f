"""`init`: a new workspace."""

from __future__ import annotations

from pathlib import Path

import click

from curator.cli.output import program
from curator.workspace import SETTINGS_FILE, create_files


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Lay out a workspace in DIR: commented settings, prompts, a place for the warehouse.

    What is there already is left as it is.
    """
    written = list(create_files(folder))
    for path in written:
        click.echo(f"  {path}")
    if not written:
        click.echo(f"{folder / SETTINGS_FILE} and its prompts are there already; nothing was changed.")
        return
    click.echo(
        f"\nA workspace for one living list. Next: look over the topics in {folder / SETTINGS_FILE}, then\n"
        f"  cd {folder}\n  {program(folder)} ingest --limit 5\n"
        "Without OPENAI_API_KEY or OPENAI_BASE_URL a keyless drafter does the drafting."
    )


COMMANDS = (init,)
