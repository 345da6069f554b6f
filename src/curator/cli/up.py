"""`up`: run the scheduler and the review page unattended."""

from __future__ import annotations

import signal

import click

from curator.cli.signals import end_terminated
from curator.workspace import find_workspace


@click.command()
@click.option("--systemd", is_flag=True, help="Print a systemd unit that runs `curator up`, and start nothing.")
@click.option(
    "--exports", is_flag=True,
    help="Print the settings and the password as shell lines, for terminals in which you run Prefect by hand.",
)  # fmt: skip
@click.option("--password", is_flag=True, help="Print the password for Prefect's web page.")
def up(systemd: bool, exports: bool, password: bool) -> None:
    """Run the schedules and the review page unattended.

    The command starts a Prefect server, the schedules and the review page, and restarts any of them that ends. If
    PREFECT_API_URL is set, Curator uses that server and starts none of its own. Ctrl-C or SIGTERM stops everything.
    """
    from curator.ops import scheduler
    from curator.ops.supervisor import load_running_state, systemd_unit
    from curator.ops.supervisor import up as run_until_stopped

    workspace = find_workspace()
    if systemd:
        click.echo(systemd_unit(workspace), nl=False)
        return
    if exports:
        click.echo(scheduler.shell_exports(workspace, scheduler.own_api(load_running_state(workspace))), nl=False)
        return
    if password:
        click.echo(scheduler.password(workspace))
        return
    click.echo("Starting. This takes about a minute. Ctrl-C stops everything.", err=True)
    json_logs = click.get_current_context().find_root().params["log_json"]
    if run_until_stopped(workspace, click.echo, json_logs=json_logs) == signal.SIGTERM:
        end_terminated()


COMMANDS = (up,)
