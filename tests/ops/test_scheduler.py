"""The workspace's own Prefect server: its password, and the environment of each process."""

from __future__ import annotations

import re
import shlex
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from curator.errors import SettingsError
from curator.ops import environment, scheduler
from curator.workspace import Workspace

API = "http://127.0.0.1:4200/api"
FOREIGN = ("AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "PYTHON_PACKAGE_TOKEN", "SSH_AUTH_SOCK", "DATABASE_URL")
SERVERS = ("PREFECT_SERVER_DATABASE_PASSWORD", "PREFECT_API_DATABASE_CONNECTION_URL", "PREFECT_SERVER_API_AUTH_STRING")
NEEDED_BY_RUNS = (
    "PATH", "HOME", "TMPDIR", "PYTHONPATH", "LANG", "LC_TIME", "TZ", "OPENAI_API_KEY", "OPENAI_BASE_URL",
    "CURATOR_MODEL", "CURATOR_NOTIFY_TO", "PREFECT_LOGGING_LEVEL", "HTTP_PROXY", "https_proxy", "NO_PROXY",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SystemRoot", "APPDATA",
)  # fmt: skip
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    for name in (*PROXIES, "PREFECT_API_URL", "PREFECT_HOME", "PREFECT_SERVER_API_PORT"):
        monkeypatch.delenv(name, raising=False)
    return Workspace(tmp_path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_each_workspace_has_a_password_of_its_own_that_only_its_owner_may_read(tmp_path: Path) -> None:
    one, other = Workspace(tmp_path / "one"), Workspace(tmp_path / "other")
    with ThreadPoolExecutor(8) as pool:
        told = set(pool.map(lambda _: scheduler.password(one), range(16)))
    assert told == {scheduler.password(one)}, "made once, however many ask at the same time"
    assert scheduler.password(other) not in told
    file = one.root / "warehouse" / "prefect" / "password"
    file.chmod(0o644)
    file.parent.chmod(0o755)
    assert told == {scheduler.password(one)}
    assert (mode(file.parent), [mode(kept) for kept in file.parent.iterdir()]) == (0o700, [0o600, 0o600])


@pytest.mark.parametrize("content", ["", "curator:short\n", "curator:" + "a" * 42 + "$\n", "\xff"])
def test_a_damaged_password_is_named_and_not_used(place: Workspace, content: str) -> None:
    scheduler.password(place)
    file = place.root / "warehouse" / "prefect" / "password"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(SettingsError, match=re.escape(str(file))) as told:
        scheduler.password(place)
    assert not content.strip() or content.strip() not in str(told.value)


def test_each_process_gets_the_variables_that_it_needs_and_no_others() -> None:
    shell = dict.fromkeys((*FOREIGN, *SERVERS, *NEEDED_BY_RUNS), "x")
    assert set(environment.run_variables(shell)) == set(NEEDED_BY_RUNS)
    server = set(environment.server_variables(shell))
    assert server.issuperset((*SERVERS, "PATH", "PREFECT_LOGGING_LEVEL"))
    assert server.isdisjoint((*FOREIGN, "OPENAI_API_KEY", "CURATOR_NOTIFY_TO", "HTTP_PROXY"))
    page = set(environment.review_variables(shell))
    assert page.issuperset(("PATH", "CURATOR_MODEL", "LC_TIME"))
    assert page.isdisjoint((*FOREIGN, *SERVERS, "OPENAI_API_KEY", "CURATOR_NOTIFY_TO", "PREFECT_LOGGING_LEVEL"))


def test_settings_of_another_server_do_not_open_the_workspaces_own(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {
        "PREFECT_API_KEY": "other-key", "PREFECT_API_AUTH_STRING": "other:password",
        "PREFECT_SERVER_API_AUTH_STRING": "other:password", "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": "*",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": "*", "PREFECT_SERVER_API_BASE_PATH": "/elsewhere", "DO_NOT_TRACK": "0",
    }  # fmt: skip
    for name, value in others.items():
        monkeypatch.setenv(name, value)
    server, client = scheduler.server_environment(place, API), scheduler.client_environment(place, API)
    assert server["PREFECT_SERVER_API_AUTH_STRING"] == scheduler.password(place) == client["PREFECT_API_AUTH_STRING"]
    assert set(others.values()).isdisjoint([*server.values(), *client.values()])
    assert "PREFECT_API_AUTH_STRING" not in server
    assert (server["DO_NOT_TRACK"], client["DO_NOT_TRACK"]) == ("1", "1")
    assert server["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] == "http://127.0.0.1:4200"


def test_a_server_of_the_users_own_gets_the_users_key_and_never_the_workspaces_password(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "https://prefect.example/api")
    monkeypatch.setenv("PREFECT_API_KEY", "users-key")
    kept = scheduler.password(place)
    told = scheduler.client_environment(place, "https://prefect.example/api")
    assert (told["PREFECT_API_URL"], told["PREFECT_API_KEY"]) == ("https://prefect.example/api", "users-key")
    assert kept not in told.values()


def test_no_proxy_is_sent_the_password_of_a_server_on_this_machine(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "NO_PROXY" not in scheduler.client_environment(place, API), "nothing to keep away from"
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "intranet.example, 10.0.0.1")
    told = scheduler.client_environment(place, API)
    assert told["no_proxy"] == told["NO_PROXY"] == "intranet.example,10.0.0.1,127.0.0.1,localhost,::1"
    assert "export NO_PROXY=intranet.example,10.0.0.1,127.0.0.1,localhost,::1\n" in scheduler.shell_exports(place)
    monkeypatch.setenv("no_proxy", "*")
    assert scheduler.client_environment(place, API)["no_proxy"] == "*"


def test_exports_are_lines_that_a_shell_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PREFECT_API_URL", "PREFECT_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PREFECT_SERVER_API_PORT", "4567")
    place = Workspace(tmp_path / "a list; touch $HOME 'x'")
    script = f"eval {shlex.quote(scheduler.shell_exports(place))}; env -0"
    done = subprocess.run(["bash", "-c", script], env={"PATH": "/usr/bin:/bin"}, capture_output=True, check=True)
    told = dict(line.split("=", 1) for line in done.stdout.decode().split("\0") if "=" in line)
    assert told["CURATOR_WORKSPACE"] == str(place.root)
    assert told["PREFECT_API_URL"] == "http://127.0.0.1:4567/api"
    assert told["PREFECT_API_AUTH_STRING"] == told["PREFECT_SERVER_API_AUTH_STRING"] == scheduler.password(place)
    assert told["DO_NOT_TRACK"] == "1"


@pytest.mark.parametrize("module", ["supervisor.py", "supervised_process.py", "service_checks.py"])
def test_only_the_scheduler_knows_prefect(module: str) -> None:
    source = Path(scheduler.__file__).with_name(module).read_text(encoding="utf-8")
    assert "prefect" not in source.lower()
    assert "flows." not in source
