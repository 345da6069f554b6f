"""The reader's processes: reused, limited, replaced, and gone when nobody needs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from curator.errors import PdfUnavailable, PdfUnreadable, ReaderFailed
from curator.pdf import protocol
from curator.pdf.reader import Reader, ReadLimits, read_pdf
from tests.pdf.pdfs import Sheets, prose, read

MISBEHAVING = [sys.executable, str(Path(__file__).with_name("misbehaving_worker.py"))]


@pytest.fixture
def misbehaving() -> Iterator[Reader]:
    with Reader(ReadLimits(seconds=0.3, workers=1), command=MISBEHAVING) as reader:
        yield reader


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(ReadLimits(max_pages=5)) as reader:
        reader.warm_up()
        yield reader


def a_file(folder: Path, name: str, data: bytes = b"%PDF-1.7") -> Path:
    path = folder / f"{name}.pdf"
    path.write_bytes(data)
    return path


def paper(pages: int = 1) -> bytes:
    sheets = Sheets()
    for number in range(pages):
        if number:
            sheets.add()
        sheets.justified(60, 80, 492, prose(f"page{number}", 6))
    return sheets.data()


def process_of(reader: Reader, path: Path) -> str:
    """The child's process id, which the stand-in gives as its message."""
    with pytest.raises(PdfUnreadable) as caught:
        reader.read(path, "2501.01234", 1)
    return caught.value.message


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("crash", "crashed"),
        ("hang", "timeout"),
        ("killed", "memory"),
        ("greedy", "memory"),
        ("nonsense", "crashed"),
        ("huge", "crashed"),
        ("wrong", "crashed"),
    ],
)
def test_a_child_that_misbehaves_costs_one_paper_only(
    misbehaving: Reader, tmp_path: Path, behaviour: str, code: str
) -> None:
    good = a_file(tmp_path, "good")
    before = process_of(misbehaving, good)
    with pytest.raises(ReaderFailed) as caught:
        misbehaving.read(a_file(tmp_path, behaviour, behaviour.encode()), "2501.01234", 1)
    assert (caught.value.code, caught.value.transient) == (code, True)
    assert process_of(misbehaving, good) != before


def test_a_child_is_used_again(misbehaving: Reader, tmp_path: Path) -> None:
    good = a_file(tmp_path, "good")
    assert process_of(misbehaving, good) == process_of(misbehaving, good)


def test_no_more_children_than_allowed(tmp_path: Path) -> None:
    good = a_file(tmp_path, "good")
    with Reader(ReadLimits(workers=2), command=MISBEHAVING) as reader, ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: process_of(reader, good), range(24)))) <= 2


def test_a_program_that_cannot_be_started_is_a_failed_reader(tmp_path: Path) -> None:
    with Reader(command=[str(tmp_path / "nothing")]) as reader, pytest.raises(ReaderFailed):
        reader.read(a_file(tmp_path, "good"), "2501.01234", 1)


def test_the_child_knows_no_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    script = tmp_path / "tell.py"
    script.write_text(
        "import os\nfrom curator.pdf import protocol\nout = os.fdopen(1, 'wb')\nprotocol.send(out, {'ready': True})\n"
        "given = os.fdopen(0, 'rb')\nprotocol.receive(given)\nprotocol.receive_bytes(given)\n"
        "protocol.send(out, {'error': 'unreadable', 'code': 'x', 'message': ' '.join(os.environ)})\n"
    )
    with Reader(command=[sys.executable, str(script)]) as reader, pytest.raises(PdfUnreadable) as caught:
        reader.read(a_file(tmp_path, "good"), "2501.01234", 1)
    assert "PATH" in caught.value.message
    assert "OPENAI_API_KEY" not in caught.value.message


def test_a_closed_reader_reads_no_more(tmp_path: Path) -> None:
    reader = Reader(command=MISBEHAVING)
    pid = int(process_of(reader, a_file(tmp_path, "good")))
    reader.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(ReaderFailed):
        reader.read(a_file(tmp_path, "good"), "2501.01234", 1)


def test_the_child_ends_when_its_parent_goes_away() -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "curator.pdf.worker", "2048", "60", "400"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        assert protocol.receive(child.stdout)["ready"] is True
        child.stdin.close()
        assert child.wait(30) == 0
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def test_a_paper_comes_back_whole(reader: Reader, tmp_path: Path) -> None:
    data = paper(2)
    assert reader.read(a_file(tmp_path, "paper", data), "2501.01234", 2) == read(data)


def test_many_threads_may_read_at_once(reader: Reader, tmp_path: Path) -> None:
    paths = [a_file(tmp_path, f"paper{number}", paper(1 + number % 3)) for number in range(9)]
    with ThreadPoolExecutor(6) as pool:
        documents = list(pool.map(lambda path: reader.read(path, path.stem, 1), paths))
    assert [document.paper_id for document in documents] == [path.stem for path in paths]
    assert [len(document.pages) for document in documents] == [1, 2, 3] * 3


def test_a_file_that_is_not_there_is_unavailable(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(PdfUnavailable) as caught:
        reader.read(tmp_path / "gone.pdf", "2501.01234", 1)
    assert caught.value.code == "missing"


def test_the_limit_on_pages_holds(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(PdfUnreadable) as caught:
        reader.read(a_file(tmp_path, "long", paper(6)), "2501.01234", 1)
    assert caught.value.code == "too-long"


def test_importing_the_reader_loads_no_parser() -> None:
    code = "import sys, curator.pdf, curator.pdf.reader; sys.exit('pymupdf' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_one_call_reads_one_file_under_its_own_name(tmp_path: Path) -> None:
    path = a_file(tmp_path, "notes on copying", paper(2))
    document = read_pdf(str(path))
    assert (document.paper_id, document.version, len(document.pages)) == ("notes on copying", 1, 2)
    with Reader(ReadLimits(workers=1)) as reader:
        assert document == reader.read(path, "notes on copying", 1)


def test_one_call_keeps_the_limits_and_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(PdfUnreadable) as caught:
        read_pdf(a_file(tmp_path, "long", paper(3)), ReadLimits(max_pages=2))
    assert caught.value.code == "too-long"
    with pytest.raises(PdfUnavailable):
        read_pdf(tmp_path / "missing.pdf")
