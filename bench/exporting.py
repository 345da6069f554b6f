"""What an export costs: 10,000 frames in each format, as a person types it; wall time and peak memory.

Three frames share a paper. `--frames 100000` tells whether memory grows with the list.

The yardstick, in the same run: `curator sql "from frames" --json` over the same frames, which reads and prints the
bare rows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.helpers.review_page import fill

from bench.copies import multiply
from curator.publish.formats.registry import EXPORT_FORMATS
from curator.warehouse import Connection, Warehouse

_PAPERS = (
    "create temp table owned as select f.candidate, 'x' || ((f.number - 1) // 3) as own, c.paper, c.version "
    "from record.frames f join record.candidates c using (candidate)",
    "insert into record.papers by name select distinct on (o.own, p.version) p.* replace (o.own as paper) "
    "from record.papers p join owned o using (paper, version)",
    "update record.candidates c set paper = o.own from owned o where o.candidate = c.candidate",
)
_STARTER = """
import resource, subprocess, sys, time
started = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def measure(frames: int) -> None:
    """Print seconds and megabytes for each format, over the yardstick's."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = fill(Path(folder) / "list")
        Warehouse(workspace.warehouse_file).write(multiply, frames, accepted=frames)
        Warehouse(workspace.warehouse_file).write(_give_papers)
        print(f"exports of {frames:,} frames, seconds and peak memory; in brackets, times that of the bare rows")
        rows = _run(workspace.root, "sql", "from frames", "--json")
        _tell("bare rows", rows, rows)
        for format, chosen in EXPORT_FORMATS.items():
            place = Path(folder) / (format if chosen.output == "folder" else f"list.{format}")
            _tell(format, _run(workspace.root, "export", format, "-o", str(place)), rows)


def _give_papers(connection: Connection) -> None:
    """Every three frames a paper of their own."""
    for statement in _PAPERS:
        connection.execute(statement)


def _run(root: Path, *command: str) -> tuple[float, float]:
    """Seconds and megabytes of one command, which must succeed.

    It is started by a small process of its own: a child's peak memory counts what it was forked from.
    """
    environment = os.environ | {"CURATOR_WORKSPACE": str(root)}
    arguments = [sys.executable, "-c", _STARTER, sys.executable, "-m", "curator", *command]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"curator {' '.join(command)} failed: {done.stderr}")
    seconds, peak = map(float, done.stdout.split())
    return seconds, peak / (1024 if sys.platform != "darwin" else 1024 * 1024)


def _tell(what: str, taken: tuple[float, float], yardstick: tuple[float, float]) -> None:
    seconds, megabytes = taken
    print(
        f"  {what:<10} {seconds:6.2f} s ({seconds / yardstick[0]:.1f})  "
        f"{megabytes:6.0f} MB ({megabytes / yardstick[1]:.1f})",
        flush=True,
    )
