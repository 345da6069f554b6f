"""Bring the schema of a warehouse up to date: migrations first, then views."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from curator.errors import WarehouseNewer
from curator.resources import resource_path
from curator.sanitize import single_line
from curator.warehouse.connection import Connection, roll_back, translate_errors
from curator.warehouse.rows import utc_now


def migrate(connection: Connection, folder: Path | None = None) -> None:
    """Bring the schema up to date, in one transaction per migration, and recreate the views if they have changed.

    Args:
        connection: A connection that can write.
        folder: The folder with `migrations/` and `views/`; Curator's own if left out.

    Raises:
        WarehouseNewer: The file has a migration that this version of Curator does not know.
    """
    with translate_errors():
        connection.execute("create schema if not exists record")
        connection.execute(
            "create table if not exists record.migrations (name varchar, sha256 varchar, added timestamp)"
        )
        for name, sql in list_outstanding(connection, folder):
            apply_migration(connection, name, sql)


def list_outstanding(connection: Connection, folder: Path | None = None) -> list[tuple[str, str]]:
    """Return the name and SQL of the outstanding migrations, and of the views if they have changed.

    Raises:
        WarehouseNewer: The file has a migration that this version of Curator does not know.
    """
    folder = folder or resource_path("warehouse")
    applied = _applied(connection)
    known = load_migrations(folder)
    refuse_newer(applied, known)
    views = load_view_definitions(folder)
    views_name = "views " + hashlib.sha256(views.encode()).hexdigest()[:16]
    new = [(name, sql) for name, sql in known.items() if name not in applied]
    current = next((name for name in reversed(applied) if name.startswith("views ")), None)
    return new if current == views_name else [*new, (views_name, views)]


def load_migrations(folder: Path | None = None) -> dict[str, str]:
    """Return the SQL of every migration by name, in order."""
    files = sorted(((folder or resource_path("warehouse")) / "migrations").glob("*.sql"))
    return {file.stem: file.read_text(encoding="utf-8") for file in files}


def load_view_definitions(folder: Path | None = None) -> str:
    """Return the SQL that creates all views."""
    files = sorted(((folder or resource_path("warehouse")) / "views").glob("*.sql"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def refuse_newer(applied: Iterable[str], known: Iterable[str]) -> None:
    """Check that this version of Curator knows every migration that was applied to the file.

    Raises:
        WarehouseNewer: A migration is unknown.
    """
    unknown = sorted({name for name in applied if not name.startswith("views ")}.difference(known))
    if unknown:
        names = ", ".join(single_line(name)[:60] for name in unknown[:5])  # the file may come from a stranger
        raise WarehouseNewer(
            f"A later version of Curator wrote this warehouse (it contains {names}). "
            "Nothing was changed. Install that version of Curator."
        )


def _applied(connection: Connection) -> list[str]:
    """Return the names of the applied migrations, in order."""
    if not connection.execute(
        "from duckdb_tables() where database_name = current_database() and schema_name = 'record' "
        "and table_name = 'migrations'"
    ).fetchone():
        return []
    return [
        name for (name,) in connection.execute("select name from record.migrations order by added, rowid").fetchall()
    ]


def apply_migration(connection: Connection, name: str, sql: str) -> None:
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
        roll_back(connection)
        raise


def load_warehouse_identity(connection: Connection) -> str:
    """Return the time at which the warehouse was created, which identifies it for good."""
    row = connection.execute("select min(added) from record.migrations").fetchone()
    assert row is not None  # an aggregate always gives a row
    return str(row[0])
