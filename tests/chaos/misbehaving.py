"""`python -m tests.chaos.misbehaving [--seeds N] [--first S]`: an arXiv and a model that both misbehave on a seeded
plan, over a few runs of one list; then they behave. Looked at after each seed: every paper is drafted or on record as
failed, each once; nothing is paid for twice; the request log keeps arXiv's manners.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from curator.demo.holdings import HeldPaper
from curator.demo.server import Request, Response
from curator.errors import ArxivRefused
from curator.pipeline import IngestReport, ingest
from curator.warehouse import Connection, Warehouse, runs
from curator.workspace import Workspace
from tests.helpers.arxiv_faults import (
    BUSY,
    ERROR_ENTRY,
    HTML,
    MISSING,
    NO_FEED,
    REFUSED,
    FaultyArxiv,
    held,
    make_workspace,
)
from tests.helpers.model_server import ModelServer, Reply, point_at_claims, pointed_at

INTERVAL = 0.02  # seconds between two requests, in place of arXiv's three
BAD_RUNS = 4  # in which both misbehave
MOST_RUNS = 12
SOON = (("Retry-After-Ms", "1"),)  # a retry waits half a second and more without it
_EPSILON = 0.003  # seconds between the client's clock and the server's


@dataclass
class Misbehaving(FaultyArxiv):
    """Answers some requests with a fault, as the dice say; keeps when it asked not to be asked before."""

    papers_: list[HeldPaper]
    dice: random.Random
    rate: float = 0.0
    faults_made: Counter[str] = field(default_factory=Counter)
    refused_at: list[float] = field(default_factory=list)
    went_on_at: list[float] = field(default_factory=list)
    not_before: list[tuple[float, float]] = field(default_factory=list)  # said at; seconds

    def __post_init__(self) -> None:
        super().__init__(self.papers_)
        self._dice_lock = threading.Lock()

    def answer(self, request: Request) -> Response:
        good = super().answer(request)
        with self._dice_lock:
            if self.dice.random() >= self.rate:
                return good
            faults = QUERY_FAULTS if request.path == "/api/query" else PDF_FAULTS
            name = self.dice.choices(list(faults), [weight for weight, _ in faults.values()])[0]
            self.faults_made[name] += 1
        bad = faults[name][1](good)
        if bad.status == 403:
            self.refused_at.append(time.monotonic())
        elif wait := bad.headers.get("Retry-After"):
            self.not_before.append((time.monotonic(), float(wait)))
        return bad


def _drop(good: Response) -> Response:
    raise ConnectionError


def _cut(good: Response) -> Response:
    """Half of it, under the length of the whole."""
    return replace(good, body=good.body[: len(good.body) // 2], headers={**good.headers, "Content-Length": "999999"})


def _entries(good: Response, change: Callable[[list[bytes]], list[bytes]]) -> Response:
    head, *entries = re.split(rb"(?=<entry>)", good.body.removesuffix(b"</feed>"))
    return replace(good, body=b"".join([head, *change(entries), b"</feed>"]))


def _empty(good: Response) -> Response:
    body = re.sub(rb"(totalResults>)\d+", rb"\g<1>0", _entries(good, lambda entries: []).body)
    return replace(good, body=body)


def _other_total(good: Response) -> Response:
    return replace(good, body=re.sub(rb"(totalResults>)(\d+)", rb"\g<1>1\2", good.body))


def _garbled(good: Response) -> Response:
    return replace(good, body=good.body.replace(b"<published>", b"<published>x", 1))


Faults = dict[str, tuple[float, Callable[[Response], Response]]]
ANYWHERE: Faults = {
    "503 and when": (1, lambda good: replace(BUSY, headers={"Retry-After": "0"})),
    "503 in a second": (0.2, lambda good: BUSY),
    "429": (1, lambda good: Response(429, b"Rate exceeded.")),
    "503": (1, lambda good: Response(503, b"later")),
    "500": (1, lambda good: Response(500, b"oops")),
    "reset": (1, _drop),
    "truncated": (1, _cut),
    "refused": (0.15, lambda good: REFUSED),
}
QUERY_FAULTS: Faults = ANYWHERE | {
    "empty page": (1, _empty),
    "short page": (1, lambda good: _entries(good, lambda entries: entries[:-1])),
    "another total": (1, _other_total),
    "error entry": (0.5, lambda good: ERROR_ENTRY),
    "no feed": (1, lambda good: NO_FEED),
    "rate exceeded, status 200": (1, lambda good: Response(200, b"Rate exceeded.")),
    "nothing": (0.5, lambda good: Response(200, b"")),
    "malformed entry": (1, _garbled),
    "garbage": (0.5, lambda good: Response(200, b"\x00\xff\xfe" * 50)),
}
PDF_FAULTS: Faults = ANYWHERE | {
    "no PDF": (0.5, lambda good: MISSING),
    "HTML": (1, lambda good: HTML),
    "garbage": (0.5, lambda good: Response(200, b"%PDF-1.7\n" + b"\x00" * 500, {"Content-Type": "application/pdf"})),
    "nothing": (0.5, lambda good: Response(200, b"")),
}
MODEL_FAULTS: dict[str, Callable[[Reply], Reply]] = {
    "500": lambda good: Reply(status=500, body=b'{"error": {"message": "oops"}}', headers=SOON),
    "429": lambda good: Reply(status=429, body=b'{"error": {"message": "slow down"}}', headers=SOON),
    "dropped": lambda good: Reply(dropped=True),
    "chat": lambda good: Reply("I would rather talk about it."),
    "refusal": lambda good: Reply(refusal="I cannot help with that."),
    "cut short": lambda good: replace(good, content=(good.content or "")[:30], finish_reason="length"),
    "empty": lambda good: Reply(""),
    "another schema": lambda good: Reply('{"answer": 42}'),
    "others' ids": lambda good: Reply((good.content or "").replace("2611.", "1999.")),
    "wrong key": lambda good: Reply(status=401, body=b'{"error": {"message": "no such key"}}'),
    "no API": lambda good: Reply(body=b"<html>Log in</html>"),
}


@dataclass
class BadModel:
    """Answers some questions with a fault, as the dice say."""

    dice: random.Random
    rate: float = 0.0
    faults_made: Counter[str] = field(default_factory=Counter)

    def __call__(self, asked: dict[str, Any]) -> Reply:
        good = point_at_claims(asked)
        if self.dice.random() >= self.rate:
            return good
        name = self.dice.choice([*MODEL_FAULTS, *list(MODEL_FAULTS)[:-2] * 2])  # what ends a run comes less often
        self.faults_made[name] += 1
        return MODEL_FAULTS[name](good)


def shelf(dice: random.Random) -> list[HeldPaper]:
    """A few papers, among them one whose PDF is garbage for good, and sometimes one that was withdrawn."""
    papers = [held(n, dice.choice(["grokking", "refusal"]), days_ago=dice.uniform(1, 9)) for n in range(1, 7)]
    papers.append(held(7, pdf=b"%PDF-1.7\nnothing more", days_ago=2))
    if dice.random() < 0.5:
        papers.append(held(8, "refusal", pdf=None, version=2, comment="This paper has been withdrawn.", days_ago=2))
    return papers


def run(root: Path, seed: int) -> tuple[Counter[str], Counter[str], int]:
    """One seed: faults of arXiv and of the model that were made, and how many runs it took.

    Raises AssertionError where something does not hold.
    """
    dice = random.Random(seed)
    model_ = BadModel(random.Random(seed + 1))
    with (
        Misbehaving(shelf(dice), random.Random(seed + 2)) as arxiv,
        ModelServer(answer=model_) as model,
        pointed_at(model),
    ):
        list_ = make_workspace(root, arxiv.url)
        settings = list_.root / "curator.toml"
        settings.write_text(
            settings.read_text(encoding="utf-8").replace("interval = 0", f"interval = {INTERVAL}"), encoding="utf-8"
        )
        taken = 0
        for number in range(MOST_RUNS):
            bad = number < BAD_RUNS
            arxiv.rate, model_.rate = (dice.uniform(0.1, 0.5), dice.uniform(0, 0.4)) if bad else (0.0, 0.0)
            report = ingest(list_)
            taken += 1
            if isinstance(report.stopped, ArxivRefused) and arxiv.refused_at:
                arxiv.went_on_at.append(time.monotonic())
                arxiv.go_on()
            if not bad and _is_settled(list_, arxiv, report):
                break
        _look(list_, arxiv)
    return arxiv.faults_made, model_.faults_made, taken


def _is_settled(list_: Workspace, arxiv: Misbehaving, report: IngestReport) -> bool:
    return report.outcome == "done" and not _missing(list_, arxiv)


def _look(list_: Workspace, arxiv: Misbehaving) -> None:
    missing = _missing(list_, arxiv)
    assert not missing, f"neither drafted nor on record as failed: {missing}"
    read = Warehouse(list_.warehouse_file).read
    assert read(_twice) == [], "there twice, or paid for twice"
    garbage = read(lambda c: c.execute("select paper from record.drafts where paper = '2611.00007'").fetchall())
    assert not garbage, "drafted from nothing"
    assert not list(list_.pdfs.glob("*.part"))
    look_at_manners(arxiv)


def _missing(list_: Workspace, arxiv: Misbehaving) -> set[str]:
    known = Warehouse(list_.warehouse_file).read(
        lambda c: c.execute("select paper from record.drafts union select paper from failures where open").fetchall()
    )
    return {one.paper.id for one in arxiv.papers_} - {paper for (paper,) in known}


def _twice(connection: Connection) -> list[Any]:
    found = connection.execute(
        """
        select 'drafted', paper from record.drafts group by all having count(*) > 1
        union all select 'paid', request from record.calls where outcome = 'ok' group by all having count(*) > 1
        union all select 'queued', candidate from record.candidates group by all having count(*) > 1
        """
    ).fetchall()
    unended = connection.execute("select run from runs where ended is null").fetchall()
    assert not runs.load_missing(connection), "announced, and never got"
    return [*found, *unended]


def look_at_manners(arxiv: Misbehaving) -> None:
    """One request at a time, so far apart, not before arXiv said so, none after a refusal until somebody said so."""
    log = sorted(arxiv.log, key=lambda one: one.arrived)
    for before, after in pairwise(log):
        assert after.arrived >= before.arrived + (before.seconds or 0) - _EPSILON, "two requests at once"
        assert after.arrived - before.arrived >= INTERVAL - _EPSILON, (
            f"only {after.arrived - before.arrived:.4f} s apart"
        )
    for said, seconds in arxiv.not_before:
        early = [one for one in log if said + _EPSILON < one.arrived < said + seconds - 0.05]
        assert not early, f"asked {early[0].arrived - said:.2f} s after it said: in {seconds} s"
    for refused, on in zip(arxiv.refused_at, arxiv.went_on_at, strict=True):
        assert not [one for one in log if refused + _EPSILON < one.arrived < on], "asked after a refusal"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    of_arxiv, of_model, runs_taken = Counter[str](), Counter[str](), Counter[int]()
    for seed in range(given.first, given.first + given.seeds):
        with tempfile.TemporaryDirectory() as folder:
            arxivs, models, taken = run(Path(folder) / "list", seed)
        of_arxiv, of_model = of_arxiv + arxivs, of_model + models
        runs_taken[taken] += 1
        print(f"seed {seed}: {arxivs.total()} faults of arXiv, {models.total()} of the model, {taken} runs", flush=True)
    print(f"{given.seeds} seeds: every paper drafted or on record, each once, and arXiv's manners kept.")
    for name, made in (("arXiv", of_arxiv), ("the model", of_model)):
        print(f"{name}: " + ", ".join(f"{what} {number}" for what, number in made.most_common()))
    print("runs until settled: " + ", ".join(f"{number} in {seeds}" for number, seeds in sorted(runs_taken.items())))


if __name__ == "__main__":
    main()
