"""Open the warehouse and commit to it. DuckDB lets one process write, so each transaction opens and closes the file.

Threads of one process share commits: the first thread opens the file and commits every write that is waiting, so that
sixteen papers that finish together cost one commit. Each call returns only when its rows are on disk.
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
"""One lock per file: DuckDB refuses read-only and writing connections in the same process."""

MAX_HOLD_SECONDS = 0.25
"""Seconds that the file stays open while further writes arrive."""
YIELD_SECONDS = 0.01
"""Seconds that the file is then left to other processes; in a shorter gap, a waiting process does not get it."""
MAX_WAIT_SECONDS = 30.0
"""Seconds to wait for another process to close the file."""
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
        """Speed up many writes in a row: each is on disk when it returns, but goes into the file later.

        Until the next write outside the block, the rows are in DuckDB's write-ahead log, where every reader finds them.
        """
        self._bulk = True
        try:
            yield
        finally:
            self._bulk = False

    def write(self, function: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function(connection, *args, **kwargs)` in a transaction and return its result once it is committed.

        Args:
            function: It is called again if another write in the same transaction fails, so it must change nothing
                except the warehouse, and no argument may be an iterator.
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
                f"There is no warehouse at {self.file} yet. `curator ingest` creates it; `curator demo` has one."
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
        """Commit the waiting writes, and those that arrive within `MAX_HOLD_SECONDS`; then let others commit."""
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
        """Keep other threads of this process from opening the file."""
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
            "Nothing was changed. Close the program that has it open (a notebook, a `duckdb` shell) and try again."
        )


def _commit_batch(connection: Connection, batch: list[_Pending]) -> None:
    """Commit the whole batch at once; if that fails, commit each write by itself."""
    if not _commit_together(connection, batch):
        for pending in batch:
            _commit_together(connection, [pending])
    for pending in batch:
        pending.woken.set()


def _commit_together(connection: Connection, batch: list[_Pending]) -> bool:
    """Commit the whole batch in one transaction. If that fails, roll back and return False.

    A lone failing write gets its error; the writes of a larger batch are left for the caller to commit separately.
    """
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
