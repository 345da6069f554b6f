"""Blocks into a Document: each page's text with its rectangles, the sections, the sentences with their spans."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from curator.pdf.layout import block_quotes, block_splitting, block_types, drop_caps, furniture, paragraphs, sections
from curator.pdf.layout.paragraphs import Block, Style
from curator.pdf.layout.reading_order import (
    SAME_GUTTER,
    TOUCHING,
    Fragment,
    Line,
    RawPage,
    Region,
    glue,
    gutter_candidates,
    page_gutter,
    read_order,
)
from curator.pdf.text import sentences
from curator.pdf.text.characters import Hyphens
from curator.types import Box, Document, Extraction, Form, Page, Section, SectionKind, Sentence, Span

_PARAGRAPH = "\n\n"
_WHOLE = frozenset({"heading", "formula"})  # forms that are one sentence whatever their punctuation
_FIRST_WORD = re.compile(r"^[^\s]+")


@dataclass(slots=True)
class _Sheet:
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
class _Passage:
    """A paragraph with all its pieces, which may stand on several pages."""

    kind: SectionKind
    form: Form
    whole: bool  # one sentence whatever its punctuation
    spans: list[Span] = field(default_factory=list)


def compose(
    raw_pages: Sequence[RawPage],
    paper_id: str,
    version: int,
    sha256: str,
    extractor: str,
    settings: Mapping[str, str | int | float | bool],
) -> Document:
    """The document that these printed fragments make."""
    crumbled = {raw.number for raw in raw_pages if _glued(raw)}
    furniture.strip(raw_pages)
    for raw in raw_pages:
        raw.fragments = drop_caps.mended(raw.fragments)
    streams = [[] if raw.number in crumbled else _stream(raw) for raw in raw_pages]
    regions, sideways = _regions(raw_pages)
    style = paragraphs.style_of(region for page in regions for region in page)
    in_order = [
        paragraphs.blocks_of(raw.number, page, style, raw.height) for raw, page in zip(raw_pages, regions, strict=True)
    ]
    blocks = [block for page in in_order for block in page]
    headings, kinds = sections.find_sections(blocks, style)
    block_quotes.mark(blocks, kinds, style)
    kind_of = {id(block): kind for block, kind in zip(blocks, kinds, strict=True)}
    for page in in_order:
        block_types.mark(page, [kind_of[id(block)] if headings else "body" for block in page], style)
    writer = _Writer(Hyphens(line.text for page in regions for region in page for line in region.lines), kind_of)
    for raw, page_blocks, beside, stream in zip(raw_pages, in_order, sideways, streams, strict=True):
        writer.page(raw, paragraphs.join(page_blocks, style), beside, stream)
    pages = tuple(
        Page(s.raw.number, s.text, round(s.raw.width, 2), round(s.raw.height, 2), tuple(s.boxes)) for s in writer.sheets
    )
    return Document(
        paper_id=paper_id,
        version=version,
        sha256=sha256,
        pages=pages,
        sections=_sections(headings, writer.starts, style, in_order),
        sentences=tuple(_sentences(pages, writer.passages)),
        extraction=Extraction(extractor, settings),
        hidden=tuple(hidden for raw in raw_pages for hidden in raw.hidden),
    )


def _glued(raw: RawPage) -> bool:
    """Put a page's crumbs together; whether there were any, so that the order of its fragments says nothing."""
    before = raw.fragments
    raw.fragments = glue(before)
    return raw.fragments is not before


def _stream(raw: RawPage) -> list[Fragment]:
    """The page's fragments as the file has them, numbered."""
    for at, fragment in enumerate(raw.fragments):
        fragment.order = at
    return raw.fragments


def _regions(raw_pages: Sequence[RawPage]) -> tuple[list[list[Region]], list[list[Fragment]]]:
    """Each page's regions in reading order, and what is printed sideways on it."""
    upright: list[list[Fragment]] = []
    sideways: list[list[Fragment]] = []
    for raw in raw_pages:
        turned = [f for f in raw.fragments if not f.upright]
        if sum(len(f.text) for f in turned) > 0.7 * sum(len(f.text) for f in raw.fragments):
            upright.append([])  # a table printed sideways: MuPDF's own order serves
        else:
            upright.append([f for f in raw.fragments if f.upright])
        sideways.append(turned if upright[-1] else list(raw.fragments))
    candidates = [gutter_candidates(fragments) for fragments in upright]
    found = [page_gutter(fragments, near) for fragments, near in zip(upright, candidates, strict=True)]
    gutters = [x for x in found if x is not None]
    known = _agreed(gutters) if len(gutters) >= max(1, 0.2 * len(raw_pages)) else []
    return [read_order(page, known, near) for page, near in zip(upright, candidates, strict=True)], sideways


def _agreed(gutters: list[float]) -> list[float]:
    """The gutter that most pages share, if any does."""
    best = max(gutters, key=lambda x: sum(abs(x - other) < SAME_GUTTER for other in gutters), default=0.0)
    alike = [x for x in gutters if abs(x - best) < SAME_GUTTER]
    return [sorted(alike)[len(alike) // 2]] if len(alike) >= 0.5 * len(gutters) else []


class _Writer:
    def __init__(self, hyphens: Hyphens, kind_of: Mapping[int, SectionKind]) -> None:
        self.sheets: list[_Sheet] = []
        self.passages: list[_Passage] = []
        self.starts: dict[int, tuple[int, int]] = {}  # block id -> page, offset
        self._hyphens = hyphens
        self._kind_of = kind_of
        self._open: tuple[Block, _Passage] | None = None  # last page's paragraph that may go on
        self._stream: Sequence[Fragment] = ()

    def page(
        self, raw: RawPage, blocks: Sequence[Block], beside: Sequence[Fragment], stream: Sequence[Fragment]
    ) -> None:
        sheet = _Sheet(raw)
        self.sheets.append(sheet)
        self._stream = stream
        waiting = self._open
        between: list[Block] = []
        for block in blocks:
            if block.role == "heading":
                waiting = self._open = None
            if block.role in paragraphs.RUNNING and waiting is not None:
                before, passage = waiting
                waiting = None
                if paragraphs.may_interrupt(between, before) and paragraphs.continues(before, block):
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
            if block.role in paragraphs.RUNNING:
                self._open = (block, passage)
        for fragment in beside:
            passage = self._begin(self.passages[-1].kind if self.passages else "front", "table", False)
            self._write(sheet, [Line([fragment])], passage)

    def _begin(self, kind: SectionKind, form: Form, whole: bool) -> _Passage:
        self.passages.append(_Passage(kind, form, whole))
        return self.passages[-1]

    def _go_on(self, sheet: _Sheet, before: Block, block: Block, passage: _Passage) -> _Passage:
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

    def _write(self, sheet: _Sheet, lines: Sequence[Line], passage: _Passage) -> _Passage:
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

    def _write_table(self, sheet: _Sheet, lines: Sequence[Line], kind: SectionKind) -> None:
        """Write cells or labels row by row, but running text in them as it runs."""
        if sheet.length:
            sheet.write(_PARAGRAPH)
        for at, fragments in enumerate(block_splitting.rows(lines, self._stream)):
            if at:
                sheet.write(" ")
            self._write_run(sheet, fragments, self._begin(kind, "table", False))

    def _write_run(self, sheet: _Sheet, fragments: Sequence[Fragment], passage: _Passage) -> None:
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
    return -0.3 * a.size < b.x0 - a.x1 < TOUCHING * min(a.size, b.size)


def _dash_inside_word(a: Fragment, b: Fragment) -> bool:
    """Whether a line ends in a real hyphen or a dash inside a word: no blank follows it then."""
    if b.text[0] == "—":
        return True
    return a.text[-1] in "-—" and len(a.text) > 1 and a.text[-2].isalnum() and b.text[0].isalnum()


def _sections(
    headings: Sequence[sections.Heading],
    starts: Mapping[int, tuple[int, int]],
    style: Style,
    in_order: Sequence[Sequence[Block]],
) -> tuple[Section, ...]:
    found: list[Section] = []
    front = [block for page in in_order[:1] for block in page]
    first = next((starts[id(h.block)] for h in headings if id(h.block) in starts), None)
    if front and id(front[0]) in starts and first != starts[id(front[0])]:
        headed = next((at for at, block in enumerate(front) if block.role == "heading"), len(front))
        largest = max(front[: max(1, headed)], key=lambda block: block.size)
        title = largest.text if largest.size > style.size * 1.1 and len(largest.text) <= 300 else ""
        page, start = starts[id(front[0])]
        found.append(Section(title or "Front matter", "front", page, start))
    found.extend(Section(h.title, h.kind, *starts[id(h.block)]) for h in headings if id(h.block) in starts)
    return tuple(found)


def _sentences(pages: Sequence[Page], passages: Sequence[_Passage]) -> list[Sentence]:
    found: list[Sentence] = []
    texts = {page.number: page.text for page in pages}
    for passage in passages:
        pieces = [texts[span.page][span.start : span.end] for span in passage.spans]
        joined = " ".join(pieces)
        bounds = (
            [(0, len(joined))]
            if passage.whole and len(joined) < sentences.MAX_SENTENCE
            else sentences.split_sentences(joined)
        )
        for start, end in bounds:
            if spans := _spans(passage.spans, start, end):
                found.append(Sentence(len(found) + 1, joined[start:end], spans, passage.kind, passage.form))
    return found


def _spans(pieces: Sequence[Span], start: int, end: int) -> tuple[Span, ...]:
    """The part from `start` to `end` of these pieces, joined by one blank each."""
    if len(pieces) == 1 and start < end:
        only = pieces[0]
        return (Span(only.page, only.start + start, only.start + end),)
    spans: list[Span] = []
    at = 0
    for piece in pieces:
        length = piece.end - piece.start
        low, high = max(start, at), min(end, at + length)
        if low < high:
            spans.append(Span(piece.page, piece.start + low - at, piece.start + high - at))
        at += length + 1
    return tuple(spans)
