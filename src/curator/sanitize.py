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
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
# GitHub finds mentions, issue references, e-mail addresses and emoji in the rendered text, where the backslashes are
# gone. Only a break in the text prevents that. An empty comment is a break that is neither visible nor copied.
_REFERENCE = re.compile(r"@(?=\w)|#(?=\d)|\bGH-(?=\d)|:(?=[\w+\\-]{1,60}:)", re.IGNORECASE)

_MAX_DEPTH = 50  # levels of nesting in JSON; the answers that Curator asks for have fewer than ten
# strings, and characters other than brackets
_NOT_NESTING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[^"\[\]{}]++', re.DOTALL)


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
    """Refuse JSON from outside that is nested too deeply.

    Python has a limit of its own, but reaches it at the end of the stack, where clean-up code fails as well.

    Raises:
        ValueError: The JSON is nested too deeply.
    """
    depth = 0
    for sign in _NOT_NESTING.sub("", text):
        depth += 1 if sign in "[{" else -1
        if depth > _MAX_DEPTH:
            raise ValueError("it is nested too deeply")


def load_json(text: str) -> Any:
    """Return the value of JSON from outside.

    Raises:
        ValueError: The JSON is invalid or nested too deeply.
    """
    refuse_deep_json(text)
    return json.loads(text)


def escape_markdown(text: str) -> str:
    r"""Return Markdown that renders as exactly this text on one line, at any position of a line.

    It creates no structure, HTML, link, image, formula, mention, issue reference or emoji, neither on GitHub nor in
    plain CommonMark: punctuation gets a backslash, and an empty comment breaks the texts that GitHub links by itself
    (`@name`, `#12`, `GH-12`, `a@b.c`, `:emoji:`).
    """
    escaped = _PUNCTUATION.sub(r"\\\g<0>", single_line(text))
    return _LINE_START.sub(r"\1\\\2", _REFERENCE.sub(r"\g<0><!-- -->", escaped))


def unescape_markdown(text: str) -> str:
    """Reverse `escape_markdown`; return the text on one line."""
    return single_line(_ESCAPED.sub(r"\1", text.replace("<!-- -->", "")))
