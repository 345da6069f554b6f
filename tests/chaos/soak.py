"""`python -m tests.chaos.soak [--minutes M] [--weeks N] [--seed S]`: one list over simulated weeks, in one process.

The clock of this process is set on from one scheduled moment to the next. Every mailing night new papers are there and
an ingest runs, with a model; a person decides on part of the queue; every week the list is published, its papers are
looked at again, and a backup is written; a review page stands open all the time and is asked by itself. Told for each
stretch of weeks: memory, file handles, threads, and what the warehouse has grown by for each paper. The stand-in for
arXiv, which holds more and more, is in a process of its own that is not measured.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import time_machine

from curator.arxiv.calendar import announcements_between, submission_window
from curator.demo.holdings import HeldPaper, Holdings
from curator.ops.backup import rotate_backups
from curator.pipeline import ingest
from curator.pipeline.recheck import watch
from curator.publish.publisher import publish
from curator.review.decisions import Reviewer
from curator.warehouse import Warehouse, ad_hoc, candidates, statistics
from curator.workspace import Workspace
from tests.helpers.arxiv_faults import FaultyArxiv, held, make_workspace
from tests.helpers.model_server import ModelServer, pointed_at
from tests.helpers.review_page import session_cookie

FIRST_DAY = datetime(2026, 1, 5, tzinfo=UTC)
TOLD_EVERY = 4  # weeks
NIGHT = timedelta(hours=4, minutes=30)  # after a mailing
KEPT_BACKUPS = 3
LIKE = 20  # papers with PDFs of their own; the others' are copies
REVISED = 0.1  # of the papers get a second version, a week later


@dataclass(frozen=True)
class Figures:
    """What one stretch of weeks left behind."""

    week: int
    papers: int
    memory_mb: float  # resident, of the process that ingests
    handles: int
    threads: int
    page_memory_mb: float  # resident, of the review page's process
    page_handles: int
    warehouse_mb: float
    backups: int

    def __str__(self) -> str:
        each = self.warehouse_mb * 1024 / self.papers if self.papers else 0
        return (
            f"week {self.week:4}: {self.papers:5} papers; {self.memory_mb:5.0f} MB, {self.handles} handles, "
            f"{self.threads} threads; page {self.page_memory_mb:5.0f} MB, {self.page_handles} handles; "
            f"warehouse {self.warehouse_mb:6.1f} MB ({each:.0f} kB a paper), {self.backups} backups"
        )


class GrowingArxiv:
    """Holds nothing at first, in a process of its own with a clock of its own."""

    def __enter__(self) -> GrowingArxiv:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve_arxiv, args=(theirs,))
        self._process.start()
        self.url: str = self._pipe.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.send(None)
        self._process.join()
        self._process.close()
        self._pipe.close()

    def becomes(self, moment: datetime, papers: Sequence[HeldPaper] = ()) -> None:
        """It is that time there, and it holds these papers as well."""
        self._pipe.send((moment, papers))
        self._pipe.recv()


def _serve_arxiv(pipe: Connection) -> None:
    with FaultyArxiv() as arxiv:
        arxiv.papers = []
        arxiv.holdings = Holdings(())
        pipe.send(arxiv.url)
        told = pipe.recv()
        while told is not None:
            moment, papers = told
            arxiv.add(*papers)
            with time_machine.travel(moment):
                pipe.send("done")
                told = pipe.recv()


@dataclass
class Soak:
    """One list, and how far its weeks have gone."""

    workspace: Workspace
    arxiv: GrowingArxiv
    page: subprocess.Popen[str]
    address: str
    dice: random.Random
    number: int = 0  # of papers so far
    latest: deque[HeldPaper] = field(default_factory=lambda: deque(maxlen=60))

    def __post_init__(self) -> None:
        self.cookie = "=".join(session_cookie(self.workspace))

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.workspace.warehouse_file)

    def week(self, begins: datetime, mailings: int) -> None:
        """Let a week go by: an ingest after each of its last `mailings`, and what its end brings."""
        ends = begins + timedelta(days=7)
        for mailing in list(announcements_between(begins, ends))[-mailings:]:
            self.arxiv.becomes(mailing + NIGHT, self._submitted(mailing))
            with time_machine.travel(mailing + NIGHT):
                report = ingest(self.workspace)
                assert report.outcome == "done", report
                assert {one.state for one in report.topics} <= {"fresh", "quiet"}, report.topics
                self._decide()
            self._look_at_the_page()
        self.arxiv.becomes(ends)
        with time_machine.travel(ends):
            publish(self.workspace)
            looked = watch(self.workspace)
            assert looked.outcome == "done", looked
            rotate_backups(self.workspace, self.workspace.root / "backups", KEPT_BACKUPS)
            self.warehouse.read(ad_hoc.run_query, "select count(*) from candidates")

    def _submitted(self, mailing: datetime) -> list[HeldPaper]:
        """A few papers, others that no topic is about, and second versions of some that are a week old."""
        new = [
            self._paper(topic, mailing)
            for topic in ("grokking", "refusal")
            for _ in range(self.dice.choice([0, 1, 1, 2]))
        ]
        others = [replace(self._paper("else", mailing), pdf=None) for _ in range(2)]
        old = [one for one in list(self.latest)[:-30] if one.pdf is not None and one.paper.version == 1]
        revised = [
            replace(one, paper=replace(one.paper, version=2, updated=mailing - timedelta(hours=8)))
            for one in old
            if self.dice.random() < REVISED / 5
        ]
        found = [*new, *others, *revised]
        self.latest += found
        return found

    def _paper(self, topic: str, mailing: datetime) -> HeldPaper:
        since, until = submission_window(mailing)
        submitted = since + (until - since) * self.dice.uniform(0.01, 0.99)
        self.number += 1
        like = held(self.number % LIKE, topic)  # what stands in its PDF: the stand-in must not grow, or we measure that
        paper = replace(
            like.paper, id=f"2611.{self.number:05}", title=f"{like.paper.title} ({self.number})",
            published=submitted, updated=submitted,
        )  # fmt: skip
        return HeldPaper(paper, like.pdf)

    def _decide(self) -> None:
        desk = Reviewer(self.warehouse, "Ada")
        for item in self.warehouse.read(candidates.load_candidates):
            match self.dice.choice("aard "):
                case "a":
                    desk.accept(item.id)
                case "r":
                    desk.reject(item.id, "chance")
                case "d":
                    desk.defer(item.id)

    def _look_at_the_page(self) -> None:
        for path in ("", "review", "list", "pulse", "cards"):
            asked = urllib.request.Request(f"{self.address}{path}", headers={"Cookie": self.cookie})
            with urllib.request.urlopen(asked, timeout=60) as answer:
                assert answer.status == 200
                answer.read()

    def figures(self, week: int) -> Figures:
        gc.collect()
        papers = self.warehouse.read(statistics.load_status)["papers"]
        backups = len(list((self.workspace.root / "backups").iterdir()))
        return Figures(
            week, papers, *_of_process(os.getpid()), _threads(), *_of_process(self.page.pid),
            self.workspace.warehouse_file.stat().st_size / 2**20, backups,
        )  # fmt: skip


def _of_process(pid: int) -> tuple[float, int]:
    """Resident memory in MB, and open file handles."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20, len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


@contextmanager
def page_of(workspace: Workspace) -> Iterator[tuple[subprocess.Popen[str], str]]:
    page = subprocess.Popen(
        [sys.executable, "-m", "curator", "review", "--port", "0", "--no-browser"],
        env=os.environ | {"CURATOR_WORKSPACE": str(workspace.root), "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert page.stdout is not None
    try:
        yield page, page.stdout.readline().split()[-1]
    finally:
        page.terminate()
        page.communicate()


def run(
    root: Path, weeks: int, minutes: float, seed: int, *, mailings: int = 5, every: int = TOLD_EVERY, say: bool = False
) -> list[Figures]:
    """Let weeks with so many mailings go by, as many as fit into the minutes.

    Raises:
        AssertionError: A run fails.
    """
    told = []
    give_up = time.monotonic() + 60 * minutes
    with GrowingArxiv() as arxiv, ModelServer() as model, pointed_at(model):
        workspace = make_workspace(root, arxiv.url, more="[draft]\nprice_in = 0.25\nprice_out = 2.0")
        with page_of(workspace) as (page, address):
            soak = Soak(workspace, arxiv, page, address, random.Random(seed))
            for week in range(1, weeks + 1):
                soak.week(FIRST_DAY + timedelta(weeks=week - 1), mailings)
                model.asked.clear()
                if week % every == 0 or week == weeks:
                    told.append(soak.figures(week))
                    if say:
                        print(told[-1], flush=True)
                if time.monotonic() > give_up:
                    break
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--weeks", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = run(Path(folder) / "list", given.weeks, given.minutes, given.seed, say=True)
    first, last = told[min(2, len(told) - 1)], told[-1]
    print(
        f"From week {first.week} to {last.week}: memory ×{last.memory_mb / first.memory_mb:.2f}, handles "
        f"{first.handles} → {last.handles}, page's memory ×{last.page_memory_mb / first.page_memory_mb:.2f}, "
        f"{(last.warehouse_mb - first.warehouse_mb) * 1024 / max(1, last.papers - first.papers):.0f} kB a paper."
    )


if __name__ == "__main__":
    main()
