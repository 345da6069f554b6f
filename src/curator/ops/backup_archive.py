"""A reader for backup archives from strangers: tar files, compressed with gzip, that contain only regular files.

Python's tarfile follows links and accepts sparse files and headers of any size. This reader accepts only what a backup
contains. It uses little memory, and time linear in the number of bytes.
"""

from __future__ import annotations

import gzip
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

MAX_ENTRIES = 250_000
"""Files in one archive. A list that reads 400 papers a day reaches this number after two years."""

MIN_RATIO_BYTES = 256 << 20
"""Unpacked bytes below which the ratio is not checked: a small warehouse consists mostly of empty blocks."""

MAX_RATIO = 100
"""Unpacked bytes for each packed byte: about 1 for PDFs, 3 to 5 for a large warehouse, up to 1032 in an attack (gzip's
limit)."""

_HEADER_BYTES = 16 << 10  # of a PAX header, into which tarfile writes names and times
_TAIL_BYTES = 1 << 20  # of zeros after the end: tar pads archives to a multiple of 10 KB, some programs to more
_CHUNK = 1 << 18
_BLOCK = tarfile.BLOCKSIZE
_PAX_RECORD = re.compile(rb"([0-9]{1,5}) ([^=\n]{1,100})=")
_NUMBER = re.compile(r"[0-9]{1,15}")


class BadArchive(Exception):
    """The archive is damaged, or contains what no backup contains. The message is a clause that is safe to print."""


@dataclass
class Entry:
    """One file in the archive.

    Attributes:
        name: The name in the archive.
        size: The number of bytes.
        chunks: Yields the content once, and only until the next entry is read; as many bytes as `size`, or BadArchive.
    """

    name: str
    size: int
    chunks: Iterator[bytes]


@dataclass
class _Unpacked:
    """The bytes of the tar file."""

    packed: BinaryIO
    stream: gzip.GzipFile = field(init=False)
    total: int = 0

    def __post_init__(self) -> None:
        self.stream = gzip.GzipFile(fileobj=self.packed)

    def exactly(self, size: int) -> bytes:
        """Return the next `size` bytes. Raise BadArchive if there are fewer."""
        content = self.at_most(size)
        if len(content) < size:
            raise BadArchive("it is cut short")
        return content

    def at_most(self, size: int) -> bytes:
        """Return up to `size` bytes; fewer only at the end. Raise BadArchive if the data is damaged or a bomb."""
        try:
            content = self.stream.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise BadArchive(f"it is damaged or cut short ({error})") from error
        self.total += len(content)
        if self.total > MIN_RATIO_BYTES and self.total > MAX_RATIO * self.packed.tell():
            raise BadArchive(f"it unpacks to more than {MAX_RATIO} times its size, more than any backup")
        return content


def read_entries(packed: BinaryIO) -> Iterator[Entry]:
    """Yield the files of an archive in order.

    Args:
        packed: The archive, open to read from its beginning.

    Raises:
        BadArchive: It is not such an archive, it is damaged, or it exceeds a limit of this module.
    """
    unpacked = _Unpacked(packed)
    count = 0
    while (header := _read_header(unpacked)) is not None:
        count += 1
        if count > MAX_ENTRIES:
            raise BadArchive(f"it contains more than {MAX_ENTRIES} files")
        content = _read_content(unpacked, header.size)
        yield Entry(header.name, header.size, content)
        for _ in content:  # skip what the caller has not read
            pass
        unpacked.exactly(-header.size % _BLOCK)
    _expect_end(unpacked)


def _read_header(unpacked: _Unpacked) -> tarfile.TarInfo | None:
    """Read the header of the next file; return None at the end."""
    extended: dict[str, str] | None = None
    while True:
        block = unpacked.exactly(_BLOCK)
        if not block.strip(b"\0"):
            if extended is not None:
                raise BadArchive("it is cut short")
            return None
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        except (tarfile.HeaderError, ValueError) as error:
            raise BadArchive(f"it is not a tar file packed with gzip ({error})") from error
        if header.type == tarfile.XHDTYPE and extended is None:
            extended = _read_pax(unpacked, header.size)
            continue
        if header.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            raise BadArchive(f"{header.name[:80]!r} in it is not a regular file")
        header.name = (extended or {}).get("path", header.name)
        size = (extended or {}).get("size", str(header.size))
        if not _NUMBER.fullmatch(size):
            raise BadArchive(f"{header.name[:80]!r} in it has no valid size")
        header.size = int(size)
        return header


def _read_pax(unpacked: _Unpacked, size: int) -> dict[str, str]:
    """Read a PAX extended header (POSIX.1-2008, pax, "pax Header Block")."""
    if not 0 < size <= _HEADER_BYTES:
        raise BadArchive("a header in it is too large")
    content = unpacked.exactly(size)
    unpacked.exactly(-size % _BLOCK)
    fields: dict[str, str] = {}
    at = 0
    while at < size:
        record = _PAX_RECORD.match(content, at)
        end = at + int(record[1]) if record else at
        if record is None or not record.end() < end <= size or content[end - 1 : end] != b"\n":
            raise BadArchive("a header in it is damaged")
        try:
            fields[record[2].decode()] = content[record.end() : end - 1].decode()
        except UnicodeDecodeError as error:
            raise BadArchive("a header in it is not UTF-8") from error
        at = end
    if any(name.startswith("GNU.sparse") for name in fields):
        raise BadArchive("a file in it is sparse")
    return fields


def _read_content(unpacked: _Unpacked, size: int) -> Iterator[bytes]:
    left = size
    while left:
        chunk = unpacked.exactly(min(left, _CHUNK))
        left -= len(chunk)
        yield chunk


def _expect_end(unpacked: _Unpacked) -> None:
    """Read to the end of the file, where gzip has its checksum. Raise BadArchive if other data follows."""
    tail = 0
    while chunk := unpacked.at_most(_CHUNK):
        tail += len(chunk)
        if chunk.strip(b"\0") or tail > _TAIL_BYTES:
            raise BadArchive("other data follows its end")
