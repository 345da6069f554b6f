"""Read a paper and check quotes against it, in one call."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, repeat
from pathlib import Path

from curator.errors import PdfUnreadable
from curator.pdf.reader import ReadLimits, read_pdf
from curator.quotes.checker import QuoteChecker, mark_unreadable
from curator.types import Document, Quote


def check_quotes(
    paper: Document | Path | str,
    quotes: Iterable[str],
    *,
    pages: Iterable[int | None] = (),
    limits: ReadLimits | None = None,
) -> list[Quote]:
    """Grade quotes against a paper.

    Args:
        paper: The paper's text, as `read_pdf` or the warehouse returns it, or the path of a PDF file to read.
        quotes: The quotes as their source gives them. Markdown, HTML and LaTeX are understood.
        pages: The pages, from 1, that the source gives for the quotes, in the same order. They decide between equally
            good matches. There may be fewer pages than quotes.
        limits: Limits on the reading of a PDF file; by default those of `ReadLimits`.

    Returns:
        The quotes in the same order, each with its grade and, if it holds, its place and the paper's own words. If
        the PDF file has no readable text, all are `unreadable`.

    Raises:
        PdfUnavailable: There is no such file.
        ReaderFailed: The process that reads PDFs failed; another attempt may succeed.
    """
    if not isinstance(paper, Document):
        try:
            paper = read_pdf(paper, limits)
        except PdfUnreadable:
            return [mark_unreadable(quote) for quote in quotes]
    checker = QuoteChecker(paper)
    hints = chain(pages, repeat(None))
    return [checker.grade(quote, page) for quote, page in zip(quotes, hints, strict=False)]
