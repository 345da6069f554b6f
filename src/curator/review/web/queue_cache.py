"""The review queue's order, kept in memory so that the next candidate is shown without waiting for a query.

The order is a copy; the warehouse is its source. Candidates decided on this page leave the copy at once. A cheap query
detects when other reviewers have decided or a run has added candidates; the copy is then renewed, in the background if
that takes long.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from curator.warehouse import Connection, Warehouse, candidate_search

MAX_INLINE_SECONDS = 0.05
"""An order that took at most this long to make is renewed while a request waits for it."""
MIN_AGE_FACTOR = 10
"""An order is used for at least this many times as long as it took to make, which bounds the share of the work."""


@dataclass
class _Order:
    """The waiting candidates of a topic, in order."""

    ids: dict[str, None]  # best first
    change_mark: tuple[int, int]  # of the warehouse when the order was created
    seconds: float  # that making it took
    created: float = field(default_factory=time.monotonic)


class QueueCache:
    """The ids of the waiting candidates in order, by topic ("" for all topics). Thread-safe.

    Args:
        warehouse: The source of the orders that are renewed in the background.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._lock = threading.Lock()
        self._orders: dict[str, _Order] = {}
        self._renewing: set[str] = set()  # topics whose order is being made in the background
        self._removed: dict[str, float] = {}  # by candidate: the monotonic time of `remove`

    def list_next(
        self, connection: Connection, count: int, *, after: str = "", exclude: Collection[str] = (), topic: str = ""
    ) -> list[str]:
        """Return the ids of the next waiting candidates, starting behind `after` and wrapping around at the end.

        Args:
            connection: To the warehouse.
            count: The largest number of ids to return.
            after: The candidate that the reviewer is at; it comes last. "" starts at the top.
            exclude: Candidates to leave out.
            topic: Only candidates of this topic; "" for all.
        """
        self._refresh(connection, topic)
        with self._lock:
            ids = _rotate(self._orders[topic].ids, after)
            return list(islice((id for id in ids if id not in exclude), count))

    def find_previous(self, connection: Connection, candidate: str, topic: str = "") -> str | None:
        """Return the id before a waiting candidate; None if it comes first or does not wait."""
        self._refresh(connection, topic)
        with self._lock:
            previous = None
            for id in self._orders[topic].ids:
                if id == candidate:
                    return previous
                previous = id
        return None

    def count_waiting(self, connection: Connection, topic: str = "") -> int:
        """Return the number of waiting candidates."""
        self._refresh(connection, topic)
        with self._lock:
            return len(self._orders[topic].ids)

    def remove(self, candidates: Iterable[str]) -> None:
        """Remove candidates that were just decided on this page, however old the order is."""
        with self._lock:
            for id in candidates:
                self._removed[id] = time.monotonic()
                for order in self._orders.values():
                    order.ids.pop(id, None)

    def invalidate(self, candidates: Iterable[str]) -> None:
        """Forget all orders after decisions on these candidates were undone on this page."""
        with self._lock:
            for id in candidates:
                self._removed.pop(id, None)
            self._orders.clear()

    def _refresh(self, connection: Connection, topic: str) -> None:
        """Make the order if there is none. If the warehouse has changed, renew it, now or in the background."""
        with self._lock:
            order = self._orders.get(topic)
        if order is None:
            self._make(connection, topic)
            return
        is_current = order.change_mark == candidate_search.load_change_mark(connection)
        if is_current or time.monotonic() < order.created + MIN_AGE_FACTOR * order.seconds:
            return
        if order.seconds < MAX_INLINE_SECONDS:
            self._make(connection, topic)
            return
        with self._lock:
            if topic in self._renewing:
                return
            self._renewing.add(topic)
        threading.Thread(target=self._renew, args=(topic,), daemon=True).start()

    def _make(self, connection: Connection, topic: str) -> None:
        started = time.monotonic()
        change_mark = candidate_search.load_change_mark(connection)
        ids = dict.fromkeys(candidate_search.list_waiting(connection, topic))
        with self._lock:
            self._removed = {id: removed for id, removed in self._removed.items() if removed >= started}
            for id in self._removed:  # decided while the query ran
                ids.pop(id, None)
            self._orders[topic] = _Order(ids, change_mark, time.monotonic() - started)

    def _renew(self, topic: str) -> None:
        try:
            self._warehouse.read(self._make, topic)
        finally:
            with self._lock:
                self._renewing.discard(topic)


def _rotate(ids: dict[str, None], after: str) -> Iterator[str]:
    """Yield all ids, starting behind `after`; in their own order if it is not one of them."""
    if after not in ids:
        yield from ids
        return
    head: list[str] = []
    tail = iter(ids)
    for id in tail:
        head.append(id)
        if id == after:
            break
    yield from chain(tail, head)
