"""The frames as CSV (RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from curator.publish.citations import iso_time
from curator.publish.frame_rows import FrameRow, frame_rows
from curator.publish.snapshot import ListSnapshot

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters of a cell that a spreadsheet evaluates: https://owasp.org/www-community/attacks/CSV_Injection"""


def render(snapshot: ListSnapshot) -> Iterator[str]:
    """Yield a header, then a row for each frame; lists within a cell are joined by "; ".

    A cell that a spreadsheet would evaluate as a formula gets an apostrophe before it, since its text may come from a
    stranger. All other cells read back to the same text.
    """
    yield _line(FrameRow.__annotations__)
    for row in frame_rows(snapshot.frames):
        yield _line(map(_cell, row.values()))


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, list):
        text = "; ".join(value)
    elif isinstance(value, datetime):
        text = iso_time(value)
    else:
        text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
