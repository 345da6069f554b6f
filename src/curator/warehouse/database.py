"""Opening and committing. DuckDB lets one process write, so nobody holds the file: open, one short transaction, close.

Writers of one process share commits: whoever comes first opens the file and takes along every write that is waiting,
so that sixteen papers finishing together cost one commit. Each caller returns only when its rows are on disk.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import duckdb

from curator.errors import WarehouseBusy, WarehouseError, WarehouseMissing
from curator.private_files import make_private
from curator.warehouse.connection import Connection, roll_back, translate_errors
from curator.warehouse.database_file import ISOLATED, create_database, wal_path
from curator.warehouse.interrupts import uninterrupted
from curator.warehouse.migrations import list_outstanding, migrate

P = ParamSpec("P")
T = TypeVar("T")

_OPEN: dict[Path, threading.Lock] = {}
"""One lock a file: DuckDB refuses read-only and writing connections side by side in a process."""

MAX_HOLD_SECONDS = 0.25  # seconds that the file is held at most while one write after the other comes in
YIELD_SECONDS = 0.01  # seconds that it is then left to others; shorter than this, and a waiting process finds no gap
MAX_WAIT_SECONDS = 30.0  # seconds that we wait for another process to let go of the file
_LOCKED = re.compile(r"Could not set lock|already open in|being used by another process")  # the last two: Windows
_HELD = re.compile(r"lock is held in (?P<program>.*?) \(PID (?P<pid>\d+)\)")


@dataclass(eq=False)
class _Pending:
    write: Callable[[Connection], Any]
    woken: threading.Event = field(default_factory=threading.Event)  # finished, or to commit for all that wait
    leads: bool = False
    result: Any = None
    error: BaseException | None = None


class Warehouse:
    """The warehouse file of one workspace. Safe to share between threads; no connection stays open between calls."""

    def __init__(self, file: Path, wait: float = MAX_WAIT_SECONDS) -> None:
        self.file = file
        self.wait = wait  # seconds
        self._open = _OPEN.setdefault(file.resolve(), threading.Lock())
        self._pending: list[_Pending] = []
        self._queue = threading.Lock()
        self._migrated = False
        self._led = False  # some thread is committing for all that wait
        self._bulk = False

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """For many writes in a row: each is on disk when it returns, and the file is put in order by the next after.

        In between the rows stand in DuckDB's write-ahead log beside the file, where every reader finds them.
        """
        self._bulk = True
        try:
            yield
        finally:
            self._bulk = False

    def write(self, function: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function(connection, *args, **kwargs)` in a transaction and return its result once it is committed.

        Args:
            function: It is called again where another write of the same transaction failed, so it must change nothing
                beside the warehouse, and no argument may be an iterator.
            args: Its arguments after the connection.
            kwargs: Its keyword arguments.

        Raises:
            Exception: Any error that `function` raises; nothing that it wrote is kept.
            WarehouseBusy: Another process holds the file for too long.
            WarehouseNewer: A later version of Curator made the warehouse.
            WarehouseError: DuckDB reports any other error.
        """
        pending = _Pending(lambda connection: function(connection, *args, **kwargs))
        with self._queue:
            self._pending.append(pending)
            pending.leads = not self._led
            self._led = True
        try:
            if not pending.leads:
                pending.woken.wait()
            if pending.leads:
                self._commit_pending()
        except BaseException:  # Ctrl-C, before the write was taken along
            self._withdraw(pending)
            raise
        if pending.error is not None:
            raise pending.error
        return pending.result  # type: ignore[no-any-return]

    def read(self, function: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function(connection, *args, **kwargs)` on a read-only connection and return its result.

        Args:
            function: It only reads, and keeps nothing of the connection.
            args: Its arguments after the connection.
            kwargs: Its keyword arguments.

        Raises:
            WarehouseMissing: Nothing was ever written.
            WarehouseBusy: Another process holds the file for too long.
            WarehouseNewer: A later version of Curator made the warehouse.
            WarehouseError: DuckDB reports any other error.
        """
        if not self.file.exists():
            raise WarehouseMissing(
                f"There is no warehouse at {self.file} yet: `curator ingest` makes one (`curator demo` shows how)."
            )
        with self._alone(), self._connection(read_only=True) as connection, translate_errors():
            if self._migrated or not list_outstanding(connection):
                self._migrated = True
                return function(connection, *args, **kwargs)
        self.write(lambda _: None)  # brings the schema up to date
        return self.read(function, *args, **kwargs)

    @contextmanager
    def held(self, *, read_only: bool) -> Iterator[Connection]:
        """Yield the file as it is: nobody writes to it meanwhile or, unless `read_only`, has it open at all.

        Raises WarehouseBusy; WarehouseError where it is no warehouse or damaged.
        """
        with self._alone(), self._connection(read_only) as connection:
            yield connection

    def _commit_pending(self) -> None:
        """Commit what waits, and what comes meanwhile for as long as `LINGER` allows; then another thread's turn."""
        batch = self._take_pending()
        try:
            with self._alone(), self._connection(read_only=False) as connection:
                let_go = time.monotonic() + MAX_HOLD_SECONDS
                self._prepare(connection)
                while batch:
                    _commit_batch(connection, batch)
                    batch = self._take_pending() if time.monotonic() < let_go else []
                if self._bulk:  # it stays when the connection is closed
                    make_private(wal_path(self.file))
        except BaseException as error:
            for pending in batch:
                pending.error = pending.error or error
                pending.woken.set()
        finally:
            self._pass_on()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps this process's other threads off the file."""
        if not self._open.acquire(timeout=self.wait):
            raise WarehouseBusy(self._busy(""))
        try:
            yield
        finally:
            self._open.release()

    def _prepare(self, connection: Connection) -> None:
        if self._bulk:
            connection.execute("pragma disable_checkpoint_on_shutdown")
        if not self._migrated:
            migrate(connection)
            self._migrated = True

    def _pass_on(self) -> None:
        try:
            if self._pending:
                time.sleep(YIELD_SECONDS)  # other processes' turn
        finally:
            with self._queue:
                self._led = bool(self._pending)
                if self._led:
                    self._pending[0].leads = True
                    self._pending[0].woken.set()

    def _withdraw(self, pending: _Pending) -> None:
        with self._queue:
            waits = pending in self._pending
            if waits:
                self._pending.remove(pending)
        if waits and pending.leads:
            self._pass_on()

    def _take_pending(self) -> list[_Pending]:
        with self._queue:
            batch, self._pending = self._pending, []
            return batch

    @contextmanager
    def _connection(self, read_only: bool) -> Iterator[Connection]:
        connection = None
        try:
            connection = self._connect(read_only)
            yield connection
        finally:
            if connection is not None:
                with uninterrupted():
                    connection.close()

    def _connect(self, read_only: bool) -> Connection:
        if not read_only and not self.file.exists():
            create_database(self.file)
        give_up = time.monotonic() + self.wait
        pause = 0.005
        while True:
            try:
                with uninterrupted():
                    return duckdb.connect(str(self.file), read_only=read_only, config=ISOLATED)
            except duckdb.IOException as error:
                if not _LOCKED.search(str(error)):
                    raise WarehouseError(f"The warehouse {self.file} cannot be opened: {error}") from error
                if time.monotonic() >= give_up:
                    raise WarehouseBusy(self._busy(str(error))) from error
            except duckdb.Error as error:
                raise WarehouseError(
                    f"The warehouse {self.file} cannot be opened: {error}. If a newer DuckDB wrote it, install that "
                    "version; else restore a backup."
                ) from error
            time.sleep(random.uniform(pause / 2, pause))
            pause = min(pause * 1.5, 0.05)

    def _busy(self, message: str) -> str:
        held = _HELD.search(message)
        holder = f"process {held['pid']} ({held['program']})" if held else "another process or thread"
        return (
            f"The warehouse {self.file} has been held by {holder} for more than {self.wait:.0f} seconds. "
            "Close what has it open (a notebook, a `duckdb` shell), then try again; nothing was changed."
        )


def _commit_batch(connection: Connection, batch: list[_Pending]) -> None:
    """Commit all of `batch` at once; where one fails, each by itself."""
    if not _commit_together(connection, batch):
        for pending in batch:
            _commit_together(connection, [pending])
    for pending in batch:
        pending.woken.set()


def _commit_together(connection: Connection, batch: list[_Pending]) -> bool:
    """Commit all of `batch`, or nothing. A single write that fails is told so; more are left for another try."""
    try:
        with translate_errors():
            connection.execute("begin transaction")
            for pending in batch:
                pending.result = pending.write(connection)
            connection.execute("commit")
        return True
    except BaseException as error:
        roll_back(connection)
        if len(batch) == 1:
            batch[0].error = error
        elif not isinstance(error, Exception):  # Ctrl-C
            raise
        return False
