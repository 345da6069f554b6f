"""The scheduler: a Prefect server of the workspace's own, or one of the user's, and the process of the schedules.

This is the only module of `curator` that knows how Prefect is started and called; it does not import Prefect.

A client of a Prefect server can have it run commands as the server's owner. So each workspace has a random password
(`scheduler_password.py`), which the server asks for. The schedules and their runs get it in their environment, never in
an argument: other users of the machine can read arguments. `curator up` makes a new password at each start.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from curator.errors import SettingsError
from curator.loopback import format_descriptors, is_loopback, listening_port, open_listeners
from curator.ops import environment
from curator.ops.scheduler_password import load_password, renew_password
from curator.ops.supervised_process import SupervisedProcess, describe_process, ready_when_answering
from curator.private_files import make_private_folder
from curator.workspace import Workspace

PORT = 4200
"""The port of Prefect's own default."""
MAX_ANSWER_SECONDS = 10.0
"""Seconds that a server may take to answer."""

# Settings that belong to another server than the workspace's own, or that would open that server to others.
_FOREIGN_SETTINGS = (
    "PREFECT_API_URL",
    "PREFECT_API_KEY",
    "PREFECT_API_AUTH_STRING",
    "PREFECT_CLIENT_CUSTOM_HEADERS",
    "PREFECT_SERVER_API_HOST",
    "PREFECT_SERVER_API_PORT",
)

_SERVER_DEFAULTS = {
    # delete runs that are older than 90 days; otherwise the database grows without limit
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    # seconds; Prefect's default of 10 is too short on a busy machine
    "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
}


@dataclass(frozen=True)
class Scheduler:
    """The processes that `curator up` runs for the schedules, in the order of their start.

    Attributes:
        processes: The workspace's own server, unless the user has a server; then the process of the schedules.
        api: The address of the server's API, without a password.
        has_own_server: True if the workspace has a server of its own.
    """

    processes: tuple[SupervisedProcess, ...]
    api: str
    has_own_server: bool

    def describe(self) -> str:
        """Return one line for the user: the address of Prefect's page, and how to enter it."""
        hint = "; `curator up --password` prints its password" if self.has_own_server else ""
        return f"Prefect: {_page_of(self.api)}{hint}"

    def state(self) -> dict[str, object]:
        """Return the entries of `warehouse/up.json` from which `own_api` and `describe_state` read."""
        return {"prefect": self.api, "own_server": self.has_own_server}


def prepare_scheduler(workspace: Workspace, resources: ExitStack, *, json_logs: bool) -> Scheduler:
    """Describe the scheduler's processes; start none.

    Args:
        workspace: The workspace of the list.
        resources: Closes the server's listening sockets at the end.
        json_logs: Log the scheduled runs as JSON, one object a line.

    Raises:
        SettingsError: The password or the folder for temporary files cannot be written.
    """
    servers: list[SupervisedProcess] = []
    if (api := own_address()) is None:
        renew_password(prefect_home(workspace))
        listeners = resources.enter_context(open_listeners("127.0.0.1", PORT, any_port=True))
        api = f"http://127.0.0.1:{listening_port(listeners)}/api"
        servers.append(_server_process(workspace, api, listeners))
    make_temporary_folder(workspace)
    processes = (*servers, _schedules_process(workspace, api, json_logs))
    return Scheduler(processes, without_password(api), has_own_server=bool(servers))


def own_api(state: Mapping[str, object] | None) -> str | None:
    """Return the API address of the server that `curator up` has started, given its state; None without one."""
    return str(state["prefect"]) if state and state.get("own_server") and "prefect" in state else None


def describe_state(state: Mapping[str, object]) -> str:
    """Return the address of Prefect's page as a phrase, given the state of a running `curator up`.

    Raises:
        KeyError: The state has no such address.
    """
    return f"Prefect: {_page_of(str(state['prefect']))}"


def own_address() -> str | None:
    """Return PREFECT_API_URL, the API of a server of the user's; None if the workspace has a server of its own."""
    return os.environ.get("PREFECT_API_URL") or None


def prefect_home(workspace: Workspace) -> Path:
    """Return the folder of the workspace's own Prefect server."""
    return workspace.root / "warehouse" / "prefect"


def password(workspace: Workspace) -> str:
    """Return the password of the workspace's own server, as USER:PASSWORD; make it at the first call.

    Raises:
        SettingsError: The file with the password cannot be read or written, or is damaged.
    """
    return load_password(prefect_home(workspace))


def make_temporary_folder(workspace: Workspace) -> None:
    """Make an empty folder for the temporary files of the schedules and their runs.

    Prefect uses a fixed name in the temporary folder; in a shared folder another account could take that name.

    Raises:
        SettingsError: The folder cannot be made.
    """
    folder = _temporary_folder(workspace)
    try:
        shutil.rmtree(folder, ignore_errors=True)
        make_private_folder(prefect_home(workspace))
        make_private_folder(folder)
    except OSError as error:
        raise SettingsError(f"{folder}, the folder for temporary files, cannot be made: {error}.") from error


def server_environment(workspace: Workspace, api: str) -> dict[str, str]:
    """Return the environment of the workspace's own server, which answers at `api`."""
    kept = _without_foreign_settings(environment.server_variables(os.environ))
    return _SERVER_DEFAULTS | kept | _paths(workspace) | _server_settings(password(workspace), api)


def client_environment(workspace: Workspace, api: str) -> dict[str, str]:
    """Return the environment of the schedules, whose runs inherit it.

    If PREFECT_API_URL names a server of the user's, it gets the user's key or password, never the workspace's.
    """
    kept = environment.run_variables(os.environ) | _paths(workspace) | {"DO_NOT_TRACK": "1"}
    kept |= {"TMPDIR": str(_temporary_folder(workspace))}
    if own_address():
        return kept
    return _without_foreign_settings(kept) | environment.proxy_bypass() | _client_settings(password(workspace), api)


def shell_exports(workspace: Workspace, api: str | None = None) -> str:
    """Return shell lines for terminals in which the server and the schedules are started by hand.

    Args:
        workspace: The workspace of the list.
        api: The address of the server's API; by default, where `prefect server start` puts it.
    """
    api = api or f"http://127.0.0.1:{os.environ.get('PREFECT_SERVER_API_PORT') or PORT}/api"
    secret = password(workspace)
    variables = _paths(workspace) | _server_settings(secret, api) | _client_settings(secret, api)
    variables |= environment.proxy_bypass()
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def without_password(address: str) -> str:
    """Return a URL without the user name and password that it may contain."""
    url = urlsplit(address)
    return urlunsplit(url._replace(netloc=url.netloc.rpartition("@")[2]))


def status_without_password(address: str) -> int:
    """Ask a Prefect API how many deployments it has, without key or password; return the answer's HTTP status.

    Redirects are not followed.

    Raises:
        OSError: The server cannot be reached.
        ValueError: The address is invalid.
    """
    try:
        url = urlsplit(address)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError("an address begins with http:// or https:// and a host")
        count_url = f"{without_password(address).rstrip('/')}/deployments/count"
        request = urllib.request.Request(count_url, b"{}", {"Content-Type": "application/json"})
        trusted = ssl.create_default_context(cafile=os.environ.get("PREFECT_API_SSL_CERT_FILE") or None)
        opener = urllib.request.build_opener(
            _WithoutRedirects, urllib.request.HTTPSHandler(context=trusted),
            *([urllib.request.ProxyHandler({})] if is_loopback(url.hostname) else []),
        )  # fmt: skip
        with opener.open(request, timeout=MAX_ANSWER_SECONDS) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except urllib.error.URLError as error:
        raise OSError(str(error.reason)) from error
    except HTTPException as error:  # the answer, or the address, is not valid HTTP
        raise OSError(f"{type(error).__name__}: {error}") from error


class _WithoutRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


def _server_process(workspace: Workspace, api: str, listeners: Sequence[socket.socket]) -> SupervisedProcess:
    """Describe the workspace's own server.

    `listeners` stay open while it restarts: a program that took the port would be sent the password.
    """
    command = (sys.executable, "-m", "flows.server", format_descriptors(listeners))
    files = [listener.fileno() for listener in listeners]
    ready = ready_when_answering(f"{api}/health")
    return describe_process(workspace, "prefect", command, server_environment(workspace, api), ready, files)


def _schedules_process(workspace: Workspace, api: str, json_logs: bool) -> SupervisedProcess:
    variables = client_environment(workspace, api)
    if json_logs:
        variables["PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER"] = "json"
    child = describe_process(workspace, "schedules", (sys.executable, "-m", "flows.serve"), variables, str)
    child.ready = _ready_when_planned(child.log)
    return child


def _ready_when_planned(log: Path) -> Callable[[], str]:
    """Return a check that gives the planned runs once the schedules' log names them after this call."""
    earlier_bytes = log.stat().st_size if log.exists() else 0

    def read_plan() -> str:
        with suppress(OSError), log.open("rb") as stream:
            stream.seek(min(earlier_bytes, log.stat().st_size))
            if line := re.search(rb"^Planned: .*", stream.read(), re.MULTILINE):
                return f"up. {line[0].decode(errors='replace')}"
        return ""

    return read_plan


def _page_of(api: str) -> str:
    return api.removesuffix("/api")


def _without_foreign_settings(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name not in _FOREIGN_SETTINGS}


def _temporary_folder(workspace: Workspace) -> Path:
    return prefect_home(workspace) / "tmp"


def _paths(workspace: Workspace) -> dict[str, str]:
    return {
        "CURATOR_WORKSPACE": str(workspace.root),
        "PREFECT_HOME": os.environ.get("PREFECT_HOME") or str(prefect_home(workspace)),
    }


def _server_settings(secret: str, api: str) -> dict[str, str]:
    origin = api.removesuffix("/api")
    return {
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_API_AUTH_STRING": secret,
        "PREFECT_SERVER_API_BASE_PATH": "/api",
        "PREFECT_SERVER_UI_API_URL": "/api",  # relative: the page works as localhost and through a tunnel too
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": origin,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": origin,  # the setting's older name, which Prefect also reads
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def _client_settings(secret: str, api: str) -> dict[str, str]:
    return {"PREFECT_API_URL": api, "PREFECT_API_AUTH_STRING": secret, "DO_NOT_TRACK": "1"}
