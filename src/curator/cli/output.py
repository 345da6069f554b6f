"""How things look in a terminal. Strangers' text is put on one line and stripped of controls before it is printed."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curator.sanitize import single_line

if TYPE_CHECKING:
    from curator.warehouse.candidates import QueuedCandidate

WIDTH = 100
LONGEST_WORD = 2000  # characters; an address may be as long, and breaking a word takes quadratic time
_TOO_LONG = re.compile(rf"\S{{{LONGEST_WORD},}}")
SHORTEST_ID = 6


def echo_json(value: Any) -> None:
    """One JSON document on stdout and nothing else; times are ISO 8601 in UTC, numbers that JSON lacks are null."""
    click.echo(json.dumps(_json(value), ensure_ascii=False, indent=2, allow_nan=False))


def _json(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {str(name): _json(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_json(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _json(asdict(value))
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def width() -> int:
    return min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)


def wrap_text(text: str, indent: str = "  ", hanging: str | None = None) -> str:
    """`text` on lines of the terminal's width, indented."""
    shown = _TOO_LONG.sub(lambda word: f"{word[0][:LONGEST_WORD]}…", single_line(text))
    return textwrap.fill(
        shown, width(), initial_indent=indent, subsequent_indent=indent if hanging is None else hanging
    )


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table as wide as the terminal; long cells are folded, nothing is cut off."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    rows = [[format_cell(value) for value in row] for row in rows]
    for index, column in enumerate(columns):
        numbers = all(_is_number(row[index]) for row in rows)
        drawn.add_column(Text(column), justify="right" if numbers and rows else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(value) for value in row))
    console = Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 160)
    console.print(drawn)


def format_cell(value: Any) -> str:
    """One value as a cell of a table."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return ", ".join(format_cell(item) for item in value)
    return single_line(str(value))


def _is_number(text: str) -> bool:
    return text == "" or text.replace(".", "", 1).replace("-", "", 1).isdigit()


def address_of(item: QueuedCandidate) -> str:
    """Where a candidate's source is to be had, as it is told; "" where none is named."""
    match item.paper_id.partition(":"):
        case ("doi", _, doi):
            return f"https://doi.org/{doi}"
        case ("none", *_):
            return ""
        case (_, ":", _):
            return item.url or item.title
    return f"https://arxiv.org/abs/{item.paper_id}v{item.version}"


def short_ids(ids: Sequence[str]) -> dict[str, str]:
    """Each id cut to the length at which all of them are still told apart."""
    length = SHORTEST_ID
    while length < max(map(len, ids), default=0) and len({one[:length] for one in ids}) < len(set(ids)):
        length += 1
    return {one: one[:length] for one in ids}


def program(start: Path = Path()) -> str:
    """What to type in folder `start` to run Curator again: `curator` where that is found, else its path from there."""
    found = shutil.which("curator")
    here = Path(sys.argv[0])
    if here.name != "curator" or not here.exists() or (found and Path(found).samefile(here)):
        return "curator"
    return os.path.relpath(here, start)


def count(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
