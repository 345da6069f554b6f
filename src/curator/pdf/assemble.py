"""A document assembled from printed fragments: pages with rectangles, sections, and sentences with their spans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from curator.pdf.layout.block_quotes import mark_block_quotes
from curator.pdf.layout.block_types import classify_blocks
from curator.pdf.layout.blocks import Block, Style, measure_style
from curator.pdf.layout.drop_caps import restore_drop_caps
from curator.pdf.layout.fragments import Fragment, RawPage, merge_fragments
from curator.pdf.layout.furniture import remove_furniture
from curator.pdf.layout.joining import join_paragraphs
from curator.pdf.layout.paragraphs import build_blocks
from curator.pdf.layout.reading_order import order_pages
from curator.pdf.layout.sections import Heading, find_sections
from curator.pdf.page_writer import PageWriter, Paragraph
from curator.pdf.text.hyphens import Hyphenation
from curator.pdf.text.parameters import SENTENCES
from curator.pdf.text.sentences import split_sentences
from curator.types import Document, Extraction, Page, Section, SectionKind, Sentence, Span


def assemble_document(
    raw_pages: Sequence[RawPage],
    paper_id: str,
    version: int,
    sha256: str,
    extractor: str,
    settings: Mapping[str, str | int | float | bool],
) -> Document:
    """Assemble a document from the print of its pages, whose fragments are changed.

    Args:
        raw_pages: All pages, in order.
        paper_id: The paper's id, without its version.
        version: Of the paper.
        sha256: Of the PDF, in hexadecimal digits.
        extractor: Name and version of the reader.
        settings: The reader's parameters.

    Returns:
        The document.
    """
    merged = {raw.number for raw in raw_pages if _merge_crumbs(raw)}
    remove_furniture(raw_pages)
    for raw in raw_pages:
        raw.fragments = restore_drop_caps(raw.fragments)
    file_orders = [[] if raw.number in merged else _number_fragments(raw) for raw in raw_pages]
    regions, sideways = order_pages(raw_pages)
    style = measure_style(region for page in regions for region in page)
    page_blocks = [
        build_blocks(raw.number, page, style, raw.height) for raw, page in zip(raw_pages, regions, strict=True)
    ]
    headings, kinds = _classify(page_blocks, style)
    hyphenation = Hyphenation(line.text for page in regions for region in page for line in region.lines)
    writer = PageWriter(hyphenation, kinds)
    for raw, blocks, turned, file_order in zip(raw_pages, page_blocks, sideways, file_orders, strict=True):
        writer.write_page(raw, join_paragraphs(blocks), turned, file_order)
    pages = writer.pages
    return Document(
        paper_id=paper_id,
        version=version,
        sha256=sha256,
        pages=pages,
        sections=_build_sections(headings, writer.starts, style, page_blocks),
        sentences=tuple(_build_sentences(pages, writer.paragraphs)),
        extraction=Extraction(extractor, settings),
        hidden=tuple(hidden for raw in raw_pages for hidden in raw.hidden),
    )


def _merge_crumbs(raw: RawPage) -> bool:
    """Merge a page's fragments where they are too short, in place.

    Returns:
        Whether any were merged, so that the order of the page's fragments means nothing.
    """
    before = raw.fragments
    raw.fragments = merge_fragments(before)
    return raw.fragments is not before


def _number_fragments(raw: RawPage) -> list[Fragment]:
    """Number a page's fragments in the order of the file, and return them."""
    for at, fragment in enumerate(raw.fragments):
        fragment.order = at
    return raw.fragments


def _classify(page_blocks: Sequence[Sequence[Block]], style: Style) -> tuple[list[Heading], Mapping[int, SectionKind]]:
    """Find the headings among the blocks, and the forms of all blocks, in place.

    Returns:
        The headings, and the kind of section of each block by the block's `id`.
    """
    blocks = [block for page in page_blocks for block in page]
    headings, kinds = find_sections(blocks, style)
    mark_block_quotes(blocks, kinds, style)
    kind_of = {id(block): kind for block, kind in zip(blocks, kinds, strict=True)}
    for page in page_blocks:
        classify_blocks(page, [kind_of[id(block)] if headings else "body" for block in page], style)
    return headings, kind_of


def _build_sections(
    headings: Sequence[Heading],
    starts: Mapping[int, tuple[int, int]],
    style: Style,
    page_blocks: Sequence[Sequence[Block]],
) -> tuple[Section, ...]:
    """Build the sections from the headings, after one for the text before the first heading."""
    sections: list[Section] = []
    front = [block for page in page_blocks[:1] for block in page]
    first_heading = next((starts[id(h.block)] for h in headings if id(h.block) in starts), None)
    if front and id(front[0]) in starts and first_heading != starts[id(front[0])]:
        page, start = starts[id(front[0])]
        sections.append(Section(_find_paper_title(front, style) or "Front matter", "front", page, start))
    sections.extend(Section(h.title, h.kind, *starts[id(h.block)]) for h in headings if id(h.block) in starts)
    return tuple(sections)


def _find_paper_title(front: Sequence[Block], style: Style) -> str:
    """Return the largest print before the first page's first heading, or "" if it is not larger than the text."""
    end = next((at for at, block in enumerate(front) if block.role == "heading"), len(front))
    largest = max(front[: max(1, end)], key=lambda block: block.size)
    return largest.text if largest.size > style.size * 1.1 and len(largest.text) <= 300 else ""


def _build_sentences(pages: Sequence[Page], paragraphs: Sequence[Paragraph]) -> list[Sentence]:
    sentences: list[Sentence] = []
    texts = {page.number: page.text for page in pages}
    for paragraph in paragraphs:
        text = " ".join([texts[span.page][span.start : span.end] for span in paragraph.spans])
        whole = paragraph.whole and len(text) < SENTENCES.max_sentence
        for start, end in [(0, len(text))] if whole else split_sentences(text):
            if spans := _cut_spans(paragraph.spans, start, end):
                sentences.append(Sentence(len(sentences) + 1, text[start:end], spans, paragraph.kind, paragraph.form))
    return sentences


def _cut_spans(pieces: Sequence[Span], start: int, end: int) -> tuple[Span, ...]:
    """Return the stretch from `start` to `end` of these pieces, which are joined by one space each."""
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
