"""Run the user's own SQL, and write exports as Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from curator.errors import QueryError
from curator.sanitize import to_storable
from curator.warehouse.connection import Connection, translate_errors
from curator.warehouse.rows import Table, run_own_query, to_json

_PARQUET = {
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

_LONGEST = 1 << 25  # bytes of a row on its way into Parquet


def run_query(connection: Connection, sql: str) -> Table:
    """Run a person's SQL. The connection is read-only and sees nothing but the warehouse. Raises QueryError."""
    try:
        return run_own_query(connection, to_storable(sql))
    except duckdb.Error as error:
        raise QueryError(
            f'{error}\n`curator sql "show tables"` names the views; `curator query` names the ready-made queries.'
        ) from error


def write_parquet(file: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Write flat rows as a Parquet file, few at a time; lists stay lists, times are UTC. Raises WarehouseError."""
    struct = "{" + ", ".join(f"'{name}': '{_PARQUET.get(name, 'varchar')}'" for name in columns) + "}"
    lines = file.with_name(f"{file.name}.rows")
    try:
        with lines.open("w", encoding="utf-8") as kept:
            kept.writelines(to_json([{name: row[name] for name in columns}])[1:-1] + "\n" for row in rows)
        with translate_errors(), duckdb.connect(config={"memory_limit": "512MB", "threads": 2}) as connection:
            told = (
                f"read_json($lines, columns = {struct}, format = 'newline_delimited', maximum_object_size = {_LONGEST})"
            )
            connection.execute(
                f"copy (from {told}) to $file (format parquet, compression zstd, row_group_size 4096)",
                {"lines": str(lines), "file": str(file)},
            )
    finally:
        lines.unlink(missing_ok=True)
