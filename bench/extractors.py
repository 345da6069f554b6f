"""The reader and what it is measured against: each turns the bytes of a PDF into one text a page.

pymupdf4llm replaces parts of PyMuPDF when it is imported, so it runs in a process of its own; that process also says
how long the work itself took, without its start. `python -m bench.extractors` is that process: it reads paths from
stdin, one a line, and answers each with a line of JSON.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import pymupdf as _pymupdf

from curator.errors import PdfUnreadable
from curator.pdf.pipeline import read_bytes

pymupdf: Any = _pymupdf

OURS, SENTENCES = "Curator", "… its sentences"
PLAIN, MARKDOWN, PDFTOTEXT = "PyMuPDF plain", "pymupdf4llm", "pdftotext"
MAX_PAGES = 1000


class Extractor(Protocol):
    def __call__(self, data: bytes) -> list[str]:
        """The text of each page; an empty list where it cannot be had."""


@contextmanager
def extractors(missing: list[str] | None = None) -> Iterator[dict[str, Extractor]]:
    """Those that are installed, by name, our reader first; what is not is said in `missing`."""
    said = [] if missing is None else missing
    with ExitStack() as stack:
        found: dict[str, Extractor] = {OURS: ours, SENTENCES: our_sentences, PLAIN: plain}
        if importlib.util.find_spec("pymupdf4llm"):
            found[MARKDOWN] = stack.enter_context(Markdown()).pages
        else:
            said.append(f"{MARKDOWN} is not installed (pip install --require-hashes -r locks/bench.txt)")
        if shutil.which("pdftotext"):
            found[PDFTOTEXT] = pdftotext
        else:
            said.append(f"{PDFTOTEXT} is not installed (apt install poppler-utils)")
        yield found


def ours(data: bytes) -> list[str]:
    """What the reader makes of it, in this process."""
    try:
        return [page.text for page in read_bytes(data, "2501.01234", 1, MAX_PAGES).pages]
    except PdfUnreadable:
        return []


def our_sentences(data: bytes) -> list[str]:
    """The numbered sentences that a model gets to see, by the page that they begin on."""
    try:
        document = read_bytes(data, "2501.01234", 1, MAX_PAGES)
    except PdfUnreadable:
        return []
    return ["\n".join(s.text for s in document.sentences if s.spans[0].page == page.number) for page in document.pages]


def plain(data: bytes) -> list[str]:
    """PyMuPDF's `page.get_text("text")`, as most programs use it."""
    with pymupdf.open(stream=data, filetype="pdf") as document:
        return [page.get_text("text") for page in document]


def pages_of(data: bytes) -> int:
    """How many pages this PDF has; 0 where it cannot be opened."""
    try:
        with pymupdf.open(stream=data, filetype="pdf") as document:
            return int(document.page_count)
    except Exception:  # PyMuPDF raises bare RuntimeErrors, and its own and SWIG's classes beside them
        return 0


def pdftotext(data: bytes) -> list[str]:
    """Poppler's pdftotext in its reading-order mode, the default."""
    done = subprocess.run(
        ["pdftotext", "-q", "-enc", "UTF-8", "-", "-"], input=data, stdout=subprocess.PIPE, check=False
    )
    return done.stdout.decode("utf-8", "replace").split("\f")[:-1]


class Markdown:
    """pymupdf4llm's Markdown, from a child process that stays."""

    def __init__(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "bench.extractors"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Markdown:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.communicate()

    def pages(self, data: bytes) -> list[str]:
        """One Markdown text a page."""
        return self.timed(data)[0]

    def timed(self, data: bytes) -> tuple[list[str], float]:
        """The same, with the seconds that it took."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            file.write(data)
            file.flush()
            self._child.stdin.write(file.name + "\n")
            self._child.stdin.flush()
            answer = json.loads(self._child.stdout.readline())
        return answer["pages"], answer["seconds"]


def _serve(requests: IO[str], replies: IO[str]) -> None:
    pymupdf4llm = importlib.import_module(
        "pymupdf4llm"
    )  # its warnings and progress go to stdout, which `main` has turned away

    for line in requests:
        started = time.perf_counter()
        try:
            with pymupdf.open(line.rstrip("\n")) as document:
                pages = [chunk["text"] for chunk in pymupdf4llm.to_markdown(document, page_chunks=True)]
        except Exception:  # whatever it stumbles over, its yardstick is then an empty text
            pages = []
        replies.write(json.dumps({"pages": pages, "seconds": time.perf_counter() - started}) + "\n")
        replies.flush()


def main() -> None:
    """Be the process that pymupdf4llm runs in."""
    with Path("/dev/null").open("w") as nowhere:
        replies, sys.stdout = sys.stdout, nowhere
        _serve(sys.stdin, replies)


if __name__ == "__main__":
    main()
