"""What readers suggest: rows of a CSV or JSON Lines file, or a GitHub issue form's body. Strangers' text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from curator.errors import DecisionError
from curator.sanitize import load_json, single_line, to_storable
from curator.types import KINDS, Kind

MOST = 1000  # suggestions in one file
LONGEST_SOURCE = 2000  # characters
MOST_COLUMNS = 100  # of a table; each row costs as much as there are

_NAMES = {
    "frame": ("frame", "text", "suggestion", "claim", "your frame", "suggested frame"),
    "source": ("source", "url", "link", "paper", "arxiv", "doi", "reference"),
    "quote": ("quote", "evidence", "passage"),
    "kind": ("kind", "type", "category"),
    "topics": ("topics", "topic"),
    "by": ("by", "name", "author", "suggested by", "suggested_by", "your name", "who", "user"),
    "note": ("note", "notes", "comment", "comments", "why", "anything else"),
}
_FIELD = {name: field for field, names in _NAMES.items() for name in names}
_NO_RESPONSE = "_No response_"
_HEADING = re.compile(r"^#{2,4}[ \t]+(\S[^\n]*)$", re.MULTILINE)


@dataclass(frozen=True)
class Suggestion:
    text: str
    source: str = ""
    quote: str = ""
    kind: Kind | None = None
    topics: tuple[str, ...] = ()
    by: str = ""
    note: str = ""


def read_suggestions(content: str, name: str = "") -> list[Suggestion]:
    """The suggestions in a file; its name's ending, else its beginning, tells which of the three shapes it has.

    Raises DecisionError that names line and fault; nothing is taken from a file with a fault.
    """
    content = to_storable(content.removeprefix("\ufeff"))
    lowered = name.lower()
    if lowered.endswith((".jsonl", ".ndjson", ".json")) or content.lstrip()[:1] in ("{", "["):
        rows = _json_lines(content)
    elif lowered.endswith((".csv", ".tsv")) or not _HEADING.search(content):
        rows = _csv(content, "\t" if "\t" in content.partition("\n")[0] else ",")
    else:
        rows = _issue_form(content)
    found = [_suggestion(where, row) for where, row in islice(rows, MOST + 1)]
    if not found:
        raise DecisionError("There is no suggestion in it.")
    if len(found) > MOST:
        raise DecisionError(f"There are more than {MOST} suggestions in it; part the file.")
    return found


def _json_lines(content: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = load_json(line)
        except ValueError as error:
            raise DecisionError(f'Line {number} is not a JSON object such as {{"frame": …}}: {error}.') from error
        if not isinstance(row, dict):
            raise DecisionError(f'Line {number} is not a JSON object such as {{"frame": …}}.')
        yield f"line {number}", row


def _csv(content: str, delimiter: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        rows = csv.DictReader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
        if "frame" not in {_FIELD.get(_plain(name or "")) for name in rows.fieldnames or ()}:
            raise DecisionError("Its first row names no column `frame`; name them frame, source, quote, kind, by.")
        if len(rows.fieldnames or ()) > MOST_COLUMNS:
            raise DecisionError(f"Its first row names more than {MOST_COLUMNS} columns; leave out those not needed.")
        for row in rows:
            if any(isinstance(value, str) and value.strip() for value in row.values()):
                yield f"line {rows.line_num}", {name: value for name, value in row.items() if name}
    except csv.Error as error:
        raise DecisionError(f"It is not CSV: {error}.") from error


def _issue_form(content: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """One suggestion: a heading for each field, what was answered below it."""
    parts = _HEADING.split(content)
    yield "the form", dict(zip(parts[1::2], parts[2::2], strict=True))


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[^\w ]", " ", name.casefold()).split())


def _suggestion(where: str, row: Mapping[str, Any]) -> Suggestion:
    told: dict[str, Any] = {}
    for name, value in row.items():
        field = _FIELD.get(_plain(str(name)))
        if field and value not in (None, "", _NO_RESPONSE):
            told.setdefault(field, value)
    text = _text(told.get("frame"))
    if not text or text == _NO_RESPONSE:
        raise DecisionError(f"The suggestion in {where} has no `frame`.")
    kind = _text(told.get("kind")).casefold()
    named = [one for one in KINDS if kind and one.startswith(kind.split()[0])]
    if kind and not named:
        raise DecisionError(f"The suggestion in {where} has the kind {kind[:40]!r}; it is one of {', '.join(KINDS)}.")
    return Suggestion(
        text, _text(told.get("source"))[:LONGEST_SOURCE], _text(told.get("quote")), named[0] if named else None,
        tuple(_topics(told.get("topics"))), _text(told.get("by")), _text(told.get("note")),
    )  # fmt: skip


def _topics(value: Any) -> Iterable[str]:
    parts = value if isinstance(value, list) else re.split(r"[;,\n]", str(value or ""))
    return filter(None, (single_line(str(part)) for part in parts))


def _text(value: Any) -> str:
    text = single_line(str(value)) if value is not None else ""
    return "" if text == _NO_RESPONSE else text
