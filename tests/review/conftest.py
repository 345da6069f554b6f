"""A warehouse with candidates to decide on, and who decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.review.decisions import Reviewer
from curator.warehouse import Warehouse
from tests.review.deciding import stocked


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return stocked(tmp_path / "w.duckdb")


@pytest.fixture
def desk(warehouse: Warehouse) -> Reviewer:
    return Reviewer(warehouse, "Ada")
