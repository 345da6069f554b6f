"""Templates and their filters. Text from outside is escaped, cut, and cleaned of invisible characters."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent

from curator.html import Context, Environment, pass_context, strict_templates
from curator.publish.citations import display_name
from curator.publish.readable_metadata import list_authors, to_plain_text
from curator.sanitize import single_line

HERE = Path(__file__).parent
STATIC = HERE / "static"
MAX_CHARS = 20_000
"""Characters of one text on a page: more than an abstract or a page of a paper has."""
MAX_TITLE_CHARS = 300
MAX_LINES_CHARS = 200_000
"""Characters of a text that is shown with its line breaks, such as a prompt."""
MIN_CHARS_WITH_LENGTH = 1000
"""A text that is cut to at least this many characters says how long it is."""


@cache
def load_templates() -> Environment:
    """Return the templates of the review page, with their filters."""
    environment = strict_templates(HERE / "templates")
    environment.filters.update(
        one_line=to_line, title=lambda text: to_line(text, MAX_TITLE_CHARS), moment=format_time, day=format_date,
        since=format_age, counted=count, duration=duration, paper_path=paper_path, money=format_cost, lines=to_lines,
        retry=format_retry, paper_title=format_paper_title, authors=join_authors,
    )  # fmt: skip
    environment.globals.update(word_diff=word_diff)
    return environment


def format_paper_title(title: str) -> str:
    """Return a paper's title on one line, without TeX's commands."""
    return to_line(to_plain_text(title), MAX_TITLE_CHARS)


def join_authors(names: Sequence[str]) -> str:
    """Return authors' names as arXiv has them, separated by commas."""
    return ", ".join(map(display_name, list_authors(names)))


def to_line(text: object, max_chars: int = MAX_CHARS) -> str:
    """Return a text on one line, without invisible and direction-changing characters, and cut to `max_chars`."""
    line = single_line(str(text)[: max_chars * 2]) if text is not None else ""
    if len(line) <= max_chars:
        return line
    length = f" (cut: {len(str(text)):,} characters)" if max_chars >= MIN_CHARS_WITH_LENGTH else ""
    return f"{line[:max_chars]} …{length}"


def to_lines(text: object, max_chars: int = MAX_LINES_CHARS) -> str:
    """Return a text as `to_line` does, but with its line breaks."""
    start = str(text)[:max_chars]
    cleaned = "\n".join(single_line(line) if line.strip() else "" for line in start.splitlines())
    return cleaned if len(str(text)) <= max_chars else f"{cleaned}\n… (cut: {len(str(text)):,} characters)"


def format_time(time: datetime | None) -> str:
    """Return a time in UTC to the minute; "" for None."""
    return f"{time:%Y-%m-%d %H:%M} UTC" if time else ""


def format_retry(time: datetime) -> str:
    """Return when a failed step is retried, from a time in UTC: "by the next run" or "from" that time."""
    return f"from {format_time(time)}" if time > datetime.now(UTC).replace(tzinfo=None) else "by the next run"


def format_date(time: datetime | None) -> str:
    """Return the date of a time in UTC; "" for None."""
    return f"{time:%Y-%m-%d}" if time else ""


def format_age(time: datetime | None) -> str:
    """Return how long ago a time in UTC was, such as "5 minutes ago"; "" for None."""
    return f"{duration(datetime.now(UTC).replace(tzinfo=None) - time)} ago" if time else ""


def duration(span: timedelta | None) -> str:
    """Return a length of time in one unit, such as "5 minutes"; "" for None."""
    if span is None:
        return ""
    seconds = max(0, round(span.total_seconds()))
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return count(round(seconds / size), name)
    return count(seconds, "second")


def count(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 day" or "1,200 days"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def format_cost(cost: float | None) -> str:
    """Return a cost in the currency of the configured prices; "" for None."""
    return f"{cost:.4f}" if cost is not None else ""


@pass_context
def paper_path(context: Context, paper: str, version: int | None = None) -> str:
    """Return the path of a paper's page."""
    return f"{context['root']}/paper/" + percent(paper) + (f"v{version}" if version else "")


def word_diff(before: str, after: str) -> list[Mapping[str, Any]]:
    """Return the differences between two texts, word by word.

    Returns:
        Parts in order, each `{"op": "same" | "out" | "in", "text": str}`.
    """
    old, new = before.split(), after.split()
    parts: list[Mapping[str, Any]] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for op, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if op == "equal":
            parts.append({"op": "same", "text": " ".join(old[old_start:old_end])})
            continue
        if old_start < old_end:
            parts.append({"op": "out", "text": " ".join(old[old_start:old_end])})
        if new_start < new_end:
            parts.append({"op": "in", "text": " ".join(new[new_start:new_end])})
    return parts
