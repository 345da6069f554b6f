"""Whether everything that Curator needs is there; and going on after arXiv has turned us away."""

from __future__ import annotations

import sys

import click

from curator.cli.options import json_option
from curator.cli.output import echo_json, wrap_text
from curator.workspace import find_workspace

SIGNS = {"good": ("✓", "green"), "look": ("!", "yellow"), "bad": ("✗", "red"), "not asked": ("–", None)}


@click.command()
@click.option("--offline", is_flag=True, help="Ask neither arXiv nor the model.")
@click.option("--notify", is_flag=True, help="Send a message to where [notify] says, to see that it arrives.")
@json_option
def doctor(offline: bool, notify: bool, as_json: bool) -> None:
    """Check settings, packages, disk, warehouse, PDF reader, arXiv, clock and model.

    The model is asked one tiny question, and arXiv one. Exit code 1 where something is bad.
    """
    from curator.ops.diagnostics import examine

    findings = []
    for one in examine(find_workspace(), offline=offline, message=notify):
        findings.append(one)
        if not as_json:
            sign, colour = SIGNS[one.state]
            click.echo(click.style(sign, fg=colour) + wrap_text(f"{one.what}: {one.said}", " ", "  "))
            if one.do:
                click.echo(wrap_text(one.do, "    → ", "      "))
    if as_json:
        echo_json([vars(one) for one in findings])
    if any(one.state == "bad" for one in findings):
        sys.exit(1)


@click.command("go-on")
def go_on() -> None:
    """Resume requests to arXiv after it has refused this machine (HTTP 403).

    This applies to every list on this machine. Find the cause first: arXiv treats continued requests as an attack.
    """
    from curator.arxiv.rate_limit import RateLimiter, gate_file

    arxiv = find_workspace().settings.arxiv
    gate = RateLimiter(gate_file(arxiv.url), arxiv.interval)
    if not (moment := gate.refused_at()):
        click.echo("arXiv has not refused this machine; nothing was changed.")
        return
    gate.go_on()
    click.echo(
        f"arXiv refused this machine on {moment:%Y-%m-%d} at {moment:%H:%M} UTC, {gate.source()}. "
        "Runs may ask it again from now on."
    )


COMMANDS = (doctor, go_on)
