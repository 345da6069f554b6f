"""The environment variables that each unattended process gets from the shell; all others are withheld.

A shell often holds keys that have nothing to do with the list, such as those of cloud providers and code hosts. A
scheduled run reads strangers' papers, so it gets only the variables that are named here.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping

# Variables that any program needs on Linux, macOS or Windows, in upper case.
_SYSTEM = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "TERM", "NO_COLOR", "DO_NOT_TRACK", "TMPDIR", "TEMP", "TMP", "LANG",
    "LANGUAGE", "TZ", "TZDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "PYTHONUNBUFFERED",
    "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONHASHSEED", "PYTHONWARNINGS", "PYTHONDEVMODE",
    "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONNOUSERSITE", "PYTHONUSERBASE", "PYTHONSAFEPATH",
    "PYTHONFAULTHANDLER", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
    "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "__CF_USER_TEXT_ENCODING", "SYSTEMROOT", "SYSTEMDRIVE",
    "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "USERNAME", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA",
    "HOMEDRIVE", "HOMEPATH", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
})  # fmt: skip
# Variables with which a program reaches arXiv, a model or a message service.
_NETWORK = frozenset({
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE", "NIX_SSL_CERT_FILE",
})  # fmt: skip
_SERVER_PREFIXES = ("PREFECT_SERVER_", "PREFECT_API_DATABASE_")  # may contain a database's password
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def server_variables(shell: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a Prefect server. It sends no requests, so it gets neither keys nor proxies."""
    return {name: value for name, value in shell.items() if _is_system(name) or name.startswith("PREFECT_")}


def run_variables(shell: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for the schedules and their runs."""
    prefixes = ("OPENAI_", "CURATOR_", "PREFECT_")
    return {
        name: value
        for name, value in shell.items()
        if _is_system(name)
        or name.upper() in _NETWORK
        or (name.startswith(prefixes) and not name.startswith(_SERVER_PREFIXES))
    }


def review_variables(shell: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for the review page, which works offline and sends no messages."""
    return {
        name: value
        for name, value in shell.items()
        if _is_system(name) or (name.startswith("CURATOR_") and name != "CURATOR_NOTIFY_TO")
    }


def proxy_bypass() -> dict[str, str]:
    """Return the variables that exempt this machine from proxies; none if no proxy is set.

    Without them, a client would send the password of a server on this machine through HTTP_PROXY.
    """
    proxies = urllib.request.getproxies()  # of the environment or, on macOS and Windows, of the system
    used = {f"{scheme}_proxy": proxies[scheme] for scheme in ("http", "https", "all") if scheme in proxies}
    direct = [place.strip() for place in proxies.get("no", "").split(",") if place.strip()]
    if not used or "*" in direct:
        return {}
    direct += [place for place in _LOOPBACK if place not in direct]
    # Python ignores the system's proxies once NO_PROXY is set, so the proxies are set along with it
    return used | dict.fromkeys(("no_proxy", "NO_PROXY"), ",".join(direct))


def _is_system(name: str) -> bool:
    return name.upper() in _SYSTEM or name.startswith("LC_")
