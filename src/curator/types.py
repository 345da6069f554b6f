"""Records that pass between the steps: papers, documents, quotes, candidates, frames and other entries of the list."""

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

    id: str  # arXiv's, without version: "2501.01234", "hep-th/9901001"; or "doi:10.1000/x", "web:3fa9…", "file:3fa9…"
    version: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    published: datetime  # the date of version 1, UTC; if the source is not `dated`, the time at which it was added
    updated: datetime  # the date of this version, UTC
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    place: SourceKind = "arxiv"
    url: str | None = None  # the address of a source that is not on arXiv
    dated: bool = True  # the date of publication is known, as it always is for arXiv

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
    """The rectangle in which `text[start:end]` of a page is printed, in PDF points from the page's top left corner."""

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
    text: str  # clean, in reading order; a blank line separates paragraphs
    width: float  # of the page as displayed, in PDF points
    height: float  # likewise
    boxes: tuple[Box, ...] = ()  # one per printed line fragment, in order of `start`


@dataclass(frozen=True)
class Section:
    """A section of a document."""

    title: str
    kind: SectionKind
    page: int  # the page of its heading, from 1
    start: int  # the offset of the heading in that page's text


@dataclass(frozen=True)
class HiddenText:
    """Text in the PDF that is not visible on the page."""

    page: int
    text: str
    why: str
    is_ocr_layer: bool = False  # the text layer of a scan, which is not meant to deceive; stored as `honest`


@dataclass(frozen=True)
class Sentence:
    """A sentence of a document. A sentence that runs over a page break has two spans."""

    number: int  # from 1, through the whole document
    text: str  # on one line: the spans' text joined by a space, with white space folded
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
    """A place at which a `near` quote differs from the paper. Either text may be empty.

    For an ellipsis, `found` is the passage that it leaves out.
    """

    claimed: str  # the text of the quote
    found: str  # the text of the paper


@dataclass(frozen=True)
class Quote:
    """A passage that a candidate rests on, and the result of checking it against the document."""

    text: str  # the paper's own words if the quote holds; else the words that were claimed
    grade: Grade
    spans: tuple[Span, ...] = ()  # empty unless the quote holds
    section: SectionKind | None = None
    form: Form | None = None
    differences: tuple[Difference, ...] = ()  # in their order; never empty for `near`, empty for all other grades
    why: str | None = None  # the reason why it does not hold, such as "too short"; None if it holds
    paper: str | None = field(default=None, compare=False)  # "2501.01234v2"; None if only one paper is in question
    contradicts: bool = field(default=False, compare=False)  # it is evidence against its frame

    @property
    def holds(self) -> bool:
        """True if the quote is in the paper."""
        return self.grade in HOLDS

    @property
    def page(self) -> int | None:
        """The page of the quote, from 1; None if the quote does not hold."""
        return self.spans[0].page if self.spans else None

    @property
    def place(self) -> str:
        """The form and section of the passage in words: "abstract", "caption, appendix"; "" if they are unknown."""
        form = self.form if self.form not in (None, "prose") else None
        return ", ".join(part for part in (form, self.section) if part and not (form and part == "body"))


@dataclass(frozen=True)
class Recheck:
    """A quote as it is cited, checked against a later version of its paper."""

    position: int  # among the candidate's quotes, from 1
    cited: str
    cited_page: int | None  # from 1, in the version that is cited
    now: Quote  # the result of the check
    nearest: str | None = None  # the passage of the later version most like a quote that no longer holds
    nearest_page: int | None = None


@dataclass(frozen=True)
class Notice:
    """A notice that a later version of a paper was compared with the evidence of a frame on the list."""

    candidate_id: str  # the frame's own candidate
    evidence_id: str  # the candidate that cites the paper: the frame's own, or one that was merged into it
    paper_id: str
    version: int  # the later version
    what: NoticeKind
    detail: str  # the result in words; for a withdrawn version, arXiv's reason
    added: datetime  # UTC
    rechecks: tuple[Recheck, ...] = ()

    @property
    def lost(self) -> tuple[Recheck, ...]:
        """The quotes that the later version no longer contains."""
        return tuple(recheck for recheck in self.rechecks if not recheck.now.holds)


@dataclass(frozen=True)
class Support:
    """A second check of whether a candidate's quotes support its text. It is advice and blocks nothing."""

    verdict: Verdict
    reason: str
    checker: str  # "lexical 1", or "support.md 3fa9… with gpt-5-mini"
    overreach: tuple[str, ...] = ()  # the respects in which it overreaches: "scope", "model size", "causality", "all"
    text: str = field(default="", compare=False)  # the wording that was judged; "" if it was not recorded
    judged: JudgedWording = field(default="draft", compare=False)
    current: bool = field(default=True, compare=False)  # the candidate still has this wording

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
    support: tuple[Support, ...] = ()  # one verdict from each checker
    author: str | None = None  # the person who wrote it; None if it was drafted from the paper
    note: str | None = None  # the author's comment

    @property
    def holds(self) -> bool:
        """True if at least one quote holds."""
        return any(quote.holds for quote in self.quotes)


@dataclass(frozen=True)
class Frame:
    """An accepted candidate as the list shows it: its final text, its evidence, and its position."""

    id: str  # "F12": never changes and is never reused
    candidate_id: str
    text: str  # the final text
    draft_text: str
    kind: Kind
    topics: tuple[str, ...]
    paper: Paper  # its own source; with place "none" while no source is named
    quotes: tuple[Quote, ...]  # those of the accepted candidate, then those of candidates merged into it
    scope: str  # "" unless a reviewer has agreed to publish it
    question: str | None
    drafter: str
    accepted: datetime  # time of the latest decision, not of the first; UTC
    reviewer: str
    sources: tuple[Paper, ...] = ()  # papers of candidates merged into it that support it
    contradicting: tuple[Paper, ...] = ()  # papers of candidates merged into it that contradict it
    author: str | None = None  # the person who wrote it by hand; None if it was drafted from the paper
    pinned: bool = False  # it precedes the other frames of its kind
    section: str | None = None  # the user's own heading above it
    position: float = 0  # its place among the frames of its kind and topic, in ascending order
    support: tuple[Support, ...] = ()  # verdicts on the accepted candidate's own quotes


@dataclass(frozen=True)
class Change:
    """One line of the list's changelog."""

    day: date
    what: ChangeKind
    frame_id: str
    text: str
    note: str = ""  # the reason of a retirement, or the papers of new evidence or a revision


@dataclass(frozen=True)
class Question:
    """An open question of the list."""

    id: str  # "Q3": never changes and is never reused
    text: str
    kind: Kind | None = None
    raised_by: tuple[str, ...] = ()  # frames on the list
    spoken_to_by: tuple[str, ...] = ()  # frames on the list that address it, as a person has recorded
    state: QuestionState = "open"
    answered_by: str | None = None  # the id of a frame
    author: str | None = None  # the person who asked it; None if frames raised it


@dataclass(frozen=True)
class Todo:
    """A to-do: work that a person plans to do for the list."""

    id: str  # "T2": never changes and is never reused
    text: str
    kind: Kind | None = None
