"""Asking before something is done that takes back or replaces more than the user may expect."""

from __future__ import annotations

import sys

import click

from curator.errors import DecisionError

yes_option = click.option("--yes", is_flag=True, help="Go on without being asked.")


def confirm(told: str, question: str, yes: bool) -> None:
    """Print what is about to happen, and return where the user agrees to it.

    Args:
        told: what is about to happen.
        question: that a user at a terminal answers.
        yes: the user has agreed by `--yes`.

    Raises:
        DecisionError: there is no terminal to ask at.
        click.Abort: the user said no.
    """
    if not yes and not sys.stdin.isatty():
        raise DecisionError(f"{told}\nNothing was changed. To go on all the same, add --yes.")
    click.echo(told)
    if not yes:
        click.confirm(question, abort=True)
