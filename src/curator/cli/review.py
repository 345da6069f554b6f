"""`review`: the page on which candidates are decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from curator.workspace import find_workspace

if TYPE_CHECKING:
    from curator.review.web.server import Served


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="Where it listens; 0 takes a free port.")
@click.option("--host", metavar="H", help="127.0.0.1 unless others on the network are to be let in, by a token.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def review(port: int | None, host: str | None, no_browser: bool) -> None:
    """Open the review page: one candidate at a time, its quotes on the paper's page, one key a decision."""
    from curator.review.web.server import serve

    workspace = find_workspace()
    settings = workspace.settings.review
    serve(
        workspace,
        host or settings.host,
        settings.port if port is None else port,
        open_browser=not no_browser,
        say=_say,
    )


def _say(served: Served) -> None:
    click.echo(f"The review page is at {served.address}")
    if served.open_to_others:
        click.echo(
            "Others on the network can reach it. Whoever has this address with its token may read and decide; "
            "what they send is not encrypted.",
            err=True,
        )
    click.echo("Ctrl-C stops it; nothing is lost by that.", err=True)


COMMANDS = (review,)
