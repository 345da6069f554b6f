"""Limit the rate of requests to arXiv: one at a time, at an interval, for all processes and users of this machine.

arXiv's terms of use allow one connection and one request every three seconds *together* for everything that a person
runs. So the state is in a small file that all processes lock, the gate file. Its first line has two numbers, in
wall-clock seconds: the time of the last request, and the time before which no process may send another one (if arXiv
asks one process to pause, all of them pause). A second line records when arXiv refused this machine (HTTP 403); from
then on no request is sent until a person runs `curator resume`.
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
"""Seconds; our own choice. A longer cool-down in the file means a damaged file, or a clock that was set back."""

MAX_QUEUE_SECONDS = 1800.0
"""Seconds that a process waits for its slot while others have it; our own choice, for several large downloads."""

OnWait = Callable[[str, float], None]
"""Receives the reason for a wait, and its length in seconds; 0 if the length is not known."""

AFTER_REFUSAL = (
    "arXiv treats continued requests as an attack. Wait a day, make sure that nothing else on your network harvests "
    "arXiv, then run `curator resume`. If arXiv refuses again, write to arXiv (info.arxiv.org/help/contact.html)"
)
"""Advice for a person after HTTP 403, as the second part of a message."""

_POLL_SECONDS = 0.02
_REPORT_AFTER_SECONDS = 5.0
_RECORD = re.compile(rb"([0-9.]{1,32}) ([0-9.]{1,32})\n")
_REFUSAL = re.compile(rb"refused ([0-9]{1,12})\n")
_FIRST_LINE_BYTES = 42
_MAX_TIMESTAMP = 253402300799  # seconds since 1970: the end of the year 9999, the last that `datetime` can represent
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
    """Return True if a host, in lower case, is one of arXiv's."""
    return host == "arxiv.org" or host.endswith(".arxiv.org")


def gate_file(url: str) -> Path:
    """Return the gate file for the server of `url`: one file for all of arXiv's hosts, otherwise one per host and port.

    The file is in /var/tmp if that exists: /var/tmp outlives a restart of the machine, and TMPDIR often differs between
    users, jobs and services.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    server = f"{'loopback' if is_loopback(host) else host}-{port}"
    name = "arxiv.org" if is_arxiv(host) else server
    safe = re.sub(r"[^a-z0-9.-]", "_", name)[:100]
    shared = [Path(folder) for folder in ("/var/tmp", "/tmp") if sys.platform != "win32" and os.access(folder, os.W_OK)]
    return (shared or [Path(tempfile.gettempdir())])[0] / f"curator-gate-{safe}.lock"


class Slot:
    """The right to send one request, held by one thread of one process at a time."""

    def __init__(self, file: int, not_before: float) -> None:
        self._file = file
        self._not_before = not_before

    def stamp(self) -> None:
        """Record a request, so that the interval to the next one counts from now."""
        _write(self._file, time.time(), self._not_before)

    def cool_down(self, seconds: float) -> None:
        """Stop all requests of this machine for `seconds`, at most MAX_COOL_DOWN."""
        now = time.time()
        self._not_before = max(self._not_before, now + min(seconds, MAX_COOL_DOWN))
        _write(self._file, now, self._not_before)

    def block(self) -> None:
        """Stop all requests of this machine until `RateLimiter.resume`, because arXiv has refused it."""
        self.stamp()
        os.ftruncate(self._file, _FIRST_LINE_BYTES)
        os.lseek(self._file, 0, os.SEEK_END)
        os.write(self._file, f"refused {time.time():.0f}\n".encode())


class RateLimiter:
    """The rate limit for one server.

    Args:
        path: The gate file.
        interval: Seconds between two requests.
        on_wait: Called before a wait beyond the interval.
    """

    def __init__(self, path: Path, interval: float, on_wait: OnWait | None = None) -> None:
        self.path = path
        self.interval = interval
        self._on_wait = on_wait or (lambda why, seconds: None)
        with _thread_locks_guard:
            self._threads = _thread_locks.setdefault(path, threading.Lock())

    @contextlib.contextmanager
    def slot(self) -> Iterator[Slot]:
        """Wait for the slot and hold it. During a cool-down the thread waits without holding it.

        Raises:
            ArxivRefused: arXiv has refused this machine, and `curator resume` has not been run since.
            ArxivUnavailable: Others held the slot for more than MAX_QUEUE_SECONDS.
            SettingsError: The gate file cannot be used.
        """
        while True:
            with self._locked() as file:
                if moment := _refused_at(file):
                    raise ArxivRefused(_refusal(moment, self.source()))
                now = time.time()
                last, not_before = _read(file, now)
                cool = not_before - now
                if cool <= 0:
                    # a time in the future means that the clock was set back, so wait one interval at most
                    time.sleep(max(0.0, min(last + self.interval - now, self.interval)))
                    slot = Slot(file, 0.0)
                    slot.stamp()
                    yield slot
                    return
                if cool > MAX_COOL_DOWN:
                    cool = MAX_COOL_DOWN
                    _write(file, min(last, now), now + cool)
            self._on_wait(f"arXiv asked this machine to wait, {self.source()}", cool)
            time.sleep(cool)

    def refused_at(self) -> datetime | None:
        """Return when arXiv refused this machine; None if it did not, or requests have been resumed since."""
        with self._locked() as file:
            return _refused_at(file)

    def resume(self) -> None:
        """Allow requests again after a refusal, on a person's word."""
        with self._locked() as file:
            if _refused_at(file):
                os.ftruncate(file, _FIRST_LINE_BYTES)

    def source(self) -> str:
        """Name the gate file and its owner, for messages based on it: any user of the machine can forge it."""
        return f"according to {self.path} (a file of {_owner(self.path)}, which every user of this machine can write)"

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        deadline = time.monotonic() + MAX_QUEUE_SECONDS
        if not self._threads.acquire(timeout=_REPORT_AFTER_SECONDS):
            self._on_wait("another download of this process is running", 0.0)
            if not self._threads.acquire(timeout=MAX_QUEUE_SECONDS - _REPORT_AFTER_SECONDS):
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
        report_at = time.monotonic() + _REPORT_AFTER_SECONDS
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
                    time.sleep(_POLL_SECONDS)
                if _is_still_there(file, self.path):
                    return file
                time.sleep(_POLL_SECONDS)
            except BaseException:
                os.close(file)
                raise
            os.close(file)

    def _too_long(self) -> str:
        return (
            f"Other downloads on this machine have kept arXiv busy for {MAX_QUEUE_SECONDS / 60:.0f} minutes "
            f"({self.path}, a file of {_owner(self.path)}, which every user of this machine can lock). "
            "The next run will fetch the missing papers."
        )


def _open(path: Path) -> int:
    """Open the gate file; create it on first use. Refuse a link, or anything else that another user may have put there.

    Linux refuses O_CREAT on another user's file in /tmp (fs.protected_regular), so opening and creating are two steps.
    filelock.FileLock itself refuses a file that another user created.
    """
    plain = os.O_RDWR
    for flag in (
        "O_NOFOLLOW",
        "O_NONBLOCK",
        "O_NOCTTY",
        "O_CLOEXEC",
        "O_BINARY",
    ):  # without O_NONBLOCK, opening a FIFO blocks
        plain |= getattr(os, flag, 0)
    problem: OSError | None = None
    for _ in range(50):
        try:
            return _checked(os.open(path, plain), path)
        except FileNotFoundError:
            pass
        except PermissionError as error:  # a new file is closed to others for a moment
            problem = error
            time.sleep(_POLL_SECONDS)
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
            os.fchmod(file, 0o666)  # despite the umask: other users need the same file
        return file
    raise _unusable(path, f"cannot be opened ({problem})")


def _checked(file: int, path: Path) -> int:
    """Return `file` if it is a regular file with one name; close it and raise SettingsError if it is not."""
    status = os.fstat(file)
    if stat.S_ISREG(status.st_mode) and status.st_nlink <= 1:
        return file
    os.close(file)
    raise _unusable(path, "is a hard link to a file with another name")


def _unusable(path: Path, problem: str) -> SettingsError:
    with contextlib.suppress(OSError):
        kind = stat.S_IFMT(path.lstat().st_mode)
        if kind != stat.S_IFREG:
            problem = f"is {_KINDS.get(kind, 'not a regular file')}"
    return SettingsError(
        f"The lock file {path}, with which all programs on this machine share arXiv's rate limit, {problem}. It "
        f"belongs to {_owner(path)}. Remove it, or ask {_owner(path)} or an administrator to. Curator makes a new one."
    )


def _owner(path: Path) -> str:
    try:
        return owner_of(path)
    except OSError:
        return "an unknown user"


def _is_still_there(file: int, path: Path) -> bool:
    """Return True if the locked file still has this name; it may have been removed during the wait."""
    try:
        return os.path.samestat(os.fstat(file), path.lstat())
    except FileNotFoundError:
        return False


def _read(file: int, now: float) -> tuple[float, float]:
    """Return the time of the last request and the end of the cool-down; invalid content counts as one made now."""
    os.lseek(file, 0, os.SEEK_SET)
    content = os.read(file, 100)
    if not content:
        return 0.0, 0.0
    match = _RECORD.match(content)
    try:
        numbers = (float(match[1]), float(match[2])) if match else (now, 0.0)
    except ValueError:
        return now, 0.0
    return numbers if all(map(math.isfinite, numbers)) else (now, 0.0)


def _refused_at(file: int) -> datetime | None:
    os.lseek(file, _FIRST_LINE_BYTES, os.SEEK_SET)
    match = _REFUSAL.match(os.read(file, 100))
    return datetime.fromtimestamp(min(int(match[1]), _MAX_TIMESTAMP), UTC) if match else None


def _refusal(moment: datetime, source: str) -> str:
    return (
        f"arXiv refused this machine (HTTP 403) on {moment:%Y-%m-%d} at {moment:%H:%M} UTC, {source}, so Curator sends "
        f"no requests: {AFTER_REFUSAL}."
    )


def _write(file: int, last: float, not_before: float) -> None:
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, f"{last:020.6f} {not_before:020.6f}\n".encode())
