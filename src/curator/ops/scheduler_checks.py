"""Checks of `curator doctor` that concern Prefect: the installed packages, and a server of the user's."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from curator.loopback import is_loopback
from curator.ops import scheduler
from curator.ops.findings import Finding

_PACKAGES = ("prefect", "fastapi", "sqlalchemy", "arxiv", "openai", "pymupdf", "duckdb")
_TOO_NEW_FOR_PREFECT_3_8 = {  # the first version that does not work, and its effect on the server
    "fastapi": ((0, 151), "cannot start"),
    "sqlalchemy": ((2, 1), "starts but never plans a run"),
}


def check_packages() -> Finding:
    """Check that the installed packages work with the installed version of Prefect."""
    installed = {name: importlib.metadata.version(name) for name in _PACKAGES}
    if _release(installed["prefect"]) < (3, 9):
        for name, (first, fails) in _TOO_NEW_FOR_PREFECT_3_8.items():
            if _release(installed[name]) >= first:
                return Finding(
                    "versions", "bad",
                    f"With {name} {installed[name]}, the server of prefect {installed['prefect']} {fails}.",
                    f"pip install '{name}<{'.'.join(map(str, first))}'",
                )  # fmt: skip
    return Finding("versions", "good", ", ".join(f"{name} {version}" for name, version in installed.items()))


def _release(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def check_server(address: str) -> Iterator[Finding]:
    """Check that a Prefect server of the user's asks for a password; send it none.

    Args:
        address: The address of the server's API.
    """
    server = "the server at PREFECT_API_URL"  # the address may contain a password
    try:
        url = urlsplit(address)
        server = f"the server at {url.hostname or 'PREFECT_API_URL'}"
        status = scheduler.status_without_password(address)
    except (OSError, ValueError) as error:
        advice = "Start the server, or correct PREFECT_API_URL. Without the variable, `curator up` starts a server."
        yield Finding("Prefect", "bad", f"{server} cannot be reached: {error}", advice)
        return
    if 200 <= status < 300:
        yield Finding(
            "Prefect", "bad",
            f"{server} does not ask for a password: anyone who can reach it can run commands as its users.",
            "Set PREFECT_SERVER_API_AUTH_STRING for the server and PREFECT_API_AUTH_STRING here. Or unset "
            "PREFECT_API_URL; `curator up` then starts a server with a password.",
        )  # fmt: skip
    elif status not in (401, 403):
        yield Finding(
            "Prefect", "look",
            f"{server} answers HTTP {status}, so Curator cannot tell whether it asks for a password.",
            "Check PREFECT_API_URL. It is the address of the API, which usually ends in /api, without a redirect.",
        )  # fmt: skip
    elif not (os.environ.get("PREFECT_API_AUTH_STRING") or os.environ.get("PREFECT_API_KEY")):
        yield Finding("Prefect", "good", f"{server} asks for a password")
        advice = "Set PREFECT_API_AUTH_STRING or PREFECT_API_KEY; without it, no scheduled run starts."
        yield Finding("Prefect password", "look", "none is set", advice)
    else:
        yield Finding("Prefect", "good", f"{server} asks for a password (one is set; not shown)")
        if url.scheme == "http" and not is_loopback(url.hostname or ""):
            advice = "Use an https address or a tunnel."
            yield Finding("Prefect password", "look", "it is sent over the network without encryption", advice)
