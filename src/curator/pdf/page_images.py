"""Page pictures on demand: drawn once in the reading process, then kept on disk, up to a bound."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import threading
from pathlib import Path

from curator.errors import PdfUnavailable
from curator.pdf.reader import Reader
from curator.private_files import make_private_folder

WIDTHS = (800, 1200, 1600, 2400)  # pixels; others are rounded up, so that few pictures of a page are kept
FULL = 0.9  # of what is allowed, to which the oldest are cleared away
_PNG, _END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"


class PageImages:
    """Pictures of PDF pages as PNG. Thread-safe; several processes may share the folder."""

    def __init__(self, reader: Reader, folder: Path, megabytes: int) -> None:
        self._reader = reader
        self._folder = folder
        self._most = megabytes * 1_000_000
        self._lock = threading.Lock()
        self._drawing: dict[str, threading.Lock] = {}
        self._held: int | None = None  # bytes in the folder; None before they were counted

    def get(self, pdf: Path, page: int, width: int) -> bytes:
        """The picture of a page (from 1), at least `width` pixels wide where that is among those drawn.

        Raises PdfUnavailable ("missing", "no-page"), PdfUnreadable, ReaderFailed.
        """
        width = next((one for one in WIDTHS if one >= width), WIDTHS[-1])
        name = _name(pdf, page, width)
        kept = self._kept(name)
        if kept:
            return kept
        with self._lock:
            turn = self._drawing.setdefault(name, threading.Lock())
        with turn:
            kept = self._kept(name)
            if not kept:
                kept = self._reader.picture(pdf, page, width)
                self._keep(name, kept)
        with self._lock:
            self._drawing.pop(name, None)
        return kept

    def _kept(self, name: str) -> bytes | None:
        """The picture in the folder; None where there is none, or only a part of one."""
        file = self._folder / name
        try:
            found = file.read_bytes()
            os.utime(file)  # used just now
        except OSError:
            return None
        return found if found.startswith(_PNG) and found.endswith(_END) else None

    def _keep(self, name: str, picture: bytes) -> None:
        """A folder that cannot be written, or a full disk, costs time and nothing else."""
        with contextlib.suppress(OSError):
            make_private_folder(self._folder)
            handle, part = tempfile.mkstemp(dir=self._folder, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(picture)
                Path(part).replace(self._folder / name)
            except OSError:
                Path(part).unlink(missing_ok=True)
                raise
            self._make_room(len(picture))

    def _make_room(self, added: int) -> None:
        with self._lock:
            if self._held is None:
                self._held = sum(size for _, size, _ in self._all())
            else:
                self._held += added
            if self._held <= self._most:
                return
            held = self._all()
            left = sum(size for _, size, _ in held)
            for _, size, file in sorted(held):
                if left <= FULL * self._most:
                    break
                with contextlib.suppress(OSError):
                    file.unlink()
                    left -= size
            self._held = left

    def _all(self) -> list[tuple[float, int, Path]]:
        """What lies in the folder: when it was last used, its bytes, and where."""
        found = []
        for file in self._folder.glob("*"):
            with contextlib.suppress(OSError):
                told = file.stat()
                found.append((told.st_mtime, told.st_size, file))
        return found


def _name(pdf: Path, page: int, width: int) -> str:
    """Another file, or the same one changed, gets another name. Raises PdfUnavailable."""
    try:
        told = pdf.stat()
    except OSError as error:
        raise PdfUnavailable(f"There is no file {pdf.name}. Download the paper again.", "missing") from error
    key = f"{pdf.resolve()} {told.st_size} {told.st_mtime_ns} {page} {width}"
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32] + ".png"
