"""Which candidate comes next: the order of those that wait, kept in memory so that nobody waits for a query.

The warehouse says what is so; this is a copy of its order. What is decided here leaves it at once; when others have
decided or a run has added something, which a cheap mark tells, it is made anew in the background.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from curator.warehouse import Connection, Warehouse, candidate_search

QUICK = 0.05  # seconds: an order that is made so fast is made while somebody waits for it
SHARE = 10  # making the order anew takes at most one part in so many of the time


@dataclass
class _Order:
    ids: dict[str, None]  # best first
    mark: tuple[int, int]
    seconds: float  # that it took to make
    made: float = field(default_factory=time.monotonic)


class QueueCache:
    """The ids of what waits, by topic ("" for all). Thread-safe."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._lock = threading.Lock()
        self._orders: dict[str, _Order] = {}
        self._making: set[str] = set()
        self._taken: dict[str, float] = {}  # when what was decided here was decided

    def next(
        self, connection: Connection, count: int, *, after: str = "", beside: Collection[str] = (), topic: str = ""
    ) -> list[str]:
        """The `count` best that wait, from behind `after` on and then from the top, but for those in `beside`.

        `after` itself comes last of all.
        """
        self._refresh(connection, topic)
        with self._lock:
            ids = self._orders[topic].ids
            around = (one for one in _around(ids, after) if one not in beside)
            return list(islice(around, count))

    def before(self, connection: Connection, candidate: str, topic: str = "") -> str | None:
        """What waits just before a candidate; None at the top, and where the candidate does not wait."""
        self._refresh(connection, topic)
        with self._lock:
            last = None
            for one in self._orders[topic].ids:
                if one == candidate:
                    return last
                last = one
        return None

    def waiting(self, connection: Connection, topic: str = "") -> int:
        self._refresh(connection, topic)
        with self._lock:
            return len(self._orders[topic].ids)

    def took(self, candidates: Iterable[str]) -> None:
        """Decided here just now: they wait no more, however old the order is."""
        with self._lock:
            for one in candidates:
                self._taken[one] = time.monotonic()
                for order in self._orders.values():
                    order.ids.pop(one, None)

    def gave_back(self, candidates: Iterable[str]) -> None:
        """Undone here just now: the order is made anew before it is used again."""
        with self._lock:
            for one in candidates:
                self._taken.pop(one, None)
            self._orders.clear()

    def _refresh(self, connection: Connection, topic: str) -> None:
        with self._lock:
            order = self._orders.get(topic)
        if order is None:
            self._make(connection, topic)
            return
        if (
            order.mark == candidate_search.load_change_mark(connection)
            or time.monotonic() < order.made + SHARE * order.seconds
        ):
            return
        if order.seconds < QUICK:
            self._make(connection, topic)
            return
        with self._lock:
            if topic in self._making:
                return
            self._making.add(topic)
        threading.Thread(target=self._make_anew, args=(topic,), daemon=True).start()

    def _make(self, connection: Connection, topic: str) -> None:
        started = time.monotonic()
        mark = candidate_search.load_change_mark(connection)
        ids = dict.fromkeys(candidate_search.list_waiting(connection, topic))
        with self._lock:
            for one, when in self._taken.items():
                if when >= started:
                    ids.pop(one, None)
            self._orders[topic] = _Order(ids, mark, time.monotonic() - started)
            self._taken = {one: when for one, when in self._taken.items() if when >= started}

    def _make_anew(self, topic: str) -> None:
        try:
            self._warehouse.read(self._make, topic)
        finally:
            with self._lock:
                self._making.discard(topic)


def _around(ids: dict[str, None], after: str) -> Iterator[str]:
    if after not in ids:
        yield from ids
        return
    before: list[str] = []
    rest = iter(ids)
    for one in rest:
        before.append(one)
        if one == after:
            break
    yield from chain(rest, before)
