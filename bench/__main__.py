"""`python -m bench [NAME ...] [--data DIR] [--pairs DIR]`: run the named measurements, or all."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from bench import exporting, fidelity, pipeline_overhead, quotes, reading_speed, review_page
from bench.inputs import DATA, Inputs

MEASUREMENTS: dict[str, Callable[[Inputs], None]] = {
    "fidelity": fidelity.measure,
    "speed": reading_speed.measure,
    "pipeline": lambda _: pipeline_overhead.measure(),
    "quotes": quotes.measure,
    "export": lambda given: exporting.measure(given.frames),
    "review": lambda _: review_page.measure(),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure; each figure beside its yardstick.")
    parser.add_argument("name", nargs="*", help=f"what to measure, by default all: {', '.join(MEASUREMENTS)}")
    parser.add_argument("--data", type=Path, default=DATA, help="real papers; by default shared/data by the checkout")
    parser.add_argument("--pairs", type=Path, help="a folder of ground truths: NAME.pdf beside NAME.txt")
    parser.add_argument("--frames", type=int, default=10_000, help="how many `export` measures with")
    given, rest = parser.parse_known_args()
    if rest and given.name != ["quotes"]:
        parser.error(f"unknown: {' '.join(rest)}; only `quotes` has options of its own")
    if unknown := set(given.name) - set(MEASUREMENTS):
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}; there are: {', '.join(MEASUREMENTS)}")
    for name in given.name or MEASUREMENTS:
        MEASUREMENTS[name](Inputs(given.data, given.pairs, tuple(rest), given.frames))


if __name__ == "__main__":
    main()
