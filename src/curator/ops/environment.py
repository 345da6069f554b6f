"""Which variables of the shell's environment each process that works unattended gets, and no others.

A shell often holds keys that have nothing to do with the list (of cloud providers, of code hosts). A scheduled run
reads strangers' papers, so it gets what it needs by name.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping

from curator.sanitize import word_set

# What a program needs to run at all, in upper case: on Linux, on macOS, on Windows.
_SYSTEM = word_set(
    "PATH HOME USER LOGNAME TERM NO_COLOR DO_NOT_TRACK TMPDIR TEMP TMP LANG LANGUAGE TZ TZDIR VIRTUAL_ENV "
    "LD_LIBRARY_PATH PYTHONPATH PYTHONHOME PYTHONUNBUFFERED PYTHONUTF8 PYTHONIOENCODING PYTHONHASHSEED PYTHONWARNINGS "
    "PYTHONDEVMODE PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX PYTHONNOUSERSITE PYTHONUSERBASE PYTHONSAFEPATH "
    "PYTHONFAULTHANDLER XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR "
    "DYLD_LIBRARY_PATH DYLD_FALLBACK_LIBRARY_PATH __CF_USER_TEXT_ENCODING "
    "SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERPROFILE USERNAME APPDATA LOCALAPPDATA PROGRAMDATA HOMEDRIVE "
    "HOMEPATH NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE"
)
# What a program needs to reach arXiv, a model, a service for messages.
_NETWORK = word_set(
    "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY "
    "SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NIX_SSL_CERT_FILE"
)
_SERVER_PREFIXES = ("PREFECT_SERVER_", "PREFECT_API_DATABASE_")  # may hold a database's password
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def server_variables(shell: Mapping[str, str]) -> dict[str, str]:
    """Return what a Prefect server needs: neither keys nor proxies, since it calls nobody."""
    return {name: value for name, value in shell.items() if _is_system(name) or name.startswith("PREFECT_")}


def run_variables(shell: Mapping[str, str]) -> dict[str, str]:
    """Return what the schedules and their runs need."""
    prefixes = ("OPENAI_", "CURATOR_", "PREFECT_")
    return {
        name: value
        for name, value in shell.items()
        if _is_system(name)
        or name.upper() in _NETWORK
        or (name.startswith(prefixes) and not name.startswith(_SERVER_PREFIXES))
    }


def review_variables(shell: Mapping[str, str]) -> dict[str, str]:
    """Return what the review page needs. It works offline and sends no messages."""
    return {
        name: value
        for name, value in shell.items()
        if _is_system(name) or (name.startswith("CURATOR_") and name != "CURATOR_NOTIFY_TO")
    }


def past_proxies() -> dict[str, str]:
    """Return the variables that keep calls to this machine away from proxies; none if no proxy is set.

    Without them a client sends the password of a server on this machine to HTTP_PROXY.
    """
    proxies = urllib.request.getproxies()  # the environment's or, on macOS and Windows, the system's
    used = {f"{scheme}_proxy": proxies[scheme] for scheme in ("http", "https", "all") if scheme in proxies}
    direct = [place.strip() for place in proxies.get("no", "").split(",") if place.strip()]
    if not used or "*" in direct:
        return {}
    direct += [place for place in _LOOPBACK if place not in direct]
    # once NO_PROXY is set, the system's proxies are not looked up any more, so they are set with it
    return used | dict.fromkeys(("no_proxy", "NO_PROXY"), ",".join(direct))


def _is_system(name: str) -> bool:
    return name.upper() in _SYSTEM or name.startswith("LC_")
