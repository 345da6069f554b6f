"""`review`: the page on which candidates are decided."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from curator.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from curator.review.web.server import Served


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="Where it listens; 0 takes a free port.")
@click.option("--host", metavar="H", help="127.0.0.1 unless others on the network are to be let in, by a token.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option("--address", is_flag=True, help="Print its address, with the token for others, and serve nothing.")
def review(port: int | None, host: str | None, no_browser: bool, address: bool) -> None:
    """Serve the review page: one candidate at a time, its quotes on the paper's page, one key a decision."""
    if address:
        click.echo(_address(find_workspace(), port, host))
        return
    serve_page(find_workspace(), port, host, open_browser=not no_browser and sys.stdout.isatty())


def serve_page(
    workspace: Workspace,
    port: int | None = None,
    host: str | None = None,
    *,
    open_browser: bool,
    any_port: bool = False,
) -> None:
    """Serve the page until it is stopped; where not said otherwise, as the settings have it.

    `any_port`: where that port is taken, take another.
    """
    from curator.review.web.server import serve

    settings = workspace.settings.review
    serve(
        workspace,
        host or settings.host,
        settings.port if port is None else port,
        any_port=any_port,
        open_browser=open_browser,
        say=_say,
    )


def _address(workspace: Workspace, port: int | None, host: str | None) -> str:
    from curator.review.web.server import served_at

    settings = workspace.settings.review
    return served_at(workspace, host or settings.host, settings.port if port is None else port).address


def _say(served: Served) -> None:
    """The address comes last: whoever reads it from a pipe may rely on the page's being there.

    Where `curator up` writes what we say into a log, the token is left out.
    """
    if "CURATOR_UP" in os.environ:
        click.echo(f"The review page is at {served.address.partition('?')[0]}")
        sys.stdout.flush()
        return
    if served.open_to_others:
        click.echo(
            "Others on the network can reach the page. Whoever has its address with the token may read and decide; "
            "what they send is not encrypted.",
            err=True,
        )
    click.echo("Ctrl-C stops the page; nothing is lost by that.", err=True)
    click.echo(f"The review page is at {served.address}")
    sys.stdout.flush()


COMMANDS = (review,)
