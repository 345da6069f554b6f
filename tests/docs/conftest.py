"""One list for all pages: it is filled once, and each test gets a copy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from curator.cli import curator
from curator.demo.samples import load_sample_papers
from curator.demo.server import ArxivServer
from curator.review.decisions import Reviewer
from curator.warehouse import Warehouse, candidates
from tests.helpers.review_page import fill
from tests.helpers.templates import copy_workspace, make_once

FRAMES = 4


def fill_list(root: Path) -> None:
    """Make a list with four frames, a question and a to-do, published, and the files that the pages' examples name."""
    workspace = fill(root)
    warehouse = Warehouse(workspace.warehouse_file)
    for item in warehouse.read(candidates.load_candidates)[:FRAMES]:
        Reviewer(warehouse, "Ada").accept(item.id)
    for command in (["ask", "Does this hold?", "--kind", "functional"], ["todo", "Read more"], ["publish"]):
        assert CliRunner().invoke(curator, command, env={"CURATOR_WORKSPACE": str(root)}).exit_code == 0
    warehouse.close()
    old = "## Functional frames\n\n- Models know what they know.\n- Do they know why?\n"
    (root / "old-list.md").write_text(old, encoding="utf-8")
    (root / "suggestions.csv").write_text("frame\nModels count.\n", encoding="utf-8")
    (root / "quotes.jsonl").write_text('{"id": 1, "quote": "We find that the delay"}\n', encoding="utf-8")
    some_pdf = next((root / "warehouse" / "pdfs").rglob("2610.90004*.pdf"))
    shutil.copy(some_pdf, root / "paper.pdf")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The list that `fill_list` makes; not to be changed."""
    return make_once(tmp_path_factory.getbasetemp(), "docs-list", fill_list)


@pytest.fixture(scope="session")
def arxiv_stand_in() -> Iterator[str]:
    with ArxivServer(load_sample_papers()) as server:
        yield server.url


@pytest.fixture
def filled(template: Path, arxiv_stand_in: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the list, which is the current folder; commands ask the stand-in for arXiv."""
    root = copy_workspace(template, tmp_path / "list").root
    monkeypatch.chdir(root)
    monkeypatch.setenv("CURATOR_ARXIV_URL", arxiv_stand_in)
    monkeypatch.setenv("CURATOR_ARXIV_INTERVAL", "0")
    monkeypatch.setenv("CURATOR_DISCOVER_FIRST_DAYS", "3650")  # the samples' dates stand still
    return root
