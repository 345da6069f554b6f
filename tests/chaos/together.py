"""`python -m tests.chaos.together [--minutes M]`: ingests, a review page, decisions, publications, queries and backups
on one list, all at once and over and over, with a foreign reader that now and then holds the file for seconds. Nothing
may fail, and no decision that was acknowledged may be lost.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from curator.errors import DecisionError
from curator.publish.publisher import publish
from curator.review.decisions import Reviewer
from curator.warehouse import Warehouse, candidates
from curator.workspace import Workspace
from tests.chaos.soak import page_of
from tests.helpers.arxiv_faults import FaultyArxiv, held, make_workspace
from tests.helpers.review_page import session_cookie

HELD_BY_OTHERS = 4.0  # seconds
PATIENCE = 900  # seconds: a machine may stand still for minutes and go on, which is no failure
TOLD_EVERY = 600.0  # seconds
READER = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1], read_only=True); time.sleep(float(sys.argv[2]))"


@dataclass
class Together:
    """One list and all that goes on in it until `ends`, a moment of time.monotonic()."""

    workspace: Workspace
    arxiv: FaultyArxiv
    address: str
    ends: float
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    decided: dict[str, str] = field(default_factory=dict)  # candidate: what was acknowledged last
    papers: int = 10

    def __post_init__(self) -> None:
        self.cookie = "=".join(session_cookie(self.workspace))

    def over(self) -> bool:
        return time.monotonic() > self.ends or bool(self.failed)

    def again_and_again(self, what: str, do: Callable[[], None], pause: float = 0.0) -> None:
        while not self.over():
            try:
                do()
                self.done[what] += 1
            except Exception as error:  # whatever it is: it is what we are looking for
                self.failed.append(f"{what}: {type(error).__name__}: {error}")
            time.sleep(min(pause, max(0.0, self.ends - time.monotonic())))

    def command(self, *arguments: str) -> None:
        said = subprocess.run(
            [sys.executable, "-m", "curator", *arguments],
            env=os.environ | {"CURATOR_WORKSPACE": str(self.workspace.root), "PYTHONWARNINGS": "ignore"},
            capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        assert said.returncode == 0, f"{arguments}: {said.returncode}: {said.stdout}{said.stderr}"

    def ingest(self) -> None:
        for _ in range(3):
            self.papers += 1
            self.arxiv.add(held(self.papers, self.dice.choice(["grokking", "refusal"]), days_ago=1))
        self.command("ingest")

    def decide(self) -> None:
        desk = Reviewer(Warehouse(self.workspace.warehouse_file), "Ada")
        waiting = Warehouse(self.workspace.warehouse_file).read(candidates.load_candidates)
        if not waiting:
            time.sleep(0.5)
            return
        one = self.dice.choice(waiting)
        try:
            if self.dice.random() < 0.6:
                desk.accept(one.id)
                self.decided[one.id] = "accepted"
            else:
                desk.reject(one.id, "chance")
                self.decided[one.id] = "rejected"
        except DecisionError as error:
            self.failed.append(f"decide: {error}")

    def look_at_the_page(self) -> None:
        for path in ("review", "list", "pulse"):
            asked = urllib.request.Request(f"{self.address}{path}", headers={"Cookie": self.cookie})
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                answer.read()

    def hold(self) -> None:
        subprocess.run(
            [sys.executable, "-c", READER, str(self.workspace.warehouse_file), str(HELD_BY_OTHERS)],
            capture_output=True, timeout=PATIENCE, check=False,  # it may find the file taken, which is its own affair
        )  # fmt: skip

    def look_for_lost(self) -> None:
        """Every decision that was acknowledged by now stands. Raises AssertionError."""
        decided = dict(self.decided)
        warehouse = Warehouse(self.workspace.warehouse_file, wait=PATIENCE)
        stand = {
            item.id: item.status
            for item in warehouse.read(candidates.load_candidates, ("accepted", "rejected", "pending"))
        }
        lost = {one for one, what in decided.items() if stand.get(one) != what}
        assert not lost, f"acknowledged, and lost: {lost}"

    def look(self) -> None:
        """Nothing failed, every decision stands, and the list says what was accepted. Raises AssertionError."""
        assert not self.failed, self.failed
        self.look_for_lost()
        publish(self.workspace)
        assert publish(self.workspace).diff == ""


def run(root: Path, minutes: float, seed: int, *, say: bool = False) -> Counter[str]:
    """Everything at once for so long; how often each was done. Raises AssertionError where something does not hold."""
    with FaultyArxiv([held(number) for number in range(1, 11)]) as arxiv:
        workspace = make_workspace(root, arxiv.url)
        with page_of(workspace) as (_, address):
            all_ = Together(workspace, arxiv, address, time.monotonic() + 60 * minutes, random.Random(seed))
            all_.ingest()
            all_.ends = time.monotonic() + 60 * minutes
            backup = str(root / "backup.tar.gz")
            going_on: dict[str, tuple[Callable[[], None], float]] = {
                "ingest": (all_.ingest, 0.5),
                "decide": (all_.decide, 0.2),
                "page": (all_.look_at_the_page, 0.5),
                "publish": (lambda: all_.command("publish"), 1),
                "sql": (lambda: all_.command("sql", "select count(*) from quotes"), 0.5),
                "backup": (lambda: all_.command("backup", backup), 10),
                "foreign reader": (all_.hold, 20),
                "look for lost decisions": (all_.look_for_lost, 60),
            }
            threads = [
                threading.Thread(target=all_.again_and_again, args=(what, do, pause))
                for what, (do, pause) in going_on.items()
            ]
            for thread in threads:
                thread.start()
            while say and not all_.over():
                time.sleep(min(TOLD_EVERY, max(1.0, all_.ends - time.monotonic())))
                print(f"{dict(all_.done)}; {len(all_.decided)} decisions", flush=True)
            for thread in threads:
                thread.join()
        all_.look()
    return all_.done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        done = run(Path(folder) / "list", given.minutes, given.seed, say=True)
    print(f"{given.minutes:g} minutes, nothing failed, nothing lost: " + ", ".join(f"{w} {n}" for w, n in done.items()))


if __name__ == "__main__":
    main()
