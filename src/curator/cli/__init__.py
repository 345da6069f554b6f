"""The command line: parse arguments, call the package, print results.

Commands import slow packages (DuckDB, the model's SDK, PyMuPDF) only when they need them.
"""

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
from curator.cli.json_log import print_error
from curator.cli.signals import end_terminated, got_sigterm, sigterm_as_ctrl_c
from curator.errors import CuratorError
from curator.private_files import private_umask

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, prog_name="curator")
@click.option("--log-json", is_flag=True, help="Report progress on stderr as JSON, one event a line.")
@click.option(
    "--log-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Append these lines to FILE instead; a large file is rotated.",
)
def curator(log_json: bool, log_file: Path | None) -> None:
    """Keep a living list of what is known about language models.

    Curator fetches new papers on the list's topics from arXiv, drafts candidate frames with quotes that it checks
    against the paper, and queues them. You accept, edit or reject each candidate before it is published.
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        click.get_current_context().color = False


MODULES = (
    init, demo, ingest, watch, add, import_, review, decide, arrange, publish,
    inspect, explain, documents, sql, backup, doctor, up,
)  # fmt: skip

for module in MODULES:
    for command in module.COMMANDS:
        curator.add_command(command)


def main() -> None:
    """Run the command line. A CuratorError is printed as a message with exit code 1; SIGTERM gives exit code 143."""
    _exempt_this_machine_from_proxies()
    with sigterm_as_ctrl_c():
        try:
            _run()
        except BaseException as error:
            if not got_sigterm():
                raise
            if isinstance(error, Exception):
                print_error(f"{type(error).__name__}: {error}")
            end_terminated()


def _exempt_this_machine_from_proxies() -> None:
    """Let this process and its children reach servers on this machine directly, whatever proxies are set."""
    if any(name.lower().endswith("_proxy") for name in os.environ):
        from curator.ops.environment import proxy_bypass

        os.environ.update(proxy_bypass())


def _run() -> None:
    try:
        try:
            with private_umask():
                curator()
        finally:
            sys.stdout.flush()
    except CuratorError as error:
        print_error(str(error))
        sys.exit(1)
    except OSError as error:  # such as a full disk, or a folder without write permission
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # keep Python from writing the rest of stdout at exit
        if not isinstance(error, BrokenPipeError):  # a reader such as `head` has closed the pipe
            print_error(f"Operating system error: {error}.")
        sys.exit(1)
