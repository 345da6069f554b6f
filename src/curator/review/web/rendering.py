"""Templates, and how strangers' text is made fit to be shown: escaped, bounded, with nothing invisible in it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent

from curator.html import Context, Environment, pass_context, strict_templates
from curator.sanitize import single_line

HERE = Path(__file__).parent
STATIC = HERE / "static"
LONGEST = 20_000  # characters of one text on a page; what is longer is cut, and says so
LONGEST_TITLE = 300
TELL = 1000  # characters from which a cut is told with the whole text's length


def templates() -> Environment:
    """The pages' templates, with what they show things by."""
    made = strict_templates(HERE / "templates")
    made.filters.update(
        shown=shown, title=lambda text: shown(text, LONGEST_TITLE), moment=moment, day=day, since=since,
        counted=counted, duration=duration, paper_path=paper_path, money=money, lines=lines,
    )  # fmt: skip
    made.globals.update(word_diff=word_diff)
    return made


def shown(text: object, longest: int = LONGEST) -> str:
    """On one line, without control and direction-changing characters, and not endless."""
    line = single_line(str(text)[: longest * 2]) if text is not None else ""
    if len(line) <= longest:
        return line
    return f"{line[:longest]} …" + (f" (cut: {len(str(text)):,} characters)" if longest >= TELL else "")


def lines(text: object, longest: int = 200_000) -> str:
    """As `shown`, with its line breaks."""
    cut = str(text)[:longest]
    kept = "\n".join(single_line(line) if line.strip() else "" for line in cut.splitlines())
    return kept if len(str(text)) <= longest else f"{kept}\n… (cut: {len(str(text)):,} characters)"


def moment(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC" if when else ""


def day(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d}" if when else ""


def since(when: datetime | None) -> str:
    """How long ago, in words."""
    return f"{duration(datetime.now(UTC).replace(tzinfo=None) - when)} ago" if when else ""


def duration(span: timedelta | None) -> str:
    """A length of time in one unit, such as "5 minutes"."""
    if span is None:
        return ""
    seconds = max(0, round(span.total_seconds()))
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return counted(round(seconds / size), name)
    return counted(seconds, "second")


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def money(cost: float | None) -> str:
    return f"{cost:.4f}" if cost is not None else ""


@pass_context
def paper_path(context: Context, paper: str, version: int | None = None) -> str:
    """Where this page shows a paper."""
    return f"{context['root']}/paper/" + percent(paper) + (f"v{version}" if version else "")


def word_diff(before: str, after: str) -> list[Mapping[str, Any]]:
    """Two texts word by word: `{"op": "same" | "out" | "in", "text"}` in order."""
    one, two = before.split(), after.split()
    found: list[Mapping[str, Any]] = []
    for op, a, b, c, d in difflib.SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if op == "equal":
            found.append({"op": "same", "text": " ".join(one[a:b])})
            continue
        if a < b:
            found.append({"op": "out", "text": " ".join(one[a:b])})
        if c < d:
            found.append({"op": "in", "text": " ".join(two[c:d])})
    return found
