"""The text of each page, written block by block, with the rectangles in which its words are printed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from curator.pdf.layout.block_splitting import split_rows, split_runs
from curator.pdf.layout.block_types import classify_piece
from curator.pdf.layout.blocks import CONTINUABLE, Block
from curator.pdf.layout.fragments import Fragment, Line, RawPage
from curator.pdf.layout.joining import continues, may_interrupt
from curator.pdf.layout.parameters import FRAGMENTS
from curator.pdf.text.hyphens import Hyphenation
from curator.types import Box, Form, Page, SectionKind, Span

_PARAGRAPH_BREAK = "\n\n"
_WHOLE_FORMS = frozenset({"heading", "formula"})  # each is one sentence, whatever its punctuation
_FIRST_WORD = re.compile(r"^[^\s]+")


@dataclass(slots=True)
class _PageDraft:
    """A page's text while it is written."""

    raw: RawPage
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    boxes: list[Box] = field(default_factory=list)

    def write(self, text: str) -> int:
        """Add text, and return its start in the page."""
        start = self.length
        self.pieces.append(text)
        self.length += len(text)
        return start

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def replace_last_character(self, text: str) -> None:
        """Replace the last character of the page, and let the last box end with the new text at most."""
        new_text = self.text[:-1] + text
        self.pieces, self.length = [new_text], len(new_text)
        if self.boxes:
            b = self.boxes[-1]
            self.boxes[-1] = Box(b.start, min(b.end, len(new_text)), b.x0, b.y0, b.x1, b.y1)


@dataclass(slots=True)
class Paragraph:
    """A paragraph with all its pieces, which may be on several pages."""

    kind: SectionKind
    form: Form
    whole: bool  # one sentence, whatever its punctuation
    spans: list[Span] = field(default_factory=list)


class PageWriter:
    """Writes the pages of one document, from the first to the last."""

    def __init__(self, hyphenation: Hyphenation, kinds: Mapping[int, SectionKind]) -> None:
        """Start with no page.

        Args:
            hyphenation: How the document spells its words.
            kinds: The kind of section of each block, by the block's `id`.
        """
        self.paragraphs: list[Paragraph] = []
        self.starts: dict[int, tuple[int, int]] = {}  # id of a block -> page, offset in the page's text
        self._drafts: list[_PageDraft] = []
        self._hyphenation = hyphenation
        self._kinds = kinds
        self._open: tuple[Block, Paragraph] | None = None  # a page's last paragraph, which may continue
        self._file_order: Sequence[Fragment] = ()

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages as they are written so far."""
        return tuple(
            Page(d.raw.number, d.text, round(d.raw.width, 2), round(d.raw.height, 2), tuple(d.boxes))
            for d in self._drafts
        )

    def write_page(
        self, raw: RawPage, blocks: Sequence[Block], sideways: Sequence[Fragment], file_order: Sequence[Fragment]
    ) -> None:
        """Write a page.

        Args:
            raw: The page.
            blocks: Its blocks in reading order, with their paragraphs joined.
            sideways: Its fragments that are printed sideways; they come last, as cells of a table.
            file_order: Its fragments in the order of the file; empty if that order means nothing.
        """
        draft = _PageDraft(raw)
        self._drafts.append(draft)
        self._file_order = file_order
        waiting = self._open
        between: list[Block] = []
        for block in blocks:
            if block.role == "heading":
                waiting = self._open = None
            if block.role in CONTINUABLE and waiting is not None:
                before, paragraph = waiting
                waiting = None
                if may_interrupt(between, before) and continues(before, block):
                    self._open = (block, self._continue_from_last_page(draft, before, block, paragraph))
                    continue
            between.append(block)
            self._write_block(draft, block)
        for fragment in sideways:
            paragraph = self._begin(self.paragraphs[-1].kind if self.paragraphs else "front", "table", False)
            self._write_lines(draft, [Line([fragment])], paragraph)

    def _write_block(self, draft: _PageDraft, block: Block) -> None:
        self.starts[id(block)] = (draft.raw.number, draft.length + (len(_PARAGRAPH_BREAK) if draft.length else 0))
        kind = self._kinds.get(id(block), "body")
        if block.form == "table":
            self._write_table(draft, block.lines, kind)
            return
        paragraph = self._begin(kind, block.form, block.form in _WHOLE_FORMS)
        paragraph = self._write_lines(draft, block.lines, paragraph)
        if block.role in CONTINUABLE:
            self._open = (block, paragraph)

    def _begin(self, kind: SectionKind, form: Form, whole: bool) -> Paragraph:
        self.paragraphs.append(Paragraph(kind, form, whole))
        return self.paragraphs[-1]

    def _continue_from_last_page(
        self, draft: _PageDraft, before: Block, block: Block, paragraph: Paragraph
    ) -> Paragraph:
        """Continue a paragraph of the page before. A word broken by the page's end is written whole on that page."""
        lines = block.lines
        last = before.lines[-1].text
        first = lines[0].parts[0]
        word = _FIRST_WORD.match(first.text)
        span = paragraph.spans[-1]
        old = self._drafts[-2]
        at_end = span.page == old.raw.number and span.end == old.length
        if (
            word
            and last.endswith("-")
            and at_end
            and not self._hyphenation.keeps_hyphen(last, first.text)
            and len(first.text) > len(word[0])
        ):
            old.replace_last_character(word[0])
            paragraph.spans[-1] = Span(span.page, span.start, old.length)
            first.text = first.text[len(word[0]) :].lstrip()
            lines[0].text = " ".join(part.text for part in lines[0].parts)
        return self._write_lines(draft, lines, paragraph)

    def _write_lines(self, draft: _PageDraft, lines: Sequence[Line], paragraph: Paragraph) -> Paragraph:
        """Write the lines of a block, and return the last paragraph of it.

        Pieces that may not be read as one sentence with the paragraph begin paragraphs of their own.
        """
        if draft.length:
            draft.write(_PARAGRAPH_BREAK)
        runs = [[f for line in lines for f in line.parts]] if paragraph.whole else split_runs(lines, self._file_order)
        form = paragraph.form
        for at, fragments in enumerate(runs):
            if at:
                draft.write(" ")
                paragraph = self._begin(paragraph.kind, form, False)
            if len(runs) > 1 and form == "prose" and not paragraph.spans:
                paragraph.form = classify_piece(fragments, paragraph.kind)
            self._write_run(draft, fragments, paragraph)
        return paragraph

    def _write_table(self, draft: _PageDraft, lines: Sequence[Line], kind: SectionKind) -> None:
        """Write cells or labels row by row, and running text inside them as running text."""
        if draft.length:
            draft.write(_PARAGRAPH_BREAK)
        for at, fragments in enumerate(split_rows(lines, self._file_order)):
            if at:
                draft.write(" ")
            self._write_run(draft, fragments, self._begin(kind, "table", False))

    def _write_run(self, draft: _PageDraft, fragments: Sequence[Fragment], paragraph: Paragraph) -> None:
        begin = draft.length
        for f, after in zip_longest(fragments, fragments[1:]):
            text, space = (f.text, "") if after is None else self._spell(f, after)
            start = draft.write(text + space)
            if text:
                box = Box(start, start + len(text), round(f.x0, 2), round(f.y0, 2), round(f.x1, 2), round(f.y1, 2))
                draft.boxes.append(box)
        paragraph.spans.append(Span(draft.raw.number, begin, draft.length))

    def _spell(self, before: Fragment, after: Fragment) -> tuple[str, str]:
        """Return a fragment's text as it is written before another, and the space between them."""
        if _in_same_row(before, after):
            return before.text, "" if _touch(before, after) else " "
        if self._is_hyphenated(before, after):
            return before.text[:-1], ""
        return before.text, "" if _has_dash_inside_word(before, after) else " "

    def _is_hyphenated(self, before: Fragment, after: Fragment) -> bool:
        """Return whether the hyphen at the end of a fragment is there only because the line ended."""
        return (
            before.text.endswith("-")
            and len(before.text) > 1
            and before.text[-2].isalpha()
            and after.text[0].isalpha()
            and not self._hyphenation.keeps_hyphen(before.text, after.text)
        )


def _in_same_row(a: Fragment, b: Fragment) -> bool:
    return b.x0 > a.x0 and min(a.y1, b.y1) - max(a.y0, b.y0) > 0.4 * min(a.y1 - a.y0, b.y1 - b.y0)


def _touch(a: Fragment, b: Fragment) -> bool:
    """Return whether b, in the same row, is printed right after a without a space, as an exponent is."""
    return -0.3 * a.size < b.x0 - a.x1 < FRAGMENTS.max_touching_gap * min(a.size, b.size)


def _has_dash_inside_word(a: Fragment, b: Fragment) -> bool:
    """Return whether a line ends in a real hyphen, or in a dash inside a word; no space follows it then."""
    if b.text[0] == "—":
        return True
    return a.text[-1] in "-—" and len(a.text) > 1 and a.text[-2].isalnum() and b.text[0].isalnum()
