"""The gate to arXiv: one request at a time, and so far apart, over all processes and users of this machine.

arXiv's terms of use allow one connection and one request every three seconds *together* for everything that a
person runs, so the time of the last request lives in a small file that all processes lock. Its first two numbers
are wall-clock seconds: when a request was last on the wire, and before when nobody may ask again (a cool-down that
arXiv imposed on one process holds for all of them). A second line stands there once arXiv has turned this machine
away (HTTP 403), and when: nobody asks again before a person says `curator go-on`.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from filelock import lock_descriptor, unlock_descriptor

from curator.errors import ArxivRefused, ArxivUnavailable, SettingsError
from curator.loopback import is_loopback
from curator.private_files import owner_of

ARXIV_INTERVAL = 3.0
"""Seconds between two requests; arXiv's terms of use of its API (info.arxiv.org/help/api/tou.html)."""

MAX_COOL_DOWN = 900.0
"""Seconds. A longer cool-down is not believed: it is rubbish in the file, or the clock was set back."""

PATIENCE = 1800.0
"""Seconds that a process waits for its turn while others hold the gate."""

OnWait = Callable[[str, float], None]

AFTER_REFUSAL = (
    "going on counts as an attack. Wait a day, make sure that nothing else on your network harvests arXiv, then say "
    "`curator go-on`; if it happens again, write to arXiv (info.arxiv.org/help/contact.html)"
)
"""What to do after a 403."""

_POLL = 0.02
_REPORT_AFTER = 5.0
_RECORD = re.compile(rb"([0-9.]{1,32}) ([0-9.]{1,32})\n")
_REFUSAL = re.compile(rb"refused ([0-9]{1,12})\n")
_FIRST_LINE = 42  # bytes
_LAST_MOMENT = 253402300799  # seconds since 1970, at the end of the year 9999: the last that `datetime` can name
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_thread_locks: dict[Path, threading.Lock] = {}
_thread_locks_guard = threading.Lock()


def is_arxiv(host: str) -> bool:
    return host == "arxiv.org" or host.endswith(".arxiv.org")


def gate_file(url: str) -> Path:
    """The lock file for the server of `url`: one for all arXiv hosts, else one for each host and port.

    It lies in /var/tmp wherever there is one: that outlives a restart of the machine, and TMPDIR often differs
    between users, jobs and services.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    server = f"{'loopback' if is_loopback(host) else host}-{port}"
    name = "arxiv.org" if is_arxiv(host) else server
    safe = re.sub(r"[^a-z0-9.-]", "_", name)[:100]
    shared = [Path(place) for place in ("/var/tmp", "/tmp") if sys.platform != "win32" and os.access(place, os.W_OK)]
    return (shared or [Path(tempfile.gettempdir())])[0] / f"curator-gate-{safe}.lock"


class Slot:
    """What the holder of the gate may do: say that a request was just on the wire, or impose a cool-down."""

    def __init__(self, file: int, not_before: float) -> None:
        self._file = file
        self._not_before = not_before

    def stamp(self) -> None:
        """Count the interval to the next request from now."""
        _write(self._file, time.time(), self._not_before)

    def cool_down(self, seconds: float) -> None:
        """Let nobody on this machine ask for `seconds` (at most COOL_DOWN_LIMIT)."""
        now = time.time()
        self._not_before = max(self._not_before, now + min(seconds, MAX_COOL_DOWN))
        _write(self._file, now, self._not_before)

    def refused(self) -> None:
        """Let nobody on this machine ask again until somebody says so."""
        self.stamp()
        os.ftruncate(self._file, _FIRST_LINE)
        os.lseek(self._file, 0, os.SEEK_END)
        os.write(self._file, f"refused {time.time():.0f}\n".encode())


class RateLimiter:
    """The gate of one server. `interval` is in seconds; `on_wait(why, seconds)` hears of waits beyond it."""

    def __init__(self, path: Path, interval: float, on_wait: OnWait | None = None) -> None:
        self.path = path
        self.interval = interval
        self._on_wait = on_wait or (lambda why, seconds: None)
        with _thread_locks_guard:
            self._threads = _thread_locks.setdefault(path, threading.Lock())

    @contextlib.contextmanager
    def turn(self) -> Iterator[Slot]:
        """Wait for our turn and hold it. Cool-downs are slept through without holding the gate.

        Raises ArxivRefused where arXiv has turned this machine away, ArxivUnavailable when others hold the gate for
        longer than PATIENCE, SettingsError when the lock file cannot be used.
        """
        while True:
            with self._locked() as file:
                if moment := _refused_at(file):
                    raise ArxivRefused(_refusal(moment, self.source()))
                now = time.time()
                last, not_before = _read(file, now)
                cool = not_before - now
                if cool <= 0:
                    # a time in the future means that the clock was set back: one interval is always enough
                    time.sleep(max(0.0, min(last + self.interval - now, self.interval)))
                    turn = Slot(file, 0.0)
                    turn.stamp()
                    yield turn
                    return
                if cool > MAX_COOL_DOWN:
                    cool = MAX_COOL_DOWN
                    _write(file, min(last, now), now + cool)
            self._on_wait(f"arXiv asked this machine to wait, {self.source()}", cool)
            time.sleep(cool)

    def refused_at(self) -> datetime | None:
        """When arXiv turned this machine away, where nobody has said since that it may be asked again."""
        with self._locked() as file:
            return _refused_at(file)

    def go_on(self) -> None:
        """Somebody says that arXiv may be asked again."""
        with self._locked() as file:
            if _refused_at(file):
                os.ftruncate(file, _FIRST_LINE)

    def source(self) -> str:
        """Name the lock file and its owner, for messages that rest on it: any user of the machine can forge it."""
        return f"as {self.path} says (a file of {_owner(self.path)}, which every user of this machine can write)"

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        deadline = time.monotonic() + PATIENCE
        if not self._threads.acquire(timeout=_REPORT_AFTER):
            self._on_wait("another download of this process is under way", 0.0)
            if not self._threads.acquire(timeout=PATIENCE - _REPORT_AFTER):
                raise ArxivUnavailable(self._too_long())
        try:
            file = self._lock_file(deadline)
            try:
                yield file
            finally:
                unlock_descriptor(file)
                os.close(file)
        finally:
            self._threads.release()

    def _lock_file(self, deadline: float) -> int:
        reported = False
        report_at = time.monotonic() + _REPORT_AFTER
        while True:
            file = _open(self.path)
            try:
                if time.monotonic() > deadline:
                    raise ArxivUnavailable(self._too_long())
                while not lock_descriptor(file, blocking=False):
                    if time.monotonic() > deadline:
                        raise ArxivUnavailable(self._too_long())
                    if not reported and time.monotonic() > report_at:
                        reported = True
                        self._on_wait("another process on this machine is asking arXiv", 0.0)
                    time.sleep(_POLL)
                if _is_still_there(file, self.path):
                    return file
                time.sleep(_POLL)
            except BaseException:
                os.close(file)
                raise
            os.close(file)

    def _too_long(self) -> str:
        return (
            f"Other downloads on this machine have held the turn to ask arXiv for {PATIENCE / 60:.0f} minutes "
            f"({self.path}, a file of {_owner(self.path)}, which every user of this machine can lock). "
            "The next run will make this up."
        )


def _open(path: Path) -> int:
    """Open the lock file, made on first use. Never through a link, nor anything but a file, which others may have laid.

    O_CREAT on an existing file of somebody else in /tmp is refused by Linux (fs.protected_regular), so opening and
    making are two steps. filelock.FileLock itself refuses a file that another user made.
    """
    plain = os.O_RDWR
    for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):  # O_NONBLOCK: a FIFO would block us
        plain |= getattr(os, flag, 0)
    problem: OSError | None = None
    for _ in range(50):
        try:
            return _checked(os.open(path, plain), path)
        except FileNotFoundError:
            pass
        except PermissionError as error:  # for a moment a new file is not open to all yet
            problem = error
            time.sleep(_POLL)
            continue
        except OSError as error:  # a symbolic link, a folder
            problem = error
            break
        try:
            file = os.open(path, plain | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            continue
        except OSError as error:
            problem = error
            break
        if hasattr(os, "fchmod"):
            os.fchmod(file, 0o666)  # whatever the umask says: other users pass the same gate
        return file
    raise _unusable(path, f"cannot be opened ({problem})")


def _checked(file: int, path: Path) -> int:
    """Return `file` if it is a regular file with one name; close it and raise SettingsError if it is not."""
    found = os.fstat(file)
    if stat.S_ISREG(found.st_mode) and found.st_nlink <= 1:
        return file
    os.close(file)
    raise _unusable(path, "is a hard link to a file that has another name too")


def _unusable(path: Path, problem: str) -> SettingsError:
    with contextlib.suppress(OSError):
        kind = stat.S_IFMT(path.lstat().st_mode)
        if kind != stat.S_IFREG:
            problem = f"is {_KINDS.get(kind, 'not a regular file')}"
    return SettingsError(
        f"The lock file {path}, by which all programs on this machine keep arXiv's pace, {problem}. It belongs to "
        f"{_owner(path)}. Remove it, or ask {_owner(path)} or the machine's administrator to; it is made again."
    )


def _owner(path: Path) -> str:
    try:
        return owner_of(path)
    except OSError:
        return "nobody any more"


def _is_still_there(file: int, path: Path) -> bool:
    """Whether the locked file is still the one under this name: somebody may have removed it while we waited."""
    try:
        return os.path.samestat(os.fstat(file), path.lstat())
    except FileNotFoundError:
        return False


def _read(file: int, now: float) -> tuple[float, float]:
    """The last request's time and the end of the cool-down; rubbish counts as a request just made."""
    os.lseek(file, 0, os.SEEK_SET)
    content = os.read(file, 100)
    if not content:
        return 0.0, 0.0
    found = _RECORD.match(content)
    try:
        numbers = (float(found[1]), float(found[2])) if found else (now, 0.0)
    except ValueError:
        return now, 0.0
    return numbers if all(map(math.isfinite, numbers)) else (now, 0.0)


def _refused_at(file: int) -> datetime | None:
    os.lseek(file, _FIRST_LINE, os.SEEK_SET)
    found = _REFUSAL.match(os.read(file, 100))
    return datetime.fromtimestamp(min(int(found[1]), _LAST_MOMENT), UTC) if found else None


def _refusal(moment: datetime, source: str) -> str:
    return (
        f"arXiv turned this machine away (HTTP 403) on {moment:%Y-%m-%d} at {moment:%H:%M} UTC, {source}; "
        f"so nothing is asked: {AFTER_REFUSAL}."
    )


def _write(file: int, last: float, not_before: float) -> None:
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, f"{last:020.6f} {not_before:020.6f}\n".encode())
