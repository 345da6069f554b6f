"""Confirmation before a command changes more than the user may expect."""

from __future__ import annotations

import sys

import click

from curator.errors import DecisionError

yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


def confirm(warning: str, question: str, yes: bool) -> None:
    """Print a warning, and return only if the user agrees to continue.

    Args:
        warning: Describes the change that is about to be made.
        question: The question that a user at a terminal answers.
        yes: True if the user has agreed with `--yes`.

    Raises:
        DecisionError: There is no terminal to ask at.
        click.Abort: The user answered no.
    """
    if not yes and not sys.stdin.isatty():
        raise DecisionError(f"{warning}\nNothing was changed. Add --yes to do it without confirmation.")
    click.echo(warning)
    if not yes:
        click.confirm(question, abort=True)
