"""Access to the review page: the entry token, or a ticket that works once, is exchanged for a session.

A session is a random cookie. The server stores its hash, the time of its last use and the local account that opened it
in a file beside the warehouse. So sessions survive restarts, and `curator review --revoke` ends them while the page is
being served.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock

from curator.errors import SettingsError
from curator.private_files import FILE_MODE, make_private_folder, write_private
from curator.review.web.accounts import GONE
from curator.review.web.secrets import BYTES, load_secrets, renew_entry

FILE = "review.sessions.json"
MAX_IDLE = 30 * 24 * 3600
"""Seconds after its last use at which a session ends."""
USE_PRECISION = 24 * 3600
"""Seconds between two records of a session's last use, so that not every request writes a file."""
MAX_SESSIONS = 1000
"""With more sessions, the one that has not been used for the longest time ends."""
TICKET_LIFETIME = 600
"""Seconds for which a ticket works: enough for a browser that has yet to start."""
MAX_TICKETS = 100

_COOKIE = re.compile(r"[A-Za-z0-9_-]{20,100}")


@dataclass(frozen=True)
class Session:
    """The session of a browser."""

    id: str  # the hash of its cookie
    used: float  # time of the last use, in seconds since 1970
    account: int | None  # the local account that opened it; None if unknown or on another machine


@dataclass(frozen=True)
class _Ticket:
    ends: float  # seconds since 1970
    entry_hash: str  # of the entry token when the ticket was created; replacing that token ends the ticket


class Access:
    """The sessions and tickets of one list's review page. Thread-safe; several processes may share the folder.

    Args:
        folder: Holds the files of the secrets and the sessions.
        clock: Returns the current time in seconds since 1970.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._file = folder / FILE
        self._clock = clock
        self._lock = threading.Lock()
        self._tickets: dict[str, _Ticket] = {}
        self._sessions: dict[str, Session] = {}
        self._version: tuple[int, int, int] | None = None  # of the file that `_sessions` was read from

    def create_ticket(self) -> str:
        """Return a token that opens one session within `TICKET_LIFETIME` seconds, while this process runs.

        Raises:
            SettingsError: The secrets cannot be read.
        """
        token = secrets.token_urlsafe(BYTES)
        ticket = _Ticket(self._clock() + TICKET_LIFETIME, _hash(load_secrets(self._folder).entry))
        with self._lock:
            while len(self._tickets) >= MAX_TICKETS:
                del self._tickets[next(iter(self._tickets))]
            self._tickets[_hash(token)] = ticket
        return token

    def accept_token(self, token: str) -> bool:
        """Return whether a token is a valid ticket, which is used up by this call, or the entry token.

        Raises:
            SettingsError: The secrets cannot be read.
        """
        with self._lock:
            ticket = self._tickets.pop(_hash(token), None)
        current = load_secrets(self._folder)  # another process may have replaced the entry token
        if ticket is not None:
            return ticket.ends > self._clock() and ticket.entry_hash == _hash(current.entry)
        return current.is_entry_token(token)

    def open_session(self, account: int | None) -> str:
        """Open a session and return its cookie, which is not stored.

        Args:
            account: The local account that opens it, as `account_of` returns it.

        Raises:
            SettingsError: The session cannot be stored.
        """
        cookie = secrets.token_urlsafe(BYTES)
        session = Session(_hash(cookie), self._clock(), account)

        def add(sessions: dict[str, Session]) -> None:
            sessions[session.id] = session
            for oldest in sorted(sessions.values(), key=lambda other: other.used)[:-MAX_SESSIONS]:
                del sessions[oldest.id]

        self._change(add)
        return cookie

    def find_session(self, cookie: str, account: int | None) -> Session | None:
        """Return the session with this cookie; None if there is none that the client may use.

        A session that one local account has opened is closed to all others, so a stolen cookie is worthless to them. A
        client that has closed its socket may use no session.

        Raises:
            SettingsError: The sessions cannot be read.
        """
        if account == GONE or not _COOKIE.fullmatch(cookie):
            return None
        session = self._current().get(_hash(cookie))
        if session is None or session.account not in (None, account) or self._clock() - session.used > MAX_IDLE:
            return None
        return session

    def record_use(self, session: Session) -> bool:
        """Store that a session is in use, once a day; return whether it was stored now, so that the cookie is renewed.

        A use that cannot be stored is ignored; the next one tries again.
        """
        now = self._clock()
        if now - session.used < USE_PRECISION:
            return False

        def update(sessions: dict[str, Session]) -> None:
            if session.id in sessions:
                sessions[session.id] = replace(session, used=now)

        with suppress(SettingsError):
            self._change(update)
        return True

    def revoke(self) -> int:
        """End all sessions, replace the entry token, and return the number of sessions that ended.

        Raises:
            SettingsError: The secrets or the sessions cannot be written.
        """
        renew_entry(self._folder)
        ended = 0

        def end(sessions: dict[str, Session]) -> None:
            nonlocal ended
            ended = len(sessions)
            sessions.clear()

        self._change(end)
        with self._lock:
            self._tickets.clear()
        return ended

    def _current(self) -> dict[str, Session]:
        """Return the sessions in the file, which is read again after another process has changed it."""
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise SettingsError(f"{self._file} cannot be read: {error}.") from error
        version = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        with self._lock:
            if version != self._version:
                self._sessions, self._version = self._read(), version
            return self._sessions

    def _read(self) -> dict[str, Session]:
        """Read the file. Damaged sessions end; their browsers need the entry token again."""
        sessions: dict[str, Session] = {}
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            for id, values in json.loads(self._file.read_text(encoding="ascii")).items():
                account = values["account"] if isinstance(values["account"], int) else None
                sessions[id] = Session(str(id), float(values["used"]), account)
        return sessions

    def _change(self, change: Callable[[dict[str, Session]], None]) -> None:
        try:
            make_private_folder(self._folder)
            with FileLock(self._folder / f"{FILE}.lock", mode=FILE_MODE):
                now = self._clock()
                sessions = {id: session for id, session in self._read().items() if now - session.used <= MAX_IDLE}
                change(sessions)
                values = {id: {"used": session.used, "account": session.account} for id, session in sessions.items()}
                write_private(self._file, json.dumps(values).encode("ascii"))
        except OSError as error:
            raise SettingsError(f"{self._file} cannot be written: {error}.") from error


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
