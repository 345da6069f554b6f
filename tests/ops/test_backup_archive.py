"""Only a gzip-compressed tar of regular files is read, whatever else an archive holds, and only within bounds."""

from __future__ import annotations

import gzip
import io
import itertools
import tarfile
from collections.abc import Callable
from typing import Any

import pytest

from curator.ops.backup_archive import MAX_ENTRIES, MIN_RATIO_BYTES, BadArchive, read_entries

END = bytes(1024)


def header(name: str = "a.md", size: int = 0, **more: Any) -> bytes:
    told = tarfile.TarInfo(name)
    told.size = size
    for key, value in more.items():
        setattr(told, key, value)
    return told.tobuf(tarfile.USTAR_FORMAT)


def pax(*records: bytes) -> bytes:
    content = b"".join(records)
    return header("pax", len(content), type=tarfile.XHDTYPE) + content + bytes(-len(content) % 512)


def record(key: str, value: str) -> bytes:
    rest = f" {key}={value}\n".encode()
    length = next(n for n in range(len(rest) + 1, len(rest) + 7) if n == len(rest) + len(str(n)))
    return str(length).encode() + rest


def read(archive: bytes) -> list[tuple[str, bytes]]:
    return [(one.name, b"".join(one.chunks)) for one in read_entries(io.BytesIO(archive))]


def made_by_tarfile(names: dict[str, bytes], **more: Any) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", **more) as tar:
        for name, content in names.items():
            told = tarfile.TarInfo(name)
            told.size, told.mtime = len(content), 1_700_000_000.25  # a fraction: a PAX header each
            tar.addfile(told, io.BytesIO(content))
    return out.getvalue()


def test_what_tarfile_writes_is_read_whole_and_in_order() -> None:
    files = {"a.md": b"", f"{'é' * 90}.md": b"x" * 512, "warehouse/b": bytes(300_000) + b"y"}
    assert read(made_by_tarfile(files)) == list(files.items())


def test_content_that_nobody_takes_is_passed_over() -> None:
    archive = made_by_tarfile({"a": b"1" * 700_000, "b": b"2" * 1000})
    assert [(one.name, one.size) for one in read_entries(io.BytesIO(archive))] == [("a", 700_000), ("b", 1000)]


KINDS = {
    "symlink": tarfile.SYMTYPE, "hard link": tarfile.LNKTYPE, "folder": tarfile.DIRTYPE, "FIFO": tarfile.FIFOTYPE,
    "character device": tarfile.CHRTYPE, "block device": tarfile.BLKTYPE, "sparse": tarfile.GNUTYPE_SPARSE,
    "GNU long name": tarfile.GNUTYPE_LONGNAME, "global header": tarfile.XGLTYPE, "unknown": b"Z",
}  # fmt: skip

BAD: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no tar": lambda: b"no" * 999,
    "no end": lambda: header(size=3) + b"abc".ljust(512, b"\0"),
    "a checksum that is wrong": lambda: header().replace(b"a.md", b"b.md") + END,
    "a negative size": lambda: _negative_size() + END,
    "a header that is too large": lambda: pax(record("path", "x" * 20_000)) + header() + END,
    "a header about a header": lambda: pax(record("path", "b.md")) * 2 + header() + END,
    "a header about nothing": lambda: pax(record("path", "b.md")) + END,
    "a record beyond its header": lambda: pax(b"99 path=b.md\n") + header() + END,
    "a record of length 0": lambda: pax(b"0 path=b.md\n") + header() + END,
    "a sparse map": lambda: pax(record("GNU.sparse.major", "1")) + header() + END,
    "a size that is no number": lambda: pax(record("size", "-512")) + header() + END,
    "more after the end": lambda: header() + END + b"more".ljust(512, b"\0"),
    "zeros without end": lambda: header() + bytes(3 << 20),
}


def _negative_size() -> bytes:
    """A size of -1 in base 256, as GNU tar writes numbers that octal digits have no room for."""
    block = bytearray(header())
    block[124:136] = b"\xff" * 12
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


@pytest.mark.parametrize("kind", [*KINDS, *BAD])
def test_what_no_backup_holds_is_refused(kind: str) -> None:
    archive = BAD[kind]() if kind in BAD else header(type=KINDS[kind], linkname="/etc/passwd") + END
    with pytest.raises(BadArchive):
        read(gzip.compress(archive))


def test_a_damaged_archive_is_noticed_by_its_end() -> None:
    good = made_by_tarfile({"a.md": b"x" * 5000})
    for bad in (good[:-9], good[:-8] + bytes(8), b"PK" + good, good[:20]):
        with pytest.raises(BadArchive):
            read(bad)


def test_a_bomb_is_given_up_long_before_it_is_unpacked() -> None:
    size = 8 * MIN_RATIO_BYTES
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as packed:
        packed.write(header("warehouse/curator.duckdb", size))
        for _ in range(MIN_RATIO_BYTES // (1 << 24) + 2):
            packed.write(bytes(1 << 24))
    (one,) = itertools.islice(read_entries(io.BytesIO(out.getvalue())), 1)
    taken: list[int] = []
    with pytest.raises(BadArchive, match="times its size"):
        taken.extend(map(len, one.chunks))
    assert sum(taken) <= MIN_RATIO_BYTES


def test_an_archive_of_countless_files_is_given_up() -> None:
    archive = gzip.compress(header() * (MAX_ENTRIES + 1) + END, 1)
    with pytest.raises(BadArchive, match="files"):
        read(archive)
