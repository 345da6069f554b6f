"""Text, tables and JSON for the terminal. Text from strangers is printed on one line, without control characters."""

from __future__ import annotations

import json
import math
import os
import re
import shlex
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

MAX_WIDTH = 100
"""Characters of a line, also on a wider terminal."""
MAX_WORD_LENGTH = 2000
"""Characters of a word. Some addresses are that long; a longer word is cut, as breaking it takes quadratic time."""
MIN_ID_LENGTH = 6
"""Characters of a shortened id."""

_TOO_LONG = re.compile(rf"\S{{{MAX_WORD_LENGTH},}}")


def echo_json(value: Any) -> None:
    """Print one JSON document. Times are ISO 8601 in UTC; infinity and NaN, which JSON lacks, become null."""
    click.echo(json.dumps(_json(value), ensure_ascii=False, indent=2, allow_nan=False))


def _json(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {str(name): _json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _json(asdict(value))
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def line_width() -> int:
    """Return the number of characters that fit on a line."""
    return min(MAX_WIDTH, shutil.get_terminal_size((MAX_WIDTH, 24)).columns)


def wrap_text(text: str, indent: str = "  ", hanging: str | None = None) -> str:
    """Return `text` wrapped to the terminal's width.

    Args:
        text: Any text; line breaks and control characters are removed.
        indent: Precedes the first line.
        hanging: Precedes the other lines; by default the same as `indent`.
    """
    shown = _TOO_LONG.sub(lambda word: f"{word[0][:MAX_WORD_LENGTH]}…", single_line(text))
    return textwrap.fill(
        shown, line_width(), initial_indent=indent, subsequent_indent=indent if hanging is None else hanging
    )


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table as wide as the terminal; long cells are folded, never cut."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    rows = [[format_cell(value) for value in row] for row in rows]
    for index, column in enumerate(columns):
        numbers = all(_is_number(row[index]) for row in rows)
        table.add_column(Text(column), justify="right" if numbers and rows else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(value) for value in row))
    console = Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 160)
    console.print(table)


def format_cell(value: Any) -> str:
    """Return a value as the text of a table's cell."""
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
    """Return the address of a candidate's source; "" if no source is named."""
    match item.paper_id.partition(":"):
        case ("doi", _, doi):
            return f"https://doi.org/{doi}"
        case ("none", *_):
            return ""
        case (_, ":", _):
            return item.url or item.title
    return f"https://arxiv.org/abs/{item.paper_id}v{item.version}"


def short_ids(ids: Sequence[str]) -> dict[str, str]:
    """Map each id to its first characters: as few as keep all ids distinct, and at least MIN_ID_LENGTH."""
    length = MIN_ID_LENGTH
    while length < max(map(len, ids), default=0) and len({id[:length] for id in ids}) < len(set(ids)):
        length += 1
    return {id: id[:length] for id in ids}


def program(start: Path = Path()) -> str:
    """Return the command that runs Curator in folder `start`: `curator` if the shell finds it, else its quoted path."""
    found = shutil.which("curator")
    running = Path(sys.argv[0])
    if running.name != "curator" or not running.exists() or (found and Path(found).samefile(running)):
        return "curator"
    return shlex.quote(os.path.relpath(running, start))


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun, such as "1 paper" or "2 papers"."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
