"""Blocks into a Document: each page's text with its rectangles, the sections, the sentences with their spans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from curator.pdf.layout import block_quotes, block_types, drop_caps, furniture, joining, paragraphs, sections
from curator.pdf.layout.blocks import Block, Style, style_of
from curator.pdf.layout.fragments import Fragment, RawPage, glue
from curator.pdf.layout.reading_order import regions_of
from curator.pdf.page_writer import Passage, Writer
from curator.pdf.text import sentences
from curator.pdf.text.hyphens import Hyphens
from curator.pdf.text.parameters import SENTENCES
from curator.types import Document, Extraction, Page, Section, Sentence, Span


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
    regions, sideways = regions_of(raw_pages)
    style = style_of(region for page in regions for region in page)
    in_order = [
        paragraphs.blocks_of(raw.number, page, style, raw.height) for raw, page in zip(raw_pages, regions, strict=True)
    ]
    blocks = [block for page in in_order for block in page]
    headings, kinds = sections.find_sections(blocks, style)
    block_quotes.mark(blocks, kinds, style)
    kind_of = {id(block): kind for block, kind in zip(blocks, kinds, strict=True)}
    for page in in_order:
        block_types.mark(page, [kind_of[id(block)] if headings else "body" for block in page], style)
    writer = Writer(Hyphens(line.text for page in regions for region in page for line in region.lines), kind_of)
    for raw, page_blocks, beside, stream in zip(raw_pages, in_order, sideways, streams, strict=True):
        writer.page(raw, joining.join(page_blocks, style), beside, stream)
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


def _sentences(pages: Sequence[Page], passages: Sequence[Passage]) -> list[Sentence]:
    found: list[Sentence] = []
    texts = {page.number: page.text for page in pages}
    for passage in passages:
        pieces = [texts[span.page][span.start : span.end] for span in passage.spans]
        joined = " ".join(pieces)
        bounds = (
            [(0, len(joined))]
            if passage.whole and len(joined) < SENTENCES.max_sentence
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
