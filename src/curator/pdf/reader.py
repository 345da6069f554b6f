"""Read PDFs in worker processes, so that a hostile file can harm only a process that is expendable."""

from __future__ import annotations

import atexit
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, TypeVar

from curator.errors import PaperError, PdfUnavailable, PdfUnreadable, ReaderFailed
from curator.pdf import protocol
from curator.pdf.confinement import Confinement, hide_from_other_processes
from curator.pdf.worker_process import WorkerProcess, make_crash_error, make_memory_error
from curator.settings import ReadSettings
from curator.types import Document

MAX_RENDER_SECONDS = 20.0
"""Seconds for the picture of one page. A person waits for it."""

T = TypeVar("T")


@dataclass(frozen=True)
class ReadLimits:
    """Limits on the reading of PDFs."""

    seconds: float = 60.0  # for one paper
    memory_mb: int = 2048  # of a worker's address space
    max_pages: int = 400
    workers: int = 2  # worker processes, at most

    @classmethod
    def from_settings(cls, settings: ReadSettings, workers: int | None = None) -> ReadLimits:
        """Take the limits from the settings.

        Args:
            settings: The [read] settings.
            workers: Worker processes, at most; by default as set.

        Returns:
            The limits.
        """
        return cls(settings.seconds, settings.memory_mb, settings.max_pages, workers or settings.workers)


class Reader:
    """Reads PDFs in worker processes, which it starts when needed, reuses, and replaces when they die or hang.

    Thread-safe, and a context manager.

    Attributes:
        limits: Of each worker, and on their number.
    """

    def __init__(self, limits: ReadLimits | None = None, command: Sequence[str] | None = None) -> None:
        """Make a reader. No process is started yet.

        Args:
            limits: Of each worker, and on their number.
            command: The program to run as the worker, in place of `curator.pdf.worker`.
        """
        self.limits = limits or ReadLimits()
        self._command = list(command or [sys.executable, "-P", "-m", "curator.pdf.worker"])
        self._free = threading.Semaphore(max(1, self.limits.workers))
        self._lock = threading.Lock()
        self._idle: list[WorkerProcess] = []
        self._all: set[WorkerProcess] = set()
        self._is_closed = False

    def warm_up(self) -> None:
        """Start a worker now, so that it loads its libraries while the caller does something else."""
        with self._lock:
            if self._is_closed or self._all:
                return
            self._idle.append(self._start_worker())

    def read(self, pdf: Path, paper_id: str, version: int) -> Document:
        """Read a PDF; returns when it is read.

        Args:
            pdf: The file.
            paper_id: The paper's id, without its version.
            version: Of the paper.

        Returns:
            The document.

        Raises:
            PdfUnavailable: There is no such file (code "missing").
            PdfUnreadable: There is no text to be had (codes "not-a-pdf", "encrypted", "damaged", "too-long",
                "no-text", "garbled").
            ReaderFailed: The worker failed; another attempt may succeed (codes "crashed", "timeout", "memory").
        """
        return self._ask(
            pdf,
            {"paper_id": paper_id, "version": version},
            self.limits.seconds,
            lambda answer: _decode_document(answer, paper_id, version),
        )

    def render_page(self, pdf: Path, page: int, width: int) -> bytes:
        """Render a page of a PDF (see `curator.pdf.page_renderer`).

        Args:
            pdf: The file.
            page: The page's number, from 1.
            width: Of the picture, in pixels.

        Returns:
            The picture as a PNG.

        Raises:
            PdfUnavailable: There is no such file or page (codes "missing", "no-page").
            PdfUnreadable: The file cannot be rendered (codes "encrypted", "damaged").
            ReaderFailed: As in `read`.
        """
        max_seconds = min(self.limits.seconds, MAX_RENDER_SECONDS)
        return self._ask(pdf, {"page": page, "width": width}, max_seconds, _decode_picture)

    def check_confinement(self) -> Confinement:
        """Ask a worker what it can no longer do on this machine.

        Raises:
            ReaderFailed: No worker starts.
        """
        return self._with_worker(lambda worker: worker.wait_until_ready())

    def close(self) -> None:
        """End all workers. A paper that is being read in another thread fails with ReaderFailed."""
        with self._lock:
            self._is_closed = True
            workers, self._idle = list(self._all), []
            self._all.clear()
        for worker in workers:
            worker.kill()
        atexit.unregister(self.close)

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, pdf: Path, request: dict[str, Any], max_seconds: float, decode: Callable[[dict[str, Any]], T]) -> T:
        if not pdf.is_file():
            raise PdfUnavailable(f"There is no file {pdf.name}. Download the paper again.", "missing")
        with _open_pdf(pdf) as file:
            return self._with_worker(lambda worker: decode(worker.ask(request, file, max_seconds)))

    def _with_worker(self, use: Callable[[WorkerProcess], T]) -> T:
        """Use a worker as soon as one is free; kill it if it fails."""
        with self._free:
            worker = self._take_worker()
            try:
                return use(worker)
            except ReaderFailed:
                worker.kill()
                raise
            finally:
                self._put_back(worker)

    def _take_worker(self) -> WorkerProcess:
        with self._lock:
            if self._is_closed:
                raise ReaderFailed("The reader was closed. Start the command again.", "crashed", transient=True)
            while self._idle:
                worker = self._idle.pop()
                if worker.is_alive:
                    return worker
                self._all.discard(worker)
                worker.kill()
            return self._start_worker()

    def _start_worker(self) -> WorkerProcess:
        hide_from_other_processes()  # this process holds keys
        limits = self.limits
        worker = WorkerProcess([*self._command, str(limits.memory_mb), str(limits.seconds), str(limits.max_pages)])
        if not self._all:
            atexit.register(self.close)
        self._all.add(worker)
        return worker

    def _put_back(self, worker: WorkerProcess) -> None:
        with self._lock:
            if worker.is_alive and not self._is_closed:
                self._idle.append(worker)
                return
            self._all.discard(worker)
        worker.kill()


def read_pdf(pdf: Path | str, limits: ReadLimits | None = None) -> Document:
    """Read one PDF file in a worker process of its own. To read several, make one `Reader`.

    Args:
        pdf: The file. Its name without the ending becomes the document's paper id, with version 1.
        limits: Limits on the reading; by default those of `ReadLimits`.

    Returns:
        The document: pages, sections, sentences and hidden text.

    Raises:
        PdfUnavailable: There is no such file.
        PdfUnreadable: The file has no text that can be read.
        ReaderFailed: The worker failed; another attempt may succeed.
    """
    file = Path(pdf)
    with Reader(replace(limits or ReadLimits(), workers=1)) as reader:
        return reader.read(file, file.stem, 1)


def _open_pdf(pdf: Path) -> BinaryIO:
    try:
        return pdf.open("rb")
    except OSError as error:
        raise PdfUnavailable("The PDF could not be opened. Check the permissions of the file.", "missing") from error


def _decode_document(answer: dict[str, Any], paper_id: str, version: int) -> Document:
    try:
        if "document" in answer:
            return protocol.unpack_document(answer["document"], paper_id, version)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise make_crash_error() from error
    raise _decode_error(answer)


def _decode_picture(answer: dict[str, Any]) -> bytes:
    try:
        if "picture" in answer:
            return protocol.decode_bytes(answer["picture"])
    except (TypeError, ValueError, AttributeError) as error:
        raise make_crash_error() from error
    raise _decode_error(answer)


def _decode_error(answer: dict[str, Any]) -> PaperError:
    kind = answer.get("error")
    if kind in ("unreadable", "unavailable") and {"message", "code"} <= answer.keys():
        error = PdfUnreadable if kind == "unreadable" else PdfUnavailable
        return error(str(answer["message"]), str(answer["code"]))
    return make_memory_error() if kind == "memory" else make_crash_error()
