"""The warehouse: open, migrate, read and write it. No other package imports duckdb or contains SQL.

`database` opens the file and commits, `migrations` updates the schema, and `rows` adds and fetches rows. Every other
module holds the functions of one noun, which take a connection first: `warehouse.read(papers.get_paper, "2501.01234")`.
"""

from curator.warehouse.connection import Connection
from curator.warehouse.database import Warehouse

__all__ = ["Connection", "Warehouse"]
