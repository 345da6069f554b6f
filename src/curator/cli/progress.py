"""Progress on stderr: bars on a terminal, plain lines elsewhere, or JSON lines."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from curator.cli.json_log import PROGRESS_SECONDS, JsonLog
from curator.sanitize import single_line


def make_progress() -> ProgressBars | JsonLog:
    """Return the progress report of this command: JSON lines with `curator --log-json` or `--log-file`, else bars."""
    options = click.get_current_context().find_root().params
    if options.get("log_json") or options.get("log_file"):
        return JsonLog(options.get("log_file"))
    return ProgressBars()


class _Pace(TextColumn):
    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(f"{speed:.1f}/s" if speed >= 1 else f"{speed * 60:.1f}/min", style="cyan")


class ProgressBars:
    """A context manager that implements `pipeline.Progress` and restores the terminal at its end."""

    def __init__(self) -> None:
        self._console = Console(file=sys.stderr, highlight=False)
        self._bars = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            _Pace(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=self._console,
        )
        self._tasks: dict[str, Task] = {}
        self._reported: dict[str, float] = {}

    def __enter__(self) -> ProgressBars:
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stage in self._tasks:
            self._close(stage)
        if self._console.is_terminal:
            self._bars.stop()

    def started(self, run: str) -> None:
        """Show nothing: the report at the end names the run."""

    def begin(self, stage: str, total: int | None) -> None:
        """Add the bar of a stage."""
        for earlier in self._tasks:
            self._close(earlier)
        task_id = self._bars.add_task(stage, total=total)
        self._tasks[stage] = next(task for task in self._bars.tasks if task.id == task_id)
        self._reported[stage] = time.monotonic()

    def advance(self, stage: str, done: int = 1, total: int | None = None) -> None:
        """Advance the bar of a stage; without a terminal, print a line from time to time."""
        task = self._tasks[stage]
        self._bars.update(task.id, advance=done, total=task.total if total is None else total)
        if not self._console.is_terminal:
            self._print_line(stage, finished=task.total is not None and task.completed >= task.total)

    def note(self, text: str) -> None:
        """Print a message above the bars."""
        self._console.print(Text(f"  {single_line(text)}", style="yellow"), soft_wrap=True)

    def ended(self, outcome: str, message: str | None) -> None:
        """Show nothing: the command prints the report."""

    def _print_line(self, stage: str, *, finished: bool) -> None:
        if finished or time.monotonic() - self._reported[stage] >= PROGRESS_SECONDS:
            task = self._tasks[stage]
            self._reported[stage] = time.monotonic()
            self._console.print(
                Text(f"{stage}: {task.completed:.0f}/{task.total or 0:.0f} in {task.elapsed or 0:.1f} s")
            )

    def _close(self, stage: str) -> None:
        task = self._tasks[stage]
        if task.total is None:
            self._bars.update(task.id, total=max(task.completed, 1), completed=max(task.completed, 1))
