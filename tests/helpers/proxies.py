"""Real reverse proxies, nginx and Caddy, in front of a page on loopback; without one, a test is skipped, loudly."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.helpers.waiting import wait_until

PLACES = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"


def program(name: str) -> str:
    """Where the proxy is. Without it a test is skipped and says what to install; under CI it fails."""
    if found := shutil.which(name, path=PLACES):
        return found
    lack = f"there is no {name}; `sudo apt-get install --no-install-recommends {name}` installs it"
    if os.environ.get("CI") == "true":
        pytest.fail(lack)
    pytest.skip(lack)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def nginx(folder: Path, port: int, location: str) -> Iterator[None]:
    """nginx on that port of loopback, with these lines in its `server` block, keeping all its files in `folder`."""
    temporary = "\n".join(f"{kind}_temp_path {kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid nginx.pid; error_log stderr;\nevents {{}}\nhttp {{\n{temporary}\n"
        f"access_log access.log;\nserver {{ listen 127.0.0.1:{port};\n{location}\n}}\n}}\n"
    )
    command = [program("nginx"), "-e", "stderr", "-p", f"{folder}/", "-c", str(folder / "nginx.conf")]
    with _running(command, port, {}):
        yield


@contextmanager
def caddy(folder: Path, port: int, site: str) -> Iterator[None]:
    """Caddy on that port of loopback, serving this site, keeping all its files in `folder`."""
    file = folder / "Caddyfile"
    file.write_text(f"{{\nadmin off\nauto_https off\ndefault_bind 127.0.0.1\n}}\n{site}\n")
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with _running([program("caddy"), "run", "--config", str(file), "--adapter", "caddyfile"], port, home):
        yield


@contextmanager
def _running(command: list[str], port: int, environment: Mapping[str, str]) -> Iterator[None]:
    def answers() -> bool:
        assert process.poll() is None, f"{command[0]} ended with code {process.returncode}"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    process = subprocess.Popen(command, env=os.environ | dict(environment), stdout=subprocess.DEVNULL)
    try:
        wait_until(answers, 30)
        yield
    finally:
        process.terminate()
        process.wait(30)
