"""`review`: the page on which candidates are decided."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from curator.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from curator.review.web.server import Served


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="Where it listens; 0 takes a free port.")
@click.option("--host", metavar="H", help="127.0.0.1 unless other machines on the network are to reach the page.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option("--address", is_flag=True, help="Print the page's address with its token, and serve nothing.")
@click.option("--revoke", is_flag=True, help="End all sessions, replace the token, and serve nothing.")
@click.option("--listening", hidden=True, metavar="FD,FD", default="", help="Sockets that `curator up` hands down.")
def review(port: int | None, host: str | None, no_browser: bool, address: bool, revoke: bool, listening: str) -> None:
    """Serve the review page: one candidate at a time, its quotes on the paper's page, one key a decision.

    A browser enters by the address with the token, which a terminal shows and `--address` prints, also while the page
    runs elsewhere. It stays let in until it has not been used for 30 days.
    """
    workspace = find_workspace()
    if revoke:
        _revoke(workspace)
    if address:
        _print_address(workspace, port, host)
    if not address and not revoke:
        serve_page(workspace, port, host, open_browser=not no_browser and sys.stdout.isatty(), handed_down=listening)


def serve_page(
    workspace: Workspace,
    port: int | None = None,
    host: str | None = None,
    *,
    open_browser: bool,
    any_port: bool = False,
    handed_down: str = "",
) -> None:
    """Serve the page until it is stopped; where not said otherwise, as the settings have it.

    `any_port`: where that port is taken, take another. `handed_down`: listening sockets that are used instead.
    """
    from curator.review.web.server import serve

    settings = workspace.settings.review
    serve(
        workspace,
        host or settings.host,
        settings.port if port is None else port,
        any_port=any_port,
        handed_down=handed_down,
        open_browser=open_browser,
        say=_say,
    )


def _revoke(workspace: Workspace) -> None:
    from curator.review.web.access import Access

    ended = Access(workspace.warehouse_file.parent).revoke()
    click.echo(
        f"{ended} {'session has' if ended == 1 else 'sessions have'} ended, and the old token no longer works. "
        "`curator review --address` prints the address with the new one.",
        err=True,
    )


def _print_address(workspace: Workspace, port: int | None, host: str | None) -> None:
    from curator.review.web.server import running_at, served_at

    settings = workspace.settings.review
    running = running_at(workspace)
    if running is None:
        click.echo("The review page is not running now; `curator review` or `curator up` starts it.", err=True)
    usual_host, usual_port = running or (settings.host, settings.port)
    click.echo(served_at(workspace, host or usual_host, usual_port if port is None else port).address)


def _say(served: Served) -> None:
    """Say where the page is, and on a terminal its token: what is not written to a terminal may end in a log.

    The address comes last: programs that read it from a pipe may rely on the page's being there.
    """
    on_terminal = sys.stdout.isatty()
    if served.open_to_others:
        click.echo(
            "Other machines on the network can reach the page. Anybody who has its address with the token can read "
            "and decide; what they send is not encrypted.",
            err=True,
        )
    if not on_terminal:
        click.echo("`curator review --address` prints the address that a browser enters by.", err=True)
    click.echo("Ctrl-C stops the page; nothing is lost by that.", err=True)
    click.echo(f"The review page is at {served.address if on_terminal else served.listens_at}")
    sys.stdout.flush()


COMMANDS = (review,)
