"""SIGTERM, which ends a command as Ctrl-C does, with an exit code of its own."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130  # 128 + SIGINT: the code that a shell reports for a program that Ctrl-C ended
TERMINATED = 143  # 128 + SIGTERM

_terminated = threading.Event()


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived. This is not KeyboardInterrupt itself, after which Python may set its own exit code."""


@contextmanager
def sigterm_as_ctrl_c() -> Iterator[None]:
    """Raise Terminated in the block at the first SIGTERM; ignore later ones, so that clean-up can finish.

    If the parent process had SIGTERM ignored, it stays ignored.
    """
    _terminated.clear()
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _interrupt_once)
    try:
        yield
    finally:
        # while the interpreter ends its threads, it resets handlers, but it keeps SIG_IGN
        signal.signal(signal.SIGTERM, signal.SIG_IGN if got_sigterm() else signal.SIG_DFL)


def end_terminated() -> NoReturn:
    """Exit with code 143, in a command that handles SIGTERM itself."""
    _terminated.set()
    sys.exit(TERMINATED)


def got_sigterm() -> bool:
    """Return True if this command has received SIGTERM."""
    return _terminated.is_set()


def interrupt_code() -> int:
    """Return the exit code of a command that was interrupted: 143 after SIGTERM, 130 after Ctrl-C."""
    return TERMINATED if got_sigterm() else INTERRUPTED


def _interrupt_once(number: int, frame: FrameType | None) -> None:
    if not _terminated.is_set():
        _terminated.set()
        raise Terminated
