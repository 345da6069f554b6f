"""What a run tells, as JSON: one line an event, for a log that programs read and that is kept from growing."""

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

LARGEST = 5_000_000  # bytes of a log file when a command begins; then it is moved aside
KEPT = 5  # files that were moved aside
EVERY = 5.0  # seconds between two lines on how far one stage is


class JsonLog:
    """Implements `pipeline.Progress`. A context manager.

    Into `file`, or to stderr. Strangers' text stands in it escaped, as ASCII on one line.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._stream: IO[str] = sys.stderr
        self._run: str | None = None
        self._done: dict[str, tuple[int, int | None]] = {}
        self._said = 0.0

    def __enter__(self) -> JsonLog:
        if self._file:
            try:
                rotate(self._file)
                appended = append_private(self._file)
                self._stream = io.TextIOWrapper(appended, encoding="ascii", line_buffering=True)
            except OSError as error:
                raise CuratorError(f"The log {self._file} cannot be written: {error}.") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error and (self._file or not isinstance(error, CuratorError)):  # `complain` tells the others
            self.event("error", kind=type(error).__name__, message=str(error))
        if self._file:
            self._stream.close()

    def started(self, run: str) -> None:
        self._run = run
        self.event("started")

    def begin(self, stage: str, total: int | None) -> None:
        self._done[stage] = (0, total)
        self.event("stage", stage=stage, total=total)

    def advance(self, stage: str, done: int = 1, total: int | None = None) -> None:
        before, known = self._done.get(stage, (0, None))
        now, total = before + done, known if total is None else total
        self._done[stage] = (now, total)
        if now == total or time.monotonic() - self._said >= EVERY:
            self._said = time.monotonic()
            self.event("progress", stage=stage, done=now, total=total)

    def note(self, text: str) -> None:
        self.event("note", message=text)

    def ended(self, outcome: str, message: str | None) -> None:
        self.event("ended", outcome=outcome, message=message)

    def event(self, name: str, **more: Any) -> None:
        """One line; what is None is left out."""
        told = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "run": self._run, "event": name} | more
        self._stream.write(json.dumps({key: value for key, value in told.items() if value is not None}) + "\n")


def complain(text: str) -> None:
    """The last words of a command that failed, on stderr."""
    if "--log-json" in sys.argv[1:]:
        JsonLog().event("error", message=text)
    else:
        click.echo(f"curator: {text}", err=True)


def rotate(file: Path) -> None:
    """Move a log that has grown large aside, and the older ones on; the oldest goes. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    if not file.exists() or file.stat().st_size <= LARGEST:
        return
    for number in range(KEPT, 0, -1):
        older = file.with_name(f"{file.name}.{number}")
        newer = file.with_name(f"{file.name}.{number - 1}") if number > 1 else file
        with suppress(FileNotFoundError):  # another process moved it first
            newer.replace(older)
