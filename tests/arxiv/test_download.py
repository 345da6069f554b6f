from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from curator.arxiv.client import ArxivEndpoint, ArxivSession
from curator.arxiv.download import download_pdf
from curator.errors import ArxivRefused, PdfUnavailable
from tests.arxiv.scripted_server import Reply, scripted_server

PDF = b"%PDF-1.7\n" + b"0123456789" * 10_000 + b"\n%%EOF\n"


def fetch(folder: Path, *steps: Reply, paper_id: str = "2501.00001", max_bytes: int = 10**6) -> tuple[Path, list[str]]:
    with (
        scripted_server(*steps) as server,
        ArxivSession(ArxivEndpoint(server.url, 0), retries=1, first_wait=0) as session,
    ):
        path = download_pdf(session, paper_id, 2, folder, max_bytes)
        return path, [request.path for request in server.requests]


def test_a_pdf_lands_whole_under_a_safe_name(tmp_path: Path) -> None:
    path, asked = fetch(tmp_path / "pdfs", Reply(PDF), paper_id="hep-th/9901001")
    assert path == tmp_path / "pdfs" / "hep-th_9901001v2.pdf"
    assert path.read_bytes() == PDF
    assert asked == ["/pdf/hep-th/9901001v2"]
    assert list(path.parent.iterdir()) == [path]


def test_a_pdf_that_is_there_is_not_asked_for(tmp_path: Path) -> None:
    (tmp_path / "2501.00001v2.pdf").write_bytes(b"old")
    path, asked = fetch(tmp_path, Reply(PDF))
    assert (path.read_bytes(), asked) == (b"old", [])


def test_a_download_cut_short_is_made_again_from_the_start(tmp_path: Path) -> None:
    path, asked = fetch(tmp_path, Reply(PDF * 2, cut=50), Reply(PDF))
    assert (path.read_bytes(), len(asked)) == (PDF, 2)


@pytest.mark.parametrize(
    ("step", "code", "transient"),
    [
        (Reply(b"no such paper", status=404), "not-found", True),
        (Reply(b"<html>Are you a robot?</html>", headers={"Content-Type": "text/html"}), "not-a-pdf", True),
        (Reply(b""), "not-a-pdf", True),
        (Reply(b" " * 1024 + PDF), "not-a-pdf", True),
        (Reply(PDF * 20), "too-large", False),
        (Reply(PDF * 20, chunked=True), "too-large", False),
        (Reply(status=503), "download-failed", True),
        (Reply(PDF, cut=1), "download-failed", True),
        (Reply(b"?", status=418), "download-failed", True),
    ],
)
def test_a_download_that_fails_leaves_nothing_and_says_why(
    tmp_path: Path, step: Reply, code: str, transient: bool
) -> None:
    with pytest.raises(PdfUnavailable, match=r"2501\.00001v2") as caught:
        fetch(tmp_path, step)
    assert (caught.value.code, caught.value.transient) == (code, transient)
    assert list(tmp_path.iterdir()) == []


def test_a_pdf_may_begin_within_its_first_kilobyte(tmp_path: Path) -> None:
    path, _ = fetch(tmp_path, Reply(b"\n" * 1000 + PDF))
    assert path.stat().st_size == 1000 + len(PDF)


def test_a_refusal_passes_through(tmp_path: Path) -> None:
    with pytest.raises(ArxivRefused):
        fetch(tmp_path, Reply(status=403))
    assert list(tmp_path.iterdir()) == []


def test_only_old_leftovers_of_killed_downloads_are_removed(tmp_path: Path) -> None:
    old, new, other = tmp_path / "a.part", tmp_path / "b.part", tmp_path / "c.pdf"
    for path in (old, new, other):
        path.write_bytes(b"x")
    for path in (old, other):
        os.utime(path, (time.time() - 90_000,) * 2)
    fetch(tmp_path, Reply(PDF))
    assert (old.exists(), new.exists(), other.exists()) == (False, True, True)


def test_an_identifier_never_becomes_a_path(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not an arXiv identifier"):
        fetch(tmp_path, Reply(PDF), paper_id="../../2501.00001")
