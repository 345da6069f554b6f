"""Separate the text that a page carries but does not show from the text that is printed on it.

Cheap checks come first: how letters are painted, in which size and place, under and over what. Only suspicious words
are then examined on the rendered page (see `suspects`).
"""

from __future__ import annotations

from collections.abc import Callable

from curator.pdf.extraction.spans import RawLine
from curator.pdf.rendering.geometry import Rectangle
from curator.pdf.rendering.traced_page import TracedPage
from curator.pdf.visibility.page_text import HiddenRun, PageText, extract_lines, extract_words
from curator.pdf.visibility.parameters import HIDDEN_TEXT
from curator.pdf.visibility.reasons import MIXED, are_ordinary, classify, classify_words
from curator.pdf.visibility.render_diff import RenderBudget
from curator.pdf.visibility.scans import is_covered_by_images
from curator.pdf.visibility.suspects import has_doubtful_words, separate_suspects


def separate_hidden(traced: TracedPage, budget: RenderBudget) -> PageText:
    """Separate a page's hidden words from its printed lines.

    Args:
        traced: The page.
        budget: How often the document may still be rendered.

    Returns:
        The page's text, in which a scan's text layer is hidden (see `scans.recover_text_layer`).
    """
    suspects = {address: text for address, text in traced.occlusion.texts.items() if text.is_suspect}
    lines = extract_lines(traced.display_list)
    examined = PageText()
    if suspects and has_doubtful_words(traced, lines):
        separate_suspects(examined, traced, suspects, budget)
    if not examined.hidden:  # all of it is visible, so that the page can be read in its own order
        examined, suspects = PageText(), {}

    # A scan's text layer is extracted by itself, word by word, so that its words do not join printed ones.
    layer = traced.paint.ignored if is_covered_by_images(traced.paint.images, traced.box) else set()

    def is_plain(address: int) -> bool:
        return address not in suspects and address not in layer

    if suspects or layer:
        lines = extract_lines(traced.display_list, is_plain)
    text = PageText()
    _separate_plain(text, lines, traced.box, lambda: extract_words(traced.display_list, is_plain))
    if layer:
        words = extract_words(traced.display_list, layer.__contains__)
        _separate_plain(text, words, traced.box, lambda: words)
    text.lines += examined.lines
    text.hidden += examined.hidden
    text.hidden = [run for run in text.hidden if not _is_repeated(run, text.lines)]
    return text


def _separate_plain(
    text: PageText, lines: list[RawLine], page: Rectangle, extract_same_words: Callable[[], list[RawLine]]
) -> None:
    """Separate text by its own ink, size and place.

    Args:
        text: Receives the lines.
        lines: To separate.
        page: The page's rectangle.
        extract_same_words: Extracts the same lines, split into words. Few pages need it.
    """
    words: list[RawLine] = []
    for at, (spans, direction) in enumerate(lines):
        if are_ordinary(spans, page):
            text.lines.append((spans, direction))
            continue
        reasons = [classify(span, page) for span in spans]
        if MIXED in reasons:
            words = words or extract_same_words()
            reasons = classify_words(words[at], page)
            spans = words[at][0] if any(reasons) else spans
        if any(reasons):
            text.add_line(spans, reasons, direction)
        else:
            text.lines.append((spans, direction))


def _is_repeated(hidden: HiddenRun, lines: list[RawLine]) -> bool:
    """Return whether the same text is also visible in the same place, as programs print it for bold or outlines."""
    run = hidden.spans
    text = "".join(span["text"] for span in run).strip()
    x0, y0, _, y1 = run[0]["bbox"]
    x1 = run[-1]["bbox"][2]
    max_shift = HIDDEN_TEXT.max_repeat_shift
    for spans, _ in lines:
        first, last = spans[0]["bbox"], spans[-1]["bbox"]
        is_level = abs(first[1] - y0) < max_shift and abs(first[3] - y1) < max_shift
        is_within = first[0] - max_shift < x0 and x1 < last[2] + max_shift
        if is_level and is_within and text in "".join(span["text"] for span in spans):
            return True
    return False
