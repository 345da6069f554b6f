"""`publish` and `export`: the list out."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import click

from curator.cli.options import here
from curator.cli.show import count
from curator.errors import PublishError

FORMATS = ("md", "json", "csv", "parquet", "bibtex")


@click.command()
@click.option("--check", is_flag=True, help="Say what would change and change nothing; exit code 3 if anything would.")
def publish(check: bool) -> None:
    """Write the list: sections, frames with sources, open questions, changelog.

    Only the parts between Curator's own markers are written; the rest of the file is yours.
    """
    from curator.publish.living_list import publish as publish_

    workspace, _ = here()
    published = publish_(workspace, check=check)
    if check:
        click.echo(published.diff or f"{published.file} is up to date with {count(published.frames, 'frame')}.")
        sys.exit(3 if published.diff else 0)
    done = "Wrote" if published.diff else "Nothing to change in"
    click.echo(f"{done} {published.file}: {count(published.frames, 'frame')}.")


@click.command()
@click.argument("format", type=click.Choice(FORMATS))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; without it, stdout.")
def export(format: str, output: Path | None) -> None:
    """Write the accepted frames in another format."""
    from curator.publish.living_list import export_frames, export_parquet
    from curator.publish.regions import write_atomically

    workspace, warehouse = here()
    if format == "parquet":
        if output is None:
            raise click.UsageError("A Parquet file is not for a terminal; name one with -o FILE.")
        number = export_parquet(warehouse, output)
    else:
        stream = io.BytesIO()
        number = export_frames(warehouse, workspace.settings, format, stream)
        text = stream.getvalue().decode("utf-8")
        if output is None:
            click.echo(text, nl=False)
            return
        if not output.parent.is_dir():
            raise PublishError(f"There is no folder {output.parent}.")
        write_atomically(output, text)
    click.echo(f"Wrote {count(number, 'frame')} to {output}.", err=True)


COMMANDS = (publish, export)
