"""What the pipeline costs beside the model: 200 papers, a model that answers in 1 s, 16 calls at a time.

The yardstick is arithmetic: calls × 1 s ÷ 16, as if nothing but the model took time. arXiv and the model are real
servers on loopback, each a process of its own; arXiv's interval is off. The command is `curator ingest` as a person
types it, so interpreter start and imports count.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.typesetting.demo_data import describe_paper

from curator.demo.samples import load_sample_papers
from curator.warehouse import Warehouse, ad_hoc

PAPERS = 200
DELAY = 1.0  # seconds that the model takes to answer
AT_ONCE = 16

SETTINGS = f"""
title = "Benchmark"
[draft]
calls_at_once = {AT_ONCE}
[[topics]]
name = "all"
query = "all:benchmark"
about = "language models"
"""


def measure() -> None:
    """Print wall time against the ideal, and where the rest goes."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        catalogue, pdfs = _write_papers(root / "arxiv")
        workspace = root / "workspace"
        workspace.mkdir()
        (workspace / "curator.toml").write_text(SETTINGS, encoding="utf-8")
        arxiv_command = ["curator.demo.server", str(catalogue), str(pdfs)]
        model_command = ["tests.helpers.model_server", "--delay", str(DELAY)]
        with _served(arxiv_command) as arxiv, _served(model_command) as model:
            environment = os.environ | {
                "CURATOR_WORKSPACE": str(workspace),
                "CURATOR_ARXIV_URL": arxiv,
                "CURATOR_ARXIV_INTERVAL": "0",
                "OPENAI_BASE_URL": model,
                "OPENAI_API_KEY": "none",
                "CURATOR_MODEL": "bench",
            }
            started = time.time()
            command = [sys.executable, "-m", "curator", "ingest", "--since", "2020-01-01", "--json"]
            subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
            ended = time.time()
        _print(workspace, started, ended)


def _write_papers(folder: Path) -> tuple[Path, Path]:
    """The sample papers over and over, under ids of their own."""
    folder.mkdir()
    readable = [held for held in load_sample_papers() if isinstance(held.pdf, bytes) and b"%%EOF" in held.pdf[-1024:]]
    lines = []
    for number in range(PAPERS):
        held = readable[number % len(readable)]
        paper = replace(
            held.paper, id=f"2401.{number + 1:05d}", version=1, title=f"Benchmark {number}: {held.paper.title}"
        )
        assert isinstance(held.pdf, bytes)
        (folder / f"{number}.pdf").write_bytes(held.pdf)
        lines.append(json.dumps(describe_paper(paper, f"{number}.pdf")))
    catalogue = folder / "catalogue.jsonl"
    catalogue.write_text("\n".join(lines), encoding="utf-8")
    return catalogue, folder


@contextmanager
def _served(command: list[str]) -> Iterator[str]:
    process = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.wait()


def _print(workspace: Path, started: float, ended: float) -> None:
    warehouse = Warehouse(workspace / "warehouse" / "curator.duckdb")
    sql = """
        select purpose, count(*), sum(seconds), min(epoch(added) - seconds), max(epoch(added))
        from calls where outcome = 'ok' group by purpose
    """
    rows = {row[0]: row[1:] for row in warehouse.read(ad_hoc.run_query, sql).rows}
    calls = sum(row[0] for row in rows.values())
    first = min(row[2] for row in rows.values())
    last = max(row[3] for row in rows.values())
    wall, ideal = ended - started, calls * DELAY / AT_ONCE
    in_flight = sum(row[1] for row in rows.values()) / (last - first)
    print(f"pipeline overhead: {PAPERS} papers, {calls} calls of {DELAY:g} s, {AT_ONCE} at a time")
    print(f"  wall {wall:.2f} s, ideal {ideal:.2f} s, ratio {wall / ideal:.3f} (aim: at most 1.15)")
    print(f"  before the first call {first - started:.2f} s (start, imports, asking arXiv)")
    screening = rows["screen"][3] - rows["screen"][2]
    print(f"  screening {screening:.2f} s for {rows['screen'][0]} calls, before anything is read")
    print(f"  screening to first draft call {rows['draft'][2] - rows['screen'][3]:.2f} s (first download and reading)")
    print(f"  drafting {rows['draft'][3] - rows['draft'][2]:.2f} s for {rows['draft'][0]} calls")
    support = rows["support"]
    print(f"  checking support {support[3] - support[2]:.2f} s for {support[0]} calls, each after its paper's draft")
    print(
        f"  after the last call {ended - last:.2f} s; {in_flight:.1f} calls in flight on average between first and last"
    )
