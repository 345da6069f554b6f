"""The text of each page, written block by block, with the rectangles of its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from curator.pdf.layout import block_splitting, block_types
from curator.pdf.layout.blocks import RUNNING, Block
from curator.pdf.layout.fragments import Fragment, Line, RawPage
from curator.pdf.layout.joining import continues, may_interrupt
from curator.pdf.layout.parameters import FRAGMENTS
from curator.pdf.text.hyphens import Hyphens
from curator.types import Box, Form, SectionKind, Span

_PARAGRAPH = "\n\n"
_WHOLE = frozenset({"heading", "formula"})  # forms that are one sentence whatever their punctuation
_FIRST_WORD = re.compile(r"^[^\s]+")


@dataclass(slots=True)
class Sheet:
    """A page's text while it is written."""

    raw: RawPage
    parts: list[str] = field(default_factory=list)
    length: int = 0
    boxes: list[Box] = field(default_factory=list)

    def write(self, text: str) -> tuple[int, int]:
        start = self.length
        self.parts.append(text)
        self.length += len(text)
        return start, self.length

    @property
    def text(self) -> str:
        return "".join(self.parts)


@dataclass(slots=True)
class Passage:
    """A paragraph with all its pieces, which may stand on several pages."""

    kind: SectionKind
    form: Form
    whole: bool  # one sentence whatever its punctuation
    spans: list[Span] = field(default_factory=list)


class Writer:
    def __init__(self, hyphens: Hyphens, kind_of: Mapping[int, SectionKind]) -> None:
        self.sheets: list[Sheet] = []
        self.passages: list[Passage] = []
        self.starts: dict[int, tuple[int, int]] = {}  # block id -> page, offset
        self._hyphens = hyphens
        self._kind_of = kind_of
        self._open: tuple[Block, Passage] | None = None  # last page's paragraph that may go on
        self._stream: Sequence[Fragment] = ()

    def page(
        self, raw: RawPage, blocks: Sequence[Block], beside: Sequence[Fragment], stream: Sequence[Fragment]
    ) -> None:
        sheet = Sheet(raw)
        self.sheets.append(sheet)
        self._stream = stream
        waiting = self._open
        between: list[Block] = []
        for block in blocks:
            if block.role == "heading":
                waiting = self._open = None
            if block.role in RUNNING and waiting is not None:
                before, passage = waiting
                waiting = None
                if may_interrupt(between, before) and continues(before, block):
                    self._open = (block, self._go_on(sheet, before, block, passage))
                    continue
            between.append(block)
            self.starts[id(block)] = (raw.number, sheet.length + (len(_PARAGRAPH) if sheet.length else 0))
            kind = self._kind_of.get(id(block), "body")
            if block.form == "table":
                self._write_table(sheet, block.lines, kind)
                continue
            passage = self._begin(kind, block.form, block.form in _WHOLE)
            passage = self._write(sheet, block.lines, passage)
            if block.role in RUNNING:
                self._open = (block, passage)
        for fragment in beside:
            passage = self._begin(self.passages[-1].kind if self.passages else "front", "table", False)
            self._write(sheet, [Line([fragment])], passage)

    def _begin(self, kind: SectionKind, form: Form, whole: bool) -> Passage:
        self.passages.append(Passage(kind, form, whole))
        return self.passages[-1]

    def _go_on(self, sheet: Sheet, before: Block, block: Block, passage: Passage) -> Passage:
        """A paragraph from the page before. A word broken by the page's end is written whole there."""
        lines = block.lines
        last = before.lines[-1].text
        first = lines[0].parts[0]
        word = _FIRST_WORD.match(first.text)
        span = passage.spans[-1]
        old = self.sheets[-2]
        at_end = span.page == old.raw.number and span.end == old.length
        if (
            word
            and last.endswith("-")
            and at_end
            and not self._hyphens.belongs(last, first.text)
            and len(first.text) > len(word[0])
        ):
            old.parts.append("")
            tail = old.text[:-1] + word[0]
            old.parts, old.length = [tail], len(tail)
            passage.spans[-1] = Span(span.page, span.start, len(tail))
            if old.boxes:
                b = old.boxes[-1]
                old.boxes[-1] = Box(b.start, min(b.end, len(tail)), b.x0, b.y0, b.x1, b.y1)
            first.text = first.text[len(word[0]) :].lstrip()
            lines[0].text = " ".join(part.text for part in lines[0].parts)
        return self._write(sheet, lines, passage)

    def _write(self, sheet: Sheet, lines: Sequence[Line], passage: Passage) -> Passage:
        """Write a block; what may not belong to the passage begins another one. Returns the last of them."""
        if sheet.length:
            sheet.write(_PARAGRAPH)
        parts = (
            [[f for line in lines for f in line.parts]] if passage.whole else block_splitting.runs(lines, self._stream)
        )
        form = passage.form
        for at, fragments in enumerate(parts):
            if at:
                sheet.write(" ")
                passage = self._begin(passage.kind, form, False)
            if len(parts) > 1 and form == "prose" and not passage.spans:
                passage.form = block_types.of_piece(fragments, passage.kind)
            self._write_run(sheet, fragments, passage)
        return passage

    def _write_table(self, sheet: Sheet, lines: Sequence[Line], kind: SectionKind) -> None:
        """Write cells or labels row by row, but running text in them as it runs."""
        if sheet.length:
            sheet.write(_PARAGRAPH)
        for at, fragments in enumerate(block_splitting.rows(lines, self._stream)):
            if at:
                sheet.write(" ")
            self._write_run(sheet, fragments, self._begin(kind, "table", False))

    def _write_run(self, sheet: Sheet, fragments: Sequence[Fragment], passage: Passage) -> None:
        begin = sheet.length
        for f, after in zip_longest(fragments, fragments[1:]):
            text, blank = (f.text, "") if after is None else self._joint(f, after)
            start, _ = sheet.write(text + blank)
            if text:
                box = Box(start, start + len(text), round(f.x0, 2), round(f.y0, 2), round(f.x1, 2), round(f.y1, 2))
                sheet.boxes.append(box)
        passage.spans.append(Span(sheet.raw.number, begin, sheet.length))

    def _joint(self, before: Fragment, after: Fragment) -> tuple[str, str]:
        """How a fragment is spelt when this one goes on after it, and the white between them."""
        if _same_row(before, after):
            return before.text, "" if _touch(before, after) else " "
        if self._mends(before, after):
            return before.text[:-1], ""
        return before.text, "" if _dash_inside_word(before, after) else " "

    def _mends(self, before: Fragment, after: Fragment) -> bool:
        """Whether the hyphen that ends `before` is only there because the line ended."""
        return (
            before.text.endswith("-")
            and len(before.text) > 1
            and before.text[-2].isalpha()
            and after.text[0].isalpha()
            and not self._hyphens.belongs(before.text, after.text)
        )


def _same_row(a: Fragment, b: Fragment) -> bool:
    return b.x0 > a.x0 and min(a.y1, b.y1) - max(a.y0, b.y0) > 0.4 * min(a.y1 - a.y0, b.y1 - b.y0)


def _touch(a: Fragment, b: Fragment) -> bool:
    """Whether b, in the same row, is printed right after a without a blank, such as an exponent."""
    return -0.3 * a.size < b.x0 - a.x1 < FRAGMENTS.max_touching_gap * min(a.size, b.size)


def _dash_inside_word(a: Fragment, b: Fragment) -> bool:
    """Whether a line ends in a real hyphen or a dash inside a word: no blank follows it then."""
    if b.text[0] == "—":
        return True
    return a.text[-1] in "-—" and len(a.text) > 1 and a.text[-2].isalnum() and b.text[0].isalnum()
