"""Documents for tests, made from paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from curator.types import Document, Extraction, Form, Page, SectionKind, Sentence, Span

Paragraph = tuple[SectionKind, str]


def document(*pages: Sequence[Paragraph] | str) -> Document:
    """Pages of (section, paragraph), or of plain body text. A sentence ends with [.?!] before white space.

    A page's last sentence without such an end goes on in the first of the next page.
    """
    texts: list[str] = []
    sentences: list[tuple[SectionKind, list[Span]]] = []
    open_end = False
    for number, page in enumerate(pages, start=1):
        text = ""
        paragraphs: Sequence[Paragraph] = [("body", page)] if isinstance(page, str) else page
        for section, paragraph in paragraphs:
            text += "\n\n" if text else ""
            for match in re.finditer(r"\S(?:.*?[.?!](?=\s|\Z)|.*\Z)", paragraph, re.S):
                span = Span(number, len(text) + match.start(), len(text) + match.end())
                if open_end:
                    sentences[-1][1].append(span)
                else:
                    sentences.append((section, [span]))
                open_end = match[0][-1] not in ".?!"
            text += paragraph
        texts.append(text)
    return Document(
        paper_id="2501.01234",
        version=1,
        sha256="0" * 64,
        pages=tuple(Page(number, text, 612, 792) for number, text in enumerate(texts, start=1)),
        sections=(),
        sentences=tuple(
            Sentence(
                number,
                " ".join(" ".join(texts[span.page - 1][span.start : span.end] for span in spans).split()),
                tuple(spans),
                section,
            )
            for number, (section, spans) in enumerate(sentences, start=1)
        ),
        extraction=Extraction("tests"),
    )


def formed(*passages: tuple[Form, str]) -> Document:
    """One page with a sentence for each (form, text), in their order."""
    text, sentences = "", []
    for number, (form, words) in enumerate(passages, start=1):
        text += "\n\n" if text else ""
        span = Span(1, len(text), len(text) + len(words))
        sentences.append(Sentence(number, words, (span,), "body", form))
        text += words
    return Document("2501.01234", 1, "0" * 64, (Page(1, text, 612, 792),), (), tuple(sentences), Extraction("tests"))
