"""MuPDF's spans into printed fragments: sizes, weights and rectangles that layout can rely on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from curator.pdf.layout.fragments import Fragment
from curator.pdf.text.characters import clean_text
from curator.pdf.text.homoglyphs import unmask

TOUCHING = 0.5  # points by which a span may reach into the one before it
TINY = 1.5  # points: smaller print is not meant for people
FAMILY = 5  # letters of a font's name that its bold and italic cuts share
SMALL = 0.85  # of the font size beside it: print that is small enough for an exponent
SMALL_CAPITALS = 1.4  # times their size that their capitals have at most
LIFT = 0.15  # ems that an exponent's baseline stands above its number's at least
EM_PER_CHAR = 0.48  # average advance of a letter in a text font, in ems

_ADDED = 512  # bit of a span's char_flags (MuPDF's fz_stext_char.flags): a blank that is not in the file
_LOOK = itemgetter("size", "font", "color", "alpha", "flags")
_SUPERSCRIPT, _ITALIC, _BOLD = 1, 2, 16  # bits of a span's flags
_POWER = re.compile(r"[-−–]?\d{1,3}\s?$")
_RAISED = str.maketrans("0123456789-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁻")
_BOLD_NAME = re.compile(r"bold|black|heavy|[-_]medi\b|cmbx|cmssbx|sfbx|demi|\bbd\b", re.I)
_MATH_NAME = re.compile(r"cmmi|cmsy|cmex|msam|msbm|math|eufm|rsfs|symbol|stix.*math|mtmi|mtsy|txsy|pxsy|esint", re.I)


def size_bitmap_fonts(blocks: Sequence[dict[str, Any]]) -> None:
    """Give fonts made of bitmaps, as in old papers made with dvips, a size from their letters' widths.

    Such a font says 0.1 points, or anything, and MuPDF derives rectangles from that.
    """
    small = [
        span
        for block in blocks
        for line in block.get("lines", ())
        for span in line["spans"]
        if span["size"] < TINY and abs(line["dir"][1]) < 0.1 and span["font"].startswith("Type3")
    ]
    widths: dict[str, float] = defaultdict(float)
    chars: dict[str, int] = defaultdict(int)
    for span in small:
        widths[span["font"]] += span["bbox"][2] - span["bbox"][0]
        chars[span["font"]] += len(span["text"])
    for span in small:
        advance = widths[span["font"]] / max(1, chars[span["font"]])
        if advance >= TINY:
            span["size"] = advance / EM_PER_CHAR
            x0, _, x1, _ = span["bbox"]
            baseline = span["origin"][1]
            span["bbox"] = (x0, baseline - 0.8 * span["size"], x1, baseline + 0.25 * span["size"])


def rejoin(blocks: Sequence[dict[str, Any]]) -> None:
    """Put together again what MuPDF parts at each blank that it adds itself, in place."""
    for block in blocks:
        for line in block.get("lines", ()):
            if len(line["spans"]) > 2 and line["dir"] == (1.0, 0.0):
                line["spans"] = _rejoined(line["spans"])


def _rejoined(spans: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    last = spans[0]
    kept, look = [last], _LOOK(last)
    for span in spans[1:]:
        if (
            (this := _LOOK(span)) == look
            and span["char_flags"] | _ADDED == last["char_flags"] | _ADDED
            and span["origin"][1] == last["origin"][1]
            and span["bbox"][0] >= last["bbox"][2] - TOUCHING
        ):
            if "chars" in last:
                last["chars"] += span["chars"]
            else:
                last["text"] += span["text"]
            x0, y0, _, y1 = last["bbox"]
            last["bbox"] = (x0, y0, span["bbox"][2], y1)
        else:
            kept.append(span)
            last, look = span, this
    return kept


def fragment(
    spans: Sequence[dict[str, Any]], direction: tuple[float, float], disguises: dict[str, list[str]]
) -> Fragment | None:
    """What these spans of one line print; None if that is nothing. `disguises` is told of what was taken off."""
    text = spans[0]["text"] if len(spans) == 1 else _joined(spans)
    if not text.isascii():
        text, found = unmask(text)
        for why, what in found:
            disguises.setdefault(why, []).append(what)
    text = clean_text(text)
    if not text:
        return None
    inked = [span for span in spans if not span["text"].isspace()] if len(spans) > 1 else spans
    upright = is_upright(direction)
    if len(inked) == 1:
        only = inked[0]
        bold, italic, math = _style(only["font"], only["flags"])
        box = _rectangle(only["bbox"], only, only["size"], upright)
        font = _font(only)
        return Fragment(
            text, *box, only["size"], bold, italic, math,
            families=font[:1], first_font=font, last_font=font, upright=upright,
        )  # fmt: skip
    main, size = _main(inked, text)
    box = _rectangle(_around([span["bbox"] for span in inked]), main, size, upright)
    (bold, italic, math), mixed = _mostly(inked)
    return Fragment(
        text, *box, size, bold, italic, math, lead=_lead(inked) if mixed else "", marker=_marker(inked[0], main),
        families=_families(main, inked), first_font=_font(inked[0]), last_font=_font(inked[-1]), upright=upright,
    )  # fmt: skip


def _font(span: dict[str, Any]) -> tuple[str, float]:
    return span["font"][:FAMILY], span["size"]


def _families(main: dict[str, Any], inked: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([span["font"][:FAMILY] for span in (main, *inked)]))


def _mostly(inked: Sequence[dict[str, Any]]) -> tuple[tuple[bool, bool, bool], bool]:
    """Whether most of a line is (bold, italic, mathematical), and whether it has bold or italic words beside others."""
    lengths: dict[tuple[str, int], int] = {}
    for span in inked:
        style = span["font"], span["flags"]
        lengths[style] = lengths.get(style, 0) + len(span["text"])
    if len(lengths) == 1:
        return _style(*next(iter(lengths))), False
    total = bold = italic = math = 0
    for style, length in lengths.items():
        is_bold, is_italic, is_math = _style(*style)
        total += length
        bold += length * is_bold
        italic += length * is_italic
        math += length * is_math
    return (bold > 0.8 * total, italic > 0.8 * total, math > 0.4 * total), 0 < max(bold, italic) < total


def _joined(spans: Sequence[dict[str, Any]]) -> str:
    """The text of a line's spans; digits raised behind a number are its power, and spelt so: 10⁻³ is not 10-3."""
    if not any(span["flags"] & _SUPERSCRIPT for span in spans):
        return "".join([span["text"] for span in spans])
    text: str = spans[0]["text"]
    at = 1
    while at < len(spans):
        base, end = spans[at - 1], at
        while end < len(spans) and _is_raised(spans[end], base):
            end += 1
        is_raised = end > at
        end = max(end, at + 1)
        run = "".join([span["text"] for span in spans[at:end]])
        power = is_raised and text[-1:].isdecimal() and _POWER.match(run)
        text += run.translate(_RAISED) if power else run
        at = end
    return text


def _is_raised(span: dict[str, Any], base: dict[str, Any]) -> bool:
    """Whether a span is set smaller and higher than its base."""
    return bool(span["size"] < SMALL * base["size"] and span["origin"][1] < base["origin"][1] - LIFT * base["size"])


def _main(inked: Sequence[dict[str, Any]], text: str) -> tuple[dict[str, Any], float]:
    """The span that sets the line's tone, and the line's font size: of small capitals, the capitals'."""
    lengths = [len(span["text"]) for span in inked]
    sizes = [span["size"] for span in inked]
    at = lengths.index(max(lengths))
    main = inked[at]
    size, most = main["size"], max(sizes)
    if most == size:
        return main, size
    largest = inked[sizes.index(most)]
    if size < largest["size"] <= SMALL_CAPITALS * size and main["text"].isupper():
        beside = inked[at - 1] if at else largest
        capital = beside["text"][-1:] if size < beside["size"] else largest["text"][:1]
        if capital.isupper():
            return largest, largest["size"]
    return main, size


def _marker(first: dict[str, Any], main: dict[str, Any]) -> str:
    """A superscript that starts the line: a footnote's number."""
    if len(first["text"].strip()) > 3:
        return ""
    lifted = first["size"] < 0.8 * main["size"] and first["origin"][1] < main["origin"][1] - 1
    return clean_text(first["text"]) if lifted or first["flags"] & _SUPERSCRIPT else ""


@cache
def _style(font: str, flags: int) -> tuple[bool, bool, bool]:
    """(bold, italic, mathematical) by flags and name; the flags of many TeX fonts say nothing."""
    bold = bool(flags & _BOLD) or bool(_BOLD_NAME.search(font))
    return bold, bool(flags & _ITALIC), bool(_MATH_NAME.search(font))


def _lead(spans: Sequence[dict[str, Any]]) -> str:
    """What a line starts with in bold or italics before it goes on otherwise: "Abstract", "Figure 3"."""
    lead: list[str] = []
    for span in spans:
        bold, italic, _ = _style(span["font"], span["flags"])
        if not (bold or italic):
            break
        lead.append(span["text"])
    return clean_text("".join(lead))


def _around(boxes: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _rectangle(
    box: tuple[float, float, float, float], main: dict[str, Any], size: float, upright: bool
) -> tuple[float, float, float, float]:
    """Around glyphs; of upright ones by their baseline, since some fonts claim absurd heights."""
    baseline = main["origin"][1]
    return (box[0], baseline - 0.8 * size, box[2], baseline + 0.25 * size) if upright else box


def is_upright(direction: tuple[float, float]) -> bool:
    """Whether a line that runs in this direction reads from left to right."""
    return direction[0] > 0 and abs(direction[1]) < 0.1
