"""Clean strangers' text before it is stored or shown, escape it for Markdown, and read strangers' JSON."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})

# Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties, as far as it is not of category Cf
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")

_PUNCTUATION = re.compile(r"[\\`*_\[\]<>#|~!&${}]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_LINE_START = re.compile(r"^(\d*)([-+=.)])")
# GitHub makes mentions, issue references, e-mail links and emoji out of the finished text, after Markdown's
# backslashes are gone; only a break in the text stops it, and an empty comment is one that nobody sees or copies.
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_REFERENCE = re.compile(r"@(?=\w)|#(?=\d)|\bGH-(?=\d)|:(?=[\w+\\-]{1,60}:)", re.IGNORECASE)

_MAX_DEPTH = 50  # of what is nested in JSON; what we ask for takes less than ten
_NOT_NESTING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[^"\[\]{}]++', re.DOTALL)  # strings, and what is no bracket


def to_storable(text: str) -> str:
    """Return `text` without lone surrogates and control characters, which DuckDB, JSON and terminals cannot handle."""
    return _UNSTORABLE.sub("", text)


def single_line(text: str) -> str:
    """Return the text on one line: runs of white space become one space, and invisible characters are removed.

    Control, zero-width and bidirectional characters hide or reorder text, and lone surrogates cannot be encoded.
    """
    visible = (c for c in text if c.isspace() or unicodedata.category(c) not in _DROPPED_CATEGORIES)
    return " ".join(_INVISIBLE.sub("", "".join(visible)).split())


def refuse_deep_json(text: str) -> None:
    """Raise ValueError if JSON from outside is nested too deeply.

    Python's own limit would stop it too, but at the end of the stack, where clean-up code fails as well.
    """
    depth = 0
    for sign in _NOT_NESTING.sub("", text):
        depth += 1 if sign in "[{" else -1
        if depth > _MAX_DEPTH:
            raise ValueError("it is nested too deeply")


def load_json(text: str) -> Any:
    """Return the value of JSON from outside. Raises ValueError if it is invalid or nested too deeply."""
    refuse_deep_json(text)
    return json.loads(text)


def escape_markdown(text: str) -> str:
    r"""Markdown that renders as exactly this text, folded onto one line, wherever in a line it is put.

    No structure, HTML, link, image, math, mention, issue reference or emoji can come of it, on GitHub or in
    plain CommonMark: punctuation gets a backslash, and what GitHub links of its own accord (`@name`, `#12`,
    `GH-12`, `a@b.c`, `:emoji:`) is broken by an empty comment.
    """
    escaped = _PUNCTUATION.sub(r"\\\g<0>", single_line(text))
    return _LINE_START.sub(r"\1\\\2", _REFERENCE.sub(r"\g<0><!-- -->", escaped))


def unescape_markdown(text: str) -> str:
    """Reverse `escape_markdown`; return the text on one line."""
    return single_line(_ESCAPED.sub(r"\1", text.replace("<!-- -->", "")))
