"""`curator up`: start the scheduler and the review page, and keep both running until a signal arrives."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

from curator.errors import SettingsError, SupervisionError, WarehouseBusy
from curator.loopback import format_descriptors, listening_port, open_listeners
from curator.ops import environment, scheduler
from curator.ops.supervised_process import (
    MAX_STOP_SECONDS,
    POLL_SECONDS,
    Print,
    SupervisedProcess,
    describe_process,
    ready_when_answering,
    restart_if_ended,
    start_and_wait,
)
from curator.private_files import write_private
from curator.workspace import Workspace, exclusive_lock


def up(workspace: Workspace, report: Print, *, json_logs: bool = False) -> int:
    """Start every process, report its address, and keep all of them running until SIGINT or SIGTERM.

    Args:
        workspace: The workspace of the list.
        report: Prints one message to the user.
        json_logs: Log the scheduled runs as JSON, one object a line.

    Returns:
        The number of the signal that ended it.

    Raises:
        SupervisionError: `curator up` is already running for this workspace, or a process does not start.
        SettingsError: The settings are invalid, or an address of the settings cannot be used.
    """
    settings = workspace.settings  # raises before any process starts
    try:
        with exclusive_lock(workspace, "up"), _collect_signals() as signals, ExitStack() as resources:
            listeners = resources.enter_context(_review_listeners(settings.review.host, settings.review.port))
            schedules = scheduler.prepare_scheduler(workspace, resources, json_logs=json_logs)
            page = f"http://127.0.0.1:{listening_port(listeners)}/"
            children = [*schedules.processes, _review_process(workspace, page, settings.review.host, listeners)]
            _write_state(workspace, {"pid": str(os.getpid()), "review": page} | schedules.state())
            try:
                _start_all(children, signals, report)
                if not signals:
                    _report_addresses(workspace, page, listening_port(listeners), schedules, report)
                while not signals:
                    time.sleep(POLL_SECONDS)
                    for child in children:
                        restart_if_ended(child, report)
            finally:
                report("Stopping ...")
                for child in reversed(children):
                    child.stop()
                _state_file(workspace).unlink(missing_ok=True)
            return signals[0]
    except WarehouseBusy as error:
        raise SupervisionError(_describe_running(workspace)) from error


def load_running_state(workspace: Workspace) -> dict[str, object] | None:
    """Return the state that a running `curator up` has written; None if none is running."""
    if not _state_file(workspace).exists():
        return None
    with suppress(WarehouseBusy), exclusive_lock(workspace, "up"):
        return None  # the file is left over from a `curator up` that was killed
    return _read_state(workspace)


def systemd_unit(workspace: Workspace) -> str:
    """Return a systemd unit that runs `curator up` for this workspace."""
    root = str(workspace.root).replace("%", "%%")
    command = _quote_for_systemd(sys.executable).replace("$", "$$")
    return f"""[Unit]
Description=Curator: {root}
Wants=network-online.target
After=network-online.target

[Service]
ExecStart={command} -m curator up
Environment={_quote_for_systemd(f"CURATOR_WORKSPACE={workspace.root}")}
# OPENAI_API_KEY and similar variables, one NAME=value a line; only you should be able to read the file
EnvironmentFile=-{root}/secrets.env
KillMode=mixed
TimeoutStopSec={MAX_STOP_SECONDS * 2:.0f}
Restart=on-failure
SuccessExitStatus=143
RestartSec=30

[Install]
WantedBy=default.target
"""


def _quote_for_systemd(word: str) -> str:
    """Return one word of a unit's line: in quotes if it needs them, by the rules of systemd.syntax(7)."""
    word = word.replace("%", "%%")
    if not any(sign in word for sign in " \t'\"\\;"):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _start_all(children: Sequence[SupervisedProcess], signals: list[int], report: Print) -> None:
    for child in children:
        description = start_and_wait(child, signals)
        if signals:
            return
        report(f"{child.name}: {description}")


def _report_addresses(
    workspace: Workspace, page: str, port: int, schedules: scheduler.Scheduler, report: Print
) -> None:
    # the address with the token is for a terminal only: other output may end in a log
    address = _address_with_token(workspace, port) if sys.stdout.isatty() else page
    logs = schedules.processes[0].log.parent
    report(f"Review page: {address}\n{schedules.describe()}\nLogs: {logs}")
    report("`curator review --address` prints the address of the review page with its token.")


def _review_process(
    workspace: Workspace, address: str, host: str, listeners: Sequence[socket.socket]
) -> SupervisedProcess:
    """Describe the review page's process. `listeners` stay open while it restarts, so nobody can take its port."""
    options = ("--host", host, "--listening", format_descriptors(listeners))
    command = (sys.executable, "-m", "curator", "review", "--no-browser", *options)
    variables = environment.review_variables(os.environ) | {"CURATOR_WORKSPACE": str(workspace.root)}
    files = [listener.fileno() for listener in listeners]
    return describe_process(workspace, "review", command, variables, ready_when_answering(address), files)


@contextmanager
def _review_listeners(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Listen for the review page; on a free port if `port` is taken."""
    with ExitStack() as closing:
        try:
            listeners = closing.enter_context(open_listeners(host, port, any_port=True))
        except OSError as error:
            raise SettingsError(
                f"The review page cannot listen on {host}: {error}. Change review.host in curator.toml."
            ) from error
        yield listeners


def _address_with_token(workspace: Workspace, port: int) -> str:
    from curator.review.web.server import locate_page  # loads a web framework

    return locate_page(workspace, workspace.settings.review.host, port).address


@contextmanager
def _collect_signals() -> Iterator[list[int]]:
    """Yield a list to which every SIGINT and SIGTERM is appended."""
    signals: list[int] = []

    def append(number: int, frame: FrameType | None) -> None:
        signals.append(number)

    before = {number: signal.signal(number, append) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _state_file(workspace: Workspace) -> Path:
    return workspace.root / "warehouse" / "up.json"


def _write_state(workspace: Workspace, state: dict[str, object]) -> None:
    write_private(_state_file(workspace), json.dumps(state).encode())


def _read_state(workspace: Workspace) -> dict[str, object] | None:
    with suppress(OSError, ValueError):
        state = json.loads(_state_file(workspace).read_text(encoding="utf-8"))
        return state if isinstance(state, dict) else None
    return None


def _describe_running(workspace: Workspace) -> str:
    message = f"`curator up` is already running for {workspace.root}"
    with suppress(KeyError):
        state = _read_state(workspace) or {}
        message += f" (process {state['pid']}; review page: {state['review']}; {scheduler.describe_state(state)})"
    return f"{message}. Nothing was started."
