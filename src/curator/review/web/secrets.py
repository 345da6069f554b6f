"""The page's own secrets: the key of its forms, the token that lets a browser in, and the name it answers under.

They are kept in a file beside the warehouse, so that a page that is open during a restart still works.
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
BYTES = 32  # of each secret: 256 bits
NAME_BYTES = 10  # of the random part of the page's name


@dataclass(frozen=True)
class Secrets:
    forms: str  # the key that form tokens are made with
    entry: str  # the token that a browser shows once, to be let in
    name: str  # random, and known to nobody who was not let in

    @property
    def list_id(self) -> str:
        """Tells this list's page from those of others that a browser has seen at the same address. No secret."""
        return hashlib.sha256(b"list " + self.forms.encode()).hexdigest()[:12]

    @property
    def host(self) -> str:
        """The host name of the page on this machine.

        Browsers send a host's cookies to every port of that host. Under a random name, a server on another loopback
        port does not get this page's cookies. RFC 6761, section 6.3, resolves every name below `localhost` to loopback.
        """
        return f"{self.name}.localhost"

    def form_token(self, session: str) -> str:
        """Return the token that a form of this session carries; it cannot be made without the key."""
        return hmac.new(self.forms.encode(), session.encode(), hashlib.sha256).hexdigest()

    def is_form_token(self, session: str, token: str) -> bool:
        return bool(session) and hmac.compare_digest(self.form_token(session).encode(), token.encode())

    def opens(self, token: str) -> bool:
        return hmac.compare_digest(self.entry.encode(), token.encode())


def load_secrets(folder: Path) -> Secrets:
    """Return the secrets kept in `folder`; missing or damaged ones are made.

    Raises:
        SettingsError: They cannot be read or kept.
    """
    found = _read(folder / FILE)
    return found if found is not None else _change(folder, {})


def renew_entry(folder: Path) -> Secrets:
    """Replace the entry token. The other secrets stay: open pages and unsent decisions depend on them.

    Raises:
        SettingsError: The secrets cannot be read or kept.
    """
    return _change(folder, {"entry": secrets.token_urlsafe(BYTES)})


def _change(folder: Path, changes: Mapping[str, str]) -> Secrets:
    file = folder / FILE
    try:
        make_private_folder(folder)
        with FileLock(folder / f"{FILE}.lock", mode=FILE_MODE):
            found = _read(file)  # another process may have made them meanwhile
            if found is not None and not changes:
                return found
            made = replace(found or _made(_kept(file)), **changes)
            write_private(file, json.dumps(asdict(made)).encode("ascii"))
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error}.") from error
    return made


def _read(file: Path) -> Secrets | None:
    """Return the secrets in `file`, or None if one is missing or damaged."""
    kept = _kept(file)
    with suppress(KeyError, TypeError):
        found = Secrets(str(kept["forms"]), str(kept["entry"]), str(kept["name"]))
        if min(len(found.forms), len(found.entry)) >= BYTES and found.name:
            return found
    return None


def _made(kept: Mapping[str, Any]) -> Secrets:
    """Make secrets; those of an earlier version's file stay."""
    forms, entry = (
        value if isinstance(value := kept.get(name), str) and len(value) >= BYTES else secrets.token_urlsafe(BYTES)
        for name in ("forms", "entry")
    )
    return Secrets(forms, entry, f"curator-{secrets.token_hex(NAME_BYTES)}")


def _kept(file: Path) -> Mapping[str, Any]:
    try:
        kept = json.loads(file.read_text(encoding="ascii"))
    except FileNotFoundError:
        return {}
    except ValueError:
        return {}  # damaged: new secrets are as good, except for pages that are open
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error}.") from error
    return kept if isinstance(kept, dict) else {}
