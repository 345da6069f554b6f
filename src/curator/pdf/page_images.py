"""Pictures of PDF pages: rendered once on demand, then kept in a folder of limited size."""

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

WIDTHS = (800, 1200, 1600, 2400)
"""Pixels. Other widths are rounded up to one of these, so that few pictures of each page are kept."""

MAX_FULL = 0.9
"""Share of the allowed size that is kept when the folder is full and the least recently used pictures are deleted."""

_BYTES_PER_MEGABYTE = 1_000_000
_PNG_START, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"


class PageImages:
    """A folder of page pictures as PNG. Thread-safe; several processes may share the folder."""

    def __init__(self, reader: Reader, folder: Path, megabytes: int) -> None:
        """Use a folder, which is made when the first picture is kept.

        Args:
            reader: To render pages.
            folder: For the pictures.
            megabytes: Size of the folder, at most; 1 MB is 1,000,000 bytes.
        """
        self._reader = reader
        self._folder = folder
        self._max_bytes = megabytes * _BYTES_PER_MEGABYTE
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}  # of pictures that are being rendered
        self._bytes: int | None = None  # in the folder; None until they are counted

    def get(self, pdf: Path, page: int, width: int) -> bytes:
        """Return the picture of a page.

        Args:
            pdf: The file.
            page: The page's number, from 1.
            width: Of the picture in pixels; the next of `WIDTHS` is used.

        Returns:
            The picture as a PNG.

        Raises:
            PdfUnavailable: There is no such file or page (codes "missing", "no-page").
            PdfUnreadable: The file cannot be rendered.
            ReaderFailed: The worker process failed.
        """
        width = next((usual for usual in WIDTHS if usual >= width), WIDTHS[-1])
        name = _make_name(pdf, page, width)
        picture = self._load(name)
        if picture:
            return picture
        with self._lock:
            rendering = self._locks.setdefault(name, threading.Lock())
        with rendering:
            picture = self._load(name)
            if not picture:
                picture = self._reader.render_page(pdf, page, width)
                self._store(name, picture)
        with self._lock:
            self._locks.pop(name, None)
        return picture

    def _load(self, name: str) -> bytes | None:
        """Return a picture from the folder; None if it is missing or incomplete."""
        file = self._folder / name
        try:
            picture = file.read_bytes()
            os.utime(file)  # marks it as used now
        except OSError:
            return None
        return picture if picture.startswith(_PNG_START) and picture.endswith(_PNG_END) else None

    def _store(self, name: str, picture: bytes) -> None:
        """Keep a picture. If the folder cannot be written, it is only rendered again the next time."""
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
        """Delete the least recently used pictures if the folder is too large."""
        with self._lock:
            if self._bytes is None:
                self._bytes = sum(size for _, size, _ in self._list_files())
            else:
                self._bytes += added
            if self._bytes <= self._max_bytes:
                return
            files = self._list_files()
            left = sum(size for _, size, _ in files)
            for _, size, file in sorted(files):
                if left <= MAX_FULL * self._max_bytes:
                    break
                with contextlib.suppress(OSError):
                    file.unlink()
                    left -= size
            self._bytes = left

    def _list_files(self) -> list[tuple[float, int, Path]]:
        """Return each file in the folder, after the time of its last use and its size in bytes."""
        files = []
        for file in self._folder.glob("*"):
            with contextlib.suppress(OSError):
                status = file.stat()
                files.append((status.st_mtime, status.st_size, file))
        return files


def _make_name(pdf: Path, page: int, width: int) -> str:
    """Return a file name for a picture, which differs if the PDF has changed. Raises PdfUnavailable."""
    try:
        status = pdf.stat()
    except OSError as error:
        raise PdfUnavailable(f"There is no file {pdf.name}. Download the paper again.", "missing") from error
    key = f"{pdf.name} {status.st_size} {status.st_mtime_ns} {page} {width}"
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32] + ".png"
