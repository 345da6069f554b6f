"""Run the user's own SQL, and write exports as Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from curator.errors import QueryError
from curator.sanitize import to_storable
from curator.warehouse.connection import Connection, translate_errors
from curator.warehouse.rows import Table, fetch_table, to_json

_PARQUET_TYPES = {  # by column; varchar otherwise
    "topics": "varchar[]",
    "authors": "varchar[]",
    "grades": "varchar[]",
    "sources": "varchar[]",
    "contradicted_by": "varchar[]",
    "pinned": "boolean",
    "version": "integer",
    "page": "integer",
    "published": "timestamp",
    "accepted": "timestamp",
}

_MAX_ROW_BYTES = 1 << 25  # bytes of one row as JSON, the form in which DuckDB reads it


def run_query(connection: Connection, sql: str) -> Table:
    """Run the user's own SQL.

    Args:
        connection: A read-only connection, which can access nothing but the warehouse.
        sql: The user's SQL.

    Raises:
        QueryError: DuckDB rejects the SQL, or it would write.
    """
    statement = to_storable(sql)
    try:
        if _writes(statement):
            raise QueryError(
                "`curator sql` only reads; nothing was changed. Decisions are recorded with `curator accept`, `reject` "
                "and `undo`; the list is changed with `curator add`, `ask` and `arrange`."
            )
        return fetch_table(connection, statement)
    except duckdb.Error as error:
        raise QueryError(
            f'{error}\n`curator sql "show tables"` names the views; `curator query` names the ready-made queries.'
        ) from error


def _writes(sql: str) -> bool:
    """Return whether a statement of some SQL would write. Raises duckdb.Error for SQL that cannot be parsed."""
    kinds = duckdb.StatementType
    writing = (kinds.INSERT, kinds.UPDATE, kinds.DELETE, kinds.CREATE, kinds.DROP, kinds.ALTER, kinds.MERGE_INTO)
    return any(statement.type in writing for statement in duckdb.extract_statements(sql))


def write_parquet(file: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows as a Parquet file, a few at a time.

    Args:
        file: The file to write.
        columns: The columns, in their order.
        rows: Flat rows, each with a value for each column; lists stay lists, and times are UTC.

    Raises:
        WarehouseError: DuckDB reports an error.
    """
    struct = "{" + ", ".join(f"'{name}': '{_PARQUET_TYPES.get(name, 'varchar')}'" for name in columns) + "}"
    json_lines = file.with_name(f"{file.name}.rows")
    try:
        with json_lines.open("w", encoding="utf-8") as stream:
            stream.writelines(to_json([{name: row[name] for name in columns}])[1:-1] + "\n" for row in rows)
        with translate_errors(), duckdb.connect(config={"memory_limit": "512MB", "threads": 2}) as connection:
            source = (
                f"read_json($lines, columns = {struct}, format = 'newline_delimited', "
                f"maximum_object_size = {_MAX_ROW_BYTES})"
            )
            connection.execute(
                f"copy (from {source}) to $file (format parquet, compression zstd, row_group_size 4096)",
                {"lines": str(json_lines), "file": str(file)},
            )
    finally:
        json_lines.unlink(missing_ok=True)
