"""Everything unattended in one place: a Prefect server, the schedules and the review page, started and kept running.

Each part is a process of its own with a log of its own; one that ends is started again, after a pause that grows.
Nothing here knows what the parts do.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from curator.errors import SettingsError, SupervisionError, WarehouseBusy
from curator.loopback import format_descriptors, listening_port, open_listeners
from curator.ops import environment, scheduler
from curator.private_files import append_private, make_private_folder, write_private
from curator.resources import resource_path
from curator.workspace import Workspace, exclusive_lock

READY = 180.0  # seconds that a part may take to come up
STOPPING = 90.0  # seconds that a part gets to end: an ingest waits for answers that are paid for
LONGEST_PAUSE = 300.0
STEADY = 60.0  # seconds after which a part counts as running well
MOST_FALLS = 5  # in a row, before any of its runs was steady
LARGEST_LOG = 5_000_000  # bytes; then it is moved aside, and one older is kept
_EVERY = 0.3

Report = Callable[[str], None]


@dataclass
class SupervisedPart:
    """One process that is kept running."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    is_up: Callable[[], str]  # what to say of it once it is; "" until then
    files: tuple[int, ...] = ()  # open file descriptors that it inherits
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    again_at: float = 0.0
    told: bool = field(default=False)

    def start(self) -> None:
        make_private_folder(self.log.parent)
        with append_private(self.log) as log:
            self.process = subprocess.Popen(
                self.command, env=dict(self.environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, pass_fds=self.files,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )  # fmt: skip
        self.started = time.monotonic()

    def stop(self) -> None:
        """Ask it to end, and its children; kill them where they do not."""
        if self.process is None:
            return
        for number, patience in ((signal.SIGTERM, STOPPING), (signal.SIGKILL, 10.0)):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
                return

    def last_lines(self, most: int = 12) -> str:
        with suppress(OSError):
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-most:])
        return ""


def up(workspace: Workspace, say: Report, *, json_logs: bool = False) -> int:
    """Start every part, say where each is, and keep them running until SIGINT or SIGTERM; return that signal.

    `json_logs`: the schedules log one JSON object a line.

    Raises SupervisionError where one is running already, or where a part does not come up; SettingsError.
    """
    file = workspace.root / "warehouse" / "up.json"
    settings = workspace.settings  # raises before anything is started
    try:
        with exclusive_lock(workspace, "up"), _stoppable() as stopped, ExitStack() as opened:
            of_review = opened.enter_context(_listening_for_review(settings.review.host, settings.review.port))
            port = listening_port(of_review)
            review = f"http://127.0.0.1:{port}/"
            if own := scheduler.own_address():
                server, api = None, own
            else:
                scheduler.renew_password(workspace)
                of_server = opened.enter_context(open_listeners("127.0.0.1", scheduler.PORT, any_port=True))
                server, api = _server(workspace, of_server)
            scheduler.make_temporary_folder(workspace)
            parts = [
                *([server] if server else []),
                _schedules(workspace, api, json_logs),
                _review(workspace, review, settings.review.host, of_review),
            ]
            shown = scheduler.without_password(api)
            _note(file, {"pid": str(os.getpid()), "review": review, "prefect": shown, "own_server": server is not None})
            try:
                for part in parts:
                    said = _bring_up(part, stopped)
                    if not stopped:
                        say(f"{part.name}: {said}")
                if not stopped:
                    page = shown.removesuffix("/api")
                    asks = "; `curator up --password` prints its password" if server else ""
                    shown = _address(workspace, port) if sys.stdout.isatty() else review
                    say(f"Review page: {shown}\nPrefect: {page}{asks}\nLogs: {parts[0].log.parent}")
                    say("`curator review --address` prints the address of the review page with its token.")
                _keep_running(parts, stopped, say)
            finally:
                say("Stopping ...")
                for part in reversed(parts):
                    part.stop()
                file.unlink(missing_ok=True)
            return stopped[0]
    except WarehouseBusy as error:
        raise SupervisionError(_already(file, workspace)) from error


def running_at(workspace: Workspace) -> str | None:
    """Return the API of the Prefect server that a running `curator up` has started; None if there is none."""
    file = workspace.root / "warehouse" / "up.json"
    if not file.exists():
        return None
    with suppress(WarehouseBusy), exclusive_lock(workspace, "up"):
        return None  # a note that was left by a killed one
    with suppress(OSError, ValueError, KeyError):
        told = json.loads(file.read_text(encoding="utf-8"))
        return str(told["prefect"]) if told["own_server"] else None
    return None


def systemd_unit(workspace: Workspace) -> str:
    """A systemd unit that runs `curator up` for this workspace."""
    command = f"{sys.executable} -m curator up"
    return f"""[Unit]
Description=Curator: {workspace.root}
Wants=network-online.target
After=network-online.target

[Service]
ExecStart={command}
Environment=CURATOR_WORKSPACE={workspace.root}
# OPENAI_API_KEY and the like, one NAME=value a line; readable by you alone
EnvironmentFile=-{workspace.root / "secrets.env"}
KillMode=mixed
TimeoutStopSec={STOPPING * 2:.0f}
Restart=on-failure
SuccessExitStatus=143
RestartSec=30

[Install]
WantedBy=default.target
"""


@contextmanager
def _listening_for_review(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Listen for the review page, on a free port where `port` is taken."""
    with ExitStack() as closing:
        try:
            listeners = closing.enter_context(open_listeners(host, port, any_port=True))
        except OSError as error:
            raise SettingsError(
                f"The review page cannot listen on {host}: {error}. review.host in curator.toml sets the address."
            ) from error
        yield listeners


def _server(workspace: Workspace, listeners: Sequence[socket.socket]) -> tuple[SupervisedPart, str]:
    """A Prefect server of the workspace's own, and where its API is.

    `listeners` stay open while it restarts: another program that took the port would be sent the password.
    """
    api = f"http://127.0.0.1:{listening_port(listeners)}/api"
    command = (sys.executable, "-m", "flows.server", format_descriptors(listeners))
    told = scheduler.server_environment(workspace, api)
    part = _part(workspace, "prefect", command, told, _once_answers(f"{api}/health"))
    part.files = tuple(listener.fileno() for listener in listeners)
    return part, api


def _schedules(workspace: Workspace, api: str, json_logs: bool) -> SupervisedPart:
    told = scheduler.client_environment(workspace, api)
    if json_logs:
        told["PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER"] = "json"
    part = _part(workspace, "schedules", (sys.executable, "-m", "flows.serve"), told, str)
    size = part.log.stat().st_size if part.log.exists() else 0

    def plans() -> str:
        with suppress(OSError), part.log.open("rb") as log:
            log.seek(min(size, part.log.stat().st_size))
            if planned := re.search(rb"^Planned: .*", log.read(), re.MULTILINE):
                return f"up. {planned[0].decode(errors='replace')}"
        return ""

    part.is_up = plans
    return part


def _review(workspace: Workspace, address: str, host: str, listeners: Sequence[socket.socket]) -> SupervisedPart:
    """The review page. `listeners` stay open while it restarts, so that no other account can take its port."""
    told_where = ("--host", host, "--listening", format_descriptors(listeners))
    command = (sys.executable, "-m", "curator", "review", "--no-browser", *told_where)
    told = environment.review_variables(os.environ) | {"CURATOR_WORKSPACE": str(workspace.root)}
    part = _part(workspace, "review", command, told, _once_answers(address))
    part.files = tuple(listener.fileno() for listener in listeners)
    return part


def _address(workspace: Workspace, port: int) -> str:
    """The review page's address with its token: not for logs."""
    from curator.review.web.server import served_at  # a web framework, which only this needs

    return served_at(workspace, workspace.settings.review.host, port).address


def _part(
    workspace: Workspace, name: str, command: tuple[str, ...], told: Mapping[str, str], is_up: Callable[[], str]
) -> SupervisedPart:
    paths = os.pathsep.join(filter(None, [str(resource_path()), os.environ.get("PYTHONPATH")]))
    log = workspace.root / "warehouse" / "logs" / f"{name}.log"
    return SupervisedPart(name, command, {**told, "PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"}, log, is_up)


def _bring_up(part: SupervisedPart, stopped: list[int]) -> str:
    part.start()
    give_up = time.monotonic() + READY
    while not (said := part.is_up()) and not stopped:
        assert part.process is not None
        if part.process.poll() is not None or time.monotonic() > give_up:
            raise SupervisionError(f"{part.name} did not come up. Its log, {part.log}, ends:\n{part.last_lines()}")
        time.sleep(_EVERY)
    return said


def _keep_running(parts: list[SupervisedPart], stopped: list[int], say: Report) -> None:
    while not stopped:
        time.sleep(_EVERY)
        for part in parts:
            look_after(part, say)


def look_after(part: SupervisedPart, say: Report) -> None:
    """Start a part again where it has ended and its pause is over. Raises SupervisionError where it never stays up."""
    _rotate(part.log)
    if part.process is not None and (code := part.process.poll()) is not None:
        ran = time.monotonic() - part.started
        part.falls = 1 if ran > STEADY else part.falls + 1
        if part.falls > MOST_FALLS:
            raise SupervisionError(
                f"{part.name} ended {part.falls} times in a row. Its log, {part.log}, ends:\n{part.last_lines()}"
            )
        pause = min(LONGEST_PAUSE, 2.0 ** (part.falls - 1))
        say(f"{part.name} ended with code {code}; it is started again in {pause:.0f} s (log: {part.log})")
        part.process, part.again_at = None, time.monotonic() + pause
    elif part.process is None and time.monotonic() >= part.again_at:
        part.start()


def _rotate(log: Path) -> None:
    """The part appends to the same file, so it is copied and emptied rather than moved."""
    with suppress(OSError):
        if log.stat().st_size > LARGEST_LOG:
            write_private(log.with_suffix(".log.1"), log.read_bytes())
            os.truncate(log, 0)


@contextmanager
def _stoppable() -> Iterator[list[int]]:
    """A list that is empty until SIGINT or SIGTERM comes."""
    stopped: list[int] = []

    def take(number: int, frame: FrameType | None) -> None:
        stopped.append(number)

    before = {number: signal.signal(number, take) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_with_parent() -> None:
    """On Linux a part is told to end where we are killed and cannot say so ourselves (prctl's PR_SET_PDEATHSIG)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


_PAST_PROXIES = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _once_answers(url: str) -> Callable[[], str]:
    return lambda: "up" if _answers(url) else ""


def _answers(url: str) -> bool:
    try:
        with _PAST_PROXIES.open(url, timeout=2) as answer:  # our own, on loopback
            return bool(answer.status < 500)
    except urllib.error.HTTPError as error:  # it wants a token
        return error.code < 500
    except OSError:
        return False


def _note(file: Path, told: Mapping[str, object]) -> None:
    write_private(file, json.dumps(told).encode())


def _already(file: Path, workspace: Workspace) -> str:
    said = f"`curator up` is running for {workspace.root} already"
    with suppress(OSError, ValueError, KeyError):
        told = json.loads(file.read_text(encoding="utf-8"))
        said += (
            f" (process {told['pid']}): review page {told['review']}, Prefect {told['prefect'].removesuffix('/api')}"
        )
    return f"{said}. Nothing was started."
