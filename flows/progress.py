"""How far a run is, told to Prefect's log, with the run's id in each line."""

from __future__ import annotations

from prefect import get_run_logger

from curator.sanitize import single_line


class FlowLog:
    """Implements `pipeline.Progress` inside a flow run. Strangers' text keeps to one line, with nothing invisible."""

    def __init__(self) -> None:
        self._log = get_run_logger()
        self._told = {"curator_run": "-"}  # a field of its own where Prefect logs as JSON

    def started(self, run: str) -> None:
        self._told = {"curator_run": run}
        self._say("started")

    def begin(self, stage: str, total: int | None) -> None:
        self._say(f"{stage}: {total}" if total else stage)

    def advance(self, stage: str, done: int = 1, total: int | None = None) -> None: ...

    def note(self, text: str) -> None:
        self._log.warning("[%s] %s", self._told["curator_run"], single_line(text), extra=self._told)

    def ended(self, outcome: str, message: str | None) -> None:
        self._say(f"{outcome}: {message}" if message else outcome)

    def _say(self, text: str) -> None:
        self._log.info("[%s] %s", self._told["curator_run"], single_line(text), extra=self._told)
