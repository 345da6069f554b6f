"""The process in which PDFs are parsed: asked over stdin, answering over stdout, expendable.

Started by `curator.read.worker`. Limits itself before it loads the parser; ends when its parent is gone.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from curator.errors import PdfUnavailable, PdfUnreadable
from curator.read import wire

GRACE = 5  # seconds beyond the parent's patience after which the kernel ends a hung child that nobody waits for


def main(arguments: list[str]) -> int:
    """`arguments`: memory limit in MB, time limit for one paper in seconds, most pages."""
    memory_mb, seconds, max_pages = int(arguments[0]), float(arguments[1]), int(arguments[2])
    requests, replies = _take_pipes()
    with contextlib.suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _limit_memory(memory_mb)
    from curator.read import drawing, extract, reading  # after the limits: loads the parser

    extract.silence()
    wire.send(replies, {"ready": True})
    waiting = _listen(requests)
    while (request := waiting.get()) is not None:
        draws = "page" in request
        _alarm(seconds + GRACE)
        answer = _draw(request, drawing.draw) if draws else _answer(request, max_pages, reading.read_bytes)
        _alarm(0)
        wire.send(replies, answer)
        if answer.get("error") == "memory":
            return 1
        extract.release_caches()
    return 0


def _answer(request: dict[str, Any], max_pages: int, read_bytes: Any) -> dict[str, Any]:
    def read(data: bytes) -> dict[str, Any]:
        return {"document": wire.pack(read_bytes(data, request["paper_id"], request["version"], max_pages))}

    return _guarded(request, read)


def _draw(request: dict[str, Any], draw: Any) -> dict[str, Any]:
    return _guarded(request, lambda data: {"picture": wire.packed(draw(data, request["page"], request["width"]))})


def _guarded(request: dict[str, Any], work: Callable[[bytes], dict[str, Any]]) -> dict[str, Any]:
    """What the work on a PDF's bytes gives, or the word for what went wrong."""
    try:
        return work(Path(request["pdf"]).read_bytes())
    except PdfUnreadable as error:
        return {"error": "unreadable", "code": error.code, "message": error.message}
    except PdfUnavailable as error:
        return {"error": "unavailable", "code": error.code, "message": error.message}
    except MemoryError:
        return {"error": "memory"}
    except OSError:
        return {"error": "file"}
    except Exception as error:  # a fault of ours on this PDF must cost this paper only
        return {"error": "crashed", "what": type(error).__name__}


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """stdin and stdout for messages alone: whatever prints from now on prints to nowhere."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    return requests, replies


def _limit_memory(memory_mb: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    size = memory_mb * 1024 * 1024
    for limit in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(limit, (size, size))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _alarm(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _listen(requests: BinaryIO) -> queue.Queue[dict[str, Any] | None]:
    """Requests as they come. When the parent is gone, end at once, also in the middle of a paper."""
    waiting: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def listen() -> None:
        try:
            while True:
                waiting.put(wire.receive(requests))
        except (EOFError, ValueError, OSError):
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    return waiting


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
