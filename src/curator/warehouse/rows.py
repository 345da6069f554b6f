"""Rows: add them to a table, fetch them, and convert them to JSON; the current time as the warehouse stores it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from curator.warehouse.connection import Connection

Row = Mapping[str, Any]


def add_rows(connection: Connection, table: str, rows: Iterable[Row], identity: Sequence[str] = ()) -> list[Row]:
    """Add rows to `record.table` and return those that were added.

    The data is passed as one JSON parameter, which is many times faster than one statement per row.

    Args:
        connection: A connection that can write.
        table: The table's name, which must not come from outside, as it becomes part of the SQL.
        rows: Values by column name; columns that a row does not name stay empty.
        identity: The columns that identify a row; a row whose values in them exist already is not added.
    """
    batch = list(rows)
    columns = _columns(connection, table)
    if identity and batch:
        seen = _load_existing_keys(connection, table, {name: columns[name] for name in identity}, batch)
        batch = [row for row in batch if (key := _key(row, identity)) not in seen and not seen.add(key)]  # type: ignore[func-returns-value]
    if batch:
        sql = (
            f"insert into record.{table} by name "  # noqa: S608
            f"select r.* from (select unnest($rows::json::{_struct(columns)}[]) as r)"
        )
        connection.execute(sql, {"rows": to_json([{name: row.get(name) for name in columns} for row in batch])})
    return batch


def _load_existing_keys(
    connection: Connection, table: str, columns: dict[str, str], rows: list[Row]
) -> set[tuple[str, ...]]:
    names = ", ".join(columns)
    sql = (
        f"select {names} from record.{table} where ({names}) in "  # noqa: S608
        f"(select ({', '.join('r.' + name for name in columns)}) "
        f"from (select unnest($rows::json::{_struct(columns)}[]) as r))"
    )
    wanted = to_json([{name: row[name] for name in columns} for row in rows])
    existing = connection.execute(sql, {"rows": wanted}).fetchall()
    return {tuple(map(str, row)) for row in existing}


def _key(row: Row, identity: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in identity)


def _columns(connection: Connection, table: str) -> dict[str, str]:
    described = connection.execute(f"describe record.{table}").fetchall()
    return {row[0]: row[1] for row in described}


def _struct(columns: dict[str, str]) -> str:
    return "struct(" + ", ".join(f'"{name}" {kind}' for name, kind in columns.items()) + ")"


def to_json(rows: Sequence[Row]) -> str:
    """Return rows as one JSON parameter of a statement."""
    return json.dumps(rows, default=_to_plain, ensure_ascii=False)


def _to_plain(value: object) -> object:
    if isinstance(value, datetime):
        return to_naive_utc(value).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"The warehouse cannot store a value of type {type(value).__name__}.")


def to_naive_utc(moment: datetime) -> datetime:
    """Return a time as the warehouse keeps times: in UTC, as a datetime without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def utc_now() -> datetime:
    """Return the current time as the warehouse keeps times: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class Table:
    """The result of a query: column names and rows."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def dicts(self) -> list[dict[str, Any]]:
        """Return each row by column name; the position, counted from 1, is added to a name that occurs again."""
        names = [
            name if name not in self.columns[:index] else f"{name}_{index + 1}"
            for index, name in enumerate(self.columns)
        ]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def fetch_table(connection: Connection, sql: str, parameters: Row | None = None) -> Table:
    """Return the result of a query.

    Raises:
        duckdb.Error: DuckDB rejects the query, or it contains no statement.
    """
    if not duckdb.extract_statements(sql):
        raise duckdb.InvalidInputException("The query contains no statement.")
    cursor = connection.execute(sql, parameters or {})
    return Table(tuple(column[0] for column in cursor.description or ()), cursor.fetchall())
