"""Characters: the invisible, doubled and oddly encoded ones in PDFs, removed or replaced where text enters.

All other code (the warehouse, quote checking, web pages) may rely on text that has passed through here: no lone
surrogates, no control or invisible characters, accents composed, ligatures spelt out, double quotation marks as one
character.
"""

from __future__ import annotations

import re
import unicodedata

_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
_SPACES = [
    0x09,
    0x0A,
    0x0B,
    0x0C,
    0x0D,
    0x85,
    0xA0,
    0x1680,
    *range(0x2000, 0x200B),
    0x2028,
    0x2029,
    0x202F,
    0x205F,
    0x3000,
]
_INVISIBLE = [
    0xAD,
    0x34F,
    0x61C,
    0x17B4,
    0x17B5,
    *range(0x180B, 0x180F),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0x1D173, 0x1D17B),
]
_NONCHARACTERS = [*range(0xFDD0, 0xFDF0), *range(0xFFF9, 0xFFFD), 0xFFFE, 0xFFFF]
_TAGS = range(0xE0000, 0xE0080)  # invisible twins of ASCII, used to smuggle text past people
_TABLE: dict[int, str | None] = {
    **dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)]),
    **dict.fromkeys(range(0xD800, 0xE000)),
    **dict.fromkeys([*_INVISIBLE, *_NONCHARACTERS, *_TAGS]),
    **dict.fromkeys(_SPACES, " "),
    **_LIGATURES,
}
# TeX's font encodings (OT1, T1) put ligatures where Unicode has control characters. Fonts without a Unicode map pass
# those codes through.
_TEX_LIGATURES = {
    **dict(zip("\x0b\x0c\x0d\x0e\x0f", ("ff", "fi", "fl", "ffi", "ffl"), strict=True)),
    **dict(zip("\x1b\x1c\x1d\x1e\x1f", ("ff", "fi", "fl", "ffi", "ffl"), strict=True)),
}
_TEX_LIGATURE = re.compile("(?<=[a-z])[\x0b-\x0f\x1b-\x1f]|[\x0b-\x0f\x1b-\x1f](?=[a-z])")
# Accents that TeX printed beside their letters: "Ro ¨ttger" or "R¨ottger".
_SPACING_ACCENTS = {
    "´": "\u0301",
    "`": "\u0300",
    "¨": "\u0308",
    "ˆ": "\u0302",
    "˜": "\u0303",
    "ˇ": "\u030c",
    "˚": "\u030a",
    "˝": "\u030b",
    "˘": "\u0306",
    "¯": "\u0304",
    "˙": "\u0307",
    "¸": "\u0327",
    "˛": "\u0328",
}
_SEPARATE_ACCENT = re.compile("([´¨ˆ˜ˇ˚˝˘¯˙¸˛]) ?([A-Za-zı])")
# Quotation marks made of two characters. Three of them fence code, and two alone are a program's empty string.
_OPENING = re.compile(r"(?<!‘)‘‘(?=[^\W_]|[(\[])")
_CLOSING = re.compile(r"(?<=[\w.,;:!?)\]…%])’’(?!’)")


def clean_text(text: str) -> str:
    """Clean a text of everything that a person does not see, and fold its white space to single spaces.

    Accents are composed (NFC). Compatibility characters are not folded (NFKC), which would turn x² into x2.

    Args:
        text: As the PDF library returns it; may have several lines.

    Returns:
        The text on one line.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = _TEX_LIGATURE.sub(lambda match: _TEX_LIGATURES.get(match[0], ""), text)
    text = _SEPARATE_ACCENT.sub(_compose, text.translate(_TABLE))
    text = _CLOSING.sub("”", _OPENING.sub("“", text))
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _compose(match: re.Match[str]) -> str:
    letter = "i" if match[2] == "ı" else match[2]
    composed = unicodedata.normalize("NFC", letter + _SPACING_ACCENTS[match[1]])
    return composed if len(composed) == 1 else match[0]
