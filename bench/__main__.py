"""`python -m bench [NAME ...]`: run the named measurements, or all."""

from __future__ import annotations

import sys

from bench import pipeline_overhead

MEASUREMENTS = {"pipeline": pipeline_overhead.measure}


def main() -> None:
    names = sys.argv[1:] or list(MEASUREMENTS)
    unknown = set(names) - set(MEASUREMENTS)
    if unknown:
        sys.exit(f"There is no measurement {', '.join(sorted(unknown))}; there are: {', '.join(MEASUREMENTS)}.")
    for name in names:
        MEASUREMENTS[name]()


if __name__ == "__main__":
    main()
