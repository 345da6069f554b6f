"""Presence: which reviewers have which candidate open, so that two of them do not decide the same one unawares."""

from __future__ import annotations

import threading
import time

MAX_SILENCE = 12.0
"""Seconds after its last report until a session counts as gone: four of the reports that an open page sends."""


class Presence:
    """The candidates that sessions have open, in memory only. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reports: dict[str, tuple[str, str, float]] = {}  # by session: reviewer, candidate, monotonic time

    def report(self, session: str, reviewer: str, candidate: str) -> tuple[str, ...]:
        """Record that a session has a candidate open, and return the names of other reviewers who have it open.

        Args:
            session: The id of the session.
            reviewer: The name of its reviewer.
            candidate: The id of the candidate; "" if none is open.
        """
        now = time.monotonic()
        with self._lock:
            self._reports[session] = (reviewer, candidate, now)
            self._reports = {id: entry for id, entry in self._reports.items() if now - entry[2] < MAX_SILENCE}
            others = {
                name
                for id, (name, open_candidate, _) in self._reports.items()
                if id != session and open_candidate == candidate and name != reviewer
            }
        return tuple(sorted(others)) if candidate else ()
