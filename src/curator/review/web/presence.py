"""Who looks at which candidate just now, so that two people do not decide the same one unawares."""

from __future__ import annotations

import threading
import time

STALE = 12.0  # seconds after which somebody who has not said so again is taken to be gone


class Presence:
    """In memory alone: nothing of it matters tomorrow. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[str, str, float]] = {}  # by session: name, candidate, when

    def here(self, session: str, name: str, candidate: str) -> tuple[str, ...]:
        """Note that this session looks at a candidate ("" for none); return the names of others who do too."""
        now = time.monotonic()
        with self._lock:
            self._seen[session] = (name, candidate, now)
            self._seen = {one: seen for one, seen in self._seen.items() if now - seen[2] < STALE}
            others = {n for one, (n, c, _) in self._seen.items() if one != session and c == candidate and n != name}
        return tuple(sorted(others)) if candidate else ()
