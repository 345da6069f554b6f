"""Read a backup's archive, which may be anybody's: a tar file, compressed with gzip, of regular files and nothing else.

Python's tarfile follows links, sparse maps and headers of any size; this reader takes one header after the other, each
of 512 bytes, and refuses all but what a backup holds. Memory stays small, and time linear in the bytes read.
"""

from __future__ import annotations

import gzip
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

MOST_ENTRIES = 250_000
"""Files in one archive; a list that reads 400 papers a day takes two years to get there."""

FREE_RATIO_BYTES = 256 << 20
"""Bytes unpacked before the ratio counts: a small warehouse is mostly empty blocks, and packs very well."""

MOST_RATIO = 100
"""Bytes unpacked for each packed one. PDFs give about 1, a large warehouse 3 to 5, a bomb up to 1032 (gzip's limit)."""

_HEADER_BYTES = 16 << 10  # of a PAX header: tarfile writes names and times into one
_TAIL_BYTES = 1 << 20  # after the end: tar pads with zeros to a multiple of 10 KB, some programs to more
_CHUNK = 1 << 18
_BLOCK = tarfile.BLOCKSIZE
_PAX_RECORD = re.compile(rb"([0-9]{1,5}) ([^=\n]{1,100})=")
_NUMBER = re.compile(r"[0-9]{1,15}")


class BadArchive(Exception):
    """The archive is damaged, or holds what no backup holds; the message is a part of a sentence, safe to print."""


@dataclass
class Entry:
    """One file in the archive. `chunks` gives its content once, and only until the next entry is asked for."""

    name: str
    size: int  # bytes, as the header says; `chunks` gives as many or raises
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
        """Raises BadArchive if there are fewer bytes."""
        got = self.at_most(size)
        if len(got) < size:
            raise BadArchive("it is cut short")
        return got

    def at_most(self, size: int) -> bytes:
        try:
            got = self.stream.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise BadArchive(f"it is damaged or cut short ({error})") from error
        self.total += len(got)
        if self.total > FREE_RATIO_BYTES and self.total > MOST_RATIO * self.packed.tell():
            raise BadArchive(f"it unpacks to more than {MOST_RATIO} times its size, which no backup does")
        return got


def read_entries(packed: BinaryIO) -> Iterator[Entry]:
    """Give the files of an archive in order.

    Args:
        packed: The archive, open to read from its beginning.

    Raises:
        BadArchive: It is no such archive, it is damaged, or it is beyond the bounds of this module.
    """
    unpacked = _Unpacked(packed)
    count = 0
    while (header := _header(unpacked)) is not None:
        count += 1
        if count > MOST_ENTRIES:
            raise BadArchive(f"it holds more than {MOST_ENTRIES} files")
        content = _content(unpacked, header.size)
        yield Entry(header.name, header.size, content)
        for _ in content:  # the rest of what the caller did not take
            pass
        unpacked.exactly(-header.size % _BLOCK)
    _expect_end(unpacked)


def _header(unpacked: _Unpacked) -> tarfile.TarInfo | None:
    """Read the next file's header; None at the end. Raises BadArchive."""
    told: dict[str, str] | None = None
    while True:
        block = unpacked.exactly(_BLOCK)
        if not block.strip(b"\0"):
            if told is not None:
                raise BadArchive("it is cut short")
            return None
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        except (tarfile.HeaderError, ValueError) as error:
            raise BadArchive(f"it is not a tar file packed with gzip ({error})") from error
        if header.type == tarfile.XHDTYPE and told is None:
            told = _pax(unpacked, header.size)
            continue
        if header.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            raise BadArchive(f"{header.name[:80]!r} in it is not a regular file")
        header.name = (told or {}).get("path", header.name)
        size = (told or {}).get("size", str(header.size))
        if not _NUMBER.fullmatch(size):
            raise BadArchive(f"{header.name[:80]!r} in it has no valid size")
        header.size = int(size)
        return header


def _pax(unpacked: _Unpacked, size: int) -> dict[str, str]:
    """Read a PAX extended header (POSIX.1-2008, pax, "pax Header Block"). Raises BadArchive."""
    if not 0 < size <= _HEADER_BYTES:
        raise BadArchive("a header in it is too large")
    content = unpacked.exactly(size)
    unpacked.exactly(-size % _BLOCK)
    told: dict[str, str] = {}
    at = 0
    while at < size:
        record = _PAX_RECORD.match(content, at)
        end = at + int(record[1]) if record else at
        if record is None or not record.end() < end <= size or content[end - 1 : end] != b"\n":
            raise BadArchive("a header in it is damaged")
        try:
            told[record[2].decode()] = content[record.end() : end - 1].decode()
        except UnicodeDecodeError as error:
            raise BadArchive("a header in it is not UTF-8") from error
        at = end
    if any(name.startswith("GNU.sparse") for name in told):
        raise BadArchive("a file in it is sparse")
    return told


def _content(unpacked: _Unpacked, size: int) -> Iterator[bytes]:
    left = size
    while left:
        chunk = unpacked.exactly(min(left, _CHUNK))
        left -= len(chunk)
        yield chunk


def _expect_end(unpacked: _Unpacked) -> None:
    """Read on to the end of the packed file, where gzip's checksum is. Raises BadArchive."""
    tail = 0
    while chunk := unpacked.at_most(_CHUNK):
        tail += len(chunk)
        if chunk.strip(b"\0") or tail > _TAIL_BYTES:
            raise BadArchive("it goes on after its end")
