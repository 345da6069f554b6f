"""The pages for developers name modules, files and rooms that exist, and their pictures show the code as it is."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from docs.drawings import GROUPS, drawings, find_imports, read_layers, read_tables

from tests.docs.test_contributing import read_examples
from tests.helpers.pages import FOR_DEVELOPERS, PAGES, ROOT, anchors, inline_code, links, tokens

DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "adr").glob("0*.md"))
HEADINGS = {"context", "decision", "consequences", "alternatives"}
MAX_LINES = 60
"""Lines of a decision's page."""

each_page_for_developers = pytest.mark.parametrize(
    "page",
    [page for page in PAGES if str(page.relative_to(ROOT)).startswith(FOR_DEVELOPERS)],
    ids=lambda page: str(page.relative_to(ROOT)),
)


def nav_pages(nav: Any) -> list[str]:
    """Return the pages of the site's menu, in its order."""
    if isinstance(nav, str):
        return [nav]
    inner = nav.values() if isinstance(nav, dict) else nav
    return [page for one in inner for page in nav_pages(one)]


def test_the_menu_of_the_site_has_every_page_once() -> None:
    nav = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]
    assert sorted(nav_pages(nav)) == sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))


@each_page_for_developers
def test_modules_and_names_of_the_package_exist(page: Path) -> None:
    for code in inline_code(page):
        if not re.fullmatch(r"(?:curator|flows)(?:\.\w+)+", code) or code.endswith((".toml", ".duckdb")):
            continue
        package, _, name = code.rpartition(".")
        assert find_module(code) or hasattr(import_module(package), name), f"`{code}` does not exist"


def find_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@each_page_for_developers
def test_files_and_folders_exist(page: Path) -> None:
    made = {step.file for step in read_examples()[0]} if page.name == "CONTRIBUTING.md" else set()
    for code in inline_code(page):
        if re.fullmatch(r"(?:src|tests|docs|flows|prompts|warehouse|locks|bench|\.github|\.ci)/[\w./-]*", code):
            assert code in made or "NNN" in code or (ROOT / code).exists(), f"`{code}` does not exist"


def test_the_map_names_every_room_in_the_order_of_the_layers() -> None:
    rows = [token.content for token in tokens(ROOT / "CONTRIBUTING.md") if token.type == "inline"]
    start = rows.index("Rooms") + 2
    layers = read_layers()
    named = [re.findall(r"`(\w+)`", cell) for cell in rows[start::2][:40]]
    flat = [room for cells in named for room in cells if any(room in layer for layer in layers)]
    assert flat == [room for layer in layers for room in layer]


def test_no_room_imports_a_room_above_it_or_beside_it() -> None:
    levels = {room: level for level, layer in enumerate([["flows"], *read_layers()]) for room in layer}
    imports = find_imports(list(levels))
    assert sum(map(len, imports.values())) >= 100
    assert not [(room, other) for room, others in imports.items() for other in others if levels[other] <= levels[room]]


@pytest.mark.parametrize("name", drawings())
def test_a_picture_is_whole_described_and_shown(name: str) -> None:
    root = ElementTree.fromstring(drawings()[name])
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert len(title.text or "") > 30
    assert name in set(links(DOCS / "architecture.md"))
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    for box in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(box.attrib.get("x", 0)) + float(box.attrib["width"]) <= width
        assert float(box.attrib.get("y", 0)) + float(box.attrib["height"]) <= height


def test_the_data_model_shows_every_table_and_column() -> None:
    text = drawings()["architecture-data.svg"]
    tables = read_tables()
    assert tables.keys() == {name for names in GROUPS.values() for name in names}
    for table, columns in tables.items():
        assert f">{table}<" in text
        assert all(re.search(rf">{column}(?: → \w+)?<", text) for column in columns)


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: str(page.stem))
def test_a_decision_has_its_headings_and_is_short(page: Path) -> None:
    assert anchors(page) >= HEADINGS
    lines = page.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MAX_LINES
    assert re.fullmatch(rf"# {int(page.name[:4])}\. \S.*", lines[0])
    assert lines[2].startswith("Status: ")


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert [link for link in links(DOCS / "adr" / "index.md") if link.startswith("0")] == [
        page.name for page in DECISIONS
    ]
