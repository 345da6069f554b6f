"""`curator review`: where it says it is, and what it says when it cannot be there."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from curator.errors import SettingsError
from curator.review.web.access import Access
from curator.review.web.secrets import load_secrets
from curator.workspace import Workspace
from tests.helpers.review_page import ask
from tests.helpers.waiting import wait_until


def start(workspace: Workspace, *options: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "curator", "review", *options],
        env=os.environ | {"CURATOR_WORKSPACE": str(workspace.root)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_that_is_taken_is_named_with_what_to_do(workspace: Workspace, host: str) -> None:
    """Browsers ask [::1] first for the page's name, so another server must not have that address either."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as taken:
        port = taken.getsockname()[1]
        page = start(workspace, "--port", str(port))
        out, err = page.communicate(timeout=60)
    assert (page.returncode, out) == (1, "")
    assert f"cannot listen on 127.0.0.1, port {port}" in err
    assert "Use `--port 0` for a free port" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("signal_", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_it_stops_cleanly(workspace: Workspace, signal_: signal.Signals, code: int) -> None:
    page = start(workspace, "--port", "0")
    assert page.stdout is not None
    assert re.fullmatch(r"The review page is at http://127\.0\.0\.1:\d+/\n", page.stdout.readline())
    page.send_signal(signal_)
    _, err = page.communicate(timeout=30)
    assert page.returncode == code
    assert "Traceback" not in err


def test_others_on_the_network_are_told_of(workspace: Workspace) -> None:
    page = start(workspace, "--port", "0", "--host", "0.0.0.0")
    assert page.stdout is not None
    assert page.stdout.readline().startswith("The review page is at http://")
    page.terminate()
    _, err = page.communicate(timeout=30)
    assert "Other machines on the network can reach the page" in err


def test_the_token_goes_to_a_terminal_or_to_who_asks_for_it_and_into_no_log(workspace: Workspace) -> None:
    secrets = load_secrets(workspace.warehouse_file.parent)
    page = start(workspace, "--port", "0")
    assert page.stdout is not None
    said = page.stdout.readline()
    asked = subprocess.run(
        [sys.executable, "-m", "curator", "review", "--address"],
        env=os.environ | {"CURATOR_WORKSPACE": str(workspace.root)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    port = int(re.search(r":(\d+)/", said)[1])  # type: ignore[index]
    assert asked.stdout == f"http://{secrets.host}:{port}/?token={secrets.entry}\n", "where it runs, on any port"
    status, headers, _ = ask(f"http://127.0.0.1:{port}", "GET", f"/?token={secrets.entry}")
    assert (status, headers["location"]) == (303, "/")
    page.terminate()
    out, err = page.communicate(timeout=30)
    for hidden in (secrets.entry, secrets.name):
        assert hidden not in said + out + err
    assert "`curator review --address` prints" in err


def test_an_address_is_printed_for_a_page_that_does_not_run_and_says_so(workspace: Workspace) -> None:
    token = load_secrets(workspace.warehouse_file.parent).entry
    out, err = start(workspace, "--address", "--port", "8123", "--host", "0.0.0.0").communicate(timeout=60)
    assert re.fullmatch(rf"http://\S+:8123/\?token={token}\n", out)
    assert "not running" in err
    settings = {"CURATOR_REVIEW_PUBLIC_URL": "https://lists.example.org/curator"}
    out, _ = start(workspace, "--address", **settings).communicate(timeout=60)
    assert out == f"https://lists.example.org/curator/?token={token}\n"


def test_revoking_ends_the_sessions_and_replaces_the_token(workspace: Workspace) -> None:
    folder = workspace.warehouse_file.parent
    before = load_secrets(folder)
    cookie = Access(folder).open_session(None)
    out, err = start(workspace, "--revoke", "--address").communicate(timeout=60)
    assert "1 session has ended" in err
    after = load_secrets(folder)
    assert Access(folder).find_session(cookie, None) is None
    assert after.entry != before.entry
    assert after.entry in out
    assert (after.forms, after.name) == (before.forms, before.name), "decisions that wait in browsers are not lost"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_at_a_terminal_it_opens_the_browser_without_showing_the_token_to_others(
    workspace: Workspace, tmp_path: Path, contexts: Callable[..., BrowserContext]
) -> None:
    """A browser's command line can be read by every account of the machine."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {tmp_path}/arguments\n')
    browser.chmod(0o755)
    terminal, own_end = os.openpty()
    page = subprocess.Popen(
        [sys.executable, "-m", "curator", "review", "--port", "0"],
        env=os.environ | {"CURATOR_WORKSPACE": str(workspace.root), "BROWSER": str(browser)},
        stdin=own_end, stdout=own_end, stderr=own_end,
    )  # fmt: skip
    os.close(own_end)
    try:
        secrets = load_secrets(workspace.warehouse_file.parent)
        said = b""
        while f"?token={secrets.entry}".encode() not in said:
            said += os.read(terminal, 4096)
        assert f"http://{secrets.host}:".encode() in said
        wait_until((tmp_path / "arguments").exists)
        wait_until(lambda: (tmp_path / "arguments").read_text().endswith("\n"))
        opened = (tmp_path / "arguments").read_text().strip()
        file = Path(opened.removeprefix("file://"))
        assert file.stat().st_mode & 0o077 == 0
        assert secrets.entry not in opened + file.read_text(), "the file lets in once"
        mine = contexts().new_page()
        mine.goto(opened)
        expect(mine.get_by_role("link", name="Review", exact=True)).to_be_visible()
        assert mine.url.startswith(f"http://{secrets.host}:")
        other = contexts().new_page()
        other.goto(opened)
        expect(other.locator("body")).to_contain_text("needs its token")
    finally:
        page.send_signal(signal.SIGINT)
        assert page.wait(30) == 0
        os.close(terminal)
    assert not file.exists()


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://lists.example.org", "https://lists.example.org/"),
        ("https://Lists.example.org:8443/a/b-c/", "https://lists.example.org:8443/a/b-c/"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x/"),
        ("ftp://lists.example.org/", None),
        ("lists.example.org", None),
        ("https://", None),
        ("https://ada:secret@lists.example.org/", None),
        ("https://lists.example.org/?a=b", None),
        ("https://lists.example.org/#a", None),
        ("https://lists.example.org/a/../b", None),
        ("https://lists.example.org//a", None),
        ("https://lists.example.org/a%2fb", None),
        ("https://lists.example.org:99999/", None),
        ("https://lists.example.org:0/", None),
        ("https://lists_example\\.org/", None),
        ("https://l\u00efsts.example.org/", None),
        ('https://lists.example.org/"><script>', None),
    ],
)
def test_a_public_address_is_checked(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, url: str, kept: str | None
) -> None:
    monkeypatch.setenv("CURATOR_REVIEW_PUBLIC_URL", url)
    if kept is not None:
        assert workspace.settings.review.public_url == kept
        return
    with pytest.raises(SettingsError) as refused:
        assert workspace.settings
    assert "CURATOR_REVIEW_PUBLIC_URL" in str(refused.value)
    assert "such as https://lists.example.org/curator/" in str(refused.value)


def test_outside_of_a_workspace_it_says_how_to_make_one(tmp_path: Path) -> None:
    page = subprocess.run(
        [sys.executable, "-m", "curator", "review"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert page.returncode == 1
    assert "curator init" in page.stderr
