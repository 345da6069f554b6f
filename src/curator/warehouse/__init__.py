"""The warehouse: open, migrate, read and write it. No other package imports duckdb or contains SQL.

`store` opens and commits; the other modules ask and tell, one question a function: `runs` (ingests and what arXiv
said), `papers` (screenings, documents, failures, what is still to be done), `drafts` (calls and candidates), `queue`
(candidates and decisions), `listed` (frames, their order, publications), `entries` (questions, to-dos, topics),
`agreed` (what is published without anyone's consent), `edits` (what a reviewer has begun to write), `browse` (filters
and orders of the queue), `reports` (what people look up) and `overview` (what is known of one paper, one run, the list
as a whole).
"""

from curator.warehouse.connection import Connection
from curator.warehouse.database import Warehouse

__all__ = ["Connection", "Warehouse"]
