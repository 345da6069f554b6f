"""A log of a run for programs: one JSON object a line, in a file that is rotated or on stderr."""

from __future__ import annotations

import io
import json
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import click

from curator.errors import CuratorError
from curator.private_files import FOLDER_MODE, append_private

MAX_LOG_BYTES = 5_000_000
"""Bytes above which a log file is rotated when a command begins."""
MAX_OLD_LOGS = 5
"""Rotated log files that are kept."""
PROGRESS_SECONDS = 5.0
"""Seconds between two progress lines of one stage."""


class JsonLog:
    """A context manager that implements `pipeline.Progress` and writes each event as a line of JSON.

    All characters beyond ASCII are escaped, so text from strangers cannot break a line or control a terminal.

    Args:
        file: The log file; stderr by default.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._stream: IO[str] = sys.stderr
        self._run: str | None = None
        self._done: dict[str, tuple[int, int | None]] = {}
        self._reported = 0.0

    def __enter__(self) -> JsonLog:
        if self._file:
            try:
                rotate(self._file)
                self._stream = io.TextIOWrapper(append_private(self._file), encoding="ascii", line_buffering=True)
            except OSError as error:
                raise CuratorError(f"The log {self._file} cannot be written: {error}.") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error and (self._file or not isinstance(error, CuratorError)):  # `print_error` reports the others
            self.event("error", kind=type(error).__name__, message=str(error))
        if self._file:
            self._stream.close()

    def started(self, run: str) -> None:
        """Log the start of a run; later lines carry the run's id."""
        self._run = run
        self.event("started")

    def begin(self, stage: str, total: int | None) -> None:
        """Log the start of a stage with the number of its steps, if that is known."""
        self._done[stage] = (0, total)
        self.event("stage", stage=stage, total=total)

    def advance(self, stage: str, done: int = 1, total: int | None = None) -> None:
        """Count finished steps; log the count at the end of the stage and every PROGRESS_SECONDS."""
        before, known = self._done.get(stage, (0, None))
        now, total = before + done, known if total is None else total
        self._done[stage] = (now, total)
        if now == total or time.monotonic() - self._reported >= PROGRESS_SECONDS:
            self._reported = time.monotonic()
            self.event("progress", stage=stage, done=now, total=total)

    def note(self, text: str) -> None:
        """Log a message."""
        self.event("note", message=text)

    def ended(self, outcome: str, message: str | None) -> None:
        """Log the end of the run."""
        self.event("ended", outcome=outcome, message=message)

    def event(self, name: str, **more: Any) -> None:
        """Write one line; fields that are None are left out."""
        fields = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "run": self._run, "event": name} | more
        self._stream.write(json.dumps({key: value for key, value in fields.items() if value is not None}) + "\n")


def print_error(text: str) -> None:
    """Print why a command failed, on stderr; as JSON with `--log-json`."""
    if "--log-json" in sys.argv[1:]:
        JsonLog().event("error", message=text)
    else:
        click.echo(f"curator: {text}", err=True)


def rotate(file: Path) -> None:
    """Rename a large log to NAME.1, each older log to the next number, and delete the oldest.

    Raises:
        OSError: The folder cannot be made, or a log cannot be renamed.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    if not file.exists() or file.stat().st_size <= MAX_LOG_BYTES:
        return
    for number in range(MAX_OLD_LOGS, 0, -1):
        older = file.with_name(f"{file.name}.{number}")
        newer = file.with_name(f"{file.name}.{number - 1}") if number > 1 else file
        with suppress(FileNotFoundError):  # another process moved it first
            newer.replace(older)
