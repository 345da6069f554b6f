"""`review` serves the page on which candidates are reviewed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from curator.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from curator.review.web.server import PageAddresses


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="The port to listen on; 0 takes a free one.")
@click.option("--host", metavar="H", help="The address to listen on; 127.0.0.1 keeps other machines out.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option("--address", is_flag=True, help="Print the page's address with its token, and serve nothing.")
@click.option("--revoke", is_flag=True, help="End all sessions, replace the token, and serve nothing.")
@click.option("--listening", hidden=True, metavar="FD,FD", default="", help="Sockets that `curator up` hands down.")
def review(port: int | None, host: str | None, no_browser: bool, address: bool, revoke: bool, listening: str) -> None:
    """Serve the review page for the browser.

    The page shows one candidate at a time, with its quotes on the paper's page; one key makes a decision. A browser
    signs in with the address that contains the token. The command prints this address in a terminal; `--address` prints
    it again while the page is running. The sign-in expires after 30 days without use.
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
    """Serve the page until it is stopped.

    Args:
        workspace: The workspace of the list.
        port: The port; by default that of the settings.
        host: The address to listen on; by default that of the settings.
        open_browser: Open the page in the user's browser.
        any_port: Take a free port if the port is taken.
        handed_down: Descriptors of listening sockets that `curator up` has opened, to be used instead.
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
        on_ready=_print_served,
    )


def _revoke(workspace: Workspace) -> None:
    from curator.review.web.access import Access

    number = Access(workspace.warehouse_file.parent).revoke()
    click.echo(
        f"{number} {'session has' if number == 1 else 'sessions have'} ended, and the old token no longer works. "
        "`curator review --address` prints the address with the new one.",
        err=True,
    )


def _print_address(workspace: Workspace, port: int | None, host: str | None) -> None:
    from curator.review.web.server import find_running_page, locate_page

    settings = workspace.settings.review
    running = find_running_page(workspace)
    if running is None:
        click.echo("The review page is not running; `curator review` or `curator up` starts it.", err=True)
    current_host, current_port = running or (settings.host, settings.port)
    click.echo(locate_page(workspace, host or current_host, current_port if port is None else port).address)


def _print_served(served: PageAddresses) -> None:
    """Print the page's address, with the token only on a terminal: other output may end in a log.

    The address comes last: a program that reads it from a pipe can rely on the page answering.
    """
    on_terminal = sys.stdout.isatty()
    if served.open_to_others:
        click.echo(
            "Other machines on the network can reach the page. Anyone who has its address with the token can read "
            "and decide. The connection is not encrypted.",
            err=True,
        )
    if not on_terminal:
        click.echo("`curator review --address` prints the address with which a browser signs in.", err=True)
    click.echo("Ctrl-C stops the page; no decision is lost.", err=True)
    click.echo(f"The review page is at {served.address if on_terminal else served.listens_at}")
    sys.stdout.flush()


COMMANDS = (review,)
