"""The page's own secrets: what proves that a form is ours, and that who asks may enter.

They are kept in a file beside the warehouse, so that a page that stood open over a restart still works.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from curator.errors import SettingsError

FILE = "review.secrets.json"
BYTES = 32  # of each secret: 256 bits


@dataclass(frozen=True)
class Secrets:
    forms: str  # the key that form tokens are made with
    entry: str  # what a browser shows to enter a page that others on the network can reach

    @property
    def list_id(self) -> str:
        """Tells this list's page from those of others that a browser has seen at the same address. No secret."""
        return hashlib.sha256(b"list " + self.forms.encode()).hexdigest()[:12]

    def form_token(self, session: str) -> str:
        """What a form of this browser session carries; nobody makes one without the key."""
        return hmac.new(self.forms.encode(), session.encode(), hashlib.sha256).hexdigest()

    def is_form_token(self, session: str, token: str) -> bool:
        return bool(session) and hmac.compare_digest(self.form_token(session).encode(), token.encode())

    def opens(self, token: str) -> bool:
        return hmac.compare_digest(self.entry.encode(), token.encode())


def secrets_in(folder: Path) -> Secrets:
    """The secrets kept in this folder; made where there are none. Raises SettingsError where they cannot be kept."""
    file = folder / FILE
    try:
        kept = json.loads(file.read_text(encoding="ascii"))
        if len(kept["forms"]) >= BYTES and len(kept["entry"]) >= BYTES:
            return Secrets(kept["forms"], kept["entry"])
    except FileNotFoundError:
        pass
    except (ValueError, KeyError, TypeError):
        pass  # damaged: new ones are as good, but for pages that stand open
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error}.") from error
    made = Secrets(secrets.token_urlsafe(BYTES), secrets.token_urlsafe(BYTES))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=FILE)  # readable by its owner alone
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            json.dump(vars(made), stream)
        Path(name).replace(file)
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error}.") from error
    return made
