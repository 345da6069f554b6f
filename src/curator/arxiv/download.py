"""A paper's PDF onto the disk: whole or not at all."""

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
_HEAD = 1024
"""Bytes in which a reader looks for %PDF- (Adobe's implementation note 13 to PDF 1.7, appendix H)."""


def download_pdf(session: ArxivSession, paper_id: str, version: int, folder: Path, max_bytes: int) -> Path:
    """The PDF of this version in `folder`, downloaded unless it is there already.

    Raises PdfUnavailable with code "not-found", "not-a-pdf", "download-failed" (all of them may pass by themselves)
    or "too-large"; ArxivRefused passes through.
    """
    target = folder / pdf_file_name(paper_id, version)
    if target.is_file():
        return target
    with _whole(target) as file:
        _fetch(session, f"{paper_id}v{version}", file, max_bytes)
    return target


def store_pdf(content: bytes, target: Path, max_bytes: int) -> None:
    """A person's own PDF among the papers', unless it is there already.

    Raises PdfUnavailable with code "not-a-pdf" or "too-large".
    """
    if b"%PDF-" not in content[:_HEAD]:
        raise PdfUnavailable("That file is not a PDF.", "not-a-pdf")
    if len(content) > max_bytes:
        raise PdfUnavailable(
            f"The PDF has more than the {max_bytes / 2**20:.0f} MB that read.max_pdf_mb allows.", "too-large"
        )
    if not target.is_file():
        with _whole(target) as file:
            file.write(content)


@contextlib.contextmanager
def _whole(target: Path) -> Iterator[BinaryIO]:
    """A file to write to that becomes `target` once all of it is on the disk, and else is gone."""
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


def _fetch(session: ArxivSession, versioned_id: str, file: BinaryIO, max_bytes: int) -> None:
    def open_sink() -> Sink:
        file.seek(0)
        file.truncate()
        return file.write

    try:
        answer = session.fetch_to(f"{session.endpoint.url}/pdf/{versioned_id}", open_sink, max_bytes)
    except BodyTooLarge as error:
        raise PdfUnavailable(f"The PDF of {versioned_id} was not kept: {error}", "too-large") from error
    except (ArxivUnavailable, ArxivBadAnswer) as error:
        raise PdfUnavailable(
            f"The PDF of {versioned_id} could not be downloaded: {error}", "download-failed", transient=True
        ) from error
    if answer.status_code in (404, 410):
        raise PdfUnavailable(
            f"arXiv has no PDF of {versioned_id} (HTTP {answer.status_code}). A withdrawn version has none, and a "
            "fresh paper's PDF may come later; a later run asks again.",
            "not-found",
            transient=True,
        )
    if answer.status_code != 200:
        raise PdfUnavailable(
            f"arXiv answered HTTP {answer.status_code} when asked for the PDF of {versioned_id}; a later run asks "
            "again.",
            "download-failed",
            transient=True,
        )
    file.seek(0)
    if b"%PDF-" not in file.read(_HEAD):
        raise PdfUnavailable(
            f"What arXiv sent as the PDF of {versioned_id} is not a PDF ({_kind(answer.headers.get('Content-Type'))}); "
            "it may be a page that asks for a login or says to wait. A later run asks again.",
            "not-a-pdf",
            transient=True,
        )


def _kind(content_type: str | None) -> str:
    shown = "".join(c for c in (content_type or "")[:60] if c.isprintable())
    return shown or "of no stated type"


def _remove_leftovers(folder: Path, now: float) -> None:
    """Remove what downloads that were killed have left. `now` is the file system's own, whatever our clock says."""
    before = now - _LEFTOVER_SECONDS
    for part in folder.glob(f"*{_PART}"):
        with contextlib.suppress(OSError):  # another process may remove it at the same moment
            if part.lstat().st_mtime < before:
                part.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where the system can (Windows cannot open a folder)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
