"""Examine suspicious words on the rendered page, and find out which of them are hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Literal

from curator.pdf.extraction.spans import Direction, RawLine, RawSpan, is_upright
from curator.pdf.rendering.contrast import Colour, is_similar
from curator.pdf.rendering.geometry import Rectangle
from curator.pdf.rendering.occlusion_index import TextRecord
from curator.pdf.rendering.traced_page import TracedPage
from curator.pdf.visibility.page_text import PageText, extract_words
from curator.pdf.visibility.parameters import RENDER_DIFF, SUSPECTS
from curator.pdf.visibility.reasons import (
    COVERED,
    FAINT,
    MIXED,
    SAME_COLOUR,
    UNCHECKED,
    WHITE_ON_WHITE,
    classify,
    is_plain_ink,
)
from curator.pdf.visibility.render_diff import Comparison, RenderBudget, Rendering, group_nearby

Suspicion = Literal["inkless", "covered", "veiled", "ground"]
"""What may hide a text: it leaves no mark; shapes over it; a clip, mask or blend; or the colour beneath it."""


@dataclass(frozen=True)
class _Suspects:
    """A page's texts under one suspicion. Each suspicion is examined by itself, since texts may share a place."""

    traced: TracedPage
    suspicion: Suspicion
    addresses: Set[int]

    def is_other_text(self, address: int) -> bool:
        return address not in self.addresses


def has_doubtful_words(traced: TracedPage, lines: Iterable[RawLine]) -> bool:
    """Return whether words of a page have to be examined one by one.

    Plain letters that are doubtful only for the colour beneath them are settled by one look at that colour.
    """
    on_top: list[RawSpan] = []
    for spans, _ in lines:
        for span in spans:
            if span["text"].isspace():
                continue
            doubt = traced.occlusion.find_doubt(span["bbox"], _get_colour(span))
            if doubt == "depth" or (doubt and not is_plain_ink(span)):
                return True
            if doubt:
                on_top.append(span)
    return any(_find_similar_to_ground(traced, nearby) for nearby in group_nearby(on_top))


def separate_suspects(
    text: PageText, traced: TracedPage, records: Mapping[int, TextRecord], budget: RenderBudget
) -> None:
    """Separate the hidden words of suspicious texts from the visible ones.

    Args:
        text: Receives the words.
        traced: The page.
        records: The suspicious texts by their addresses.
        budget: How often the document may still be rendered.
    """
    addresses: dict[Suspicion, set[int]] = {}
    for address, record in records.items():
        addresses.setdefault(_find_suspicion(address, record, traced), set()).add(address)
    for suspicion, own_addresses in addresses.items():
        _separate(text, _Suspects(traced, suspicion, own_addresses), budget)


def _find_suspicion(address: int, record: TextRecord, traced: TracedPage) -> Suspicion:
    if address in traced.paint.inkless:
        return "inkless"
    return "covered" if record.is_covered else "veiled" if record.is_veiled else "ground"


def _separate(text: PageText, suspects: _Suspects, budget: RenderBudget) -> None:
    traced = suspects.traced
    page = traced.box
    lines = extract_words(
        traced.display_list,
        suspects.addresses.__contains__,
        lambda span: classify(span, page) == MIXED or _is_doubtful(span, traced),
    )
    plain_reasons = [[classify(span, page) for span in spans] for spans, _ in lines]
    doubtful: list[RawSpan] = []
    for (spans, direction), reasons in zip(lines, plain_reasons, strict=True):
        for span, reason in zip(spans, reasons, strict=True):
            if not reason and _is_doubtful(span, traced):
                span["core"] = _get_core(span, direction)
                doubtful.append(span)
    found = _examine(suspects, doubtful, budget)
    for (spans, direction), reasons in zip(lines, plain_reasons, strict=True):
        own = [reason or found.get(id(span), "") for span, reason in zip(spans, reasons, strict=True)]
        text.add_line(spans, own, direction)


def _is_doubtful(span: RawSpan, traced: TracedPage) -> bool:
    return not span["text"].isspace() and bool(traced.occlusion.find_doubt(span["bbox"], _get_colour(span)))


def _get_colour(span: RawSpan) -> Colour:
    """Return a span's colour, which MuPDF writes as one number, 0xRRGGBB."""
    number = span["color"]
    return (number >> 16 & 255) / 255, (number >> 8 & 255) / 255, (number & 255) / 255


def _get_core(word: RawSpan, direction: Direction) -> Rectangle:
    """Return the rectangle of a word's own letters, without what descends from the line above."""
    x0, y0, x1, y1 = word["bbox"]
    baseline, size = word["origin"][1], word["size"]
    top, bottom = max(y0, baseline - SUSPECTS.core_ascent * size), min(y1, baseline + SUSPECTS.core_descent * size)
    is_high_enough = bottom - top > SUSPECTS.min_core * size
    return (x0, top, x1, bottom) if is_upright(direction) and is_high_enough else (x0, y0, x1, y1)


def _examine(suspects: _Suspects, words: list[RawSpan], budget: RenderBudget) -> dict[int, str]:
    """Return why words are hidden, by their identity; visible words are left out."""
    if not words or suspects.suspicion == "inkless":
        return {id(word): FAINT for word in words}
    if not budget.spend():
        return {id(word): UNCHECKED for word in words}
    reasons: dict[int, str] = {}
    for nearby in group_nearby(words):
        if suspects.suspicion == "ground":  # painted last and in full: visible on any ground of another colour
            plain = [word for word in nearby if is_plain_ink(word)]
            nearby = [word for word in nearby if not is_plain_ink(word)]
            nearby += _find_similar_to_ground(suspects.traced, plain)
        reasons |= _compare(suspects, nearby)
    return reasons


def _find_similar_to_ground(traced: TracedPage, spans: list[RawSpan]) -> list[RawSpan]:
    """Return those of some spans that do not clearly stand out from what surrounds them."""
    boxes = [span["bbox"] for span in spans]
    rendering = Rendering(traced.display_list, boxes, traced.box, RENDER_DIFF.ground_zoom)
    return [span for span in spans if not rendering.contrasts_with(span["bbox"], _get_colour(span))]


def _compare(suspects: _Suspects, words: list[RawSpan]) -> dict[int, str]:
    """Return why words are hidden, by renderings of the page with and without the suspicious texts."""
    reasons: dict[int, str] = {}
    for is_fine in (False, True):  # few words need closer examination
        if not words:
            break
        boxes = [word["bbox"] for word in words]
        traced = suspects.traced
        comparison = Comparison(traced.display_list, boxes, traced.box, suspects.is_other_text, is_fine)
        found = {id(word): _find_reason(word, comparison, suspects.suspicion) for word in words}
        reasons = {identity: reason for identity, reason in found.items() if reason}
        words = [word for word in words if id(word) in reasons]
    return reasons


def _find_reason(word: RawSpan, comparison: Comparison, suspicion: Suspicion) -> str:
    """Return why a word is hidden; "" if it is visible."""
    colour = _get_colour(word)
    is_ink_known = is_plain_ink(word) and suspicion == "ground"
    has_letters = any(char.isalnum() for char in word["text"])
    if comparison.is_visible(word["core"], colour if is_ink_known else None, has_letters):
        return ""
    if suspicion == "covered":
        return COVERED
    ground = comparison.get_ground(word["bbox"])
    if is_similar(colour, ground):
        return WHITE_ON_WHITE if min(ground) > SUSPECTS.min_white else SAME_COLOUR
    return FAINT
