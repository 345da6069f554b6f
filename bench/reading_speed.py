"""What reading costs: the whole reader, its search for hidden text included, over PyMuPDF's plain text.

Both run in this process on the same files, one after the other, several times; each file counts with its median. How
much several child processes help, and how large one grows, is measured as the pipeline runs them.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from statistics import median

from bench.extractors import MARKDOWN, OURS, PDFTOTEXT, PLAIN, Extractor, extractors, ours, pages_of, plain
from bench.inputs import Inputs, spread
from curator.demo.samples import load_sample_papers
from curator.errors import PaperError
from curator.pdf.reader import Reader, ReadLimits

REPEATS = 3
AIM = 4.0  # times the plain extraction, at most
MARKDOWN_PAPERS = 4  # pymupdf4llm is slow: it gets a few of the files, once
WORKERS = (1, 2)


def measure(inputs: Inputs) -> None:
    """Print ratios over plain extraction, throughput with one and two child processes, and their peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        files = inputs.papers or _samples(Path(folder))
        pages = sum(pages_of(path.read_bytes()) for path in files)
        print(
            f"reading speed: {len(files)} papers, {pages} pages, medians of {REPEATS} runs, on {os.cpu_count()} cores"
        )
        _ratios(files, pages)
        _others(files)
        _throughput(files, pages)


def _samples(folder: Path) -> list[Path]:
    found = []
    for held in load_sample_papers():
        assert isinstance(held.pdf, bytes)
        if pages_of(held.pdf):
            found.append(folder / f"{held.paper.versioned_id}.pdf")
            found[-1].write_bytes(held.pdf)
    return found


def _seconds(extractor: Extractor, data: bytes) -> float:
    started = time.perf_counter()
    extractor(data)
    return time.perf_counter() - started


def _ratios(files: Sequence[Path], pages: int) -> None:
    runs: list[tuple[list[float], list[float]]] = []
    for path in files:
        data = path.read_bytes()
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(REPEATS):
            times[0].append(_seconds(plain, data))
            times[1].append(_seconds(ours, data))
        runs.append(times)
    theirs = [median(times[0]) for times in runs]
    own = [median(times[1]) for times in runs]
    each = sorted(mine / its for mine, its in zip(own, theirs, strict=True))
    print(
        f"  {OURS} {1000 * sum(own) / pages:.1f} ms a page, {PLAIN} {1000 * sum(theirs) / pages:.1f} ms a page: "
        f"ratio {sum(own) / sum(theirs):.2f} (aim: at most {AIM:g})"
    )
    print(f"  ratio by paper: median {median(each):.2f}, from {each[0]:.2f} to {each[-1]:.2f}")


def _others(files: Sequence[Path]) -> None:
    """The other extractors over plain extraction; pdftotext with the start of its process."""
    some = [path.read_bytes() for path in spread(list(files), MARKDOWN_PAPERS)]
    base = sum(median(_seconds(plain, data) for _ in range(REPEATS)) for data in some)
    missing: list[str] = []
    with extractors(missing) as found:
        if MARKDOWN in found:
            found[MARKDOWN](some[0])  # its start, and its model's, do not count
        for name, extractor in ((name, found[name]) for name in (MARKDOWN, PDFTOTEXT) if name in found):
            taken = sum(_seconds(extractor, data) for data in some)
            print(f"  {name}: ratio {taken / base:.1f} on {len(some)} of the papers")
    for note in missing:
        print(f"  {note}")


def _throughput(files: Sequence[Path], pages: int) -> None:
    base = 0.0
    for workers in WORKERS:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
            seconds, peak = apart.submit(_read_all, [str(path) for path in files], workers).result()
        base = base or seconds
        memory = f"a child's peak {peak:.0f} MB (limit {ReadLimits().memory_mb} MB)" if peak else "peak memory unknown"
        print(
            f"  {workers} child process{'es' if workers > 1 else ''}: {60 * len(files) / seconds:.0f} papers a minute, "
            f"{pages / seconds:.0f} pages a second, {base / seconds:.2f} times one; {memory}"
        )


def _read_all(files: Sequence[str], workers: int) -> tuple[float, float]:
    """Seconds for all files, and the largest child's peak in MB; in a process that has had no other children."""
    with Reader(ReadLimits(workers=workers)) as reader, ThreadPoolExecutor(workers) as pool:
        list(pool.map(_reading(reader), [files[0]] * workers))  # children are started before the clock is
        started = time.perf_counter()
        list(pool.map(_reading(reader), files))
        seconds = time.perf_counter() - started
    return seconds, _peak_of_children()


def _reading(reader: Reader) -> Callable[[str], None]:
    def read(path: str) -> None:
        with suppress(PaperError):
            reader.read(Path(path), "2501.01234", 1)

    return read


def _peak_of_children() -> float:
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
