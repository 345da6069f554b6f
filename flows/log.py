"""How far a run is, told to Prefect's log."""

from __future__ import annotations

from prefect import get_run_logger


class FlowLog:
    """Implements `pipeline.Progress` inside a flow run."""

    def __init__(self) -> None:
        self._log = get_run_logger()

    def begin(self, stage: str, total: int | None) -> None:
        self._log.info("%s%s", stage, f": {total}" if total else "")

    def advance(self, stage: str, done: int = 1, total: int | None = None) -> None: ...

    def note(self, text: str) -> None:
        self._log.warning("%s", text)
