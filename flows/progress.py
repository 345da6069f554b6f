"""Progress of a run in Prefect's log, with the id of the run in each line."""

from __future__ import annotations

from prefect import get_run_logger

from curator.sanitize import single_line


class FlowLog:
    """Implements `pipeline.Progress` inside a flow run. Text from strangers is logged on one line, as plain text."""

    def __init__(self) -> None:
        self._log = get_run_logger()
        self._fields = {"curator_run": "-"}  # a separate field if Prefect logs as JSON

    def started(self, run: str) -> None:
        """Log the start of a run; later lines carry the run's id."""
        self._fields = {"curator_run": run}
        self._log_line("started")

    def begin(self, stage: str, total: int | None) -> None:
        """Log the start of a stage with the number of its steps, if that is known."""
        self._log_line(f"{stage}: {total}" if total else stage)

    def advance(self, stage: str, done: int = 1, total: int | None = None) -> None:
        """Log nothing: Prefect shows the state of each task."""

    def note(self, text: str) -> None:
        """Log a message as a warning."""
        self._log.warning("[%s] %s", self._fields["curator_run"], single_line(text), extra=self._fields)

    def ended(self, outcome: str, message: str | None) -> None:
        """Log the end of the run."""
        self._log_line(f"{outcome}: {message}" if message else outcome)

    def _log_line(self, text: str) -> None:
        self._log.info("[%s] %s", self._fields["curator_run"], single_line(text), extra=self._fields)
