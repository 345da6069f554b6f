"""A real browser for tests: Chromium, driven by Playwright, without a word to anybody but the page under test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LAPTOP = {"width": 1366, "height": 768}
PATIENCE = 20_000  # milliseconds that a page gets on a busy machine to show what is expected of it
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The first is Chromium without windows, which takes half the time."""
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


def chromium() -> str:
    """Where Chromium is. Without one a test is skipped and says what to install; under CI it fails."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    lack = (
        "there is no Chromium; `sudo apt-get install chromium-headless-shell` installs one, or CHROMIUM names another"
    )
    if os.environ.get("CI") == "true":
        pytest.fail(lack)
    pytest.skip(lack)


@contextmanager
def browsing() -> Iterator[Browser]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()
