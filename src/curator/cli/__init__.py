"""Parse, call, print. What is imported late is what a command may not need: DuckDB, the model's SDK, PyMuPDF."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from curator import __version__
from curator.cli import (
    add,
    arrange,
    backup,
    decide,
    demo,
    doctor,
    documents,
    explain,
    import_,
    ingest,
    init,
    inspect,
    publish,
    review,
    sql,
    up,
    watch,
)
from curator.cli.json_log import complain
from curator.cli.signals import end_terminated, got_sigterm, sigterm_as_ctrl_c
from curator.errors import CuratorError
from curator.private_files import private_umask

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, prog_name="curator")
@click.option("--log-json", is_flag=True, help="Tell progress as JSON, one line an event, on stderr.")
@click.option(
    "--log-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Append those lines to FILE instead; one that has grown large is moved aside.",
)
def curator(log_json: bool, log_file: Path | None) -> None:
    """Keeps a living list of what is known about language models.

    Asks arXiv for new papers on the list's topics, drafts candidate frames with quotes that are proved against the
    paper, and queues them for you to accept, edit or reject before anything is published.
    """


MODULES = (
    init, demo, ingest, watch, add, import_, review, decide, arrange, publish,
    inspect, explain, documents, sql, backup, doctor, up,
)  # fmt: skip

for module in MODULES:
    for command in module.COMMANDS:
        curator.add_command(command)


def main() -> None:
    """Run the command line; a CuratorError is a message and exit code 1, never a traceback. SIGTERM gives 143."""
    with sigterm_as_ctrl_c():
        try:
            _run()
        except BaseException as ended:
            if not got_sigterm():
                raise
            if isinstance(ended, Exception):
                complain(f"{type(ended).__name__}: {ended}")
            end_terminated()


def _run() -> None:
    try:
        try:
            with private_umask():
                curator()
        finally:
            sys.stdout.flush()
    except CuratorError as error:
        complain(str(error))
        sys.exit(1)
    except OSError as error:  # a full disk, a folder that may not be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what could not be written is not tried again at exit
        if not isinstance(error, BrokenPipeError):  # whoever read our output, such as `head`, has seen enough
            complain(f"Operating system error: {error}.")
        sys.exit(1)
