"""`make shots`: a picture of every page of the review page, light and dark, and one of a published list.

The README shows two of them: `cp shots/review-light.png docs/review.png` and `cp shots/published.png docs/list.png`.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import Page

from curator.cli import curator
from curator.review.decisions import DecisionRequest, Reviewer, find_candidate
from curator.warehouse import Warehouse, candidates, statistics
from tests.helpers.browser import LAPTOP, browsing
from tests.helpers.review_page import fill, let_in, served
from tests.warehouse.things import bring_back


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=Path("shots"), help="a folder")
    into = parser.parse_args().into
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        workspace = fill(Path(folder))
        paths = decide_some(Warehouse(workspace.warehouse_file))
        with served(workspace) as address, browsing() as browser:
            for scheme in ("light", "dark"):
                context = browser.new_context(viewport=LAPTOP, color_scheme=scheme)  # type: ignore[arg-type]
                let_in(context, workspace)
                page = context.new_page()
                for name, (path, keys) in paths.items():
                    page.goto(address + path)
                    take(page, into / f"{name}-{scheme}.png", keys)
                context.close()
            page = browser.new_page(viewport={"width": 1100, "height": 900}, color_scheme="light")
            page.goto((publish_site(Path(folder) / "published") / "index.html").as_uri())
            take(page, into / "published.png", "")


def publish_site(folder: Path) -> Path:
    """Accept every candidate of a new workspace, ask a question, and return the folder of its static site."""
    warehouse = Warehouse(fill(folder).warehouse_file)
    ada = Reviewer(warehouse, "Ada")
    for item in warehouse.read(candidates.load_candidates):
        ada.accept(item.id)
    site = folder / "site"
    arguments = (
        ["ask", "Does the order effect vanish beyond 32 demonstrations?", "--kind", "functional"],
        ["publish"],
        ["export", "html", "-o", str(site)],
    )
    for command in arguments:
        done = CliRunner().invoke(curator, command, env={"CURATOR_WORKSPACE": str(folder)})
        assert done.exit_code == 0, done.output
    return site


def decide_some(warehouse: Warehouse) -> dict[str, tuple[str, str]]:
    """Decide a few, so that every page has something to show; return names, addresses and keys to press there."""
    items = warehouse.read(candidates.load_candidates)
    ada = Reviewer(warehouse, "Ada")
    ada.accept(items[1].id, items[1].text.replace("depends on", "follows"))
    ada.decide_many([items[2].id, items[3].id], DecisionRequest("reject", reason="too vague"))
    ada.defer(items[4].id)
    Reviewer(warehouse, "Bo").reject(items[1].id, "already known")
    ada.accept(items[5].id)
    bring_back(warehouse, find_candidate(warehouse, items[5].id))
    run = warehouse.read(statistics.load_runs)[0]["id"]
    return {
        "returned": (f"/candidate/{items[5].id}", ""),
        "front": ("/", ""),
        "review": (f"/candidate/{items[0].id}", ""),
        "reject": ("/review", "r"),
        "merge": ("/review", "m"),
        "zoomed": ("/review", "z"),
        "keys": ("/review", "?"),
        "decided": (f"/candidate/{items[1].id}", ""),
        "list": ("/list?status=all", ""),
        "paper": (f"/paper/{items[0].paper_id}", ""),
        "run": (f"/run/{run}", ""),
        "missing": ("/nothing", ""),
    }


def take(page: Page, file: Path, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=file)
    print(file)


if __name__ == "__main__":
    main()
