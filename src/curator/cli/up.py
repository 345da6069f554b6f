"""`up`: everything unattended."""

from __future__ import annotations

import click

from curator.workspace import find_workspace


@click.command()
@click.option("--systemd", is_flag=True, help="Print a systemd unit that runs this, and start nothing.")
def up(systemd: bool) -> None:
    """Start and keep running: a local Prefect server, the schedules, the review page.

    With PREFECT_API_URL set, that server is used and none is started. Ctrl-C or SIGTERM stops all of it.
    """
    from curator.up import unit
    from curator.up import up as keep_up

    workspace = find_workspace()
    if systemd:
        click.echo(unit(workspace), nl=False)
        return
    click.echo("Starting; this takes a minute. Ctrl-C stops everything.", err=True)
    keep_up(workspace, click.echo, json_logs=click.get_current_context().find_root().params["log_json"])


COMMANDS = (up,)
