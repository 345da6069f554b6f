"""`curator review`: where it says it is, and what it says when it cannot be there."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from curator.review.web.keep import secrets_in
from curator.workspace import Workspace


def start(workspace: Workspace, *options: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "curator", "review", *options],
        env=os.environ | {"CURATOR_WORKSPACE": str(workspace.root)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_port_that_is_taken_is_named_with_what_to_do(workspace: Workspace) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        page = start(workspace, "--port", str(port))
        out, err = page.communicate(timeout=60)
    assert (page.returncode, out) == (1, "")
    assert f"cannot listen on 127.0.0.1, port {port}" in err
    assert "`--port 0` takes a free port" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(workspace: Workspace, signal_: signal.Signals) -> None:
    page = start(workspace, "--port", "0")
    assert page.stdout is not None
    assert re.fullmatch(r"The review page is at http://127\.0\.0\.1:\d+/\n", page.stdout.readline())
    page.send_signal(signal_)
    _, err = page.communicate(timeout=30)
    assert page.returncode == 0
    assert "Traceback" not in err


def test_open_to_the_network_it_names_its_token_and_says_so(workspace: Workspace) -> None:
    page = start(workspace, "--port", "0", "--host", "0.0.0.0")
    assert page.stdout is not None
    said = page.stdout.readline()
    page.terminate()
    _, err = page.communicate(timeout=30)
    assert f"?token={secrets_in(workspace.warehouse_file.parent).entry}" in said
    assert "Others on the network can reach the page" in err


def test_what_goes_into_a_log_is_without_the_token_which_is_printed_when_asked_for(workspace: Workspace) -> None:
    token = secrets_in(workspace.warehouse_file.parent).entry
    page = start(workspace, "--port", "0", "--host", "0.0.0.0", CURATOR_UP="1")
    assert page.stdout is not None
    said = page.stdout.readline()
    page.terminate()
    _, err = page.communicate(timeout=30)
    assert said.startswith("The review page is at http://")
    assert token not in said + err
    out, _ = start(workspace, "--address", "--port", "8123", "--host", "0.0.0.0").communicate(timeout=60)
    assert re.fullmatch(rf"http://\S+:8123/\?token={token}\n", out)


def test_outside_of_a_workspace_it_says_how_to_make_one(tmp_path: Path) -> None:
    page = subprocess.run(
        [sys.executable, "-m", "curator", "review"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert page.returncode == 1
    assert "curator init" in page.stderr
