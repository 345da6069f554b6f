"""`curator up` starts everything, keeps it running, lets nobody else in, and stops it cleanly."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from curator.ops import scheduler
from curator.review.web.secrets import load_secrets
from curator.workspace import Workspace
from tests.cli.conftest import Curator, Said, run_apart, start
from tests.helpers.browser import PATIENCE, browsing
from tests.helpers.recorder import Recorder, recorder
from tests.helpers.templates import copy_workspace, create_workspace
from tests.helpers.waiting import wait_until

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

FOREIGN = {"AWS_SECRET_ACCESS_KEY": "foreign-secret-1", "GITHUB_TOKEN": "foreign-secret-2"}
KEYS = {"OPENAI_API_KEY": "sk-of-the-test", "CURATOR_NOTIFY_TO": "json://127.0.0.1:9/key-of-the-test"}


@dataclass
class Running:
    """A `curator up`, what it has said, and a stranger who listens on Prefect's usual port, if it was free.

    `earlier` is the password before its start.
    """

    workspace: Workspace
    process: subprocess.Popen[str]
    said: str
    env: dict[str, str]
    stranger: Recorder | None
    earlier: str

    @property
    def review(self) -> str:
        found = re.search(r"Review page: (http\S+)", self.said)
        assert found, self.said
        return found[1]

    @property
    def api(self) -> str:
        noted = json.loads((self.workspace.root / "warehouse" / "up.json").read_text())
        return str(noted["prefect"])

    @property
    def password(self) -> str:
        return (self.workspace.root / "warehouse" / "prefect" / "password").read_text().strip()

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """What the server says to somebody who knows the password."""
        told = base64.b64encode(self.password.encode()).decode()
        status, answer = call(method, self.api + path, body, {"Authorization": f"Basic {told}"})
        assert 200 <= status < 300, (status, answer)
        return json.loads(answer) if answer else None

    def runs(self) -> int:
        return int(self.ask("POST", "/flow_runs/count", {}))


@pytest.fixture(scope="module")
def running(demo_once: tuple[Path, Said], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests of this file that need a server: it takes long to come up."""
    root = tmp_path_factory.mktemp("up") / "demo"
    copy_workspace(demo_once[0] / "demo", root)
    env = {"CURATOR_WORKSPACE": str(root), "CURATOR_REVIEW_PORT": "0"}
    earlier = scheduler.password(Workspace(root))
    left_behind(root).mkdir(parents=True)
    with ExitStack() as opened:
        stranger = None
        with suppress(OSError):
            stranger = opened.enter_context(recorder(scheduler.PORT))
        process = start("up", env=env | FOREIGN | KEYS)
        try:
            assert process.stdout is not None
            said = ""
            while "Logs:" not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            yield Running(Workspace(root), process, said, env, stranger, earlier)
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=180)


def left_behind(root: Path) -> Path:
    """A temporary folder of a run that was killed before."""
    return root / "warehouse" / "prefect" / "tmp" / "left-behind"


def answers(url: str) -> bool:
    try:
        return call("GET", url)[0] in (200, 401)  # the review page asks for a token
    except OSError:
        return False


def call(method: str, url: str, body: object = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json"} | (headers or {}), method=method)
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def processes(root: Path) -> dict[int, bytes]:
    """Of this machine, those that work for a workspace, `up` itself aside, with their environment."""
    found = {}
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            told = environment.read_bytes()
            command = (environment.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if f"CURATOR_WORKSPACE={root}\0".encode() in told and not command.endswith(b"curator\0up\0"):
            found[int(environment.parent.name)] = told
    return {pid: told for pid, told in found.items() if pid != os.getpid()}


def command_of(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def part(running: Running, word: bytes) -> int:
    (found,) = [pid for pid in processes(running.workspace.root) if word in command_of(pid)]
    return found


def refuse_strangers(url: str) -> None:
    """Neither loopback address is free for somebody else on the port of this address."""
    port = urlsplit(url).port
    assert port
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with suppress(OSError), socket.create_server((host, 0), family=family), pytest.raises(OSError, match="in use"):
            socket.create_server((host, port), family=family)  # the first fails where there is no IPv6


@linux
def test_everything_comes_up_and_a_run_gets_the_variables_that_it_needs_and_no_others(running: Running) -> None:
    """Take more than 10 s: a Prefect server comes up and starts a run in a process of its own."""
    assert answers(running.review)
    assert answers(f"{running.api}/health")
    assert re.search(r"schedules: up\. Planned: ingest 2.*, publish 2", running.said), (
        "the server plans what it was told"
    )
    second = run_apart("up", env=running.env)
    assert (second.code, running.review in second.err) == (1, True)

    backup = running.ask("GET", "/deployments/name/backup/scheduled")
    running.ask("POST", f"/deployments/{backup['id']}/create_flow_run", {})
    of_runs: dict[int, bytes] = {}

    def is_backed_up() -> bool:
        of_runs.update(
            {pid: told for pid, told in processes(running.workspace.root).items() if b"FLOW_RUN_ID=" in told}
        )
        return any((running.workspace.root / "backups").glob("*.tar.gz"))

    wait_until(is_backed_up)
    told = {word: processes(running.workspace.root)[part(running, word)] for word in (b"flows.server", b"review")}
    foreign = [value.encode() for value in FOREIGN.values()]
    keys = [value.encode() for value in KEYS.values()]
    assert of_runs
    for run in of_runs.values():
        assert all(value in run for value in keys)
        assert not any(value in run for value in foreign)
    assert not any(value in told[word] for word in told for value in (*foreign, *keys))
    assert running.password.encode() in told[b"flows.server"]
    assert running.password.encode() not in told[b"review"]

    temporary = left_behind(running.workspace.root).parent
    assert all(f"\0TMPDIR={temporary}\0".encode() in run for run in of_runs.values())
    assert stat.S_IMODE(temporary.stat().st_mode) == 0o700
    assert (temporary / "runner_storage").is_dir()
    assert not left_behind(running.workspace.root).exists()


@linux
def test_the_password_is_in_a_private_file_and_nowhere_else(running: Running) -> None:
    warehouse = running.workspace.root / "warehouse"
    password, secret = running.password, running.password.partition(":")[2].encode()
    holding = [file for file in warehouse.rglob("*") if file.is_file() and secret in file.read_bytes()]
    assert holding == [warehouse / "prefect" / "password"], "no log, no note, no database has it"
    assert stat.S_IMODE(holding[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(holding[0].parent.stat().st_mode) == 0o700
    assert secret.decode() not in running.said
    assert not [pid for pid in processes(running.workspace.root) if secret in command_of(pid)]
    if running.stranger is not None:
        assert f":{scheduler.PORT}" not in running.api
        assert running.stranger.came == [], "who listens on Prefect's usual port is sent nothing"
    assert password != running.earlier, "a browser may have given that to a page of another account"
    printed = run_apart("up", "--password", env=running.env)
    assert (printed.code, printed.out, printed.err) == (0, f"{password}\n", "")
    assert f"export PREFECT_API_URL={running.api}\n" in run_apart("up", "--exports", env=running.env).out


@linux
def test_the_review_pages_token_is_printed_on_request_and_in_no_log(running: Running) -> None:
    entrance = run_apart("review", "--address", env=running.env).out
    token = load_secrets(running.workspace.warehouse_file.parent).entry
    assert f":{running.review.rstrip('/').rpartition(':')[2]}/?token={token}" in entrance
    logs = (running.workspace.root / "warehouse" / "logs").glob("*")
    assert token not in running.said + "".join(log.read_text(errors="replace") for log in logs)


@linux
def test_without_the_password_every_call_but_health_is_refused(running: Running) -> None:
    backup = running.ask("GET", "/deployments/name/backup/scheduled")
    before = running.runs()
    steps = [{"prefect.deployments.steps.run_shell_script": {"script": "touch ran-by-a-stranger"}}]
    origin = running.api.removesuffix("/api")
    calls: list[tuple[str, str, object]] = [
        ("PATCH", f"{running.api}/deployments/{backup['id']}", {"pull_steps": steps}),
        ("POST", f"{running.api}/deployments/{backup['id']}/create_flow_run", {}),
        ("POST", f"{running.api}/deployments/filter", {}),
        ("POST", f"{running.api}/automations/filter", {}),
        ("DELETE", f"{running.api}/deployments/{backup['id']}", None),
        *(("GET", running.api + path, None) for path in ("", "/", "/ready", "/version", "/admin/settings", "/docs")),
        *(("GET", origin + path, None) for path in ("/docs", "/redoc", "/openapi.json", "/%61pi/version")),
        ("POST", f"{running.api}/health", {}),
        ("OPTIONS", f"{running.api}/deployments/filter", None),
    ]
    wrong = base64.b64encode(b"curator:wrong").decode()
    strange = base64.b64encode(b"curator:\xff\xe9").decode()
    for headers in ({}, {"Authorization": f"Basic {wrong}"}, {"Authorization": f"Basic {strange}"},
                    {"Authorization": "Basic"}, {"Host": "rebound.example"}):  # fmt: skip
        assert {(method, url): call(method, url, body, headers)[0] for method, url, body in calls} == {
            (method, url): 401 for method, url, _ in calls
        }, headers
    for url in (running.api, f"{origin}/worker.js", f"{running.api}/health"):
        asked = urllib.request.Request(url, headers={"Service-Worker": "script"})
        with pytest.raises(urllib.error.HTTPError) as refused, urllib.request.urlopen(asked, timeout=30):
            pass
        with refused.value as answer:
            assert (answer.code, answer.headers["Clear-Site-Data"]) == (404, '"storage"'), url
    assert call("GET", f"{running.api}/health", headers={"Origin": "http://other.example"}) == (200, b"true")
    assert running.runs() == before
    assert running.ask("GET", f"/deployments/{backup['id']}") == backup


ATTACK = """
const api = '%s', deployment = '%s', got = [];
const attempt = (what, trying) => trying.then(value => got.push(what + ': ' + value), () => 0);
const ask = (path, more) => fetch(api + path, more).then(answer => answer.text());
const post = {method: 'POST', headers: {'content-type': 'application/json'}, body: '{}'};
const blind = {method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}'};
const listen = path => new Promise((value, error) => {
  const socket = new WebSocket(api.replace('http', 'ws') + path, 'prefect');
  socket.onopen = () => socket.send(JSON.stringify({type: 'auth', token: 'curator:guessed'}));
  socket.onmessage = message => value(message.data);
  socket.onclose = socket.onerror = error;
});
const form = document.createElement('form');
document.body.append(form);
form.action = api + `/deployments/${deployment}/create_flow_run`; form.method = 'post'; form.target = 'frame';
form.submit();
Promise.all([
  attempt('read', ask('/deployments/filter', post)),
  attempt('health', ask('/health')),
  attempt('run', ask(`/deployments/${deployment}/create_flow_run`, post)),
  attempt('events', listen('/events/out')),
  attempt('logs', listen('/logs/out')),
  fetch(api + `/deployments/${deployment}/create_flow_run`, blind).catch(() => 0),
]).then(() => document.title = 'got ' + got.join('; '));
"""


@linux
def test_a_page_of_another_origin_gets_neither_data_nor_a_run(running: Running) -> None:
    backup = running.ask("GET", "/deployments/name/backup/scheduled")
    before = running.runs()
    origin = running.api.removesuffix("/api")
    with recorder() as site, browsing() as browser:
        script = ATTACK % (running.api, backup["id"])
        site.headers = {"Content-Type": "text/html"}
        site.body = f"<title>-</title><iframe name=frame></iframe><body><script>{script}</script>".encode()
        page = browser.new_page()
        page.goto(site.url)
        page.wait_for_function("document.title.startsWith('got')", timeout=PATIENCE)
        assert page.title() == "got", "nothing, that is"
        framed = browser.new_page()
        site.body = f"<title>-</title><iframe src='{origin}/'></iframe>".encode()
        framed.goto(site.url)
        assert not [frame.url for frame in framed.frames if frame.url.startswith(origin)], (
            "nor is Prefect's page framed"
        )
    assert running.runs() == before


@linux
def test_prefects_own_page_opens_with_the_password_and_calls_nobody_else(running: Running) -> None:
    origin = running.api.removesuffix("/api")
    with browsing() as browser:
        page = browser.new_page()
        elsewhere: list[str] = []
        page.on("requestfinished", lambda made: elsewhere.append(made.url) if not made.url.startswith(origin) else None)
        page.goto(origin)
        page.get_by_placeholder("admin:pass").fill(running.password)
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Deployments").first.click()
        page.get_by_text("5 Deployments").wait_for(timeout=PATIENCE)
        assert [url for url in elsewhere if not url.startswith(("blob:", "data:"))] == []


def kill_and_wait_for_the_next(running: Running, word: bytes, address: str) -> None:
    refuse_strangers(address)
    killed = part(running, word)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: command_of(killed) == b"", 20)
    refuse_strangers(address)
    wait_until(lambda: answers(address), 120)
    assert part(running, word) != killed


@linux
def test_what_ends_is_started_again_and_sigterm_stops_everything(running: Running) -> None:
    for word, address in ((b"review", running.review), (b"flows.server", f"{running.api}/health")):
        kill_and_wait_for_the_next(running, word, address)

    for _ in range(3):  # more than one changes nothing
        running.process.send_signal(signal.SIGTERM)
    out, err = running.process.communicate(timeout=180)
    assert running.process.returncode == 143, err
    assert "review ended with code -9; restarting" in out
    assert not (running.workspace.root / "warehouse" / "up.json").exists()
    assert processes(running.workspace.root) == {}


def test_a_unit_for_systemd_names_this_workspace(list_: Workspace, curator: Curator) -> None:
    said = curator("up", "--systemd")
    assert said.code == 0
    assert f"Environment=CURATOR_WORKSPACE={list_.root}" in said.out
    assert f"ExecStart={sys.executable} -m curator up" in said.out
    assert "SuccessExitStatus=143" in said.out


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
@pytest.mark.parametrize("name", ["with blanks", 'it\'s 50% "ours"', "a\\b;c"])
def test_a_unit_for_systemd_is_valid_wherever_the_workspace_is(
    tmp_path: Path, curator: Curator, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("CURATOR_WORKSPACE", str(create_workspace(tmp_path / name).root))
    unit = tmp_path / "curator.service"
    unit.write_text(curator("up", "--systemd").out, encoding="utf-8")
    checked = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    assert "curator.service:" not in checked.stderr, checked.stderr
    (line,) = re.findall(r"^Environment=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)
    assert shlex.split(line) == [f"CURATOR_WORKSPACE={tmp_path / name}".replace("%", "%%")]
