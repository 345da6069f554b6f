"""Download a paper's PDF to the disk, completely or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from curator.arxiv.client import ArxivSession
from curator.arxiv.response_body import BodyTooLarge, Sink
from curator.errors import ArxivBadAnswer, ArxivUnavailable, PdfUnavailable
from curator.private_files import make_private_folder
from curator.sources import pdf_file_name

_PART = ".part"
_LEFTOVER_SECONDS = 86400
_HEAD_BYTES = 1024
"""The first bytes of a file, in which %PDF- must occur (PDF 1.7, appendix H, implementation note 13)."""


def download_pdf(session: ArxivSession, paper_id: str, version: int, folder: Path, max_bytes: int) -> Path:
    """Return the file with a version's PDF; download it unless it exists.

    Args:
        session: The session for the request.
        paper_id: The paper's arXiv id.
        version: The version to download.
        folder: The folder for PDFs.
        max_bytes: The largest PDF that is allowed.

    Raises:
        PdfUnavailable: With code "not-found", "not-a-pdf" or "download-failed", which may be temporary; or "too-large".
        ArxivRefused: arXiv refuses this machine.
    """
    target = folder / pdf_file_name(paper_id, version)
    if target.is_file():
        return target
    with _atomic_file(target) as file:
        _fetch_pdf(session, f"{paper_id}v{version}", file, max_bytes)
    return target


def store_pdf(content: bytes, target: Path, max_bytes: int) -> None:
    """Write a user's own PDF to `target`, unless the file exists.

    Args:
        content: The PDF.
        target: The file to write.
        max_bytes: The largest PDF that is allowed.

    Raises:
        PdfUnavailable: With code "not-a-pdf" or "too-large".
    """
    if b"%PDF-" not in content[:_HEAD_BYTES]:
        raise PdfUnavailable("The file is not a PDF.", "not-a-pdf")
    if len(content) > max_bytes:
        raise PdfUnavailable(
            f"The PDF is larger than the {max_bytes / 2**20:.0f} MB that read.max_pdf_mb allows.", "too-large"
        )
    if not target.is_file():
        with _atomic_file(target) as file:
            file.write(content)


@contextlib.contextmanager
def _atomic_file(target: Path) -> Iterator[BinaryIO]:
    """Yield a file that becomes `target` once all of it is on the disk; after an error it is removed."""
    folder = target.parent
    make_private_folder(folder)
    handle, name = tempfile.mkstemp(dir=folder, prefix=f"{target.stem}-", suffix=_PART)
    part = Path(name)
    try:
        _remove_leftovers(folder, os.fstat(handle).st_mtime)
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(folder)


def _fetch_pdf(session: ArxivSession, versioned_id: str, file: BinaryIO, max_bytes: int) -> None:
    def open_sink() -> Sink:
        file.seek(0)
        file.truncate()
        return file.write

    try:
        response = session.fetch_to(f"{session.endpoint.url}/pdf/{versioned_id}", open_sink, max_bytes)
    except BodyTooLarge as error:
        raise PdfUnavailable(f"The PDF of {versioned_id} was not saved: {error}", "too-large") from error
    except (ArxivUnavailable, ArxivBadAnswer) as error:
        raise PdfUnavailable(
            f"The PDF of {versioned_id} could not be downloaded: {error}", "download-failed", transient=True
        ) from error
    if response.status_code in (404, 410):
        raise PdfUnavailable(
            f"arXiv has no PDF of {versioned_id} (HTTP {response.status_code}). Withdrawn versions have none, and a "
            "new paper's PDF may appear later. A later run will try again.",
            "not-found",
            transient=True,
        )
    if response.status_code != 200:
        raise PdfUnavailable(
            f"arXiv answered HTTP {response.status_code} to the request for the PDF of {versioned_id}. A later run "
            "will try again.",
            "download-failed",
            transient=True,
        )
    file.seek(0)
    if b"%PDF-" not in file.read(_HEAD_BYTES):
        kind = _kind(response.headers.get("Content-Type"))
        raise PdfUnavailable(
            f"arXiv's answer for the PDF of {versioned_id} is not a PDF ({kind}). It may be a page that asks "
            "for a login, or to wait. A later run will try again.",
            "not-a-pdf",
            transient=True,
        )


def _kind(content_type: str | None) -> str:
    printable = "".join(c for c in (content_type or "")[:60] if c.isprintable())
    return printable or "without a content type"


def _remove_leftovers(folder: Path, now: float) -> None:
    """Remove the partial files of killed downloads. `now` is the file system's time, which may differ from ours."""
    before = now - _LEFTOVER_SECONDS
    for part in folder.glob(f"*{_PART}"):
        with contextlib.suppress(OSError):  # another process may remove it at the same moment
            if part.lstat().st_mtime < before:
                part.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power failure; not on Windows, which cannot open a folder."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
