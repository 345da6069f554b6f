"""`up`: everything unattended."""

from __future__ import annotations

import signal

import click

from curator.cli.signals import end_terminated
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
    from curator.ops import scheduler
    from curator.ops.supervisor import running_at, systemd_unit
    from curator.ops.supervisor import up as keep_up

    workspace = find_workspace()
    if systemd:
        click.echo(systemd_unit(workspace), nl=False)
        return
    if exports:
        click.echo(scheduler.shell_exports(workspace, running_at(workspace)), nl=False)
        return
    if password:
        click.echo(scheduler.password(workspace))
        return
    click.echo("Starting; this takes a minute. Ctrl-C stops everything.", err=True)
    ended_by = keep_up(workspace, click.echo, json_logs=click.get_current_context().find_root().params["log_json"])
    if ended_by == signal.SIGTERM:
        end_terminated()


COMMANDS = (up,)
