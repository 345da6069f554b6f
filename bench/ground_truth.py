"""Texts that are known, for PDFs that are at hand: what extraction is measured against.

* The demo's sample papers, typeset from their Markdown sources in tests/typesetting, as the demo ships them.
* The same sources set by LaTeX where `pdflatex` is installed: other fonts, hyphenation, floats, footnotes, page styles.
* Pairs of a PDF and a text that somebody wrote down: only what the text says can be checked.

In a text of ours a footnote follows the paragraph that refers to it, and a caption stands where its figure is called
for. Neither is where every good reader would put it, so these places cost all extractors alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from tests.typesetting.demo_data import is_truncated, load_sources
from tests.typesetting.markup import Block, Source
from tests.typesetting.typeset import NOTICE, typeset

from bench.extractors import pages_of, plain
from bench.likeness import Check, absent, no_such_line, order, present, squashed, unbroken, words

MIN_SENTENCE = 6  # words; a shorter one stands in many places
_FOOTNOTE_MARK = re.compile(r"\[\^(\d+)\]")
_SENTENCE_END = re.compile(r"(?<=[.!?])['’”]?\s+(?=[A-Z“])")


@dataclass(frozen=True)
class Truth:
    """A PDF whose text is known."""

    name: str
    pdf: bytes
    words: list[str]
    checks: tuple[Check, ...]


def sample_sources() -> Iterator[tuple[str, Source]]:
    """Yield the name and source of each sample paper whose file is not damaged on purpose."""
    return ((name, source) for name, source in load_sources() if not is_truncated(source))


def typeset_samples(most: int | None = None) -> list[Truth]:
    """Typeset the sample papers, or the first few of them, as the demo ships them."""
    found = []
    for name, source in islice(sample_sources(), most):
        pdf = typeset(source)
        furniture = [source.front["running"], f"arXiv:{source.paper.versioned_id}"]
        found.append(truth_of(name, pdf, source, furniture, notice=NOTICE))
    return found


def truth_of(name: str, pdf: bytes, source: Source, furniture: Sequence[str], notice: str = "") -> Truth:
    """The text of a sample paper, and what must hold of any extraction of it."""
    text = "\n\n".join([source.paper.title, ", ".join(source.authors), notice, "Abstract", *_texts(source)])
    return Truth(name, pdf, words(text), tuple(_checks(source, text, pdf, furniture)))


def _texts(source: Source) -> Iterator[str]:
    """The running text, one block after another, as it is printed."""
    yield _printed(source.abstract)
    figures = 0
    for block in source.blocks:
        if block.kind == "figure":
            figures += 1
            yield f"Figure {figures}: {_printed(block.text)}"
            continue
        yield _printed(block.text)
        yield from (
            f"{number} {_printed(source.footnotes[number])}"
            for number in _FOOTNOTE_MARK.findall(block.text)
            if number in source.footnotes
        )


def _printed(text: str) -> str:
    return _FOOTNOTE_MARK.sub(r"\1", text.replace("*", ""))


def _unmarked(text: str) -> str:
    return _FOOTNOTE_MARK.sub("", text.replace("*", ""))


def _wordings(text: str) -> tuple[str, ...]:
    """With its footnote marks, and without: both are right."""
    return _printed(text), _unmarked(text)


def _checks(source: Source, text: str, pdf: bytes, furniture: Sequence[str]) -> Iterator[Check]:
    paragraphs = [Block("paragraph", source.abstract), *(b for b in source.blocks if b.kind == "paragraph")]
    for block in paragraphs:
        yield unbroken(*_wordings(block.text))
        yield from (present(*_wordings(sentence)) for sentence in sentences(block.text))
    for first, second in pairwise(paragraphs):
        last, following = sentences(first.text)[-1:], sentences(second.text)[:1]
        if last and following:
            yield order(_wordings(last[0]), _wordings(following[0]))
    headings = [block.text for block in source.blocks if block.kind in ("section", "subsection")]
    yield from (present(heading) for heading in headings)
    yield from (order((one,), (two,)) for one, two in pairwise(headings))
    yield from (unbroken(block.text) for block in source.blocks if block.kind == "figure")
    yield from (unbroken(note) for note in source.footnotes.values())
    yield from (present(block.text) for block in source.blocks if block.kind in ("reference", "equation"))
    whole = squashed(text)
    yield from (absent(line, whole.count(squashed(line))) for line in furniture)
    yield from (no_such_line(page, str(page)) for page in range(1, pages_of(pdf) + 1))


def sentences(text: str) -> list[str]:
    """Sentences long enough to stand in one place only."""
    return [part for part in _SENTENCE_END.split(text) if len(part.split()) >= MIN_SENTENCE]


def written_down(pdf: Path, text: Path) -> Truth:
    """A PDF and its text from a pair of files.

    Where the text goes on far beyond the PDF, such as one page of a paper whose whole text is known, the stretch of it
    is taken whose words, in whatever order, are most like PyMuPDF's.
    """
    data = pdf.read_bytes()
    known = _matching(text.read_text(encoding="utf-8"), words("\n".join(plain(data))))
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", known)]
    parts = [sentence for paragraph in paragraphs for sentence in sentences(paragraph)]
    checks = [present(part) for part in parts]
    checks += [order((one,), (two,)) for one, two in pairwise(parts)]
    return Truth(text.stem, data, words(known), tuple(checks))


def _matching(text: str, printed: list[str]) -> str:
    """The lines of the text between which the bag of words is most like the printed one (by F1), or all of them."""
    lines = text.splitlines()
    if len(words(text)) <= 1.5 * len(printed):
        return text
    wanted = Counter(printed)
    bags = [words(line) for line in lines]
    best = (0.0, 0, len(lines))
    for start in range(len(lines)):
        held: Counter[str] = Counter()
        size = same = 0
        for end in range(start, len(lines)):
            for word in bags[end]:
                same += held[word] < wanted[word]
                held[word] += 1
            size += len(bags[end])
            if size > 1.3 * len(printed):
                break
            best = max(best, (2 * same / (size + len(printed)), start, end + 1))
    return "\n".join(lines[best[1] : best[2]])
