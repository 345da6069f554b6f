"""The page's scripts: modules that load at once, leak nothing, and never mix with those of another version."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

import curator
from curator.review.decision_rules import MAX_TEXT_CHARS
from curator.review.web.rendering import STATIC
from curator.review.web.static_files import FILES, STATIC_PATH, version_of
from curator.warehouse import Warehouse
from curator.workspace import Workspace
from tests.helpers.review_page import Address, Process, ask
from tests.review.web.conftest import settle, shown, statuses, waiting

ROOT = Path(__file__).parents[3]


def imports(name: str) -> set[str]:
    """The modules that a module imports itself."""
    return set(re.findall(r'^import (?:.* from )?"\./(\w+\.js)";$', FILES[name].decode(), re.MULTILINE))


def modules_of(name: str) -> set[str]:
    """A module and all that it needs."""
    return {name}.union(*(modules_of(other) for other in imports(name)))


def test_no_module_imports_itself_by_way_of_others() -> None:
    order = list(TopologicalSorter({name: imports(name) for name in FILES if name.endswith(".js")}).static_order())
    assert order.index("server.js") < order.index("cards.js") < order.index("undo.js") < order.index("main.js")


def test_the_page_knows_the_longest_text_of_a_frame() -> None:
    assert f"const MAX_TEXT = {MAX_TEXT_CHARS};" in FILES["decisions.js"].decode()


def test_exported_functions_are_described() -> None:
    for file in STATIC.glob("*.js"):
        text = file.read_text(encoding="utf-8")
        assert text.startswith("// "), file.name
        for export in re.finditer(r"^export ", text, re.MULTILINE):
            assert text[: export.start()].endswith("*/\n"), text[export.start() : export.start() + 60]


@pytest.mark.parametrize(
    ("path", "script"),
    [("/candidate/{id}", "main.js"), ("/list", "list.js"), ("/", "front.js"), ("/help", "keys.js"),
     ("/paper/2610.90001", "keys.js")],
)  # fmt: skip
def test_a_page_names_each_module_that_it_needs_and_no_other(
    address: Address, warehouse: Warehouse, path: str, script: str
) -> None:
    _, _, text = ask(address, "GET", path.format(id=waiting(warehouse)[0]))
    assert re.findall(r'<script type="module" src="([^"]*)"></script>', text) == [f"{STATIC_PATH}/{script}"]
    named = re.findall(r'<link rel="modulepreload" href="([^"]*)">', text)
    assert sorted(named) == sorted(f"{STATIC_PATH}/{one}" for one in modules_of(script) - {script})


def test_the_page_adds_no_global(contexts: Callable[..., BrowserContext], address: str) -> None:
    page = contexts().new_page()
    names = "Object.getOwnPropertyNames(window)"
    page.goto(f"{address}/nothing")  # the page of an error has no script
    before = set(page.evaluate(names))
    for path in ("/review", "/list", "/"):
        page.goto(f"{address}{path}")
        assert set(page.evaluate(names)) == before, path


def test_a_browser_keeps_a_version_and_is_refused_the_files_of_another(address: Address) -> None:
    status, headers, text = ask(address, "GET", f"{STATIC_PATH}/cards.js")
    assert (status, text) == (200, FILES["cards.js"].decode())
    assert "immutable" in headers["cache-control"]
    assert headers["content-type"].startswith("text/javascript")
    for path in ("/static/cards.js", "/static/000000000000/cards.js", f"{STATIC_PATH}/missing.js"):
        status, headers, _ = ask(address, "GET", path)
        assert (status, headers["cache-control"]) == (404, "no-store"), path


def test_the_address_changes_with_every_file() -> None:
    for name, content in FILES.items():
        assert version_of({**FILES, name: content + b"\n"}) != version_of(FILES)
    assert version_of(dict(sorted(FILES.items(), reverse=True))) == version_of(FILES)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of the checkout that can be changed."""
    copy = tmp_path / "checkout"
    package = Path(curator.__file__).parent
    shutil.copytree(package, copy / "src" / "curator", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("curator.toml", "flows", "prompts", "warehouse"):
        (copy / name).symlink_to(ROOT / name)
    return copy / "src"


def install(source: Path, version: str) -> None:
    """Make every module say which version it is of, as soon as it runs."""
    for name in (name for name in FILES if name.endswith(".js")):
        line = f'\n(window.versions ||= new Set()).add("{version}");\n'
        (source / "curator/review/web/static" / name).write_bytes(FILES[name] + line.encode())


def versions(page: Page) -> list[str]:
    found: list[str] = page.evaluate("[...(window.versions || [])]")
    return found


def test_an_upgrade_never_mixes_the_modules_of_two_versions(
    list_: Workspace, source: Path, contexts: Callable[..., BrowserContext], warehouse: Warehouse
) -> None:
    early, beside, between = (contexts().new_page() for _ in range(3))
    held: list[Route] = []
    between.route("**/cards.js", lambda route: held.append(route))
    install(source, "old")
    with Process(list_, source=source) as old:
        early.goto(f"{old.address}/review")
        assert versions(early) == ["old"]
        install(source, "new")  # under the running server
        beside.goto(f"{old.address}/review")
        assert versions(beside) == ["old"]
        between.goto(f"{old.address}/review", wait_until="commit")
        while not held:
            between.wait_for_timeout(50)
        old.kill()
    with Process(list_, old.port, source=source):
        with between.expect_response("**/cards.js") as answer:
            held[0].continue_()
        assert answer.value.status == 404
        between.wait_for_load_state()
        assert versions(between) == [], "no module may run without all the others of its version"
        now = shown(between)
        between.get_by_role("button", name="Defer").click()  # a form, as without scripts
        expect(between.locator("#note")).to_contain_text("Deferred")
        assert statuses(warehouse)[now] == "deferred"
        early.reload()
        assert versions(early) == ["new"], "what the browser kept of the old version is not used"


def test_decisions_that_an_earlier_version_left_unsent_are_sent(page: Page, address: str, warehouse: Warehouse) -> None:
    first, second = waiting(warehouse)[:2]
    page.goto(f"{address}/help")  # a page that sends nothing
    page.evaluate(
        """([first, second]) => localStorage.setItem(`curator.${document.body.dataset.list}.outbox`, JSON.stringify([
            {url: `/candidate/${first}/decide`, id: first, request: "one", fields: [
                ["reviewer", "Ada"], ["seen", "none"], ["noticed", "0"], ["topic", ""], ["action", "defer"]]},
            {url: `/candidate/${second}/decide`, id: second, request: "two", fields: [
                ["reviewer", "Ada"], ["seen", "none"], ["noticed", "0"], ["topic", ""],
                ["other_reason", ""], ["action", "reject:too vague"]]},
            {url: "/undo", id: second, undoes: "two", request: "three", fields: [["topic", ""]]},
        ]))""",
        [first, second],
    )
    page.goto(address)
    settle(page)
    expect(page.locator("#note")).to_contain_text("Undid: reject")
    assert (statuses(warehouse)[first], statuses(warehouse)[second]) == ("deferred", "pending")


def test_decisions_arrive_though_the_browser_can_store_nothing(page: Page, address: str, warehouse: Warehouse) -> None:
    first, second, third = waiting(warehouse)[:3]
    page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }")
    page.goto(f"{address}/review")
    held: list[Route] = []
    page.route("**/decide", lambda route: route.continue_() if held else held.append(route))
    for key, candidate in (("d", first), ("a", second), ("d", third)):
        expect(page.locator(".card")).to_have_attribute("data-id", candidate)
        page.keyboard.press(key)
    expect(page.locator(".card")).not_to_have_attribute("data-id", third)
    with page.expect_response(lambda answer: answer.url.endswith(f"{third}/decide")):
        held[0].continue_()
    assert [statuses(warehouse)[one] for one in (first, second, third)] == ["deferred", "accepted", "deferred"]
