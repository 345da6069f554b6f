"""MuPDF's spans, and the fragments of lines made of them, with sizes and rectangles that layout can rely on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from curator.pdf.extraction.parameters import SPANS
from curator.pdf.layout.fragments import Fragment
from curator.pdf.rendering.geometry import Rectangle, surround
from curator.pdf.text.characters import clean_text
from curator.pdf.text.homoglyphs import unmask

RawSpan = dict[str, Any]
"""A stretch of a line in one font, size and colour, as PyMuPDF's dictionary."""

Direction = tuple[float, float]
"""The direction of a line; (1, 0) reads from left to right."""

RawLine = tuple[list[RawSpan], Direction]
"""The spans of a line, and its direction."""

_ADDED_SPACE = 512  # in a span's char_flags (MuPDF's fz_stext_char.flags): MuPDF added a space that is not in the file
_SUPERSCRIPT, _ITALIC, _BOLD = 1, 2, 16  # in a span's flags (PyMuPDF's TEXT_FONT_*)
_get_look = itemgetter("size", "font", "color", "alpha", "flags")
_EXPONENT = re.compile(r"[-−–]?\d{1,3}\s?$")
_TO_SUPERSCRIPT = str.maketrans("0123456789-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁻")
_BOLD_FONT = re.compile(r"bold|black|heavy|[-_]medi\b|cmbx|cmssbx|sfbx|demi|\bbd\b", re.I)
_MATH_FONT = re.compile(r"cmmi|cmsy|cmex|msam|msbm|math|eufm|rsfs|symbol|stix.*math|mtmi|mtsy|txsy|pxsy|esint", re.I)


def iterate_lines(blocks: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the lines of blocks of text, as PyMuPDF's dictionaries."""
    for block in blocks:
        yield from block.get("lines", ())


def is_upright(direction: Direction) -> bool:
    """Return whether a line in this direction reads from left to right."""
    return direction[0] > 0 and abs(direction[1]) < SPANS.max_slope


def size_bitmap_fonts(blocks: Sequence[dict[str, Any]]) -> None:
    """Give bitmap fonts a size by their letters' widths, in place.

    The bitmap fonts of old papers (TeX with dvips) state a size of 0.1 points, or any other, from which MuPDF derives
    its rectangles.
    """
    tiny_spans = [
        span
        for line in iterate_lines(blocks)
        for span in line["spans"]
        if span["size"] < SPANS.min_size and abs(line["dir"][1]) < SPANS.max_slope and span["font"].startswith("Type3")
    ]
    widths: dict[str, float] = defaultdict(float)
    chars: dict[str, int] = defaultdict(int)
    for span in tiny_spans:
        widths[span["font"]] += span["bbox"][2] - span["bbox"][0]
        chars[span["font"]] += len(span["text"])
    for span in tiny_spans:
        advance = widths[span["font"]] / max(1, chars[span["font"]])
        if advance >= SPANS.min_size:
            span["size"] = advance / SPANS.mean_advance
            span["bbox"] = _fit_rectangle(span["bbox"], span, span["size"])


def rejoin_spans(blocks: Sequence[dict[str, Any]]) -> None:
    """Rejoin spans that MuPDF separated only because it added a space between them, in place."""
    for line in iterate_lines(blocks):
        if len(line["spans"]) > 2 and line["dir"] == (1.0, 0.0):
            line["spans"] = _rejoin_line(line["spans"])


def _rejoin_line(spans: Sequence[RawSpan]) -> list[RawSpan]:
    last = spans[0]
    joined, look = [last], _get_look(last)
    for span in spans[1:]:
        if (
            (own_look := _get_look(span)) == look
            and span["char_flags"] | _ADDED_SPACE == last["char_flags"] | _ADDED_SPACE
            and span["origin"][1] == last["origin"][1]
            and span["bbox"][0] >= last["bbox"][2] - SPANS.max_overlap
        ):
            key = "chars" if "chars" in last else "text"
            last[key] += span[key]
            x0, y0, _, y1 = last["bbox"]
            last["bbox"] = (x0, y0, span["bbox"][2], y1)
        else:
            joined.append(span)
            last, look = span, own_look
    return joined


def make_fragment(spans: Sequence[RawSpan], direction: Direction, disguises: dict[str, list[str]]) -> Fragment | None:
    """Make a fragment of adjacent spans of one line.

    Args:
        spans: The spans, at least one.
        direction: Of their line.
        disguises: Receives the letters in disguise that were replaced, and invisible characters that were removed, by
            the kind of disguise.

    Returns:
        The fragment; None if nothing is printed.
    """
    text = spans[0]["text"] if len(spans) == 1 else _join_text(spans)
    if not text.isascii():
        text, unmasked = unmask(text)
        for why, disguise in unmasked:
            disguises.setdefault(why, []).append(disguise)
    text = clean_text(text)
    if not text:
        return None
    inked = [span for span in spans if not span["text"].isspace()] if len(spans) > 1 else spans
    upright = is_upright(direction)
    if len(inked) == 1:
        only = inked[0]
        bold, italic, math = _get_style(only["font"], only["flags"])
        box: Rectangle = _fit_rectangle(only["bbox"], only, only["size"]) if upright else only["bbox"]
        font = _get_font(only)
        return Fragment(
            text, *box, only["size"], bold, italic, math,
            families=font[:1], first_font=font, last_font=font, upright=upright,
        )  # fmt: skip
    main, size = _find_main_span(inked, text)
    box = surround([span["bbox"] for span in inked])
    box = _fit_rectangle(box, main, size) if upright else box
    (bold, italic, math), is_mixed = _find_main_style(inked)
    return Fragment(
        text, *box, size, bold, italic, math, lead=_get_lead(inked) if is_mixed else "",
        marker=_get_marker(inked[0], main), families=_get_families(main, inked), first_font=_get_font(inked[0]),
        last_font=_get_font(inked[-1]), upright=upright,
    )  # fmt: skip


def _join_text(spans: Sequence[RawSpan]) -> str:
    """Return the text of a line's spans, with exponents of numbers as such: 10⁻³, where 10-3 would be a subtraction."""
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
        is_exponent = is_raised and text[-1:].isdecimal() and _EXPONENT.match(run)
        text += run.translate(_TO_SUPERSCRIPT) if is_exponent else run
        at = end
    return text


def _is_raised(span: RawSpan, base: RawSpan) -> bool:
    """Return whether a span is smaller and higher than its base."""
    is_small = span["size"] < SPANS.max_raised_size * base["size"]
    return bool(is_small and span["origin"][1] < base["origin"][1] - SPANS.min_lift * base["size"])


def _find_main_span(inked: Sequence[RawSpan], text: str) -> tuple[RawSpan, float]:
    """Return the longest span, and the line's font size; of a line in small capitals, both of its capitals."""
    lengths = [len(span["text"]) for span in inked]
    sizes = [span["size"] for span in inked]
    at = lengths.index(max(lengths))
    main = inked[at]
    size, max_size = main["size"], max(sizes)
    if max_size == size:
        return main, size
    largest = inked[sizes.index(max_size)]
    if size < largest["size"] <= SPANS.max_small_capitals * size and main["text"].isupper():
        beside = inked[at - 1] if at else largest
        capital = beside["text"][-1:] if size < beside["size"] else largest["text"][:1]
        if capital.isupper():
            return largest, largest["size"]
    return main, size


def _find_main_style(inked: Sequence[RawSpan]) -> tuple[tuple[bool, bool, bool], bool]:
    """Return whether most of a line is (bold, italic, mathematical), and whether it is bold or italic in part only."""
    lengths: dict[tuple[str, int], int] = {}
    for span in inked:
        style = span["font"], span["flags"]
        lengths[style] = lengths.get(style, 0) + len(span["text"])
    if len(lengths) == 1:
        return _get_style(*next(iter(lengths))), False
    total = bold = italic = math = 0
    for style, length in lengths.items():
        is_bold, is_italic, is_math = _get_style(*style)
        total += length
        bold += length * is_bold
        italic += length * is_italic
        math += length * is_math
    most = SPANS.min_style_share * total
    return (bold > most, italic > most, math > SPANS.min_math_share * total), 0 < max(bold, italic) < total


@cache
def _get_style(font: str, flags: int) -> tuple[bool, bool, bool]:
    """Return (bold, italic, mathematical) by flags and the font's name, since many TeX fonts set no flags."""
    bold = bool(flags & _BOLD) or bool(_BOLD_FONT.search(font))
    return bold, bool(flags & _ITALIC), bool(_MATH_FONT.search(font))


def _get_font(span: RawSpan) -> tuple[str, float]:
    """Return a span's font family and size."""
    return span["font"][: SPANS.family_letters], span["size"]


def _get_families(main: RawSpan, inked: Sequence[RawSpan]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([span["font"][: SPANS.family_letters] for span in (main, *inked)]))


def _get_lead(inked: Sequence[RawSpan]) -> str:
    """Return the bold or italic start of a line whose rest is not, such as "Abstract" or "Figure 3"."""
    lead: list[str] = []
    for span in inked:
        bold, italic, _ = _get_style(span["font"], span["flags"])
        if not (bold or italic):
            break
        lead.append(span["text"])
    return clean_text("".join(lead))


def _get_marker(first: RawSpan, main: RawSpan) -> str:
    """Return the superscript at the start of a line, such as a footnote's number; "" if there is none."""
    if len(first["text"].strip()) > SPANS.max_marker:
        return ""
    is_small = first["size"] < SPANS.max_marker_size * main["size"]
    is_raised = is_small and first["origin"][1] < main["origin"][1] - SPANS.min_marker_lift
    return clean_text(first["text"]) if is_raised or first["flags"] & _SUPERSCRIPT else ""


def _fit_rectangle(box: Rectangle, span: RawSpan, size: float) -> Rectangle:
    """Return an upright line's rectangle with a height by its baseline, since some fonts claim absurd heights."""
    baseline = span["origin"][1]
    return box[0], baseline - SPANS.ascent * size, box[2], baseline + SPANS.descent * size
