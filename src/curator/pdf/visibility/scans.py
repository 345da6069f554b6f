"""Recover the text layer of a scanned page: invisible text that repeats the scan's picture word by word.

Invisible words are the page's text if the page is a picture, its ink is where the words are, and the gaps between
words are gaps in the ink as well. A sentence that somebody slipped into a scan is on blank paper, across the gaps of
the printed words, or on top of words of the layer. A page with a decorative picture has no ink where the words are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from curator.pdf.rendering.geometry import Rectangle
from curator.pdf.rendering.traced_page import TracedPage
from curator.pdf.visibility.page_text import PageText
from curator.pdf.visibility.parameters import SCANS
from curator.pdf.visibility.reasons import COVERED, INVISIBLE
from curator.pdf.visibility.render_diff import RenderBudget
from curator.pdf.visibility.scan_image import ScanImage


def is_covered_by_images(images: Sequence[Rectangle], page: Rectangle) -> bool:
    """Return whether images, perhaps in strips, cover most of a page."""
    area = (page[2] - page[0]) * (page[3] - page[1])
    covered = sum(
        max(0.0, min(box[2], page[2]) - max(box[0], page[0])) * max(0.0, min(box[3], page[3]) - max(box[1], page[1]))
        for box in images
    )
    return bool(area) and covered > SCANS.min_image_share * area


def recover_text_layer(text: PageText, traced: TracedPage, budget: RenderBudget) -> str:
    """Move the words of a scan's text layer from the hidden runs to the printed lines.

    Args:
        text: The page's text; changed in place.
        traced: The page.
        budget: How often the document may still be rendered.

    Returns:
        The layer's text; "" if there is none.
    """
    runs = [run for run in text.hidden if run.why in (INVISIBLE, COVERED)]
    if not runs or not is_covered_by_images(traced.paint.images, traced.box) or not budget.spend():
        return ""
    boxes = [[span["bbox"] for span in run.spans if not span["text"].isspace()] for run in runs]
    verdicts = find_repeated_words(ScanImage(traced.display_list, traced.box), boxes)
    layer: list[str] = []
    for run, repeats in zip(runs, verdicts, strict=True):
        if not any(repeats):
            continue
        text.hidden.remove(run)
        verdict = iter(repeats)
        reasons = ["" if span["text"].isspace() or next(verdict) else run.why for span in run.spans]
        text.add_line(run.spans, reasons, run.direction)
        layer += [span["text"] for span, reason in zip(run.spans, reasons, strict=True) if not reason]
    return "".join(layer)


def find_repeated_words(scan: ScanImage, lines: Sequence[Sequence[Rectangle]]) -> list[list[bool]]:
    """Find the invisible words that repeat what a scan shows. The whole layer may be a few points off its picture.

    Args:
        scan: The scan.
        lines: The words' rectangles, line by line.

    Returns:
        Whether each word repeats a word of the scan; False for all of them if they are no text layer.
    """
    repeated = _match_words(scan, lines, SCANS.max_gap_ink)
    if any(map(any, repeated)) or sum(len(line) for line in lines) < SCANS.min_shifted_words:
        return repeated
    return _match_words(scan, _shift(lines, *_find_best_shift(scan, lines)), SCANS.max_shifted_gap_ink)


def _find_best_shift(scan: ScanImage, lines: Sequence[Sequence[Rectangle]]) -> tuple[float, float]:
    """Return the shift, in points, with which words are on ink and their gaps on paper most of all."""
    words = _sample([box for line in lines for box in line])
    gaps = _sample([gap for line in lines for gap in _find_gaps(line)])

    def measure_fit(shift: tuple[float, float]) -> float:
        return _measure_mean_ink(scan, _shift([words], *shift)[0]) - _measure_mean_ink(scan, _shift([gaps], *shift)[0])

    return max(_list_shifts(), key=measure_fit)


def _list_shifts() -> list[tuple[float, float]]:
    across = range(-SCANS.shift_steps_across, SCANS.shift_steps_across + 1)
    down = range(-SCANS.shift_steps_down, SCANS.shift_steps_down + 1)
    return [(SCANS.shift_step_across * x, SCANS.shift_step_down * y) for x in across for y in down]


def _sample(boxes: list[Rectangle]) -> list[Rectangle]:
    return boxes[:: 1 + len(boxes) // SCANS.shift_samples]


def _measure_mean_ink(scan: ScanImage, boxes: Sequence[Rectangle]) -> float:
    return sum(map(scan.measure_ink, boxes)) / max(1, len(boxes))


def _shift(lines: Sequence[Sequence[Rectangle]], across: float, down: float) -> list[list[Rectangle]]:
    return [[(x0 + across, y0 + down, x1 + across, y1 + down) for x0, y0, x1, y1 in line] for line in lines]


def _match_words(scan: ScanImage, lines: Sequence[Sequence[Rectangle]], max_gap_ink: float) -> list[list[bool]]:
    """Return whether each word is where the scan has a word of its own; False for all that are no text layer."""
    ink = [[scan.measure_ink(box) for box in line] for line in lines]
    if not _is_layer(scan, lines, [share for shares in ink for share in shares], max_gap_ink):
        return [[False] * len(line) for line in lines]
    places = _OccupiedPlaces()
    return [
        [share > 0 and places.occupy(box) for box, share in zip(line, shares, strict=True)]
        if sum(share >= SCANS.min_inked for share in shares) >= SCANS.min_inked * len(shares)
        else [False] * len(line)
        for line, shares in zip(lines, ink, strict=True)
    ]


def _is_layer(scan: ScanImage, lines: Sequence[Sequence[Rectangle]], ink: Sequence[float], max_gap_ink: float) -> bool:
    """Return whether words as a whole are on ink, the gaps between them on paper, and much of the ink is under them."""
    if not ink or sum(share >= SCANS.min_inked for share in ink) < SCANS.min_inked_words * len(ink):
        return False
    gaps = [scan.measure_ink(gap) for line in lines for gap in _find_gaps(line)]
    if gaps and sum(gaps) / len(gaps) > max_gap_ink * sum(ink) / len(ink):
        return False
    return scan.measure_explained([box for line in lines for box in line]) >= SCANS.min_explained


def _find_gaps(line: Sequence[Rectangle]) -> list[Rectangle]:
    """Return the middles of the gaps between a line's words."""
    gaps: list[Rectangle] = []
    for box, after in pairwise(line):
        width = after[0] - box[2]
        if SCANS.min_gap < width < SCANS.max_gap * (box[3] - box[1]):
            margin = SCANS.gap_margin * width
            gaps.append((box[2] + margin, max(box[1], after[1]), after[0] - margin, min(box[3], after[3])))
    return gaps


class _OccupiedPlaces:
    """The places of words, each of which one word of the layer may take."""

    def __init__(self) -> None:
        self._rows: dict[int, list[Rectangle]] = {}

    def occupy(self, box: Rectangle) -> bool:
        """Occupy a word's place, and return whether it was free."""
        middle = int((box[1] + box[3]) / 2) // SCANS.row_points
        for row in (middle - 1, middle, middle + 1):
            for other in self._rows.get(row, ()):
                shared = min(box[2], other[2]) - max(box[0], other[0])
                narrower = min(box[2] - box[0], other[2] - other[0])
                if shared > SCANS.max_shared * narrower and _is_level(box, other):
                    return False
        self._rows.setdefault(middle, []).append(box)
        return True


def _is_level(box: Rectangle, other: Rectangle) -> bool:
    """Return whether two words are on one line."""
    shared = min(box[3], other[3]) - max(box[1], other[1])
    return shared > SCANS.max_shared * min(box[3] - box[1], other[3] - other[1])
