"""Opening and committing. DuckDB lets one process write, so nobody holds the file: open, one short transaction, close.

Writers of one process share commits: whoever comes first opens the file and takes along every write that is waiting,
so that sixteen papers finishing together cost one commit. Each caller returns only when its rows are on disk.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import duckdb

from curator.errors import WarehouseBusy, WarehouseError, WarehouseMissing, WarehouseNewer
from curator.private_files import make_private
from curator.resources import resource_path
from curator.sanitize import single_line
from curator.warehouse.database_file import CLOSED, log_of, make
from curator.warehouse.interrupts import uninterrupted

Connection = duckdb.DuckDBPyConnection
Row = Mapping[str, Any]
P = ParamSpec("P")
T = TypeVar("T")

_OPEN: dict[Path, threading.Lock] = {}
"""One lock a file: DuckDB refuses read-only and writing connections side by side in a process."""

LINGER = 0.25  # seconds that the file is held at most while one write after the other comes in
PAUSE = 0.01  # seconds that it is then left to others; shorter than this, and a waiting process finds no gap
WAIT = 30.0  # seconds that we wait for another process to let go of the file
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
    """The warehouse file of one workspace. Safe to share between threads; holds nothing open between calls."""

    def __init__(self, file: Path, wait: float = WAIT) -> None:
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
            if self._migrated or not outstanding(connection):
                self._migrated = True
                return function(connection, *args, **kwargs)
        self.write(lambda _: None)  # brings the schema up to date
        return self.read(function, *args, **kwargs)

    @contextmanager
    def held(self, *, read_only: bool) -> Iterator[Connection]:
        """The file, opened as it is: nobody writes to it meanwhile or, unless `read_only`, has it open at all.

        Raises WarehouseBusy; WarehouseError where it is no warehouse or damaged.
        """
        with self._alone(), self._connection(read_only) as connection:
            yield connection

    def _commit_pending(self) -> None:
        """Commit what waits, and what comes meanwhile for as long as `LINGER` allows; then another thread's turn."""
        batch = self._take_pending()
        try:
            with self._alone(), self._connection(read_only=False) as connection:
                let_go = time.monotonic() + LINGER
                self._prepare(connection)
                while batch:
                    _commit_batch(connection, batch)
                    batch = self._take_pending() if time.monotonic() < let_go else []
                if self._bulk:  # it stays when the connection is closed
                    make_private(log_of(self.file))
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
                time.sleep(PAUSE)  # other processes' turn
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
            make(self.file)
        give_up = time.monotonic() + self.wait
        pause = 0.005
        while True:
            try:
                with uninterrupted():
                    return duckdb.connect(str(self.file), read_only=read_only, config=CLOSED)
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
        _roll_back(connection)
        if len(batch) == 1:
            batch[0].error = error
        elif not isinstance(error, Exception):  # Ctrl-C
            raise
        return False


def _roll_back(connection: Connection) -> None:
    with suppress(duckdb.Error):  # the failed statement may have ended the transaction already
        connection.execute("rollback")


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turns what DuckDB raises into WarehouseError, and an interrupted query back into what interrupted it."""
    try:
        yield
    except duckdb.Error as error:
        raise WarehouseError(f"The warehouse could not be used: {error}") from error
    except RuntimeError as error:
        if str(error) == "Query interrupted":  # DuckDB swallows the KeyboardInterrupt that it saw
            raise KeyboardInterrupt from error
        raise


def migrate(connection: Connection, folder: Path | None = None) -> None:
    """Bring the schema up to date, one transaction a migration, and make the views anew where they changed.

    `folder` holds `migrations/` and `views/`: those that come with Curator, unless said otherwise.

    Raises WarehouseNewer where the file holds a migration that this version of Curator does not know.
    """
    with translate_errors():
        connection.execute("create schema if not exists record")
        connection.execute(
            "create table if not exists record.migrations (name varchar, sha256 varchar, added timestamp)"
        )
        for name, sql in outstanding(connection, folder):
            apply(connection, name, sql)


def outstanding(connection: Connection, folder: Path | None = None) -> list[tuple[str, str]]:
    """Name and SQL of what `migrate` would apply: the migrations not yet in the file, and the views where they changed.

    Raises WarehouseNewer as `migrate` does.
    """
    folder = folder or resource_path("warehouse")
    applied = _applied(connection)
    known = migrations(folder)
    refuse_newer(applied, known)
    views = view_definitions(folder)
    mark = "views " + hashlib.sha256(views.encode()).hexdigest()[:16]
    new = [(name, sql) for name, sql in known.items() if name not in applied]
    current = next((name for name in reversed(applied) if name.startswith("views ")), None)
    return new if current == mark else [*new, (mark, views)]


def migrations(folder: Path | None = None) -> dict[str, str]:
    """Return the SQL of every migration by name, in order."""
    files = sorted(((folder or resource_path("warehouse")) / "migrations").glob("*.sql"))
    return {file.stem: file.read_text(encoding="utf-8") for file in files}


def view_definitions(folder: Path | None = None) -> str:
    """Return the SQL that makes all views."""
    files = sorted(((folder or resource_path("warehouse")) / "views").glob("*.sql"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def refuse_newer(applied: Iterable[str], known: Iterable[str]) -> None:
    """Raise WarehouseNewer if a migration was applied to the file that is not among those that are known."""
    unknown = sorted({name for name in applied if not name.startswith("views ")}.difference(known))
    if unknown:
        told = ", ".join(single_line(name)[:60] for name in unknown[:5])  # the file may be a stranger's
        raise WarehouseNewer(
            f"This warehouse was written by a later version of Curator (it has {told}). "
            "Install that version; nothing was changed."
        )


def _applied(connection: Connection) -> list[str]:
    """What was applied so far, in order."""
    if not connection.execute(
        "from duckdb_tables() where database_name = current_database() and schema_name = 'record' "
        "and table_name = 'migrations'"
    ).fetchone():
        return []
    return [
        name for (name,) in connection.execute("select name from record.migrations order by added, rowid").fetchall()
    ]


def apply(connection: Connection, name: str, sql: str) -> None:
    """Apply one migration, and record it, in one transaction."""
    connection.execute("begin transaction")
    try:
        connection.execute(sql)
        connection.execute(
            "insert into record.migrations values ($name, $sha256, $added)",
            {"name": name, "sha256": hashlib.sha256(sql.encode()).hexdigest(), "added": utc_now()},
        )
        connection.execute("commit")
    except BaseException:
        _roll_back(connection)
        raise


def add_rows(connection: Connection, table: str, rows: Iterable[Row], identity: Sequence[str] = ()) -> list[Row]:
    """Add `rows` to `record.table`, leaving out those whose `identity` columns stand there already; return the added.

    Keys of a row are column names; columns that it does not name stay empty. Table and column names are ours, never
    data; the data goes in as one JSON parameter, which is many times faster than a statement a row.
    """
    batch = list(rows)
    columns = _columns(connection, table)
    if identity and batch:
        seen = _standing(connection, table, {name: columns[name] for name in identity}, batch)
        batch = [row for row in batch if (key := _key(row, identity)) not in seen and not seen.add(key)]  # type: ignore[func-returns-value]
    if batch:
        sql = (
            f"insert into record.{table} by name "  # noqa: S608
            f"select r.* from (select unnest($rows::json::{_struct(columns)}[]) as r)"
        )
        connection.execute(sql, {"rows": to_json([{name: row.get(name) for name in columns} for row in batch])})
    return batch


def _standing(connection: Connection, table: str, columns: dict[str, str], rows: list[Row]) -> set[tuple[str, ...]]:
    names = ", ".join(columns)
    sql = (
        f"select {names} from record.{table} where ({names}) in "  # noqa: S608
        f"(select ({', '.join('r.' + name for name in columns)}) "
        f"from (select unnest($rows::json::{_struct(columns)}[]) as r))"
    )
    wanted = to_json([{name: row[name] for name in columns} for row in rows])
    found = connection.execute(sql, {"rows": wanted}).fetchall()
    return {tuple(map(str, row)) for row in found}


def _key(row: Row, identity: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in identity)


def _columns(connection: Connection, table: str) -> dict[str, str]:
    described = connection.execute(f"describe record.{table}").fetchall()
    return {row[0]: row[1] for row in described}


def _struct(columns: dict[str, str]) -> str:
    return "struct(" + ", ".join(f'"{name}" {kind}' for name, kind in columns.items()) + ")"


def to_json(rows: Sequence[Row]) -> str:
    """Rows as one JSON parameter of a statement."""
    return json.dumps(rows, default=_plain, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return to_naive_utc(value).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in the warehouse")


def to_naive_utc(moment: datetime) -> datetime:
    """`moment` as the warehouse keeps times: UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def utc_now() -> datetime:
    """This moment as the warehouse keeps times."""
    return datetime.now(UTC).replace(tzinfo=None)
