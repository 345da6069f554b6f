"""`up`: everything unattended."""

from __future__ import annotations

import signal

import click

from curator.cli.stopping import end_terminated
from curator.workspace import find_workspace


@click.command()
@click.option("--systemd", is_flag=True, help="Print a systemd unit that runs this, and start nothing.")
@click.option(
    "--exports", is_flag=True,
    help='Print the settings, password included, for terminals in which Prefect is run by hand: eval "$(...)".',
)  # fmt: skip
@click.option("--password", is_flag=True, help="Print the password that Prefect's own page asks for.")
def up(systemd: bool, exports: bool, password: bool) -> None:
    """Start and keep running: a local Prefect server, the schedules, the review page.

    With PREFECT_API_URL set, that server is used and none is started. Ctrl-C or SIGTERM stops all of it.
    """
    from curator import scheduler
    from curator.up import running_at, unit
    from curator.up import up as keep_up

    workspace = find_workspace()
    if systemd:
        click.echo(unit(workspace), nl=False)
        return
    if exports:
        click.echo(scheduler.exports(workspace, running_at(workspace)), nl=False)
        return
    if password:
        click.echo(scheduler.password(workspace))
        return
    click.echo("Starting; this takes a minute. Ctrl-C stops everything.", err=True)
    ended_by = keep_up(workspace, click.echo, json_logs=click.get_current_context().find_root().params["log_json"])
    if ended_by == signal.SIGTERM:
        end_terminated()


COMMANDS = (up,)
