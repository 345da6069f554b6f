"""The views of candidates: everything that a card shows, composed from the rows of the warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote as percent

from curator.quotes.highlight import find_highlights
from curator.review.decision_rules import MAX_TEXT_CHARS, version_to_cite
from curator.review.web.consent_fields import TermView, build_terms
from curator.review.wording_check import check_wording, is_reworded
from curator.sanitize import single_line
from curator.types import Page, Paper, Quote, Support
from curator.warehouse import Connection, candidates, documents, papers
from curator.warehouse.candidates import QueuedCandidate
from curator.warehouse.frames import load_frame_ids
from curator.warehouse.unsaved_edits import UnsavedEdit, load_latest_edits

HIGHLIGHT_MARGIN = 1.5
"""Points around a highlighted line. A choice: a mark that does not touch the letters."""
MAX_COMMENT_CHARS = 2000
"""Characters of a paper's comment in which a note of withdrawal is looked for."""
MAX_CHARS_COMPARED = 20
"""Characters of a quote, without white space, that are compared with the page. A choice: a few words are enough."""


@dataclass(frozen=True)
class MarkView:
    """One highlighted line on a page, in points; `quote` is the quote's number from 1."""

    quote: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class PageView:
    """A page of the paper that has a quote."""

    number: int  # from 1
    width: float  # points
    height: float
    marks: tuple[MarkView, ...]


@dataclass(frozen=True)
class CandidateView:
    """A candidate as its card shows it to one reviewer."""

    item: QueuedCandidate
    paper: Paper
    latest_version: int  # of the paper, as far as the warehouse knows
    pages: tuple[PageView, ...]
    first_page: int  # number of the page to show first; 0 for none
    edit: UnsavedEdit | None  # the reviewer's unfinished edit
    edited: datetime | None  # when an edit was last saved, used or discarded (UTC)
    frame: str | None  # the frame's id, if the candidate has become one
    screenings: tuple[Mapping[str, Any], ...]

    @property
    def text(self) -> str:
        """The frame's text, with the unfinished edit."""
        return self.edit.text if self.edit else self.item.text

    @property
    def words(self) -> str:
        """The frame's text as accepting it now would publish it."""
        return single_line(self.text)

    @property
    def terms(self) -> tuple[TermView, ...]:
        """The open question and the scope, with the unfinished edit."""
        return build_terms(self.item, self.edit)

    @property
    def is_reworded(self) -> bool:
        """Whether the text differs from the draft."""
        return is_reworded(self.item, self.text)

    @property
    def wording_support(self) -> Support | None:
        """The verdict of the wording check; None for the draft's words, and if a verdict on the words is on record."""
        if not self.is_reworded or len(self.words) > MAX_TEXT_CHARS or is_on_record(self.item, self.words):
            return None
        published = (term for term in self.terms if term.part == "scope" and (term.is_ticked or term.is_undecided))
        scope = next((term.words for term in published), "")
        return check_wording(self.item, self.words, single_line(scope))

    @property
    def kind(self) -> str:
        """The frame's kind, with the unfinished edit."""
        return self.edit.kind if self.edit and self.edit.kind else self.item.kind

    @property
    def topics(self) -> tuple[str, ...]:
        """The frame's topics, with the unfinished edit."""
        return self.edit.topics if self.edit and self.edit.topics is not None else self.item.topics

    @property
    def address(self) -> str | None:
        """The web address of the source; None if it has none."""
        match self.paper.place:
            case "arxiv":
                return f"https://arxiv.org/abs/{self.paper.versioned_id}"
            case "doi":
                return f"https://doi.org/{percent(self.paper.doi or '')}"
        return self.paper.url

    def pdf_address(self, page: int) -> str | None:
        """Return the web address of a page of the PDF; None if the PDF is only on this machine."""
        if self.paper.place == "arxiv":
            return f"https://arxiv.org/pdf/{self.paper.versioned_id}#page={page}"
        return f"{self.paper.url.partition('#')[0]}#page={page}" if self.paper.url else None

    @property
    def next_cited_version(self) -> int:
        """The version of the paper that the frame will cite if the candidate is accepted now."""
        return version_to_cite(self.item)

    @property
    def is_withdrawn(self) -> bool:
        """Whether the paper's comment mentions a withdrawal."""
        return "withdrawn" in (self.paper.comment or "").lower()[:MAX_COMMENT_CHARS]


def is_on_record(item: QueuedCandidate, words: str) -> bool:
    """Return whether the card shows a recorded verdict on these very words, which were accepted."""
    return any(support.judged == "final" and single_line(support.text) == words for support in item.support)


def build_views(connection: Connection, ids: Sequence[str], reviewer: str, quote: int = 1) -> list[CandidateView]:
    """Return the views of candidates, in the order of their ids; unknown ids are left out.

    Args:
        connection: To the warehouse.
        ids: Of the candidates.
        reviewer: The reviewer whose unfinished edits are shown.
        quote: The number, from 1, of the quote whose page is shown first.
    """
    items = candidates.load_candidates_by_id(connection, ids)
    keys = {(item.paper_id, item.version) for item in items}
    known_papers = papers.get_papers(connection, keys)
    paper_ids = {paper for paper, _ in keys}
    latest_versions = papers.load_latest_versions(connection, paper_ids)
    screenings = papers.load_screenings(connection, paper_ids)
    known_ids = [item.id for item in items]
    edits = load_latest_edits(connection, reviewer, known_ids)
    frames = load_frame_ids(connection, known_ids)
    pages = documents.load_pages(connection, _quoted_pages(items))
    views = []
    for item in items:
        key = (item.paper_id, item.version)
        if key not in known_papers:
            continue
        edit, edited = edits.get(item.id, (None, None))
        page_views = _build_pages(item.quotes, [page for page_key, page in pages if page_key == key])
        views.append(
            CandidateView(
                item=item,
                paper=known_papers[key],
                latest_version=latest_versions.get(item.paper_id, item.version),
                pages=page_views,
                first_page=_first_page(item.quotes, page_views, quote),
                edit=edit,
                edited=edited,
                frame=frames.get(item.id),
                screenings=tuple(screenings.get(item.paper_id, ())),
            )
        )
    return views


def _quoted_pages(items: Sequence[QueuedCandidate]) -> set[tuple[str, int, int]]:
    """Return paper, version and page number of every page that a quote is on."""
    return {(item.paper_id, item.version, span.page) for item in items for quote in item.quotes for span in quote.spans}


def _first_page(quotes: Sequence[Quote], pages: Sequence[PageView], number: int) -> int:
    """Return the page of the quote with this number, else the first page; 0 if there are no pages."""
    page_numbers = [page.number for page in pages]
    requested = [quote.page for quote in quotes[number - 1 : number] if quote.page in page_numbers]
    return next(iter([*requested, *page_numbers]), 0) or 0


def _build_pages(quotes: Sequence[Quote], pages: Sequence[Page]) -> tuple[PageView, ...]:
    """Return the pages of the quotes, each with its highlighted lines, in the order of the quotes.

    If the text of a page has changed since, because the PDF was read again, a quote is not highlighted on it: the marks
    would be on other words.
    """
    by_number = {page.number: page for page in pages}
    marks: dict[int, list[MarkView]] = {}
    margin = HIGHLIGHT_MARGIN
    for number, quote in enumerate(quotes, start=1):
        for span in quote.spans:
            if span.page in by_number:
                marks.setdefault(span.page, [])
        if not _has_quote(by_number, quote):
            continue
        for page, x0, y0, x1, y1 in find_highlights(pages, quote.spans):
            mark = MarkView(number, x0 - margin, y0 - margin, x1 - x0 + 2 * margin, y1 - y0 + 2 * margin)
            marks[page].append(mark)
    return tuple(
        PageView(number, by_number[number].width, by_number[number].height, tuple(page_marks))
        for number, page_marks in marks.items()
    )


def _has_quote(pages: Mapping[int, Page], quote: Quote) -> bool:
    """Return whether the text at the quote's spans still begins with the words of the quote."""
    text = " ".join(pages[span.page].text[span.start : span.end] for span in quote.spans if span.page in pages)
    length = MAX_CHARS_COMPARED
    return "".join(text.split())[:length] == "".join(quote.text.split())[:length]
