"""Why text is hidden, as far as its own ink, size and place show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from curator.pdf.extraction.parameters import SPANS
from curator.pdf.extraction.spans import Direction, RawLine, RawSpan
from curator.pdf.rendering.geometry import Rectangle
from curator.pdf.visibility.parameters import REASONS

INVISIBLE = "set in invisible ink"
TRANSPARENT = "fully transparent"
FAINT = "too faint to be seen: transparent, masked or cut away"
SMALL = "too small to be read"
OUTSIDE = "outside the page"
WHITE_ON_WHITE = "printed in white on white"
SAME_COLOUR = "printed in the colour beneath it"
COVERED = "covered by a picture or a shape"
UNCHECKED = "perhaps not visible: the page could not be painted to see"
MIXED = "in part, perhaps"
"""The reason of a span whose words have to be classified one by one. It is never reported."""

# Bits of a span's char_flags (MuPDF's fz_stext_char.flags): how its glyphs are painted.
_FILLED, _STROKED, _CLIPPED = 16, 32, 64
_PAINTED = _FILLED | _STROKED
_OPAQUE = 255  # of a span's alpha


def is_plain_ink(span: RawSpan) -> bool:
    """Return whether letters are filled, opaque and without outlines."""
    return bool(span["char_flags"] & _PAINTED == _FILLED and span["alpha"] == _OPAQUE)


def are_ordinary(spans: Sequence[RawSpan], page: Rectangle) -> bool:
    """Return whether spans are painted inside the page, in letters of ordinary size and width, as nearly all are."""
    left, top, right, bottom = page
    for span in spans:
        x0, y0, x1, y1 = span["bbox"]
        size = span["size"]
        if (
            not span["char_flags"] & _PAINTED
            or span["alpha"] == 0
            or size < SPANS.min_size
            or y1 - y0 <= REASONS.max_low
            or x1 - x0 <= REASONS.max_flat
            or x1 - x0 <= REASONS.max_dense * size * len(span["text"])
            or not (left <= x0 and x1 <= right and top <= y0 and y1 <= bottom)
        ):
            return False
    return True


def classify(span: RawSpan, page: Rectangle) -> str:
    """Find the reason why a span is hidden, by its ink, size and place alone.

    Args:
        span: The span.
        page: The page's rectangle.

    Returns:
        The reason; "" if there is none, and `MIXED` if it may apply to some of the span's words.
    """
    if reason := _classify_ink(span):
        return reason
    if are_ordinary((span,), page):
        return ""
    return _classify_size(span) or _classify_width(span) or _classify_place(span, page)


def _classify_ink(span: RawSpan) -> str:
    """Find letters that leave no mark. Letters that only clip may show what is painted through them."""
    flags = span["char_flags"]
    if not flags & (_PAINTED | _CLIPPED):
        return INVISIBLE
    return TRANSPARENT if span["alpha"] == 0 and not flags & _CLIPPED else ""


def _classify_size(span: RawSpan) -> str:
    """Find tiny letters, and lines that are flattened to a hair."""
    if span["size"] < SPANS.min_size:
        return SMALL
    length, height = _measure(span)
    count = _count_letters(span)
    is_flattened = count >= REASONS.min_letters and length > REASONS.min_flattened * span["size"] * count
    return SMALL if count > 1 and height < (REASONS.max_low if is_flattened else REASONS.max_flat) else ""


def _classify_width(span: RawSpan) -> str:
    """Find letters that are squeezed or printed on top of each other."""
    if is_squeezed(_count_letters(span), span["size"], _measure(span)[0]):
        return MIXED if _has_several_words(span) else SMALL
    return ""


def _classify_place(span: RawSpan, page: Rectangle) -> str:
    """Find text outside the page; text that is only in part outside, or dense in part, is mixed."""
    x0, y0, x1, y1 = span["bbox"]
    left, top, right, bottom = page
    margin = REASONS.max_outside
    is_inside = left - margin <= (x0 + x1) / 2 <= right + margin and top - margin <= (y0 + y1) / 2 <= bottom + margin
    if not is_inside:
        touches_page = x0 < right and x1 > left and y0 < bottom and y1 > top
        return MIXED if touches_page and _has_several_words(span) else OUTSIDE
    sticks_out = x0 < left - margin or x1 > right + margin or y0 < top - margin or y1 > bottom + margin
    count = _count_letters(span)
    is_dense = count > REASONS.min_dense_letters and _measure(span)[0] < REASONS.max_dense * span["size"] * count
    return MIXED if (sticks_out or is_dense) and _has_several_words(span) else ""


def _measure(span: RawSpan) -> tuple[float, float]:
    """Return the length and height of a span, which may run down the page."""
    x0, y0, x1, y1 = span["bbox"]
    return max(x1 - x0, y1 - y0), min(x1 - x0, y1 - y0)


def _count_letters(span: RawSpan) -> int:
    """Count the letters, digits and inner spaces of a span. Other marks may have no width."""
    return sum(char.isalnum() or char.isspace() for char in span["text"].strip())


def _has_several_words(span: RawSpan) -> bool:
    return len(span["text"].split()) > 1


def is_squeezed(count: int, size: float, length: float) -> bool:
    """Return whether letters are too narrow to be read, or are printed on top of each other.

    Args:
        count: Of the letters.
        size: Of their font, in points.
        length: Of all of them, in points.

    Returns:
        Whether they are.
    """
    advance = length / max(1, count)
    max_advance = REASONS.max_crowded if count > 2 else REASONS.max_narrow
    return advance < max_advance * size or (count >= REASONS.min_letters and advance < REASONS.max_tight)


def classify_words(line: RawLine, page: Rectangle) -> list[str]:
    """Find the reason why each word of a line is hidden.

    Args:
        line: A line whose spans are words.
        page: The page's rectangle.

    Returns:
        The reasons; "" for words without any.
    """
    reasons: list[str] = []
    for word, after in _pair_with_next(line[0]):
        reason = classify(word, page)
        if not reason and after and max(word["text"]) < chr(REASONS.first_stacking_letter):
            # Letters that are printed on top of each other may be wide themselves: measure up to the next word.
            length = _measure_advance(word, after, line[1])
            reason = SMALL if is_squeezed(len(word["text"]), word["size"], length) else ""
        elif not reason and reasons and (after is None or len(word["text"]) < REASONS.min_letters):
            reason = reasons[-1]  # too short to classify by itself
        reasons.append(reason)
    return reasons


def _pair_with_next(words: list[RawSpan]) -> Iterator[tuple[RawSpan, RawSpan | None]]:
    return zip(words, [*words[1:], None], strict=True)


def _measure_advance(word: RawSpan, after: RawSpan, direction: Direction) -> float:
    """Return the distance from a word's start to the next word's, along their line, in points."""
    steps = (there - here for here, there in zip(word["origin"], after["origin"], strict=True))
    return float(abs(sum(step * along for step, along in zip(steps, direction, strict=True))))
