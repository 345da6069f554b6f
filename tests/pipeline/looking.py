"""What tests of the pipeline look up in the warehouse."""

from __future__ import annotations

from typing import Any

from curator.pipeline import IngestReport
from curator.warehouse import Warehouse, ad_hoc
from curator.workspace import Workspace

TABLES = ("papers", "sightings", "screenings", "documents", "drafts", "candidates", "quotes", "failures", "decisions")


def ask(list_: Workspace, sql: str) -> list[tuple[Any, ...]]:
    return Warehouse(list_.warehouse_file).read(ad_hoc.run_query, sql).rows


def rows(list_: Workspace) -> dict[str, int]:
    return {table: ask(list_, f"select count(*) from record.{table}")[0][0] for table in TABLES}


def drafted(list_: Workspace) -> list[str]:
    return [paper for (paper,) in ask(list_, "select paper from record.drafts order by paper")]


def states(report: IngestReport) -> dict[str, str]:
    return {topic.topic: topic.state for topic in report.topics}
