"""A connection to DuckDB: its type, its transactions and the translation of its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

from curator.errors import WarehouseError

Connection = duckdb.DuckDBPyConnection


def roll_back(connection: Connection) -> None:
    """Roll back the current transaction, if there is one."""
    with suppress(duckdb.Error):  # the failed statement may have ended the transaction already
        connection.execute("rollback")


@contextmanager
def translate_errors() -> Iterator[None]:
    """Translate DuckDB's errors into WarehouseError, and an interrupted query into KeyboardInterrupt."""
    try:
        yield
    except duckdb.Error as error:
        raise WarehouseError(f"The warehouse could not be used: {error}") from error
    except RuntimeError as error:
        if str(error) == "Query interrupted":  # DuckDB swallows the KeyboardInterrupt that it saw
            raise KeyboardInterrupt from error
        raise
