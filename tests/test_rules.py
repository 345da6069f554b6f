"""The rules of the house that no other tool checks; `.importlinter` states which room may import which."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from curator.llm.prompts import VARIABLES, load_prompt
from curator.warehouse import Warehouse, ad_hoc, rows
from tests.helpers.templates import new_warehouse

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "curator"


def python_files() -> list[Path]:
    return sorted(path for folder in ("src", "flows") for path in (ROOT / folder).rglob("*.py"))


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "curator.duckdb")


def answer(warehouse: Warehouse, sql: str) -> rows.Table:
    return warehouse.read(ad_hoc.run_query, sql)


def view_names() -> list[str]:
    sql = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "warehouse" / "views").glob("*.sql"))
    return re.findall(r"create or replace view (\w+)", sql)


def test_every_view_runs_and_is_described(warehouse: Warehouse) -> None:
    sql = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "warehouse" / "views").glob("*.sql"))
    assert len(view_names()) >= 15
    for name in view_names():
        assert answer(warehouse, f"from {name}").columns
        assert re.search(rf"^-- {name}: ", sql, re.MULTILINE), f"the view {name} is not described above it"


def test_every_query_runs_and_says_what_it_answers(warehouse: Warehouse) -> None:
    files = sorted((ROOT / "warehouse" / "queries").glob("*.sql"))
    assert len(files) >= 10
    for file in files:
        sql = file.read_text(encoding="utf-8")
        assert sql.startswith("-- "), f"{file.name} does not begin by saying what it answers"
        assert answer(warehouse, sql).columns


def test_prompts_use_the_variables_that_the_code_fills_in() -> None:
    files = {path.stem: path for path in (ROOT / "prompts").glob("*.md")}
    assert set(files) == set(VARIABLES)
    for name, path in files.items():
        filled = load_prompt(name, path).fill(**dict.fromkeys(VARIABLES[name], "@@"))
        assert "{{" not in "".join(message["content"] for message in filled)


def test_every_module_says_why_it_exists() -> None:
    for path in python_files():
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path} has no first lines"


def test_no_file_is_too_long_to_find_ones_way_in() -> None:
    for path in python_files():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 450, path
