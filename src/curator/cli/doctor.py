"""`doctor` checks what Curator needs; `resume` permits requests to arXiv after a refusal."""

from __future__ import annotations

import sys

import click

from curator.cli.options import json_option
from curator.cli.output import echo_json, wrap_text
from curator.workspace import find_workspace

SIGNS = {"good": ("✓", "green"), "look": ("!", "yellow"), "bad": ("✗", "red"), "not asked": ("–", None)}


@click.command()
@click.option("--offline", is_flag=True, help="Send no request to arXiv, the model or Prefect.")
@click.option("--notify", is_flag=True, help="Also send a test message to the addresses in [notify].")
@json_option
def doctor(offline: bool, notify: bool, as_json: bool) -> None:
    """Check that everything Curator needs is in order.

    For each problem, the command prints how to fix it. The checks cover settings, prompts, packages, disk space, file
    permissions, the warehouse, the calendar, messages, the PDF reader, arXiv, the clock and the model. They send one
    short question to the model and one request to arXiv. The exit code is 1 if any check fails.
    """
    from curator.demo.search_query import parse_query
    from curator.ops.diagnostics import examine

    findings = []
    for finding in examine(find_workspace(), parse_query, offline=offline, message=notify):
        findings.append(finding)
        if not as_json:
            sign, colour = SIGNS[finding.state]
            click.echo(click.style(sign, fg=colour) + wrap_text(f"{finding.subject}: {finding.message}", " ", "  "))
            if finding.advice:
                click.echo(wrap_text(finding.advice, "    → ", "      "))
    if as_json:
        echo_json([finding.to_json() for finding in findings])
    if any(finding.state == "bad" for finding in findings):
        sys.exit(1)


@click.command()
def resume() -> None:
    """Resume requests to arXiv after a refusal (HTTP 403).

    Find the cause first: arXiv treats continued requests as an attack. The command applies to every list on this
    machine.
    """
    from curator.arxiv.rate_limit import RateLimiter, gate_file

    arxiv = find_workspace().settings.arxiv
    limiter = RateLimiter(gate_file(arxiv.url), arxiv.interval)
    if not (refused := limiter.refused_at()):
        click.echo("arXiv has not refused this machine; nothing was changed.")
        return
    limiter.resume()
    click.echo(
        f"arXiv refused this machine on {refused:%Y-%m-%d} at {refused:%H:%M} UTC, {limiter.source()}. "
        "From now on, runs send requests to arXiv again."
    )


go_on = click.Command("go-on", callback=resume.callback, help="Do the same as `resume`, under its earlier name.")

COMMANDS = (doctor, resume, go_on)
