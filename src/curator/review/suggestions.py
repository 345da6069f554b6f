"""Readers' suggestions: rows of a CSV or JSON Lines file, or the body of a GitHub issue form. Untrusted text."""

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

MAX_SUGGESTIONS = 1000
"""Suggestions in one file."""
MAX_SOURCE_CHARS = 2000
"""Characters of a source; the rest is cut."""
MAX_COLUMNS = 100
"""Columns of a CSV file; reading a row takes time in proportion to them."""

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
    """A suggested frame, as its reader wrote it; a field that was left out is empty."""

    text: str
    source: str = ""
    quote: str = ""
    kind: Kind | None = None
    topics: tuple[str, ...] = ()
    by: str = ""
    note: str = ""


def read_suggestions(content: str, name: str = "") -> list[Suggestion]:
    """Return the suggestions in a file. Its format is recognised by the file name's suffix, else by its first lines.

    Args:
        content: The content of the file.
        name: The file's name, if it has one.

    Raises:
        DecisionError: The file has a fault; the message names line and fault.
    """
    content = to_storable(content.removeprefix("\ufeff"))
    lowered = name.lower()
    if lowered.endswith((".jsonl", ".ndjson", ".json")) or content.lstrip()[:1] in ("{", "["):
        rows = _json_lines(content)
    elif lowered.endswith((".csv", ".tsv")) or not _HEADING.search(content):
        rows = _csv(content, "\t" if "\t" in content.partition("\n")[0] else ",")
    else:
        rows = _issue_form(content)
    suggestions = [_suggestion(where, row) for where, row in islice(rows, MAX_SUGGESTIONS + 1)]
    if not suggestions:
        raise DecisionError("The file contains no suggestion.")
    if len(suggestions) > MAX_SUGGESTIONS:
        raise DecisionError(f"The file contains more than {MAX_SUGGESTIONS} suggestions. Split it.")
    return suggestions


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
            raise DecisionError("The first row has no column `frame`. Name the columns frame, source, quote, kind, by.")
        if len(rows.fieldnames or ()) > MAX_COLUMNS:
            raise DecisionError(
                f"The first row has more than {MAX_COLUMNS} columns. Leave out those that are not needed."
            )
        for row in rows:
            if any(isinstance(value, str) and value.strip() for value in row.values()):
                yield f"line {rows.line_num}", {name: value for name, value in row.items() if name}
    except csv.Error as error:
        raise DecisionError(f"The file is not valid CSV: {error}.") from error


def _issue_form(content: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the form's one suggestion: each heading is a field, the text below it the answer."""
    parts = _HEADING.split(content)
    yield "the form", dict(zip(parts[1::2], parts[2::2], strict=True))


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[^\w ]", " ", name.casefold()).split())


def _suggestion(where: str, row: Mapping[str, Any]) -> Suggestion:
    fields: dict[str, Any] = {}
    for name, value in row.items():
        field = _FIELD.get(_plain(str(name)))
        if field and value not in (None, "", _NO_RESPONSE):
            fields.setdefault(field, value)
    text = _text(fields.get("frame"))
    if not text or text == _NO_RESPONSE:
        raise DecisionError(f"The suggestion in {where} has no `frame`.")
    kind = _text(fields.get("kind")).casefold()
    kinds = [known for known in KINDS if kind and known.startswith(kind.split()[0])]
    if kind and not kinds:
        raise DecisionError(f"The suggestion in {where} has the kind {kind[:40]!r}. Choose one of {', '.join(KINDS)}.")
    return Suggestion(
        text, _text(fields.get("source"))[:MAX_SOURCE_CHARS], _text(fields.get("quote")), kinds[0] if kinds else None,
        tuple(_topics(fields.get("topics"))), _text(fields.get("by")), _text(fields.get("note")),
    )  # fmt: skip


def _topics(value: Any) -> Iterable[str]:
    parts = value if isinstance(value, list) else re.split(r"[;,\n]", str(value or ""))
    return filter(None, (single_line(str(part)) for part in parts))


def _text(value: Any) -> str:
    text = single_line(str(value)) if value is not None else ""
    return "" if text == _NO_RESPONSE else text
