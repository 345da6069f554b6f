"""Child processes that are started, watched and restarted, each with a log of its own.

This module does not depend on the work that a process does; `supervisor.py` and `scheduler.py` define the processes.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from curator.errors import SupervisionError
from curator.private_files import append_private, make_private_folder, write_private
from curator.resources import resource_path
from curator.workspace import Workspace

Print = Callable[[str], None]
"""A function that prints one message to the user."""

MAX_START_SECONDS = 180.0
"""Seconds that a process may take until it is ready."""
MAX_STOP_SECONDS = 90.0
"""Seconds between SIGTERM and SIGKILL: an ingest waits for answers of the model that are already paid for."""
MAX_PAUSE_SECONDS = 300.0
"""Seconds between the end of a process and its restart, at most; the pause doubles from 1 s."""
MIN_STEADY_SECONDS = 60.0
"""Seconds after which a process counts as running well; its earlier failures are then forgotten."""
MAX_FAILURES = 5
"""Consecutive failures after which a process is no longer restarted."""
MAX_LOG_BYTES = 5_000_000
"""Bytes after which a log is rotated; one older log is kept."""
POLL_SECONDS = 0.3
"""Seconds between two checks of the processes."""

_KILL_SECONDS = 10.0
_MAX_LOG_LINES = 12  # in an error message


@dataclass
class SupervisedProcess:
    """One child process that is kept running.

    Attributes:
        name: The name of the process and of its log.
        command: The program and its arguments.
        environment: The environment variables of the process, and no others.
        log: The file to which stdout and stderr are appended.
        ready: Returns a description of the process once it is ready, and "" until then.
        files: Open file descriptors that the process inherits.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], str]
    files: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    restart_at: float = 0.0

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C in the terminal does not reach it."""
        make_private_folder(self.log.parent)
        with append_private(self.log) as log:
            self.process = subprocess.Popen(
                self.command, env=dict(self.environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, pass_fds=self.files,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )  # fmt: skip
        self.started = time.monotonic()

    def stop(self) -> None:
        """End the process and its children: with SIGTERM first, and with SIGKILL if they have not ended in time."""
        if self.process is None:
            return
        for number, seconds in ((signal.SIGTERM, MAX_STOP_SECONDS), (signal.SIGKILL, _KILL_SECONDS)):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
                return

    def last_lines(self, limit: int = _MAX_LOG_LINES) -> str:
        """Return the last lines of the log; "" if the log cannot be read."""
        with suppress(OSError):
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-limit:])
        return ""


def describe_process(
    workspace: Workspace,
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    ready: Callable[[], str],
    files: Sequence[int] = (),
) -> SupervisedProcess:
    """Describe a process that runs Curator's own code for a workspace; its log is in the workspace's folder of logs."""
    paths = os.pathsep.join(filter(None, [str(resource_path()), os.environ.get("PYTHONPATH")]))
    log = workspace.root / "warehouse" / "logs" / f"{name}.log"
    variables = {**environment, "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"}
    return SupervisedProcess(name, tuple(command), variables, log, ready, tuple(files))


def start_and_wait(child: SupervisedProcess, signals: list[int]) -> str:
    """Start a process and wait until it is ready or a signal arrives; return its description of itself.

    Raises:
        SupervisionError: The process ended, or took longer than MAX_START_SECONDS.
    """
    child.start()
    deadline = time.monotonic() + MAX_START_SECONDS
    while not (description := child.ready()) and not signals:
        assert child.process is not None
        if child.process.poll() is not None or time.monotonic() > deadline:
            raise SupervisionError(
                f"{child.name} did not start. The last lines of its log, {child.log}:\n{child.last_lines()}"
            )
        time.sleep(POLL_SECONDS)
    return description


def restart_if_ended(child: SupervisedProcess, report: Print) -> None:
    """Rotate the log of a process and, if the process has ended, restart it after a pause that doubles each time.

    Raises:
        SupervisionError: The process has failed more than MAX_FAILURES times in a row.
    """
    _rotate(child.log)
    if child.process is not None and (code := child.process.poll()) is not None:
        seconds_run = time.monotonic() - child.started
        child.failures = 1 if seconds_run > MIN_STEADY_SECONDS else child.failures + 1
        if child.failures > MAX_FAILURES:
            raise SupervisionError(
                f"{child.name} ended {child.failures} times in a row. "
                f"The last lines of its log, {child.log}:\n{child.last_lines()}"
            )
        pause = min(MAX_PAUSE_SECONDS, 2.0 ** (child.failures - 1))
        report(f"{child.name} ended with code {code}; restarting in {pause:.0f} s (log: {child.log})")
        child.process, child.restart_at = None, time.monotonic() + pause
    elif child.process is None and time.monotonic() >= child.restart_at:
        child.start()


def ready_when_answering(url: str) -> Callable[[], str]:
    """Return a check that gives "up" once a server on this machine answers at `url`, and "" until then."""
    return lambda: "up" if _answers(url) else ""


_OPENER_WITHOUT_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _answers(url: str) -> bool:
    try:
        with _OPENER_WITHOUT_PROXY.open(url, timeout=2) as response:
            return bool(response.status < 500)
    except urllib.error.HTTPError as error:  # 401 from a server that asks for a token
        return error.code < 500
    except OSError:
        return False


def _rotate(log: Path) -> None:
    """Copy a large log and empty it. The process keeps the file open, so the log cannot be renamed."""
    with suppress(OSError):
        if log.stat().st_size > MAX_LOG_BYTES:
            write_private(log.with_suffix(".log.1"), log.read_bytes())
            os.truncate(log, 0)


def _end_with_parent() -> None:
    """Ask Linux to send SIGTERM to this process when its parent is killed (prctl's PR_SET_PDEATHSIG)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
