"""The door to the reader: papers go in, documents come out, and what a hostile PDF does hits a child process only."""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, TypeVar

from curator.errors import PaperError, PdfUnavailable, PdfUnreadable, ReaderFailed
from curator.pdf import protocol
from curator.pdf.confinement import Confinement, hide_from_other_processes
from curator.sanitize import word_set
from curator.settings import ReadSettings
from curator.types import Document

START_SECONDS = 60.0  # for a child to load its libraries on a busy machine; not counted as reading time
DRAWING_SECONDS = 20.0  # for one page's picture
T = TypeVar("T")
_PASSED_ON = word_set(
    "PATH HOME LANG LC_ALL LC_CTYPE TMPDIR TEMP TMP SYSTEMROOT VIRTUAL_ENV LD_LIBRARY_PATH DYLD_LIBRARY_PATH"
)


@dataclass(frozen=True)
class ReadLimits:
    seconds: float = 60.0  # for one paper
    memory_mb: int = 2048  # of a child's address space
    max_pages: int = 400
    workers: int = 2  # child processes at most

    @classmethod
    def of(cls, settings: ReadSettings, workers: int | None = None) -> ReadLimits:
        """As the settings have them; with as many child processes as is said."""
        return cls(settings.seconds, settings.memory_mb, settings.max_pages, workers or settings.workers)


class Reader:
    """Reads PDFs in child processes that it starts when needed, reuses, and replaces when they die or hang.

    Thread-safe; a context manager. `command` replaces the program that is run as the child.
    """

    def __init__(self, limits: ReadLimits | None = None, command: Sequence[str] | None = None) -> None:
        self.limits = limits or ReadLimits()
        self._command = list(command or [sys.executable, "-P", "-m", "curator.pdf.worker"])
        self._free = threading.Semaphore(max(1, self.limits.workers))
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._closed = False

    def warm(self) -> None:
        """Start a child now, so that it loads its libraries while the caller does something else."""
        with self._lock:
            if self._closed or self._all:
                return
            self._idle.append(self._start())

    def read(self, pdf: Path, paper_id: str, version: int) -> Document:
        """The document in this file; blocks until it is read.

        Raises PdfUnavailable ("missing"), PdfUnreadable ("not-a-pdf", "encrypted", "damaged", "too-long", "no-text",
        "garbled"), ReaderFailed ("crashed", "timeout", "memory": these are transient).
        """
        return self._ask(
            pdf,
            {"paper_id": paper_id, "version": version},
            self.limits.seconds,
            lambda answer: _document(answer, paper_id, version),
        )

    def picture(self, pdf: Path, page: int, width: int) -> bytes:
        """A page (from 1) of this file as a PNG, `width` pixels wide; see `drawing.draw`.

        Raises what `read` raises, and PdfUnavailable ("no-page").
        """
        return self._ask(pdf, {"page": page, "width": width}, min(self.limits.seconds, DRAWING_SECONDS), _picture)

    def confinement(self) -> Confinement:
        """Ask a child what it can no longer do on this machine.

        Raises:
            ReaderFailed: No child starts.
        """
        return self._with_child(lambda child: child.confinement())

    def _ask(self, pdf: Path, request: dict[str, Any], seconds: float, take: Callable[[dict[str, Any]], T]) -> T:
        """What a child answers about a file, taken out of its message by `take`."""
        if not pdf.is_file():
            raise PdfUnavailable(f"There is no file {pdf.name}. Download the paper again.", "missing")
        with _opened(pdf) as file:
            return self._with_child(lambda child: take(child.ask(request, file, seconds)))

    def _with_child(self, work: Callable[[_Child], T]) -> T:
        with self._free:
            child = self._take()
            try:
                return work(child)
            except ReaderFailed:
                child.kill()
                raise
            finally:
                self._put_back(child)

    def close(self) -> None:
        """End all children. A paper that is being read in another thread fails with ReaderFailed."""
        with self._lock:
            self._closed = True
            children, self._idle = list(self._all), []
            self._all.clear()
        for child in children:
            child.kill()
        atexit.unregister(self.close)

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self) -> _Child:
        with self._lock:
            if self._closed:
                raise ReaderFailed("The reader was closed. Start the command again.", "crashed", transient=True)
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
                self._all.discard(child)
                child.kill()
            return self._start()

    def _start(self) -> _Child:
        hide_from_other_processes()  # this one holds keys
        limits = self.limits
        child = _Child([*self._command, str(limits.memory_mb), str(limits.seconds), str(limits.max_pages)])
        if not self._all:
            atexit.register(self.close)
        self._all.add(child)
        return child

    def _put_back(self, child: _Child) -> None:
        with self._lock:
            if child.alive and not self._closed:
                self._idle.append(child)
                return
            self._all.discard(child)
        child.kill()


class _Child:
    """One child process; used by one thread at a time, killed from any."""

    def __init__(self, command: Sequence[str]) -> None:
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # Ctrl-C in the terminal reaches the parent alone
            )
        except OSError as error:
            raise ReaderFailed(
                f"The reading process could not be started ({error.strerror}). Check that {command[0]} can be run.",
                "crashed",
                transient=True,
            ) from error
        self._confinement: Confinement | None = None  # None before the child is ready
        self._killed = threading.Event()

    @property
    def alive(self) -> bool:
        return not self._killed.is_set() and self._process.poll() is None

    def kill(self) -> None:
        self._killed.set()
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError, ValueError):
                    pipe.close()

    def confinement(self) -> Confinement:
        """Wait until the child is ready; return what it says that it can no longer do. Raises ReaderFailed."""
        if self._confinement is None:
            self._confinement = _confinement(self._exchange(START_SECONDS))
        return self._confinement

    def ask(self, request: dict[str, Any], file: BinaryIO, seconds: float) -> dict[str, Any]:
        """The child's answer about an open file. Raises ReaderFailed if it dies, talks nonsense, or takes longer."""
        self.confinement()
        return self._exchange(seconds, request, file)

    def _exchange(
        self, seconds: float, request: dict[str, Any] | None = None, file: BinaryIO | None = None
    ) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        watchdog = _Watchdog(self._process, seconds)
        try:
            if request is not None and file is not None:
                protocol.send(self._process.stdin, request)
                protocol.send_file(self._process.stdin, file, os.fstat(file.fileno()).st_size)
            answer = protocol.receive(self._process.stdout)
        except (EOFError, OSError, ValueError, RecursionError) as error:
            raise self._failure(watchdog.stop(), seconds) from error
        if watchdog.stop() or not isinstance(answer, dict):
            raise self._failure(watchdog.bit, seconds)
        return answer

    def _failure(self, too_late: bool, seconds: float) -> ReaderFailed:
        if too_late:
            return ReaderFailed(
                f"Reading this PDF took longer than {seconds:g} seconds and was stopped. Try it again on its own.",
                "timeout",
                transient=True,
            )
        with contextlib.suppress(subprocess.TimeoutExpired):
            # POSIX: ended by signal 9, and not by us: the kernel ran out of memory
            if self._process.wait(1) == -9 and not self._killed.is_set():
                return _out_of_memory()
        return _crashed()


class _Watchdog:
    """Kills a process unless it is stopped in time."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self._process = process
        self._lock = threading.Lock()
        self._done = False
        self.bit = False
        self._timer = threading.Timer(seconds, self._bite)
        self._timer.daemon = True
        self._timer.start()

    def _bite(self) -> None:
        with self._lock:
            if not self._done:
                self.bit = True
                self._process.kill()

    def stop(self) -> bool:
        """Call it off; returns whether it was too late."""
        self._timer.cancel()
        with self._lock:
            self._done = True
            return self.bit


def _opened(pdf: Path) -> BinaryIO:
    try:
        return pdf.open("rb")
    except OSError as error:
        raise PdfUnavailable("The PDF could not be opened. Check that the file may be read.", "missing") from error


def _confinement(ready: dict[str, Any]) -> Confinement:
    """What a child says when it is ready, before it has seen a PDF."""
    said = ready.get("confinement")
    return Confinement(**said) if isinstance(said, dict) else Confinement()


def _document(answer: dict[str, Any], paper_id: str, version: int) -> Document:
    try:
        if "document" in answer:
            return protocol.unpack(answer["document"], paper_id, version)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _crashed() from error
    raise _error(answer)


def _picture(answer: dict[str, Any]) -> bytes:
    try:
        if "picture" in answer:
            return protocol.unpacked(answer["picture"])
    except (TypeError, ValueError, AttributeError) as error:
        raise _crashed() from error
    raise _error(answer)


def _error(answer: dict[str, Any]) -> PaperError:
    """What a child says went wrong."""
    kind = answer.get("error")
    if kind in ("unreadable", "unavailable") and {"message", "code"} <= answer.keys():
        verdict = PdfUnreadable if kind == "unreadable" else PdfUnavailable
        return verdict(str(answer["message"]), str(answer["code"]))
    if kind == "memory":
        return _out_of_memory()
    return _crashed()


def _crashed() -> ReaderFailed:
    return ReaderFailed(
        "The reading process broke down on this PDF. Try it again; if it happens twice, leave this paper out.",
        "crashed",
        transient=True,
    )


def _out_of_memory() -> ReaderFailed:
    return ReaderFailed(
        "Reading this PDF took more memory than it is allowed. Try it again, or raise the limit.",
        "memory",
        transient=True,
    )


def _environment() -> dict[str, str]:
    """What the child may know: nothing secret, since it parses strangers' files."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _PASSED_ON or (name.startswith("PYTHON") and name != "PYTHONSTARTUP")
    }
