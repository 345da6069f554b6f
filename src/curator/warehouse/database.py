"""Read and write the warehouse, a transaction at a time.

Threads of one process share commits: the first thread opens the file and commits every write that is waiting, so that
sixteen papers that finish together cost one commit. Each call returns only when its rows are on disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from curator.errors import WarehouseMissing
from curator.warehouse.connection import Connection, roll_back, translate_errors
from curator.warehouse.migrations import list_outstanding, migrate
from curator.warehouse.open_file import open_file

P = ParamSpec("P")
T = TypeVar("T")

MAX_WAIT_SECONDS = 30.0
"""Seconds to wait for another process to close the file."""


@dataclass(eq=False)
class _Pending:
    write: Callable[[Connection], Any]
    woken: threading.Event = field(default_factory=threading.Event)  # the write is finished, or its thread now leads
    leads: bool = False  # this thread commits for all threads that wait
    result: Any = None
    error: BaseException | None = None


class Warehouse:
    """The warehouse file of one workspace. Safe to share between threads and with other processes."""

    def __init__(self, file: Path, wait: float = MAX_WAIT_SECONDS) -> None:
        self.file = file
        self.wait = wait  # seconds
        self._open_file = open_file(file)
        self._pending: list[_Pending] = []
        self._queue = threading.Lock()
        self._migrated = False
        self._led = False  # a thread is committing for all threads that wait
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
        except BaseException:  # Ctrl-C, before the write was part of a commit
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
            WarehouseMissing: The file does not exist yet.
            WarehouseBusy: Another process holds the file for too long.
            WarehouseNewer: A later version of Curator made the warehouse.
            WarehouseError: DuckDB reports any other error.
        """
        return self._read(False, function, *args, **kwargs)

    def read_foreign_sql(
        self, function: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do as `read` does, on a connection that cannot write whatever SQL it gets, and that nothing else uses."""
        return self._read(True, function, *args, **kwargs)

    def _read(
        self, alone: bool, function: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        if not self.file.exists():
            raise WarehouseMissing(
                f"There is no warehouse at {self.file} yet. `curator ingest` creates it; `curator demo` has one."
            )
        with (
            self._open_file.use(read_only=True, wait=self.wait, alone=alone) as connection,
            translate_errors(),
        ):
            if self._migrated or not list_outstanding(connection):
                self._migrated = True
                return function(connection, *args, **kwargs)
        self.write(lambda _: None)  # brings the schema up to date
        return self._read(alone, function, *args, **kwargs)

    @contextmanager
    def held(self, *, read_only: bool) -> Iterator[Connection]:
        """Yield a connection to the file as it is, without migrating it.

        Meanwhile no other process can write to the file or, unless `read_only`, open it at all.

        Args:
            read_only: Open the file read-only.

        Raises:
            WarehouseBusy: Another process holds the file for too long.
            WarehouseError: The file is damaged or is not a DuckDB file.
        """
        with self._open_file.use(read_only=read_only, wait=self.wait, alone=True) as connection:
            yield connection

    def close(self) -> None:
        """Close the file now, if this process keeps it open for a moment after its last use."""
        self._open_file.close()

    def _commit_pending(self) -> None:
        """Commit the waiting writes, and those that arrive until the file is due; then hand over the lead."""
        batch = self._take_pending()
        try:
            with self._open_file.use(read_only=False, wait=self.wait) as connection:
                self._prepare(connection)
                while batch:
                    _commit_batch(connection, batch)
                    batch = [] if self._open_file.is_due() else self._take_pending()
        except BaseException as error:
            for pending in batch:
                pending.error = pending.error or error
                pending.woken.set()
        finally:
            self._pass_on()

    def _prepare(self, connection: Connection) -> None:
        self._open_file.set_checkpoints(not self._bulk)
        if not self._migrated:
            migrate(connection)
            self._migrated = True

    def _pass_on(self) -> None:
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
