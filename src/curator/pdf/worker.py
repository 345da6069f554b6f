"""The process in which PDFs are parsed: it takes requests on stdin, answers on stdout, and is expendable.

`curator.pdf.reader` starts it. It limits its memory before it loads the parser, confines itself (see `confinement`)
before the first PDF arrives, and ends with its parent.
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

GRACE_SECONDS = 5
"""Seconds after the parent's time limit at which the kernel ends a worker that hangs and that nobody waits for."""

_CODECS = ("ascii", "cp1252", "latin-1", "raw_unicode_escape", "unicode_escape", "utf-8", "utf-16", "utf-32")


def main(arguments: list[str]) -> int:
    """Answer requests until the parent goes away or memory runs out.

    Args:
        arguments: The memory limit in MB, the time limit for one paper in seconds, and the maximum number of pages.

    Returns:
        The process's exit code.
    """
    memory_mb, seconds, max_pages = int(arguments[0]), float(arguments[1]), int(arguments[2])
    requests, replies = _take_pipes()
    with contextlib.suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    _limit_memory(memory_mb)
    from curator.pdf import mupdf_document, page_renderer, pipeline  # loads the parser, and so comes after the limits

    mupdf_document.silence_mupdf()
    _load_everything(mupdf_document.make_sample(), pipeline.read_bytes, page_renderer.render_page)
    protocol.send(replies, {"ready": True, "confinement": asdict(confine())})
    waiting = _listen(requests)
    while True:
        request, data = waiting.get()
        _set_alarm(seconds + GRACE_SECONDS)
        answer = (
            _render(request, data, page_renderer.render_page)
            if "page" in request
            else _read(request, data, max_pages, pipeline.read_bytes)
        )
        _set_alarm(0)
        protocol.send(replies, answer)
        if answer.get("error") == "memory":
            return 1
        mupdf_document.release_caches()


def _load_everything(sample: bytes, read_bytes: Callable[..., object], render_page: Callable[..., object]) -> None:
    """Let libraries load the files that they load on first use, since a confined process opens none."""
    for codec in _CODECS:
        codecs.lookup(codec)
    for pdf in (sample, sample[: len(sample) // 2], b""):
        with contextlib.suppress(Exception):
            read_bytes(pdf, "0000.00000", 1, 1)
        with contextlib.suppress(Exception):
            render_page(pdf, 1, 64)


def _read(request: dict[str, Any], data: bytes | None, max_pages: int, read_bytes: Any) -> dict[str, Any]:
    def read(pdf: bytes) -> dict[str, Any]:
        document = read_bytes(pdf, request["paper_id"], request["version"], max_pages)
        return {"document": protocol.pack_document(document)}

    return _answer(data, read)


def _render(request: dict[str, Any], data: bytes | None, render_page: Any) -> dict[str, Any]:
    def render(pdf: bytes) -> dict[str, Any]:
        return {"picture": protocol.encode_bytes(render_page(pdf, request["page"], request["width"]))}

    return _answer(data, render)


def _answer(data: bytes | None, work: Callable[[bytes], dict[str, Any]]) -> dict[str, Any]:
    """Do some work on a PDF, and return its answer or an error; `data` is None if memory does not hold the PDF."""
    try:
        return {"error": "memory"} if data is None else work(data)
    except PdfUnreadable as error:
        return {"error": "unreadable", "code": error.code, "message": error.message}
    except PdfUnavailable as error:
        return {"error": "unavailable", "code": error.code, "message": error.message}
    except MemoryError:
        return {"error": "memory"}
    except Exception as error:  # a bug that this PDF triggers must cost this paper only
        return {"error": "crashed", "what": type(error).__name__}


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Reserve stdin and stdout for messages: prints are discarded from now on."""
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


def _set_alarm(seconds: float) -> None:
    """Let the kernel end this process after some time; never with 0."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _listen(requests: BinaryIO) -> queue.Queue[tuple[dict[str, Any], bytes | None]]:
    """Receive requests and their PDFs in a thread, which ends the process when the parent goes away, even mid-paper."""
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
