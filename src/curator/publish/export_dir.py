"""Write an export that is a folder of files into a folder that the user may use for other files too.

A file in the folder lists what Curator wrote, with a hash of each file. An export removes the files of an earlier
export that it no longer contains, except those that were edited since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePath, PurePosixPath

from curator.errors import PublishError
from curator.private_files import make_public_folder
from curator.publish.list_file import write_atomically

MANIFEST = ".curator-files"
"""The file that lists what Curator wrote: a line for each file with its SHA-256, two spaces and its path."""


def write_folder(folder: Path, files: Iterable[tuple[PurePath, str | Iterable[bytes]]]) -> None:
    """Write files, each whole or not at all, and remove the files of the export before that are not among them.

    All other files in the folder are left alone.

    Args:
        folder: The folder; it is created if it does not exist.
        files: The relative path and the content of each file.

    Raises:
        PublishError: A path leads out of the folder, or a file cannot be written.
    """
    before, now = _read_manifest(folder), dict[str, str]()
    for path, content in files:
        if not _is_within(PurePosixPath(path.as_posix())):
            raise PublishError(f"{str(path)[:200]!r} is not a path inside {folder}. The file was not written.")
        file = folder / path
        try:
            make_public_folder(file.parent)
        except OSError as error:
            raise PublishError(f"The folder {file.parent} cannot be created: {error}.") from error
        hasher = hashlib.sha256()
        write_atomically(file, _update_hash(hasher, content), durable=False)
        now[path.as_posix()] = hasher.hexdigest()
    lines = (f"{digest}  {path}\n".encode() for path, digest in now.items())
    write_atomically(folder / MANIFEST, lines, durable=False)
    for earlier, digest in before.items():
        if earlier not in now:
            _remove_unedited(folder / earlier, digest)


def _update_hash(hasher: hashlib._Hash, content: str | Iterable[bytes]) -> Iterator[bytes]:
    for piece in [content.encode("utf-8", "replace")] if isinstance(content, str) else content:
        hasher.update(piece)
        yield piece


def _read_manifest(folder: Path) -> dict[str, str]:
    """Return the hash of each file of the export before by path; empty if the manifest cannot be read."""
    with suppress(OSError, UnicodeDecodeError):
        lines = (folder / MANIFEST).read_text(encoding="utf-8").splitlines()
        fields = (line.split("  ", 1) for line in lines)
        digests = {field[1]: field[0] for field in fields if len(field) == 2}
        return {path: digest for path, digest in digests.items() if _is_within(PurePosixPath(path))}
    return {}


def _is_within(path: PurePosixPath) -> bool:
    return not path.is_absolute() and ".." not in path.parts and "\\" not in str(path) and ":" not in str(path)


def _remove_unedited(file: Path, digest: str) -> None:
    with suppress(OSError):
        if not file.is_symlink() and hashlib.sha256(file.read_bytes()).hexdigest() == digest:
            file.unlink()
