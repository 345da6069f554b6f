"""The text of one page, its printed lines apart from its hidden runs, and how it is extracted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from curator.pdf.extraction.spans import (
    Direction,
    RawLine,
    RawSpan,
    iterate_lines,
    rejoin_spans,
    size_bitmap_fonts,
)
from curator.pdf.rendering.display_list import TextFilter, extract_blocks, make_text_page
from curator.pdf.rendering.geometry import surround
from curator.pdf.visibility.parameters import HIDDEN_TEXT


class HiddenRun(NamedTuple):
    """Adjacent spans of a line that are hidden for the same reason."""

    why: str
    spans: list[RawSpan]
    direction: Direction


@dataclass
class PageText:
    """The text of one page."""

    lines: list[RawLine] = field(default_factory=list)
    hidden: list[HiddenRun] = field(default_factory=list)

    def add_line(self, spans: Sequence[RawSpan], reasons: Sequence[str], direction: Direction) -> None:
        """Add each run of a line's spans to the printed lines or to the hidden runs.

        Args:
            spans: Of the line.
            reasons: Why each span is hidden; "" for printed spans. White space shares the fate of what precedes it.
            direction: Of the line.
        """
        run: list[RawSpan] = []
        run_reason = ""
        for span, own_reason in zip(spans, reasons, strict=True):
            reason = run_reason if run and span["text"].isspace() else own_reason
            if run and reason != run_reason:
                self._add_run(run, run_reason, direction)
                run = []
            run.append(span)
            run_reason = reason
        if run:
            self._add_run(run, run_reason, direction)

    def _add_run(self, run: list[RawSpan], reason: str, direction: Direction) -> None:
        if reason:
            self.hidden.append(HiddenRun(reason, run, direction))
        else:
            self.lines.append((run, direction))


def extract_lines(display_list: Any, is_wanted: TextFilter | None = None) -> list[RawLine]:
    """Extract the lines of a page.

    Args:
        display_list: Of the page.
        is_wanted: The text to extract; by default, all.

    Returns:
        The lines, up to `max_page_chars`.
    """
    blocks = extract_blocks(make_text_page(display_list, HIDDEN_TEXT.flags, is_wanted))
    rejoin_spans(blocks)
    return _list_lines(blocks)


def extract_words(
    display_list: Any, is_wanted: TextFilter, is_split: Callable[[RawSpan], bool] = lambda _: True
) -> list[RawLine]:
    """Extract the lines of a page, split into words.

    Args:
        display_list: Of the page.
        is_wanted: The text to extract.
        is_split: Whether a span is split into its words; by default, each is.

    Returns:
        The lines, up to `max_page_chars`, whose spans are words with the white space after them, or whole spans.
    """
    blocks = extract_blocks(make_text_page(display_list, HIDDEN_TEXT.flags, is_wanted), chars=True)
    for line in iterate_lines(blocks):
        line["spans"] = [piece for span in line["spans"] for piece in _split_span(span, is_split)]
    return _list_lines(blocks)


def _list_lines(blocks: list[dict[str, Any]]) -> list[RawLine]:
    size_bitmap_fonts(blocks)
    lines: list[RawLine] = []
    chars = 0
    for line in iterate_lines(blocks):
        chars += sum([len(span["text"]) for span in line["spans"]])
        if chars > HIDDEN_TEXT.max_page_chars:
            break
        lines.append((line["spans"], line["dir"]))
    return lines


def _split_span(span: RawSpan, is_split: Callable[[RawSpan], bool]) -> Iterable[RawSpan]:
    span["text"] = "".join([char["c"] for char in span["chars"]])
    return _split_into_words(span) if is_split(span) else (span,)


def _split_into_words(span: RawSpan) -> Iterator[RawSpan]:
    word: list[dict[str, Any]] = []
    for char in span["chars"]:
        if word and word[-1]["c"].isspace() and not char["c"].isspace():
            yield _make_word(span, word)
            word = []
        word.append(char)
    if word:
        yield _make_word(span, word)


def _make_word(span: RawSpan, chars: list[dict[str, Any]]) -> RawSpan:
    inked = [char["bbox"] for char in chars if not char["c"].isspace()] or [chars[0]["bbox"]]
    text = "".join(char["c"] for char in chars)
    return {**span, "chars": None, "text": text, "bbox": surround(inked), "origin": chars[0]["origin"]}
