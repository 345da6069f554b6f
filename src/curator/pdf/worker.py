"""The process in which PDFs are parsed: asked over stdin, answering over stdout, expendable.

Started by `curator.pdf.reader`. Limits its memory before it loads the parser, and confines itself (see `confinement`)
before the first PDF arrives; ends when its parent is gone.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, BinaryIO

from curator.errors import PdfUnavailable, PdfUnreadable
from curator.pdf import protocol
from curator.pdf.confinement import confine

GRACE = 5  # seconds beyond the parent's patience after which the kernel ends a hung child that nobody waits for
_CODECS = ("ascii", "cp1252", "latin-1", "raw_unicode_escape", "unicode_escape", "utf-8", "utf-16", "utf-32")


def main(arguments: list[str]) -> int:
    """`arguments`: memory limit in MB, time limit for one paper in seconds, most pages."""
    memory_mb, seconds, max_pages = int(arguments[0]), float(arguments[1]), int(arguments[2])
    requests, replies = _take_pipes()
    with contextlib.suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _limit_memory(memory_mb)
    from curator.pdf import extract, page_renderer, pipeline  # after the limits: loads the parser

    extract.silence()
    _load_the_rest(extract.sample(), pipeline.read_bytes, page_renderer.draw)
    protocol.send(replies, {"ready": True, "confinement": asdict(confine())})
    waiting = _listen(requests)
    while True:
        request, data = waiting.get()
        draws = "page" in request
        _alarm(seconds + GRACE)
        answer = (
            _draw(request, data, page_renderer.draw)
            if draws
            else _answer(request, data, max_pages, pipeline.read_bytes)
        )
        _alarm(0)
        protocol.send(replies, answer)
        if answer.get("error") == "memory":
            return 1
        extract.release_caches()


def _load_the_rest(sample: bytes, read_bytes: Callable[..., object], draw: Callable[..., object]) -> None:
    """Let libraries load what they load on first use: once confined, the process opens no file."""
    for codec in _CODECS:
        codecs.lookup(codec)
    for pdf in (sample, sample[: len(sample) // 2], b""):
        with contextlib.suppress(Exception):
            read_bytes(pdf, "0000.00000", 1, 1)
        with contextlib.suppress(Exception):
            draw(pdf, 1, 64)


def _answer(request: dict[str, Any], data: bytes | None, max_pages: int, read_bytes: Any) -> dict[str, Any]:
    def read(pdf: bytes) -> dict[str, Any]:
        return {"document": protocol.pack(read_bytes(pdf, request["paper_id"], request["version"], max_pages))}

    return _guarded(data, read)


def _draw(request: dict[str, Any], data: bytes | None, draw: Any) -> dict[str, Any]:
    return _guarded(data, lambda pdf: {"picture": protocol.packed(draw(pdf, request["page"], request["width"]))})


def _guarded(data: bytes | None, work: Callable[[bytes], dict[str, Any]]) -> dict[str, Any]:
    """Do the work on a PDF's bytes; where it fails, return the code of what went wrong."""
    try:
        return {"error": "memory"} if data is None else work(data)
    except PdfUnreadable as error:
        return {"error": "unreadable", "code": error.code, "message": error.message}
    except PdfUnavailable as error:
        return {"error": "unavailable", "code": error.code, "message": error.message}
    except MemoryError:
        return {"error": "memory"}
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


def _listen(requests: BinaryIO) -> queue.Queue[tuple[dict[str, Any], bytes | None]]:
    """Requests and their PDFs as they come. When the parent is gone, end at once, also in the middle of a paper."""
    waiting: queue.Queue[tuple[dict[str, Any], bytes | None]] = queue.Queue()

    def listen() -> None:
        try:
            while True:
                request = protocol.receive(requests)
                waiting.put((request, protocol.receive_bytes(requests)))
        except (EOFError, ValueError, OSError):
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    return waiting


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
