"""One worker process, seen from the process that started it: requests, answers, time limits and failures."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Sequence
from typing import Any, BinaryIO

from curator.errors import ReaderFailed
from curator.pdf import protocol
from curator.pdf.confinement import Confinement

MAX_START_SECONDS = 60.0
"""Seconds in which a worker loads its libraries, on a busy machine. They do not count as reading time."""

_MAX_EXIT_SECONDS = 5.0  # for a killed process to be gone
_MAX_STATUS_SECONDS = 1.0  # for a process that closed its pipes to exit
_KILLED = -9  # POSIX: a process's return code after SIGKILL
_INHERITED = frozenset({
    "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "VIRTUAL_ENV",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
})  # fmt: skip


class WorkerProcess:
    """A worker process. One thread at a time uses it; any thread may kill it."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start a worker.

        Args:
            command: The program and its arguments.

        Raises:
            ReaderFailed: The program cannot be started.
        """
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_make_environment(),
                start_new_session=True,  # Ctrl-C in the terminal is for the parent only
            )
        except OSError as error:
            raise ReaderFailed(
                f"The reading process could not be started ({error.strerror}). Check that {command[0]} can be run.",
                "crashed",
                transient=True,
            ) from error
        self._confinement: Confinement | None = None  # None until the worker is ready
        self._was_killed = threading.Event()

    @property
    def is_alive(self) -> bool:
        """Whether the worker can take a request."""
        return not self._was_killed.is_set() and self._process.poll() is None

    def kill(self) -> None:
        """End the worker at once."""
        self._was_killed.set()
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_MAX_EXIT_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError, ValueError):
                    pipe.close()

    def wait_until_ready(self) -> Confinement:
        """Wait until the worker has started.

        Returns:
            What it can no longer do on this machine.

        Raises:
            ReaderFailed: It does not start in time.
        """
        if self._confinement is None:
            ready = self._exchange(MAX_START_SECONDS)
            confinement = ready.get("confinement")
            self._confinement = Confinement(**confinement) if isinstance(confinement, dict) else Confinement()
        return self._confinement

    def ask(self, request: dict[str, Any], file: BinaryIO, max_seconds: float) -> dict[str, Any]:
        """Send a request about an open file, and wait for the answer.

        Args:
            request: As `curator.pdf.worker` takes it.
            file: The PDF.
            max_seconds: To wait.

        Returns:
            The answer.

        Raises:
            ReaderFailed: The worker dies, breaks the protocol, or takes longer.
        """
        self.wait_until_ready()
        return self._exchange(max_seconds, request, file)

    def _exchange(
        self, max_seconds: float, request: dict[str, Any] | None = None, file: BinaryIO | None = None
    ) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        timeout = _Timeout(self._process, max_seconds)
        try:
            if request is not None and file is not None:
                protocol.send(self._process.stdin, request)
                protocol.send_file(self._process.stdin, file, os.fstat(file.fileno()).st_size)
            answer = protocol.receive(self._process.stdout)
        except (EOFError, OSError, ValueError, RecursionError) as error:
            raise self._explain_failure(timeout.cancel(), max_seconds) from error
        if timeout.cancel() or not isinstance(answer, dict):
            raise self._explain_failure(timeout.has_expired, max_seconds)
        return answer

    def _explain_failure(self, is_too_late: bool, max_seconds: float) -> ReaderFailed:
        if is_too_late:
            return ReaderFailed(
                f"Reading this PDF took longer than {max_seconds:g} seconds and was stopped. Try it again by itself.",
                "timeout",
                transient=True,
            )
        with contextlib.suppress(subprocess.TimeoutExpired):
            # If nobody here killed the process, the kernel did, because memory ran out.
            if self._process.wait(_MAX_STATUS_SECONDS) == _KILLED and not self._was_killed.is_set():
                return make_memory_error()
        return make_crash_error()


class _Timeout:
    """Kills a process after some time, unless it is cancelled before."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self._process = process
        self._lock = threading.Lock()
        self._is_cancelled = False
        self.has_expired = False
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def _expire(self) -> None:
        with self._lock:
            if not self._is_cancelled:
                self.has_expired = True
                self._process.kill()

    def cancel(self) -> bool:
        """Cancel the timeout, and return whether it had expired already."""
        self._timer.cancel()
        with self._lock:
            self._is_cancelled = True
            return self.has_expired


def make_crash_error() -> ReaderFailed:
    """Make the error for a worker that crashed or broke the protocol (code "crashed")."""
    return ReaderFailed(
        "The reading process crashed on this PDF. Try again; if it crashes once more, leave this paper out.",
        "crashed",
        transient=True,
    )


def make_memory_error() -> ReaderFailed:
    """Make the error for a worker that ran out of memory (code "memory")."""
    return ReaderFailed(
        "Reading this PDF needs more memory than is allowed. Try again, or raise `memory_mb` in the [read] settings.",
        "memory",
        transient=True,
    )


def _make_environment() -> dict[str, str]:
    """Return the worker's environment variables, without any secret, since it parses strangers' files."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _INHERITED or (name.startswith("PYTHON") and name != "PYTHONSTARTUP")
    }
