"""Keep the warehouse's file open between transactions that follow each other closely.

DuckDB lets one process write to a file, and opening one costs as much as dozens of small queries. A process therefore
keeps its file open for a moment after each use, and closes it at once when another process waits for it: such a process
holds an advisory lock on the file's folder until it has opened the file.
"""

from __future__ import annotations

import atexit
import os
import random
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from curator.errors import WarehouseBusy, WarehouseError
from curator.private_files import make_private
from curator.warehouse.connection import Connection
from curator.warehouse.database_file import ISOLATED, Config, create_database, wal_path
from curator.warehouse.interrupts import uninterrupted

if sys.platform != "win32":
    import fcntl

IDLE_SECONDS = 0.05
"""Seconds that the file stays open after its last use."""
MAX_HOLD_SECONDS = 0.25
"""Seconds after which the file is closed even while it is in steady use: a program that does not wait in line (a
notebook, a `duckdb` shell) can open it then."""
YIELD_SECONDS = 0.01
"""Seconds that the file then stays closed; in a shorter gap, a program that polls does not get it."""
CHECK_SECONDS = 0.01
"""Seconds between two checks whether a file that is kept open is idle or wanted."""
MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.005, 0.05
"""Seconds between two attempts to open a file that another program has open."""
LINE_PAUSE_SECONDS = 0.002
"""Seconds between two attempts to become the first in line."""
MIN_PARALLEL_BYTES = 32 * 1024 * 1024
"""Size of a file from which DuckDB gets more than one thread. It gives each thread 122,880 rows of a table, which no
smaller file holds; its idle threads would still cost a sixth of the time of small queries."""
_LOCKED = re.compile(r"Could not set lock|already open in|being used by another process")  # the last two: Windows
_HELD = re.compile(r"lock is held in (?P<program>.*?) \(PID (?P<pid>\d+)\)")


class OpenFile:
    """One warehouse file in this process, used by one thread at a time. Use `open_file` to get it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()
        self._instance: Connection | None = None
        self._read_only = True
        self._identity: tuple[int, int] | None = None  # of the file that is open: device and inode
        self._opened = self._used = self._may_reopen = 0.0  # time.monotonic()
        self._checkpoints = True

    @contextmanager
    def use(self, *, read_only: bool, wait: float, alone: bool = False) -> Iterator[Connection]:
        """Yield a connection of its own to the file, which no other thread uses meanwhile.

        Args:
            read_only: The block only reads. Other processes may read too, unless the file was open for writing; then
                the block gets a transaction that refuses to write.
            wait: Seconds to wait for other threads and processes.
            alone: Open the file anew, in exactly this mode, and close it at once afterwards.

        Raises:
            WarehouseBusy: The wait was not long enough.
            WarehouseError: The file is no warehouse, or damaged.
        """
        give_up = time.monotonic() + wait
        if not self._lock.acquire(timeout=wait):
            raise WarehouseBusy(self._busy("", wait))
        keep = False
        try:
            if alone or not self._is_usable(read_only):
                self._close()
                self._open(read_only, give_up, wait)
            assert self._instance is not None
            with self._instance.cursor() as connection:
                if read_only and not self._read_only:
                    connection.execute("begin transaction read only")
                yield connection
            if not read_only:
                make_private(wal_path(self.file))
            keep = not alone
        finally:
            self._used = time.monotonic()
            if self.is_due():
                self._close()
                self._may_reopen = self._used + YIELD_SECONDS
            elif keep:
                _CLOSER.watch(self)
            else:
                self._close()
            self._lock.release()

    def set_checkpoints(self, enabled: bool) -> None:
        """Choose whether closing moves rows from the write-ahead log to the file. Call within `use`."""
        if self._instance is not None and enabled is not self._checkpoints:
            self._instance.execute(f"pragma {'enable' if enabled else 'disable'}_checkpoint_on_shutdown")
            self._checkpoints = enabled

    def close(self) -> None:
        """Close the file, if this process keeps it open; wait for a thread that uses it."""
        with self._lock:
            self._close()

    def close_if_due(self) -> bool:
        """Close the file if it is idle or wanted; return whether it is closed now."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            if self.is_due() or time.monotonic() - self._used >= IDLE_SECONDS:
                self._close()
            return self._instance is None
        finally:
            self._lock.release()

    def is_due(self) -> bool:
        """Return whether another process should get the file now: one waits, or it has been open for long."""
        return time.monotonic() - self._opened >= MAX_HOLD_SECONDS or _is_wanted(self.file.parent)

    def _is_usable(self, read_only: bool) -> bool:
        """Return whether the file that is open will do, and is still the file of this name."""
        if self._instance is None or (self._read_only and not read_only):
            return False
        return self._identity == _identify(self.file)

    def _open(self, read_only: bool, give_up: float, wait: float) -> None:
        time.sleep(max(0.0, self._may_reopen - time.monotonic()))
        if not read_only and not self.file.exists():
            create_database(self.file)
        with _waiting_in_line(self.file.parent, give_up) as is_first:
            if not is_first:
                raise WarehouseBusy(self._busy("", wait))
            self._connect(read_only, give_up, wait)

    def _connect(self, read_only: bool, give_up: float, wait: float) -> None:
        pause = MIN_PAUSE_SECONDS
        while True:
            try:
                with uninterrupted():
                    self._instance = duckdb.connect(str(self.file), read_only=read_only, config=self._configure())
                    self._read_only, self._checkpoints = read_only, True
                    self._identity, self._opened = _identify(self.file), time.monotonic()
                return
            except duckdb.IOException as error:
                if not _LOCKED.search(str(error)):
                    raise WarehouseError(f"The warehouse {self.file} cannot be opened: {error}") from error
                if time.monotonic() >= give_up:
                    raise WarehouseBusy(self._busy(str(error), wait)) from error
            except duckdb.Error as error:
                raise WarehouseError(
                    f"The warehouse {self.file} cannot be opened: {error}. If a newer DuckDB wrote it, install that "
                    "version; otherwise restore a backup."
                ) from error
            time.sleep(random.uniform(pause / 2, pause))
            pause = min(pause * 1.5, MAX_PAUSE_SECONDS)

    def _configure(self) -> Config:
        """Return DuckDB's settings for this file: for a small one without threads, which would only cost time."""
        is_small = not self.file.exists() or self.file.stat().st_size < MIN_PARALLEL_BYTES
        return ISOLATED | {"threads": 1} if is_small else ISOLATED

    def _close(self) -> None:
        if self._instance is None:
            return
        with uninterrupted():
            self._instance.close()
            self._instance = None

    def _busy(self, message: str, wait: float) -> str:
        held = _HELD.search(message)
        holder = f"process {held['pid']} ({held['program']})" if held else "another process or thread"
        return (
            f"The warehouse {self.file} has been held by {holder} for more than {wait:.0f} seconds. "
            "Nothing was changed. Close the program that has it open (a notebook, a `duckdb` shell) and try again."
        )


_OPEN_FILES: dict[Path, OpenFile] = {}
"""One for each file: DuckDB refuses read-only and writing connections in the same process."""


def open_file(file: Path) -> OpenFile:
    """Return this process's one `OpenFile` of a path."""
    return _OPEN_FILES.setdefault(file.resolve(), OpenFile(file))


def _identify(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


@contextmanager
def _waiting_in_line(folder: Path, give_up: float) -> Iterator[bool]:
    """Wait to be the first in line for the files of a folder; yield whether this happened before `give_up`."""
    while (line := _try_lock(folder)) is None:
        if time.monotonic() >= give_up:
            yield False
            return
        time.sleep(LINE_PAUSE_SECONDS)
    try:
        yield True
    finally:
        _unlock(line)


def _is_wanted(folder: Path) -> bool:
    """Return whether another process waits in line, or may wait unnoticed."""
    line = _try_lock(folder)
    if line is None or line == _NO_LOCKS:
        return True
    _unlock(line)
    return False


_NO_LOCKS = -1


def _try_lock(folder: Path) -> int | None:
    """Lock a folder if no other process has locked it.

    Returns:
        A descriptor, to be given to `_unlock`; None if the folder is locked; `_NO_LOCKS` if the file system, or the
        operating system, does not lock folders.
    """
    if sys.platform == "win32":
        return _NO_LOCKS
    try:
        line = os.open(folder, os.O_RDONLY)
    except OSError:
        return _NO_LOCKS
    try:
        fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(line)
        return None
    except OSError:
        os.close(line)
        return _NO_LOCKS
    return line


def _unlock(line: int) -> None:
    if line != _NO_LOCKS:
        os.close(line)


class _Closer:
    """A thread that closes idle files. It runs only while a file is kept open."""

    def __init__(self) -> None:
        self._kept: set[OpenFile] = set()
        self._guard = threading.Lock()

    def watch(self, file: OpenFile) -> None:
        """Close `file` once it is idle or wanted."""
        with self._guard:
            if not self._kept:
                threading.Thread(target=self._run, name="warehouse-closer", daemon=True).start()
            self._kept.add(file)

    def _run(self) -> None:
        while True:
            time.sleep(CHECK_SECONDS)
            with self._guard:
                self._kept = {file for file in self._kept if not file.close_if_due()}
                if not self._kept:
                    return


_CLOSER = _Closer()


@atexit.register
def _close_all() -> None:
    for file in list(_OPEN_FILES.values()):
        file.close()
