"""`python -m tests.chaos.killing [--kills N] [--seed S]`: kill −9 at random instants of ingest, collect, decide, watch,
publish and backup over one workspace, and look after each kill that nothing is half, lost or there twice.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from curator.demo.holdings import HeldPaper
from curator.ops.backup import restore
from curator.pipeline import ingest
from curator.publish.publisher import publish
from curator.warehouse import Connection, Warehouse, candidates
from curator.workspace import Workspace
from tests.helpers.arxiv_faults import FaultyArxiv, held, make_workspace
from tests.helpers.batch_api import BatchApi
from tests.helpers.model_server import ModelServer, pointed_at

TOPICS = ("grokking", "refusal")
LONGEST = {
    "ingest": 4.0, "ingest --batch": 4.0, "collect": 3.0, "accept": 0.9, "reject": 0.9, "undo": 0.9, "redo": 0.9,
    "publish": 1.0, "watch": 1.6, "backup": 1.2,
}  # fmt: skip
"""Seconds after which the kill comes at the latest: a little more than each takes."""
ONCE = {
    "papers": "paper, version", "documents": "paper, version, extractor", "pages": "paper, version, extractor, number",
    "drafts": "paper, version, drafter", "candidates": "candidate", "quotes": "candidate, position",
    "sightings": "paper, topic", "screenings": "paper, topic", "frames": "number", "decisions": "decision",
    "notices": "evidence, version", "runs": "run", "run_ends": "run", "supports": "candidate, checker, text, scope",
    "calls": "case when outcome = 'ok' then request else call end",  # an answer that is on record is not paid for again
}  # fmt: skip


def shelf(papers: int) -> list[HeldPaper]:
    return [held(number, TOPICS[number % 2], days_ago=1 + number % 9) for number in range(1, papers + 1)]


@dataclass
class Chaos:
    """One workspace, what was acknowledged in it, and dice."""

    workspace: Workspace
    arxiv: FaultyArxiv
    provider: BatchApi
    dice: random.Random
    accepted: set[str] = field(default_factory=set)  # decisions that were answered with success and not undone
    kills: int = 0
    backups: int = 0

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.workspace.warehouse_file)

    def round(self) -> str:
        """Start something, kill it or not, and look at what is there."""
        what = self.dice.choice([*LONGEST, "ingest", "accept", "accept"])
        if self.dice.random() < 0.3:
            self.provider.finish()
        arguments = self._arguments(what)
        if arguments is None:
            return f"{what}: nothing to do"
        process = subprocess.Popen(
            [sys.executable, "-m", "curator", *arguments],
            env=os.environ | {"CURATOR_WORKSPACE": str(self.workspace.root), "PYTHONWARNINGS": "ignore"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        moment = self.dice.uniform(0, LONGEST[what])
        try:
            out, _ = process.communicate(timeout=moment)
            assert process.returncode in (0, 3) or what in ("undo", "redo", "accept", "reject"), out
        except subprocess.TimeoutExpired:
            self.kills += 1
            os.killpg(process.pid, signal.SIGKILL)  # as a power cut: its reading children too
            process.communicate()
            out = "killed"
        if what == "accept" and process.returncode == 0:
            self.accepted.add(arguments[1])
        if what in ("undo", "redo", "reject"):
            self.accepted &= self._standing()  # it may have been carried out, and no more be told
        self.look()
        return f"{what} {moment:.2f} s: {'killed' if out == 'killed' else process.returncode}"

    def _arguments(self, what: str) -> list[str] | None:
        if what in ("accept", "reject"):
            waiting = self.warehouse.read(candidates.load_candidates) if self.workspace.warehouse_file.exists() else []
            if not waiting:
                return None
            chosen = self.dice.choice(waiting).id
            return [what, chosen] if what == "accept" else [what, chosen, "--reason", "chance"]
        if not self.workspace.warehouse_file.exists() and not what.startswith("ingest"):
            return None
        if what == "backup":
            self.backups += 1
            return [what, str(self.workspace.root / f"b{self.backups % 3}.tar.gz")]
        return what.split()

    def _standing(self) -> set[str]:
        return {item.id for item in self.warehouse.read(candidates.load_candidates, ("accepted",))}

    def look(self) -> None:
        """Everything that must hold, whatever was killed. Raises AssertionError."""
        if self.workspace.warehouse_file.exists():
            self.warehouse.write(lambda _: None)  # the first one may have been killed before there was any schema
            twice = self.warehouse.read(_twice)
            assert twice == [], f"there twice: {twice}"
            assert self.accepted <= self._standing(), "an acknowledged decision is lost"
        sent = Counter(line["custom_id"] for batch in self.provider.batches for line in batch.lines)
        assert sent.total() == len(sent), "sent in two batches"
        for pdf in self.workspace.pdfs.glob("*.pdf"):
            (told,) = [one for one in self.arxiv.papers if f"{one.paper.versioned_id}.pdf" == pdf.name]
            assert pdf.read_bytes() == told.pdf, f"{pdf.name} is half"
        if self.workspace.list_file.exists():
            text = self.workspace.list_file.read_text(encoding="utf-8")
            marks = re.findall(r"<!-- curator:(begin|end) (\w+)", text)
            assert len(marks) == 8, f"the list is half: {marks}"
            assert text.endswith("-->\n")

    def finish(self) -> None:
        """Let everything run to its end: every paper is drafted, each once, and the list says what was accepted."""
        self.provider.finish()
        report = ingest(self.workspace)
        assert report.outcome == "done", report
        self.look()
        drafted = self.warehouse.read(
            lambda c: c.execute("select paper, count(*) from record.drafts group by 1").fetchall()
        )
        mine = {one.paper.id for one in self.arxiv.papers if one.pdf is not None}
        assert dict(drafted) == dict.fromkeys(mine, 1)
        publish(self.workspace)
        text = self.workspace.list_file.read_text(encoding="utf-8")
        frames = self.warehouse.read(lambda c: c.execute("select frame from frames").fetchall())
        assert all(f'<a id="{frame}">' in text for (frame,) in frames)
        assert publish(self.workspace).diff == ""
        for file in self.workspace.root.glob("*.tar.gz"):
            with tempfile.TemporaryDirectory() as folder:
                assert restore(Workspace(Path(folder)), file).files


def _twice(connection: Connection) -> list[str]:
    found = []
    for table, key in ONCE.items():
        rows = connection.execute(f"select {key} from record.{table} group by all having count(*) > 1").fetchall()
        found += [f"{table} {row}" for row in rows]
    return found


def run(root: Path, kills: int, seed: int, papers: int, say: bool = False) -> Chaos:
    """So many kills on a new workspace, then to the end. Raises AssertionError where something does not hold."""
    with FaultyArxiv(shelf(papers)) as arxiv, ModelServer() as model, pointed_at(model):
        chaos = Chaos(make_workspace(root, arxiv.url), arxiv, model.take_batches(), random.Random(seed))
        while chaos.kills < kills:
            told = chaos.round()
            if say:
                print(f"{chaos.kills:4}  {told}", flush=True)
        chaos.finish()
    return chaos


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--papers", type=int, default=30)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        chaos = run(Path(folder) / "list", given.kills, given.seed, given.papers, say=True)
    print(f"{chaos.kills} kills: nothing half, nothing lost, nothing twice.")


if __name__ == "__main__":
    main()
