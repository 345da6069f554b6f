"""The workspace's own Prefect server: where it is, its password, and which processes get the password.

Anybody who may call a Prefect server can have it run commands as its owner. So each workspace has a random password,
which the server asks for, and which the schedules and their runs get in their environment, never in an argument: other
users of the machine can read arguments. `curator up` makes a new one at each start.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
import ssl
import urllib.error
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from filelock import FileLock

from curator.errors import SettingsError
from curator.loopback import is_loopback
from curator.ops import environment
from curator.private_files import FILE_MODE, make_private_folder, write_private
from curator.workspace import Workspace

PORT = 4200  # Prefect's own
FILE = "password"
PATIENCE = 10.0  # seconds that a server may take to answer
USER = "curator"  # Prefect wants a password as USER:PASSWORD
_PASSWORD = re.compile(rf"{USER}:[A-Za-z0-9_-]{{43}}")  # of 256 random bits

# What belongs to another server than the workspace's own, or would open that.
_OF_ANOTHER = (
    "PREFECT_API_URL",
    "PREFECT_API_KEY",
    "PREFECT_API_AUTH_STRING",
    "PREFECT_CLIENT_CUSTOM_HEADERS",
    "PREFECT_SERVER_API_HOST",
    "PREFECT_SERVER_API_PORT",
)

_DEFAULTS = {
    # runs of more than 90 days ago go, or a server that nobody looks after grows for good
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_DATABASE_TIMEOUT": "60",  # seconds; 10 are too few for a busy machine
}


def own_address() -> str | None:
    """Return PREFECT_API_URL: the API of a server of the user's own; None if the workspace has its own server."""
    return os.environ.get("PREFECT_API_URL") or None


def prefect_home(workspace: Workspace) -> Path:
    """Return the folder of the workspace's own Prefect server."""
    return workspace.root / "warehouse" / "prefect"


def password(workspace: Workspace) -> str:
    """Return the password of the workspace's own server, as USER:PASSWORD; make it at the first call.

    Raises:
        SettingsError: The file with the password cannot be read or written, or is damaged.
    """
    file = prefect_home(workspace) / FILE
    try:
        make_private_folder(file.parent)
        if not file.exists():
            _make(file)
        with suppress(PermissionError):
            file.chmod(FILE_MODE)
        kept = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"{file}, the Prefect server's password, cannot be read or written: {error}.") from error
    if not _PASSWORD.fullmatch(kept):
        raise SettingsError(
            f"{file} does not hold a password that Curator made. Remove it and restart `curator up`: a new one is made."
        )
    return kept


def renew_password(workspace: Workspace) -> None:
    """Replace the password of the workspace's own server.

    A browser keeps the password that Prefect's page was given, and any page at the same address can read it. While no
    server runs, another account of the machine can serve a page there.

    Raises:
        SettingsError: The file with the password cannot be written.
    """
    file = prefect_home(workspace) / FILE
    try:
        make_private_folder(file.parent)
        with _locked(file):
            _write_new(file)
    except OSError as error:
        raise SettingsError(f"{file}, the Prefect server's password, cannot be written: {error}.") from error


def make_temporary_folder(workspace: Workspace) -> None:
    """Make the folder for the temporary files of the schedules and their runs, without the files of earlier ones.

    Prefect uses a fixed name in the temporary folder, which another account could take in a shared one.

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
    kept = {name: value for name, value in environment.server_variables(os.environ).items() if name not in _OF_ANOTHER}
    return _DEFAULTS | kept | _paths(workspace) | _server_settings(password(workspace), api)


def client_environment(workspace: Workspace, api: str) -> dict[str, str]:
    """Return the environment of the schedules, whose runs inherit it.

    A server of the user's own gets the user's own key or password, never the workspace's.
    """
    kept = environment.run_variables(os.environ) | _paths(workspace) | {"DO_NOT_TRACK": "1"}
    kept |= {"TMPDIR": str(_temporary_folder(workspace))}
    if own_address():
        return kept
    kept = {name: value for name, value in kept.items() if name not in _OF_ANOTHER}
    return kept | environment.past_proxies() | _client_settings(password(workspace), api)


def shell_exports(workspace: Workspace, api: str | None = None) -> str:
    """Return shell lines for terminals in which the server and the schedules are started by hand.

    `api`: where the server is; else where `prefect server start` starts it.
    """
    api = api or f"http://127.0.0.1:{os.environ.get('PREFECT_SERVER_API_PORT') or PORT}/api"
    secret = password(workspace)
    told = _paths(workspace) | _server_settings(secret, api) | _client_settings(secret, api)
    told |= environment.past_proxies()
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in told.items())


def without_password(address: str) -> str:
    """Return a URL without the user's name and password that it may hold."""
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
        counted = f"{without_password(address).rstrip('/')}/deployments/count"
        asked = urllib.request.Request(counted, b"{}", {"Content-Type": "application/json"})
        trusted = ssl.create_default_context(cafile=os.environ.get("PREFECT_API_SSL_CERT_FILE") or None)
        opener = urllib.request.build_opener(
            _StayHere, urllib.request.HTTPSHandler(context=trusted),
            *([urllib.request.ProxyHandler({})] if is_loopback(url.hostname) else []),
        )  # fmt: skip
        with opener.open(asked, timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except urllib.error.URLError as error:
        raise OSError(str(error.reason)) from error
    except HTTPException as error:  # an answer that is no HTTP, or an address that cannot be written as HTTP
        raise OSError(f"{type(error).__name__}: {error}") from error


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *told: Any) -> None:
        return None


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
        "PREFECT_SERVER_UI_API_URL": "/api",  # of the same origin, also by localhost or through a tunnel
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": origin,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": origin,  # its older name, which Prefect reads too
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def _client_settings(secret: str, api: str) -> dict[str, str]:
    return {"PREFECT_API_URL": api, "PREFECT_API_AUTH_STRING": secret, "DO_NOT_TRACK": "1"}


def _make(file: Path) -> None:
    """Write a new password; if another process is just making one, wait for that and keep it."""
    with _locked(file):
        if not file.exists():
            _write_new(file)


def _locked(file: Path) -> FileLock:
    return FileLock(file.with_suffix(".lock"), mode=FILE_MODE)


def _write_new(file: Path) -> None:
    write_private(file, f"{USER}:{secrets.token_urlsafe(32)}\n".encode("ascii"))
