"""The house's rules, kept by a test rather than in review: who may import what, and which way arrows run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.llm.prompts import VARIABLES, load_prompt
from curator.warehouse import Warehouse, ad_hoc, rows
from tests.helpers.templates import new_warehouse

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "curator"

MAY_IMPORT = {
    "prefect": ("flows/",),
    "duckdb": ("src/curator/warehouse/",),
    "openai": ("src/curator/llm/",),
    "pymupdf": ("src/curator/pdf/",),
    "arxiv": ("src/curator/arxiv/",),
    "requests": ("src/curator/arxiv/",),
    "rich": ("src/curator/cli/",),
    "click": ("src/curator/cli/",),
    "fastapi": ("src/curator/review/web/",),
    "starlette": ("src/curator/review/web/",),
    "uvicorn": ("src/curator/review/web/", "flows/server.py"),
    "jinja2": ("src/curator/html.py",),
    "markdown_it": ("src/curator/list_import/markdown_blocks.py",),
    "apprise": ("src/curator/notifications.py",),
    "spellchecker": ("src/curator/quotes/vocabulary.py",),
}

# From the bottom up: a package or module may import those of rows above its own, and of its own row only itself.
LAYERS = (
    {"errors", "types", "sanitize", "resources", "html", "list_order", "private_files", "loopback"},
    {"arxiv_ids"},
    {"sources"},
    {"arxiv"},
    {"settings"},
    {"workspace", "warehouse", "notifications"},
    {"quotes"},
    {"llm"},
    {"pdf", "screening", "support"},
    {"drafting"},
    {"pipeline", "publish"},
    {"review"},
    {"list_import"},
    {"ops"},
    {"demo"},
    {"cli"},
)


def python_files() -> list[Path]:
    return sorted(path for folder in ("src", "flows") for path in (ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield str(node.module)
            if node.module == "curator":
                yield from (f"curator.{alias.name}" for alias in node.names if alias.name != "__version__")


def test_each_library_is_met_in_its_one_place() -> None:
    strays = [
        f"{name} imports {module}; only {', '.join(places)} may"
        for path in python_files()
        for name in [path.relative_to(ROOT).as_posix()]
        for module in imports(path)
        if (places := MAY_IMPORT.get(module.partition(".")[0])) is not None and not name.startswith(places)
    ]
    assert not strays, "\n".join(strays)


def against_the_arrows(path: Path) -> list[str]:
    """What this file imports of rows that do not lie above its own."""
    own = path.relative_to(SRC).parts[0].removesuffix(".py")
    if own in {"__init__", "__main__"}:
        return []
    rank = next((row for row, names in enumerate(LAYERS) if own in names), None)
    if rank is None:
        return [f"{own} is in no row of LAYERS"]
    allowed = {own}.union(*LAYERS[:rank])
    inside = [module.split(".") for module in imports(path) if module.startswith("curator.")]
    return [f"{path.relative_to(SRC)} may not import {'.'.join(parts)}" for parts in inside if parts[1] not in allowed]


def test_arrows_run_one_way() -> None:
    wrong = [found for path in sorted(SRC.rglob("*.py")) for found in against_the_arrows(path)]
    assert not wrong, "\n".join(wrong)


def test_flows_import_curator_and_not_the_warehouse() -> None:
    for path in (ROOT / "flows").glob("*.py"):
        taken = {module for module in imports(path) if module.startswith("curator.")}
        assert not {module for module in taken if module.startswith(("curator.warehouse", "curator.drafting"))}


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
