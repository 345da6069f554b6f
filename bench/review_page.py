"""What a reviewer waits for: from a key press to the next candidate drawn, in a warehouse that has seen years.

100,000 candidates wait, and as many have been decided. The page is `curator review` as a person starts it, in a real
Chromium; each time is taken inside the browser, from the key's own time stamp to the frame after the new candidate was
put in place. The yardstick: the same candidates as files of static HTML, with the same style sheet and pictures, in the
same browser in the same run; a key there goes to the next file.
"""

from __future__ import annotations

import functools
import http.server
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, Page
from tests.helpers.browser import browsing
from tests.helpers.review_page import fill, let_in

from bench.copies import multiply
from curator.review.web.static_files import FILES, STATIC_PATH
from curator.warehouse import Warehouse
from curator.workspace import Workspace

CANDIDATES = 100_000  # that wait, and as many that were decided
PRESSES = 200
PAUSE = 250  # milliseconds between two decisions: four a second, faster than anybody reads
STATIC_PAGES = 40

_DRAWN = """
    void (window.drawn = new Promise((resolve) => {
        const before = document.querySelector('.card').dataset.id;
        document.addEventListener('keydown', (event) => {
            const look = () => {
                const card = document.querySelector('.card');
                if (!card || card.dataset.id === before) return requestAnimationFrame(look);
                requestAnimationFrame(() => resolve(performance.now() - event.timeStamp));
            };
            look();
        }, { once: true, capture: true });
    }))
"""
_STATIC = """
    (() => {
        const pressed = Number(sessionStorage.getItem('pressed'));
        if (pressed) requestAnimationFrame(() => requestAnimationFrame(() => {
            const times = JSON.parse(sessionStorage.getItem('times') || '[]');
            times.push(performance.timeOrigin + performance.now() - pressed);
            sessionStorage.setItem('times', JSON.stringify(times));
        }));
        document.addEventListener('keydown', (event) => {
            sessionStorage.setItem('pressed', String(performance.timeOrigin + event.timeStamp));
            location.assign(document.body.dataset.next);
        });
    })();
"""


def measure() -> None:
    """Print both distributions, their ratio, and how long first pictures take."""
    with tempfile.TemporaryDirectory() as folder, browsing() as browser:
        workspace = fill(Path(folder) / "list")
        Warehouse(workspace.warehouse_file).write(
            multiply, 2 * CANDIDATES, accepted=CANDIDATES // 3, rejected=CANDIDATES - CANDIDATES // 3
        )
        print(f"review page: {CANDIDATES:,} candidates wait, {CANDIDATES:,} are decided; {PRESSES} key presses")
        with _served(workspace) as address:
            pictures = _first_pictures(browser, address, workspace)
            ours, saved = _decide(browser, address, workspace)
            with _static(browser, address, workspace, Path(folder) / "static") as at:
                static = _page_through(browser, at)
    _tell("key press to next candidate drawn", ours)
    _tell("the same as files of static HTML", static)
    print(f"  ratio of p95: {_p95(ours) / _p95(static):.2f} (aim: at most 2, and p95 under 100 ms)")
    _tell("until the decision is on disk", saved)
    _tell("first picture of a page, cold", pictures, "aim: under 300 ms")


@contextmanager
def _served(workspace: Workspace) -> Iterator[str]:
    command = [sys.executable, "-m", "curator", "review", "--port", "0", "--no-browser"]
    environment = os.environ | {"CURATOR_WORKSPACE": str(workspace.root)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as page:
        assert page.stdout is not None
        try:
            yield page.stdout.readline().split()[-1].rstrip("/")
        finally:
            page.terminate()


def _reviewer(browser: Browser, workspace: Workspace, *, scripts: bool = True) -> Page:
    """A page of a browser that was let in."""
    context = browser.new_context(java_script_enabled=scripts)
    let_in(context, workspace)
    return context.new_page()


def _decide(browser: Browser, address: str, workspace: Workspace) -> tuple[list[float], list[float]]:
    page = _reviewer(browser, workspace)
    page.goto(f"{address}/review")
    page.wait_for_timeout(2000)
    drawn, saved = [], []
    for number in range(PRESSES):
        page.evaluate(_DRAWN)
        with page.expect_response(lambda answer: answer.url.endswith("/decide")) as answer:
            page.keyboard.press("a" if number % 2 else "d")
            drawn.append(page.evaluate("window.drawn"))
        timing = answer.value.request.timing
        answer.value.finished()
        saved.append(timing["responseStart"])
        page.wait_for_timeout(PAUSE)
    page.context.close()
    return drawn, saved


@contextmanager
def _static(browser: Browser, address: str, workspace: Workspace, folder: Path) -> Iterator[str]:
    """The same pages as files: what the server sends, without its scripts, and the pictures beside them."""
    copies = folder / STATIC_PATH.lstrip("/")
    copies.mkdir(parents=True)
    for name in ("review.css", "icon.svg"):
        (copies / name).write_bytes(FILES[name])
    (folder / "timing.js").write_text(_STATIC, encoding="utf-8")
    page = _reviewer(browser, workspace, scripts=False)
    page.goto(f"{address}/review")
    for number in range(STATIC_PAGES):
        text = page.content()
        for path in re.findall(r'src="(/picture/[^"?]+)', text):
            target = folder / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(page.request.get(f"{address}{path}?width=1200").body())
        text = re.sub(r'<script[^>]*></script>|<link rel="modulepreload"[^>]*>', "", text).replace("?width=1200", "")
        text = text.replace("<body ", f'<body data-next="{(number + 1) % STATIC_PAGES}.html" ')
        text = text.replace("</head>", '<script src="timing.js" defer></script></head>')
        (folder / f"{number}.html").write_text(text, encoding="utf-8")
        with page.expect_event("load"):
            page.get_by_role("link", name="Next").click()
    page.context.close()
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _page_through(browser: Browser, address: str) -> list[float]:
    page = browser.new_page()
    page.goto(f"{address}/0.html")
    for _ in range(PRESSES):
        with page.expect_event("load"):
            page.keyboard.press("a")
        page.wait_for_timeout(PAUSE)
    times: list[float] = page.evaluate("JSON.parse(sessionStorage.getItem('times'))")
    page.close()
    return times


def _first_pictures(browser: Browser, address: str, workspace: Workspace) -> list[float]:
    """From the browser's request to its last byte, of pages that were never drawn."""
    page = _reviewer(browser, workspace)
    page.goto(f"{address}/help")
    found = []
    for pdf in sorted(workspace.pdfs.glob("*.pdf")):
        for number in (1, 2):
            picture = f"{address}/picture/{pdf.stem}/{number}.png?width=1200"
            found += _loading(page, picture)
    page.context.close()
    return found


def _loading(page: Page, picture: str) -> list[float]:
    """Milliseconds; nothing where there is no such page."""
    taken = page.evaluate(
        """async (address) => {
            const started = performance.now();
            const picture = new Image();
            picture.src = address;
            try { await picture.decode(); } catch { return null; }
            return performance.now() - started;
        }""",
        picture,
    )
    return [] if taken is None else [taken]


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


def _tell(what: str, times: list[float], aim: str = "") -> None:
    said = f"p50 {median(times):.0f} ms, p95 {_p95(times):.0f} ms, worst {max(times):.0f} ms"
    print(f"  {what}: {said}" + (f" ({aim})" if aim else ""))
