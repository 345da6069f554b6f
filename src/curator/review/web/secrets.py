"""The secrets of the review page: the key of its form tokens, its entry token, and its random host name.

They are stored in a file beside the warehouse, so that a page that is open in a browser still works after a restart.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from curator.errors import SettingsError
from curator.private_files import FILE_MODE, make_private_folder, write_private

FILE = "review.secrets.json"
BYTES = 32
"""Bytes of each secret: 256 bits."""
NAME_BYTES = 10
"""Bytes of the random part of the page's host name: 80 bits, and a label of 28 characters (RFC 1035 allows 63)."""


@dataclass(frozen=True)
class Secrets:
    """The secrets of one list's review page."""

    forms: str  # the key of the form tokens
    entry: str  # the token with which a browser opens a session
    name: str  # a random label, known only to browsers that have a session

    @property
    def list_id(self) -> str:
        """A public id of this list. It separates the cookies and stored edits of lists served at the same address."""
        return hashlib.sha256(b"list " + self.forms.encode()).hexdigest()[:12]

    @property
    def host(self) -> str:
        """The host name of the page on this machine.

        Browsers send a host's cookies to every port of that host. Under a random name, a server on another loopback
        port does not get this page's cookies. RFC 6761, section 6.3, resolves every name below `localhost` to loopback.
        """
        return f"{self.name}.localhost"

    def form_token(self, session: str) -> str:
        """Return the token that the forms of a session carry. It cannot be computed without the key."""
        return hmac.new(self.forms.encode(), session.encode(), hashlib.sha256).hexdigest()

    def is_form_token(self, session: str, token: str) -> bool:
        """Return whether this is the form token of a session, in a time that does not depend on the token."""
        return bool(session) and hmac.compare_digest(self.form_token(session).encode(), token.encode())

    def is_entry_token(self, token: str) -> bool:
        """Return whether this is the entry token, in a time that does not depend on the token."""
        return hmac.compare_digest(self.entry.encode(), token.encode())


def load_secrets(folder: Path) -> Secrets:
    """Return the secrets stored in a folder; missing or damaged ones are created.

    Raises:
        SettingsError: The secrets cannot be read or written.
    """
    stored = _read(folder / FILE)
    return stored if stored is not None else _change(folder, {})


def renew_entry(folder: Path) -> Secrets:
    """Replace the entry token. The other secrets stay, because open pages and unsent decisions depend on them.

    Raises:
        SettingsError: The secrets cannot be read or written.
    """
    return _change(folder, {"entry": secrets.token_urlsafe(BYTES)})


def _change(folder: Path, changes: Mapping[str, str]) -> Secrets:
    file = folder / FILE
    try:
        make_private_folder(folder)
        with FileLock(folder / f"{FILE}.lock", mode=FILE_MODE):
            stored = _read(file)  # another process may have created them meanwhile
            if stored is not None and not changes:
                return stored
            changed = replace(stored or _create(_load_object(file)), **changes)
            write_private(file, json.dumps(asdict(changed)).encode("ascii"))
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error}.") from error
    return changed


def _read(file: Path) -> Secrets | None:
    """Return the secrets in a file; None if one is missing or damaged."""
    values = _load_object(file)
    with suppress(KeyError, TypeError):
        stored = Secrets(str(values["forms"]), str(values["entry"]), str(values["name"]))
        if min(len(stored.forms), len(stored.entry)) >= BYTES and stored.name:
            return stored
    return None


def _create(stored: Mapping[str, Any]) -> Secrets:
    """Create secrets, but keep those that a file of an earlier version has."""
    forms, entry = (
        value if isinstance(value := stored.get(name), str) and len(value) >= BYTES else secrets.token_urlsafe(BYTES)
        for name in ("forms", "entry")
    )
    return Secrets(forms, entry, f"curator-{secrets.token_hex(NAME_BYTES)}")


def _load_object(file: Path) -> Mapping[str, Any]:
    """Return the JSON object in a file; an empty one if the file is missing or damaged.

    New secrets replace damaged ones; only pages that are open in a browser have to be loaded again.
    """
    try:
        values = json.loads(file.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return {}
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error}.") from error
    return values if isinstance(values, dict) else {}
