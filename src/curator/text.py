"""What strangers' text must lose before it is kept or shown."""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]|[\U000e0000-\U000e007f]"
)


def storable(text: str) -> str:
    """`text` without lone surrogates and control characters, which DuckDB, JSON and terminals choke on."""
    return _UNSTORABLE.sub("", text)


def one_line(text: str) -> str:
    """`text` on one line as a terminal or a list may show it: white space folded, nothing invisible left in it."""
    return " ".join(_INVISIBLE.sub("", storable(" ".join(text.split()))).split())
