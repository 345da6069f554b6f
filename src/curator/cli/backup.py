"""The workspace into one file, and back."""

from __future__ import annotations

from pathlib import Path

import click

from curator.cli.output import count
from curator.errors import BackupError
from curator.sanitize import single_line
from curator.workspace import find_workspace


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--pdfs", is_flag=True, help="Also the PDFs that arXiv could be asked for again.")
def backup(file: Path, pdfs: bool) -> None:
    """Write the whole list into one file: warehouse, settings, prompts, queries, the published list.

    It is consistent while others read and write.
    """
    from curator.ops.backup import back_up

    if not file.absolute().parent.is_dir():
        raise BackupError(f"There is no folder {file.parent}.")
    size = back_up(find_workspace(), file.absolute(), pdfs=pdfs)
    click.echo(f"Wrote {file} ({size / 2**20:.1f} MB).", err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, yes: bool) -> None:
    """Put a backup back into this workspace.

    What stands there and differs is kept beside it, under a name with the time. A damaged backup changes nothing.
    Settings and prompts come from the backup too: if it is not your own, read them before you go on.
    """
    from curator.ops.backup import put_back, unpack_backup

    workspace = find_workspace()
    with unpack_backup(workspace, file) as backup:
        if not yes:
            click.confirm(f"Restore {file} into {workspace.root}? What is there is kept aside.", abort=True)
        restored = put_back(workspace, backup)
    click.echo(f"Restored {count(len(restored.files), 'file')} into {workspace.root}.")
    for name in restored.aside:
        click.echo(f"  what was there is {name} now")
    if backup.left_out:
        names = ", ".join(single_line(name)[:60] for name in backup.left_out[:5])
        click.echo(f"Left out of its warehouse, since Curator did not make it: {names}.")


COMMANDS = (backup, restore)
