"""Blocks of code that Ctrl-C and SIGTERM must not interrupt."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Delay SIGINT and SIGTERM until the block has ended.

    If an interrupt arrives after DuckDB has opened a file and before the connection is assigned, the connection stays
    open and cannot be reached; when the same process opens the file again, DuckDB waits forever and ignores signals.
    Only the main thread receives signals, so the context has no effect in other threads.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []

    def record(number: int, frame: FrameType | None) -> None:
        received.append(number)

    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    delayed = [number for number, handler in handlers.items() if callable(handler)]
    try:
        for number in delayed:
            signal.signal(number, record)
        yield
    finally:
        for number in delayed:
            signal.signal(number, handlers[number])
        for interrupt in received:
            signal.raise_signal(interrupt)
