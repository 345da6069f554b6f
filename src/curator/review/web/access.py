"""Which browsers are let in: by the entry token or a one-use ticket, which are changed for a session.

A session is a random cookie. The server keeps its hash, when it was last used, and the local account that opened it, in
a file beside the warehouse: sessions survive restarts, and `curator review --revoke` ends them while the page runs.
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
IDLE = 30 * 24 * 3600  # seconds after its last use at which a session ends
NOTED_EVERY = 24 * 3600  # seconds: how exactly the last use is kept
MOST_SESSIONS = 1000  # the longest unused ends first
TICKET_LASTS = 600  # seconds: a browser may have to be started first
MOST_TICKETS = 100

_COOKIE = re.compile(r"[A-Za-z0-9_-]{20,100}")


@dataclass(frozen=True)
class Session:
    """A browser that was let in."""

    id: str  # the hash of its cookie
    used: float  # seconds since 1970
    account: int | None  # the local account that opened it; None: not known, or on another machine


@dataclass(frozen=True)
class _Ticket:
    ends: float  # seconds since 1970
    entry: str  # the hash of the entry token under which it was made: replacing that token ends it


class Access:
    """Lets browsers in, and knows those that were let in. Thread-safe; several processes may share the folder.

    Args:
        folder: The folder of the secrets and of the sessions.
        clock: The present time in seconds since 1970.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._file = folder / FILE
        self._clock = clock
        self._lock = threading.Lock()
        self._tickets: dict[str, _Ticket] = {}
        self._sessions: dict[str, Session] = {}
        self._version: tuple[int, int, int] | None = None  # of the file that `_sessions` was read from

    def ticket(self) -> str:
        """Return a token that lets one browser in, once, within `TICKET_LASTS` seconds, while this process runs.

        Raises:
            SettingsError: The secrets cannot be read.
        """
        made = secrets.token_urlsafe(BYTES)
        kept = _Ticket(self._clock() + TICKET_LASTS, _hash(load_secrets(self._folder).entry))
        with self._lock:
            while len(self._tickets) >= MOST_TICKETS:
                del self._tickets[next(iter(self._tickets))]
            self._tickets[_hash(made)] = kept
        return made

    def opens(self, token: str) -> bool:
        """Whether `token` lets a browser in; a ticket is used up by that.

        Raises:
            SettingsError: The secrets cannot be read.
        """
        with self._lock:
            ticket = self._tickets.pop(_hash(token), None)
        kept = load_secrets(self._folder)  # another process may have replaced the entry token
        if ticket is not None:
            return ticket.ends > self._clock() and ticket.entry == _hash(kept.entry)
        return kept.opens(token)

    def open_session(self, account: int | None) -> str:
        """Open a session and return its cookie, which is kept nowhere.

        Raises:
            SettingsError: The session cannot be kept.
        """
        cookie = secrets.token_urlsafe(BYTES)
        made = Session(_hash(cookie), self._clock(), account)

        def add(sessions: dict[str, Session]) -> None:
            sessions[made.id] = made
            for one in sorted(sessions.values(), key=lambda each: each.used)[:-MOST_SESSIONS]:
                del sessions[one.id]

        self._change(add)
        return cookie

    def find(self, cookie: str, account: int | None) -> Session | None:
        """Return the session of this cookie, or None.

        Another local account cannot use a session that one account opened: a cookie that it came by is worthless. A
        client that has closed its socket uses no session.

        Raises:
            SettingsError: The sessions cannot be read.
        """
        if account == GONE or not _COOKIE.fullmatch(cookie):
            return None
        found = self._current().get(_hash(cookie))
        if found is None or found.account not in (None, account) or self._clock() - found.used > IDLE:
            return None
        return found

    def note_use(self, session: Session) -> bool:
        """Keep that a session was used, once a day. Returns whether that was due, so that its cookie is renewed too."""
        now = self._clock()
        if now - session.used < NOTED_EVERY:
            return False

        def note(sessions: dict[str, Session]) -> None:
            if session.id in sessions:
                sessions[session.id] = replace(session, used=now)

        with suppress(SettingsError):  # the next use tries again
            self._change(note)
        return True

    def revoke(self) -> int:
        """End all sessions and replace the entry token. Returns the number of sessions that ended.

        Raises:
            SettingsError: The secrets or the sessions cannot be kept.
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
        """The sessions as the file has them; it is read again when another process has changed it."""
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
        """Read the file. What is damaged in it ends: its browsers are let in again by the token."""
        found: dict[str, Session] = {}
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            for id, told in json.loads(self._file.read_text(encoding="ascii")).items():
                account = told["account"] if isinstance(told["account"], int) else None
                found[id] = Session(str(id), float(told["used"]), account)
        return found

    def _change(self, change: Callable[[dict[str, Session]], None]) -> None:
        try:
            make_private_folder(self._folder)
            with FileLock(self._folder / f"{FILE}.lock", mode=FILE_MODE):
                now = self._clock()
                sessions = {id: one for id, one in self._read().items() if now - one.used <= IDLE}
                change(sessions)
                told = {id: {"used": one.used, "account": one.account} for id, one in sessions.items()}
                write_private(self._file, json.dumps(told).encode("ascii"))
        except OSError as error:
            raise SettingsError(f"{self._file} cannot be written: {error}.") from error


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
