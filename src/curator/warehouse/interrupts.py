"""Steps that Ctrl-C and SIGTERM must not cut in two."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold SIGINT and SIGTERM back until the block has ended, and deliver them then.

    An interrupt between DuckDB's opening of a file and our keeping of the connection leaves that open, out of reach,
    and DuckDB waits without end, and without taking signals, when the same process opens the file again. Only the main
    thread gets signals, so in other threads this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    held = [number for number, handler in before.items() if callable(handler)]
    try:
        for number in held:
            signal.signal(number, note)
        yield
    finally:
        for number in held:
            signal.signal(number, before[number])
        for one in came:
            signal.raise_signal(one)
