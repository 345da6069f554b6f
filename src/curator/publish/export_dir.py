"""A folder of exported files that may be somebody else's too: what Curator wrote there earlier goes when the list does.

What that was stands in a file of the folder, with a hash of each; a file that differs since is a person's, and stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePath, PurePosixPath

from curator.errors import PublishError
from curator.private_files import make_public_folder
from curator.publish.managed_regions import write_atomically

WRITTEN = ".curator-files"


def write_folder(folder: Path, files: Iterable[tuple[PurePath, str | Iterable[bytes]]]) -> None:
    """Write these files, each whole or not at all, and remove those of an earlier time that are not among them.

    Whatever else is in the folder stays. Raises PublishError.
    """
    before, now = _written(folder), dict[str, str]()
    for place, content in files:
        if not _is_within(PurePosixPath(place.as_posix())):
            raise PublishError(f"{str(place)[:200]!r} is not a place inside {folder}; nothing was written there.")
        file = folder / place
        try:
            make_public_folder(file.parent)
        except OSError as error:
            raise PublishError(f"{file.parent} cannot be made: {error}.") from error
        digest = hashlib.sha256()
        write_atomically(file, _hashed(content, digest), durable=False)
        now[place.as_posix()] = digest.hexdigest()
    write_atomically(folder / WRITTEN, (f"{told}  {place}\n".encode() for place, told in now.items()), durable=False)
    for earlier, told in before.items():
        if earlier not in now:
            _remove(folder / earlier, told)


def _hashed(content: str | Iterable[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    for piece in [content.encode("utf-8", "replace")] if isinstance(content, str) else content:
        digest.update(piece)
        yield piece


def _written(folder: Path) -> dict[str, str]:
    """What was written earlier, with its hashes; nothing where that cannot be read."""
    with suppress(OSError, UnicodeDecodeError):
        lines = (folder / WRITTEN).read_text(encoding="utf-8").splitlines()
        parts = (line.split("  ", 1) for line in lines)
        told = {one[1]: one[0] for one in parts if len(one) == 2}
        return {place: digest for place, digest in told.items() if _is_within(PurePosixPath(place))}
    return {}


def _is_within(place: PurePosixPath) -> bool:
    return not place.is_absolute() and ".." not in place.parts and "\\" not in str(place) and ":" not in str(place)


def _remove(file: Path, told: str) -> None:
    with suppress(OSError):
        if not file.is_symlink() and hashlib.sha256(file.read_bytes()).hexdigest() == told:
            file.unlink()
