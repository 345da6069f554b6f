"""Records that pass between the steps: papers, documents, quotes, candidates, frames and entries of the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple, get_args

Kind = Literal["representational", "functional"]
Grade = Literal["exact", "normalised", "near", "absent", "unreadable"]
Action = Literal["accept", "reject", "defer", "merge", "undo", "redo"]
SectionKind = Literal[
    "front", "abstract", "body", "related work", "limitations", "conclusion", "references", "appendix"
]
Form = Literal["prose", "heading", "caption", "table", "formula", "footnote", "quotation"]
"""The typographic form of a passage. A quotation is a block quote of other people's words."""
SourceKind = Literal["arxiv", "doi", "web", "file", "none"]
"""Where a source is available; "none" while no source has been named."""
Verdict = Literal["supported", "partly", "overreaches", "not supported"]
"""How far a candidate's quotes support its text; independent of whether the quotes are in the paper."""

JudgedWording = Literal["draft", "final", "earlier"]
"""The wording that a verdict judges: the draft's, the final wording, or an earlier one that has been replaced."""

QuestionState = Literal["open", "answered", "dropped"]
NoticeKind = Literal["unchanged", "no longer holds", "withdrawn", "unreadable"]
ChangeKind = Literal["added", "reworded", "new evidence", "paper revised", "retired"]

KINDS: tuple[Kind, ...] = get_args(Kind)
CHANGES: tuple[ChangeKind, ...] = get_args(ChangeKind)
GRADES: tuple[Grade, ...] = get_args(Grade)
"""The best first."""
HOLDS: frozenset[Grade] = frozenset({"exact", "normalised", "near"})
"""The grades of a quote that is in the paper."""


@dataclass(frozen=True)
class Paper:
    """One version of an arXiv paper, as its metadata describes it; or another source that a person named."""

    id: str  # without version: "2501.01234" or "hep-th/9901001"; elsewhere "doi:10.1000/x", "web:3fa9…", "file:3fa9…"
    version: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    published: datetime  # of version 1, UTC; of a source that is not `dated`, when it was named
    updated: datetime  # of this version, UTC
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    place: SourceKind = "arxiv"
    url: str | None = None  # of a source elsewhere
    dated: bool = True  # somebody said when it was published, as arXiv always does

    @property
    def versioned_id(self) -> str:
        """The id with its version, such as "2501.01234v2"."""
        return f"{self.id}v{self.version}"

    @property
    def issued(self) -> date | None:
        """The day of publication; None if it is unknown."""
        return self.published.date() if self.dated else None

    @property
    def is_named(self) -> bool:
        """True if the source has been named, so that a reader can look it up."""
        return self.place != "none"


class Span(NamedTuple):
    """A stretch of one page's text: `text[start:end]` of the page with this number."""

    page: int  # from 1
    start: int
    end: int


class Box(NamedTuple):
    """Where a stretch of a page's text is printed: PDF points, origin at the page's top left."""

    start: int
    end: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class Page:
    """The text of one page."""

    number: int  # from 1
    text: str  # clean, in reading order; paragraphs are parted by one blank line
    width: float  # points, as displayed
    height: float
    boxes: tuple[Box, ...] = ()  # one per printed line fragment, in order of `start`


@dataclass(frozen=True)
class Section:
    """A section of a document."""

    title: str
    kind: SectionKind
    page: int  # where its heading stands
    start: int  # offset of the heading in that page's text


@dataclass(frozen=True)
class HiddenText:
    """Text in the PDF that is not visible on the page."""

    page: int
    text: str
    why: str
    is_ocr_layer: bool = False  # the text layer of a scan, which is no attempt to deceive; stored as `honest`


@dataclass(frozen=True)
class Sentence:
    """A sentence of a document. A sentence that runs over a page break has two spans."""

    number: int  # from 1, through the whole document
    text: str  # on one line: the spans' text, white space folded, joined by a blank
    spans: tuple[Span, ...]
    section: SectionKind
    form: Form = "prose"


@dataclass(frozen=True)
class Extraction:
    """The program and settings that turned a PDF into text, which distinguish it from a later version's text."""

    extractor: str  # "pymupdf 1.28.2 / curator 1"
    settings: Mapping[str, str | int | float | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """The text of one paper version as read from its PDF."""

    paper_id: str
    version: int
    sha256: str  # of the PDF
    pages: tuple[Page, ...]
    sections: tuple[Section, ...]
    sentences: tuple[Sentence, ...]
    extraction: Extraction
    hidden: tuple[HiddenText, ...] = ()

    @property
    def versioned_id(self) -> str:
        """The id with its version, such as "2501.01234v2"."""
        return f"{self.paper_id}v{self.version}"


@dataclass(frozen=True)
class Difference:
    """Where a quote that is `near` and the paper part: what was claimed, and what stands there. Either may be empty.

    A claimed ellipsis stands against the passage that it leaves out.
    """

    claimed: str
    found: str


@dataclass(frozen=True)
class Quote:
    """A passage that a candidate rests on, and the result of checking it against the document."""

    text: str  # the paper's own words where the grade holds; else what was claimed
    grade: Grade
    spans: tuple[Span, ...] = ()  # empty unless the grade holds
    section: SectionKind | None = None
    form: Form | None = None
    differences: tuple[Difference, ...] = ()  # in their order; never empty for `near`, empty for other grades
    why: str | None = None  # it does not hold: "too short", "stands in the references only"; None where it holds
    paper: str | None = field(default=None, compare=False)  # "2501.01234v2", where quotes of several stand together
    contradicts: bool = field(default=False, compare=False)  # it speaks against the frame that it stands with

    @property
    def holds(self) -> bool:
        """True if the quote stands in the paper."""
        return self.grade in HOLDS

    @property
    def page(self) -> int | None:
        """The page of the quote, from 1; None if the quote does not hold."""
        return self.spans[0].page if self.spans else None

    @property
    def place(self) -> str:
        """Where it stands, in words: "abstract", "caption, appendix"; "" where it does not."""
        form = self.form if self.form not in (None, "prose") else None
        return ", ".join(part for part in (form, self.section) if part and not (form and part == "body"))


@dataclass(frozen=True)
class Recheck:
    """A quote as it is cited, laid beside a later version of its paper."""

    position: int  # among the candidate's quotes, from 1
    cited: str
    cited_page: int | None
    now: Quote
    nearest: str | None = None  # where it does not hold: the passage of the later version that is most like it
    nearest_page: int | None = None


@dataclass(frozen=True)
class Notice:
    """What a later version of its paper does to the evidence of a frame on the list."""

    candidate_id: str  # of the frame
    evidence_id: str  # the same, or a candidate that was merged into it
    paper_id: str
    version: int  # the later one
    what: NoticeKind
    detail: str  # in words; of a withdrawn version, arXiv's reason
    added: datetime  # UTC
    rechecks: tuple[Recheck, ...] = ()

    @property
    def lost(self) -> tuple[Recheck, ...]:
        """What no longer stands in the paper."""
        return tuple(one for one in self.rechecks if not one.now.holds)


@dataclass(frozen=True)
class Support:
    """A second check of whether a candidate's quotes support its text. It is advice and blocks nothing."""

    verdict: Verdict
    reason: str
    checker: str  # "lexical 1", or "support.md 3fa9… with gpt-5-mini"
    overreach: tuple[str, ...] = ()  # in what it overreaches: "scope", "model size", "causality", "all"
    text: str = field(default="", compare=False)  # the words that were judged, where they are on record
    judged: JudgedWording = field(default="draft", compare=False)
    current: bool = field(default=True, compare=False)  # they are the words that stand: published, or next to be

    def to_json(self) -> dict[str, object]:
        """Return the verdict as exports and `--json` show it."""
        return {
            "verdict": self.verdict,
            "reason": self.reason,
            "overreach": list(self.overreach),
            "checker": self.checker,
            "of": self.judged,
            "text": self.text,
            "current": self.current,
        }


@dataclass(frozen=True)
class Candidate:
    """A drafted frame with the quotes it rests on."""

    id: str
    paper_id: str
    version: int
    text: str
    kind: Kind
    topics: tuple[str, ...]
    quotes: tuple[Quote, ...]
    scope: str  # which models and tasks the evidence covers
    question: str | None  # an open question that it raises
    drafter: str  # "extractive 1", or "draft.md 3fa9… with gpt-5-mini"
    support: tuple[Support, ...] = ()  # of each checker that was asked
    author: str | None = None  # the person who wrote it; None where it was drafted from the paper
    note: str | None = None  # what that person said of it

    @property
    def holds(self) -> bool:
        """True if at least one quote holds."""
        return any(quote.holds for quote in self.quotes)


@dataclass(frozen=True)
class Frame:
    """An accepted candidate as the list shows it: the final text, where it comes from, and where it stands."""

    id: str  # "F12": never changes, never reused
    candidate_id: str
    text: str  # the final text
    draft_text: str
    kind: Kind
    topics: tuple[str, ...]
    paper: Paper  # its own source; its place is "none" while one is wanted
    quotes: tuple[Quote, ...]  # of the accepted candidate first, then of those merged into it
    scope: str  # as far as it was agreed to; "" where it was not
    question: str | None
    drafter: str
    accepted: datetime  # UTC
    reviewer: str
    sources: tuple[Paper, ...] = ()  # of candidates merged into this one
    contradicting: tuple[Paper, ...] = ()  # of candidates merged into it that speak against it
    author: str | None = None  # who wrote it by hand; None where it was drafted from the paper
    pinned: bool = False  # stands before the others of its kind
    section: str | None = None  # the person's own heading that it stands under
    position: float = 0  # among those of its kind and topic
    support: tuple[Support, ...] = ()  # of the accepted candidate's own quotes


@dataclass(frozen=True)
class Change:
    """One line of the list's changelog."""

    day: date
    what: ChangeKind
    frame_id: str
    text: str
    note: str = ""  # of a retired frame: why; of new evidence or a revised paper: which


@dataclass(frozen=True)
class Question:
    """An open question of the list."""

    id: str  # "Q3": never changes, never reused
    text: str
    kind: Kind | None = None
    raised_by: tuple[str, ...] = ()  # frames on the list
    spoken_to_by: tuple[str, ...] = ()  # frames on the list that a person linked with it
    state: QuestionState = "open"
    answered_by: str | None = None  # a frame
    author: str | None = None  # who asked; None where frames raised it


@dataclass(frozen=True)
class Todo:
    """What a person means to do for the list."""

    id: str  # "T2"
    text: str
    kind: Kind | None = None
