"""`backup` writes the workspace to one file; `restore` puts it back."""

from __future__ import annotations

from pathlib import Path

import click

from curator.cli.output import count
from curator.errors import BackupError
from curator.sanitize import single_line
from curator.workspace import find_workspace


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--pdfs", is_flag=True, help="Include the PDFs that could be downloaded from arXiv again.")
def backup(file: Path, pdfs: bool) -> None:
    """Back up the workspace to one file.

    The file contains the warehouse, settings, prompts, queries and the published list. It is consistent even if other
    commands are running.
    """
    from curator.ops.backup import back_up

    if not file.absolute().parent.is_dir():
        raise BackupError(f"There is no folder {file.parent}.")
    size = back_up(find_workspace(), file.absolute(), pdfs=pdfs)
    click.echo(f"Wrote {file} ({size / 2**20:.1f} MB).", err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def restore(file: Path, yes: bool) -> None:
    """Restore a backup into this workspace.

    A file that differs from the backup is kept beside the restored one, under a name with the time. A damaged backup
    changes nothing. Settings and prompts come from the backup too: if the backup is not yours, read them before the
    next run.
    """
    from curator.ops.backup import put_back, unpack_backup

    workspace = find_workspace()
    with unpack_backup(workspace, file) as backup:
        if not yes:
            question = f"Restore {file} into {workspace.root}? Files that differ are kept under another name."
            click.confirm(question, abort=True)
        restored = put_back(workspace, backup)
    click.echo(f"Restored {count(len(restored.files), 'file')} into {workspace.root}.")
    for name in restored.aside:
        click.echo(f"  kept the earlier file as {name}")
    if backup.left_out:
        names = ", ".join(single_line(name)[:60] for name in backup.left_out[:5])
        click.echo(f"Left out of its warehouse, because Curator did not make them: {names}.")


COMMANDS = (backup, restore)
