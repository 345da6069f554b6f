"""Four candidates of two papers, one without a quote that holds, and what became of them."""

from __future__ import annotations

from pathlib import Path

from curator.warehouse import Warehouse
from curator.warehouse.frames import load_frames
from tests.helpers.templates import new_warehouse
from tests.warehouse.things import ABSENT, candidate, paper, stock

FIRST, SECOND, THIRD = "f1aa00000001", "f1bb00000002", "cccc00000003"
WITHOUT = "dddd00000004"
OTHER = paper(2)


def stocked(file: Path) -> Warehouse:
    return new_warehouse(file, fill)


def fill(warehouse: Warehouse) -> None:
    stock(
        warehouse,
        candidate(FIRST),
        candidate(SECOND, OTHER),
        candidate(THIRD, OTHER),
        candidate(WITHOUT, quotes=(ABSENT,)),
        papers=[paper(), OTHER],
    )


def statuses(warehouse: Warehouse) -> dict[str, tuple[str, str, str | None]]:
    rows = warehouse.read(lambda c: c.execute("select candidate, status, text, merged_into from candidates").fetchall())
    return {row[0]: row[1:] for row in rows}


def status(warehouse: Warehouse, one: str) -> str:
    return statuses(warehouse)[one][0]


def frames(warehouse: Warehouse) -> dict[str, str]:
    return {frame.id: frame.candidate_id for frame in warehouse.read(load_frames)}
