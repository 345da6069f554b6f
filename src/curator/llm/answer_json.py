"""Find the JSON of an answer among the text around it, and mend it if it is damaged.

Models think aloud, put JSON into code fences, write words before and after it, and leave out a comma. An answer that
was cut off is not mended: its last words may be missing, and with them their meaning.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from curator.sanitize import load_json, refuse_deep_json

MAX_MENDED_CHARACTERS = 100_000
"""Characters of damaged JSON that are mended; an answer of 8,000 tokens has about 32,000."""
MAX_FENCES = 5
"""Code fences of an answer, the last ones, whose content is mended."""

_THOUGHT_ENDS = re.compile(
    r"</(?:think|thinking|thought|reasoning|reflection|seed:think)>|\[/THINK\]|◁/think▷|<\|END_THINKING\|>"
    r"|<\|channel\|>final(?:\s*<\|constrain\|>\w+)?<\|message\|>",
    re.IGNORECASE,
)
"""Marks behind which a model's reasoning has ended: those of DeepSeek, Qwen, Mistral, Kimi, Cohere and gpt-oss."""
_THOUGHT_STARTS = re.compile(
    r"<(?:think|thinking|thought|reasoning|reflection|seed:think)>|\[THINK\]|◁think▷|<\|START_THINKING\|>"
    r"|<\|channel\|>analysis<\|message\|>",
    re.IGNORECASE,
)
_FENCE = re.compile(r"```[ \t]*[\w+.-]*[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_START = re.compile(r"[{\[]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([\"\\/bfnrt]))")
_NO_LETTER = re.compile(r"[\W_]+")
_BETWEEN_BRACKETS = re.compile(r"[\s,]+")
_QUOTATION_MARKS = "\"'“”’`"
_WORDS_OF_PYTHON = re.compile(r"\b(?:None|undefined|NaN)\b")


@dataclass(frozen=True)
class FoundJson:
    """A JSON value in an answer."""

    value: Any
    is_mended: bool = False
    is_part: bool = False  # damaged JSON precedes it, of which it may be a part


@dataclass(frozen=True)
class _Located:
    """A sound value and its place in a text: the characters from `start` to before `end`."""

    start: int
    end: int
    found: FoundJson


def find_json(text: str) -> Iterator[FoundJson]:
    """Yield the JSON values of an answer, the likeliest first: the whole text, else the last value first.

    Damaged JSON comes after all sound values; see `mend_json`.

    Args:
        text: The answer's text.

    Raises:
        ValueError: The text is nested too deeply.
    """
    text = text.removeprefix("\ufeff").strip()
    refuse_deep_json(text)
    whole = _load(text)
    if isinstance(whole, dict | list):
        yield FoundJson(whole)
        return
    if isinstance(whole, str):  # JSON in a JSON string
        text = whole
    values = _locate_values(text)
    start, end = _find_end_of_thoughts(text, values)
    yield from (located.found for located in reversed(values) if start <= located.start < end)
    for damaged in _list_damaged(text[start:end]):
        value = mend_json(damaged)
        if value is not None:
            yield FoundJson(value, is_mended=True)


def mend_json(text: str) -> Any:
    """Return the value of damaged JSON; None if it cannot be mended without a doubt about its content.

    Commas, quotation marks and brackets are mended. JSON that does not end as it should was cut off, and is not
    mended; nor is JSON of which a letter or digit would be lost or added.

    Args:
        text: JSON from its first to its last bracket.
    """
    if len(text) > MAX_MENDED_CHARACTERS:
        return None
    from json_repair import repair_json

    try:
        value: Any = repair_json(text, return_objects=True, skip_json_loads=True)
    except (ValueError, RecursionError, LookupError, TypeError):
        return None
    if not isinstance(value, dict | list) or not value:
        return None
    is_whole = _letters(text) == _letters(json.dumps(value, ensure_ascii=False))
    return value if is_whole and _is_closed(text, value) else None


def _load(text: str) -> Any:
    try:
        return load_json(text)
    except ValueError:
        return None


def _locate_values(text: str) -> list[_Located]:
    """Return the sound objects and lists in a text that lie in no other, in their order."""
    decoder, place, is_part, values = json.JSONDecoder(), 0, False, []
    while start := _START.search(text, place):
        try:
            value, place = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            place, is_part = start.end(), True
        else:
            values.append(_Located(start.start(), place, FoundJson(value, is_part=is_part)))
    return values


def _find_end_of_thoughts(text: str, values: Sequence[_Located]) -> tuple[int, int]:
    """Return where the answer proper starts and ends: behind the last reasoning, and before any that does not end.

    A mark inside a value is a word of the answer.
    """
    starts = [located.start for located in values]

    def is_mark(match: re.Match[str]) -> bool:
        before = bisect_right(starts, match.start()) - 1
        return before < 0 or values[before].end <= match.start()

    start = max((match.end() for match in _THOUGHT_ENDS.finditer(text) if is_mark(match)), default=0)
    end = next((match.start() for match in _THOUGHT_STARTS.finditer(text, start) if is_mark(match)), len(text))
    return start, end


def _list_damaged(text: str) -> list[str]:
    """Return the parts of a text that may be damaged JSON: in fences, the last first, then all from the first bracket.

    Each runs from its first to its last bracket.
    """
    fenced = [match[1] for match in _FENCE.finditer(text)][-MAX_FENCES:]
    parts = []
    for part in (*reversed(fenced), text):
        end = max(part.rfind("}"), part.rfind("]"))
        parts += [part[start : end + 1] for bracket in "{[" if 0 <= (start := part.find(bracket)) < end]
    return list(dict.fromkeys(parts))


def _is_closed(text: str, value: Any) -> bool:
    """Return whether JSON ends with the brackets of its last value, and a text before them with a quotation mark."""
    closing = ""
    while isinstance(value, dict | list) and value:
        closing = ("}" if isinstance(value, dict) else "]") + closing
        value = list(value.values())[-1] if isinstance(value, dict) else value[-1]
    if isinstance(value, dict | list):
        closing = ("{}" if isinstance(value, dict) else "[]") + closing
    signs = _BETWEEN_BRACKETS.sub("", text)
    if not signs.endswith(closing):
        return False
    return not (isinstance(value, str) and value) or signs[-len(closing) - 1] in _QUOTATION_MARKS


def _letters(text: str) -> str:
    """Return the letters and digits of JSON in their order, without escapes and in small letters."""
    plain = _WORDS_OF_PYTHON.sub("null", _ESCAPE.sub(_unescape, text))
    paired = plain.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    return _NO_LETTER.sub("", paired).casefold()


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else " "
