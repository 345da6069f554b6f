"""What the quote benchmark cuts its quotes from: papers as the reader gives them, and the same papers as a second
and a third program give them, which is what people paste."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pymupdf

from bench.wordings import Wording
from curator.demo.samples import load_sample_papers
from curator.errors import CuratorError
from curator.pdf.pipeline import read_bytes
from curator.types import Document, Sentence

MAX_PAGES = 300
MIN_WORDS, MAX_WORDS = 8, 60  # of a sentence that is taken
MIN_HALF = 4  # words of a sentence before the column or page break
MIN_PROSE = 0.6  # share of plain lower-case words in a sentence that is taken for prose
ENTRY_LENGTH = range(40, 400)  # characters of an entry of a reference list
TOOL_SECONDS = 60.0

_NAME = r"[A-ZÀ-Þ][\w’'´`¨.-]+"
NUMBERED = r"\[\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*\]"
AUTHOR_YEAR = (
    rf"\((?:e\.g\.,?\s|see(?: also)?\s|cf\.\s)?{_NAME}[^()\[\]]{{0,250}}?\b(?:19|20)\d\d[a-z]?(?:[;,][^()]*)?\)"
)
NARRATIVE = rf"(?:{_NAME}\s(?:et\sal\.?|and\s{_NAME}|&\s{_NAME}))\s\(\d{{4}}[a-z]?\)"
CITATION = re.compile(rf"{NUMBERED}|{AUTHOR_YEAR}|{NARRATIVE}|{_NAME}\s(?:et\sal\.?|&\s{_NAME}),?\s\[?\(?\d*")
CROSS_REFERENCE = re.compile(
    r"\b(?:Fig(?:ure|\.)s?|Tab(?:le|\.)s?|Sec(?:tion|\.)s?|Eq(?:uation|\.)s?|Appendi(?:x|ces)|Theorem|Lemma|Algorithm"
    r"|Chapter|Definition|Proposition|Corollary|Step|Q|RQ|page|§)\s?\(?[A-Z]?\.?\d*(?:\.\d+)*[a-z]?\)?",
    re.IGNORECASE,
)
_FUNCTION_WORDS = frozenset({
    "the", "a", "an", "of", "in", "to", "and", "is", "are", "we", "that", "with", "for", "on", "by", "as", "this", "it",
    "be", "from", "our", "which",
})  # fmt: skip
_ABBREVIATED = re.compile(r"(?:et al|e\.g|i\.e|cf|vs|Figs?|Eqs?|Secs?|Tab|resp|approx|etc|St|Dr|No|[A-Z])\.$")
_END = re.compile(r"[.!?]['”’\")]?(?=\s|$)")
_ENTITY = re.compile(r"(?<![\w.-])(?:[A-Z][a-z]*[A-Z0-9][\w-]*\w|[A-Z]{2,}[\w-]*)(?![\w-])")
_REFERENCES = re.compile(
    r"^\s*(?:\d+\.?\s*)?(?:r\s?e\s?f\s?e\s?r\s?e\s?n\s?c\s?e\s?s|b\s?ibliography)\s*$", re.IGNORECASE | re.MULTILINE
)
_CITED_WORK = re.compile(r"arXiv preprint|\bIn Proceedings|\bpages? \d+|Advances in Neural|\bIn (?:ICLR|ICML|NeurIPS)")
_PUBLISHED = re.compile(
    r"arXiv|Proceedings|Conference|Journal|Advances in|https?:|doi|Association|Workshop|Transactions"
)
_HEADED = re.compile(r"(?:\S+ ){0,4}[^\s.,;:-]+\s*\n[A-Z“]")  # a short line that the next one does not go on from
_CAPTION = re.compile(r"\s*(?:Figure|Fig\.|Table|TABLE|FIGURE)\s+[A-Z]?\d")
_AFTER_REFERENCES = re.compile(
    r"^\s*(?:appendix\b.*|supplementary\b.*|[A-H]\.?\s+[A-Z][A-Za-z ,:-]{3,60})$", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True)
class Block:
    """A block of a page as PyMuPDF's own extraction gives it. Lengths in points."""

    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    type_size: tuple[str, int]  # font and size of most of its letters

    @property
    def is_caption(self) -> bool:
        return bool(_CAPTION.match(self.text))


def letters(text: str) -> str:
    """Only what no extraction disagrees about: the letters, without case, accents and ligatures."""
    return "".join(filter(str.isalpha, unicodedata.normalize("NFKD", text).casefold()))


def key(text: str) -> str:
    """What two texts must share to say the same: letters, numbers, relations, signs; no white space, no punctuation."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"[‐‑‒–—−]", "-", text)
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    kept = re.finditer(r"[^\W_]|(?<=\d)\.(?=\d)|[<>≤≥=%+±]|(?<![a-z])-(?=\d)", text)
    return "".join(match[0] for match in kept)


def one_line(text: str) -> str:
    return " ".join(text.split())


def is_prose(text: str) -> bool:
    words = text.split()
    if not (MIN_WORDS <= len(words) <= MAX_WORDS and text[0].isupper() and _END.search(text[-2:])):
        return False
    if text.count("(") != text.count(")") or text.count("[") != text.count("]") or re.search(r"[�\x00-\x08]", text):
        return False
    bare = [word.strip(".,;:()“”\"'") for word in words]
    plain = sum(bool(re.fullmatch(r"[a-z]+(?:[-’'][a-z]+)*", word)) for word in bare)
    return plain >= MIN_PROSE * len(words) and len(_FUNCTION_WORDS.intersection(bare)) >= 2


@dataclass(frozen=True)
class BenchPaper:
    """One paper as the benchmark knows it."""

    name: str
    pdf: bytes
    document: Document
    planted: tuple[str, ...] = ()  # sentences that the benchmark hid in the PDF

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Whole prose sentences of abstract, body, captions and appendix."""
        return tuple(
            sentence
            for sentence in self.document.sentences
            if sentence.section not in ("references", "front")
            and sentence.form in ("prose", "caption", "footnote")
            and is_prose(sentence.text)
        )

    @cached_property
    def haystack(self) -> str:
        """The key of all its text, to tell what really stands in it."""
        return key("\n".join(page.text for page in self.document.pages))

    @cached_property
    def entities(self) -> tuple[str, ...]:
        found = Counter(match[0] for s in self.sentences for match in _ENTITY.finditer(CITATION.sub(" ", s.text)))
        return tuple(name for name, times in sorted(found.items()) if times > 1)

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        found = Counter(word for s in self.sentences for word in re.findall(r"(?<![\w-])[a-z]{6,}(?![\w-])", s.text))
        return tuple(word for word, times in sorted(found.items()) if times > 1)

    @cached_property
    def plain_pages(self) -> tuple[tuple[Block, ...], ...]:
        with pymupdf.open(stream=self.pdf, filetype="pdf") as pdf:  # type: ignore[no-untyped-call]
            return tuple(tuple(_blocks(page)) for page in pdf)

    @cached_property
    def plain_text(self) -> str:
        return "\f".join("\n".join(block.text for block in page) for page in self.plain_pages)

    @cached_property
    def running_pages(self) -> tuple[tuple[Block, ...], ...]:
        """Of each page before the references, the blocks of running text and the captions."""
        before = []
        for page in self.plain_pages:
            if any(_REFERENCES.search(block.text) for block in page):
                break
            before.append(page)
        sizes = Counter[tuple[str, int]]()
        for page in before:
            for block in page:
                sizes[block.type_size] += len(block.text)
        usual = sizes.most_common(1)[0][0] if sizes else ("", 0)
        return tuple(tuple(b for b in page if b.type_size == usual or b.is_caption) for page in before)

    @cached_property
    def reference_list(self) -> str:
        """The text between the heading of the references and what comes after them."""
        headings = list(_REFERENCES.finditer(self.plain_text))
        if not headings:
            return ""
        text = self.plain_text[headings[-1].end() :]
        after = _AFTER_REFERENCES.search(text)
        return text[: after.start()] if after else text

    @cached_property
    def entries(self) -> tuple[str, ...]:
        """What of the reference list can be told to be an entry: it has a year and names a place of publication."""
        parts = re.split(r"\n(?=\[\d+\])|(?<=\.)\n|(?<=\d{4}\.)\s", self.reference_list)
        entries = (one_line(part) for part in parts)
        return tuple(
            entry
            for entry in entries
            if _PUBLISHED.search(entry) and re.search(r"\b(?:19|20)\d\d", entry) and len(entry) in ENTRY_LENGTH
        )

    @cached_property
    def others_words(self) -> tuple[str, ...]:
        """Sentences that stand only in what the reader marks as a quotation."""
        elsewhere = "|".join(letters(s.text) for s in self.document.sentences if s.form != "quotation")
        marked = (s.text for s in self.document.sentences if s.form == "quotation" and is_prose(s.text))
        return tuple(text for text in marked if letters(text) not in elsewhere)

    @cached_property
    def outside_references(self) -> str:
        """The key of all text but the reference list."""
        return key(self.plain_text.replace(self.reference_list, " ") if self.reference_list else self.plain_text)

    @cached_property
    def poppler_text(self) -> str:
        """What `pdftotext` gives; "" where there is no such program."""
        program = shutil.which("pdftotext")
        if program is None:
            return ""
        command = [program, "-enc", "UTF-8", "-", "-"]
        done = subprocess.run(command, input=self.pdf, capture_output=True, timeout=TOOL_SECONDS, check=False)
        return done.stdout.decode("utf-8", "replace")

    @cached_property
    def quoted(self) -> str:
        """The letters of what the reader marks as other people's words: no true quotes are cut from it."""
        return "|".join(letters(s.text) for s in self.document.sentences if s.form == "quotation")

    def has(self, text: str) -> bool:
        return key(text) in self.haystack


@dataclass(frozen=True)
class Base:
    """What one quote is made from: a passage, where it stands, and the dice."""

    text: str
    paper: BenchPaper
    at: int  # index of its first sentence in the paper's sentences
    count: int  # sentences
    rng: Random
    words: Wording
    others: Sequence[BenchPaper] = field(default=(), repr=False)

    @cached_property
    def masked(self) -> tuple[tuple[int, int], ...]:
        """Stretches where a change is arguable: citations, cross-references, fixed phrases."""
        patterns = (CITATION, CROSS_REFERENCE, self.words.idioms)
        return tuple(match.span() for pattern in patterns for match in pattern.finditer(self.text))

    def find(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """One match, drawn at random, outside what is masked."""
        free = [
            match
            for match in pattern.finditer(self.text)
            if not any(match.start() < end and start < match.end() for start, end in self.masked)
        ]
        return self.rng.choice(free) if free else None

    def following(self, step: int) -> Sentence | None:
        """The sentence `step` places after the passage's first one, where nothing stands between."""
        here = self.paper.sentences[self.at]
        if self.at + step >= len(self.paper.sentences):
            return None
        there = self.paper.sentences[self.at + step]
        return there if there.number == here.number + step and same_paragraph(self.paper, here, there) else None


def same_paragraph(paper: BenchPaper, first: Sentence, second: Sentence) -> bool:
    a, b = first.spans[-1], second.spans[0]
    return (
        a.page == b.page and a.end <= b.start and "\n\n" not in paper.document.pages[a.page - 1].text[a.end : b.start]
    )


def load(name: str, pdf: bytes) -> BenchPaper | None:
    """The paper; None where the reader has a verdict instead."""
    try:
        return BenchPaper(name, pdf, read_bytes(pdf, name, 1, MAX_PAGES))
    except CuratorError:
        return None


def samples() -> Iterator[tuple[str, bytes]]:
    """The bundled papers."""
    for held in load_sample_papers():
        if isinstance(held.pdf, bytes):
            yield held.paper.versioned_id, held.pdf


def papers_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.glob("*.pdf")):
        yield path.stem, path.read_bytes()


def passages(
    paper: BenchPaper, others: Sequence[BenchPaper], words: Wording, seed: str, lengths: Sequence[int] = (1, 1, 1, 2, 3)
) -> Iterator[Base]:
    """Passages of one to three sentences, in an order that depends on the seed only."""
    order = list(range(len(paper.sentences)))
    rng = Random(f"{seed}/{paper.name}")
    rng.shuffle(order)
    for at in order:
        base = Base(paper.sentences[at].text, paper, at, 1, Random(f"{seed}/{paper.name}/{at}"), words, others)
        texts = [base.text]
        for step in range(1, base.rng.choice(lengths)):
            nearby = base.following(step)
            if nearby is None:
                break
            texts.append(nearby.text)
        yield Base(" ".join(texts), paper, at, len(texts), base.rng, words, others)


def raw_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each stretch that ends like a sentence, in a text with line breaks."""
    start = 0
    for match in _END.finditer(text):
        if _ABBREVIATED.search(text[start : match.end()].rstrip("'”’\")")):
            continue
        if re.match(r"\s+[a-z]", text[match.end() :]):
            continue
        lead = len(text[start : match.end()]) - len(text[start : match.end()].lstrip())
        yield start + lead, match.end()
        start = match.end()


def _blocks(page: pymupdf.Page) -> Iterator[Block]:
    content: Any = page.get_text("dict", flags=pymupdf.TEXTFLAGS_BLOCKS)  # type: ignore[no-untyped-call]
    for block in content["blocks"]:
        if block["type"] != 0:
            continue
        text, sizes = "", Counter[tuple[str, int]]()
        for line in block["lines"]:
            for span in line["spans"]:
                sizes[span["font"], round(span["size"])] += len(span["text"])
                text += span["text"]
            text += "\n"
        if sizes:
            x0, y0, x1, y1 = block["bbox"]
            yield Block(x0, y0, x1, y1, text, sizes.most_common(1)[0][0])


def pasted(paper: BenchPaper) -> Iterator[str]:
    """Sentences as PyMuPDF's plain text has them, line breaks and all, on whose letters and digits pdftotext agrees."""
    witness = signs(paper.poppler_text)
    for page in paper.running_pages:
        for number, block in enumerate(page):
            begun = number == 0 or not page[number - 1].text.rstrip().endswith((".", "?", "!", ":"))
            yield from _agreed(paper, block.text, witness, begun and not block.is_caption)


def pasted_by_poppler(paper: BenchPaper) -> Iterator[str]:
    """The same the other way round."""
    witness = "|".join(signs(block.text) for page in paper.running_pages for block in page)
    for paragraph in re.split(r"\n\n|\f", paper.poppler_text):
        yield from _agreed(paper, paragraph, witness, True)


def _agreed(paper: BenchPaper, paragraph: str, witness: str, begun: bool) -> Iterator[str]:
    """Its sentences; without the first where that may have begun before."""
    for start, end in list(raw_sentences(paragraph))[begun:]:
        raw = paragraph[start:end]
        if (
            not is_prose(one_line(raw))
            or _HEADED.match(raw)
            or _CITED_WORK.search(one_line(raw))
            or letters(raw) in paper.quoted
        ):
            continue
        if not witness or signs(raw) in witness:
            yield raw


def signs(text: str) -> str:
    """The letters and digits."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text).casefold()))


def across_columns(paper: BenchPaper) -> Iterator[str]:
    """Sentences that begin at the foot of one column and end at the head of the next, on the same page."""
    witness = signs(paper.poppler_text)
    for page in paper.running_pages:
        body = [block for block in page if not block.is_caption]
        for left, right in pairwise(body):
            if right.x0 >= left.x1 - 5 and right.y0 < left.y0:
                raw = _joined(left.text, right.text)
                if raw and (not witness or signs(raw) in witness):
                    yield raw.replace("\f", "\n")


def across_pages(paper: BenchPaper) -> Iterator[tuple[str, str]]:
    """Sentences that a page break parts: as printed, and with what stands between in PyMuPDF's plain text."""
    for number, (page, after) in enumerate(pairwise(paper.running_pages)):
        left = max((b for b in page if not b.is_caption), key=lambda b: (_column(b, page), b.y1), default=None)
        right = min((b for b in after if not b.is_caption), key=lambda b: (_column(b, after), b.y0), default=None)
        raw = _joined(left.text, right.text) if left and right else None
        if raw and left and right:
            here, there = paper.plain_pages[number], paper.plain_pages[number + 1]
            between = (*here[here.index(left) + 1 :], *there[: there.index(right)])
            cut = raw.index("\f")
            furniture = "".join(block.text for block in between)
            yield raw.replace("\f", "\n"), raw[:cut] + "\n" + furniture + raw[cut + 1 :]


def _column(block: Block, page: Sequence[Block]) -> int:
    """0 for the left column or the only one, 1 for the right one."""
    middle = (min(b.x0 for b in page) + max(b.x1 for b in page)) / 2
    return int(block.x0 > middle - 5)


def _joined(left: str, right: str) -> str | None:
    """The sentence that runs from one block into the next, a form feed where they meet."""
    left = left.rstrip()
    if not left or left[-1] in ".!?:;”)" or not right[:1].islower():
        return None
    ends = [end for _, end in raw_sentences(left)]
    head = left[ends[-1] :].strip() if ends else left.strip()
    tail = next((right[:end] for _, end in raw_sentences(right)), "")
    if len(head.split()) < MIN_HALF or not _FUNCTION_WORDS.intersection(head.split()):
        return None
    raw = head + "\f" + tail
    return raw if tail and is_prose(one_line(raw)) and not _HEADED.match(raw) else None
