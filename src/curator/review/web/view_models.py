"""A candidate as the page shows it: everything that a decision needs, put together from the warehouse's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote as percent

from curator.quotes.highlight import find_highlights
from curator.review.decision_rules import MAX_TEXT_CHARS, version_to_cite
from curator.review.web.consent_fields import Term, terms_of
from curator.review.wording_check import check_wording, is_reworded
from curator.sanitize import single_line
from curator.types import Page, Paper, Quote, Support
from curator.warehouse import Connection, candidates, documents, papers
from curator.warehouse.candidates import QueuedCandidate
from curator.warehouse.frames import load_frame_ids
from curator.warehouse.unsaved_edits import UnsavedEdit, load_latest_edits

ROOM = 1.5  # points around a highlighted line


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
    """A page of the paper that a quote stands on."""

    number: int  # from 1
    width: float  # points
    height: float
    marks: tuple[MarkView, ...]


@dataclass(frozen=True)
class CandidateView:
    item: QueuedCandidate
    paper: Paper
    latest: int  # the newest version of the paper that we know
    sheets: tuple[PageView, ...]
    first_sheet: int  # number of the page to show first; 0 for none
    edit: UnsavedEdit | None  # what the reviewer began to write
    edited: datetime | None  # when that was last kept, used or given up
    frame: str | None
    screenings: tuple[Mapping[str, Any], ...]

    @property
    def text(self) -> str:
        return self.edit.text if self.edit else self.item.text

    @property
    def words(self) -> str:
        """The frame's text as it would be published now."""
        return single_line(self.text)

    @property
    def terms(self) -> tuple[Term, ...]:
        """Its open question and its scope."""
        return terms_of(self.item, self.edit)

    @property
    def reworded(self) -> bool:
        return is_reworded(self.item, self.text)

    @property
    def wording(self) -> Support | None:
        """The keyless check's verdict on words other than the draft's; None where it has none, or is on record."""
        if not self.reworded or len(self.words) > MAX_TEXT_CHARS or is_on_record(self.item, self.words):
            return None
        scope = next((one.words for one in self.terms if one.part == "scope" and (one.ticked or one.undecided)), "")
        return check_wording(self.item, self.words, single_line(scope))

    @property
    def kind(self) -> str:
        return self.edit.kind if self.edit and self.edit.kind else self.item.kind

    @property
    def topics(self) -> tuple[str, ...]:
        return self.edit.topics if self.edit and self.edit.topics is not None else self.item.topics

    @property
    def address(self) -> str | None:
        """Where its source is to be had."""
        match self.paper.place:
            case "arxiv":
                return f"https://arxiv.org/abs/{self.paper.versioned_id}"
            case "doi":
                return f"https://doi.org/{percent(self.paper.doi or '')}"
        return self.paper.url

    def pdf_at(self, page: int) -> str | None:
        """Where this page of its PDF is to be had; None where the PDF is only here."""
        if self.paper.place == "arxiv":
            return f"https://arxiv.org/pdf/{self.paper.versioned_id}#page={page}"
        return f"{self.paper.url.partition('#')[0]}#page={page}" if self.paper.url else None

    @property
    def cites_next(self) -> int:
        """The version that its frame cites once it is accepted now."""
        return version_to_cite(self.item)

    @property
    def withdrawn(self) -> bool:
        return "withdrawn" in (self.paper.comment or "").lower()[:2000]


def is_on_record(item: QueuedCandidate, words: str) -> bool:
    """Whether the card shows a verdict on these very words already, as those that were accepted."""
    return any(one.judged == "final" and single_line(one.text) == words for one in item.support)


def build_views(connection: Connection, ids: Sequence[str], reviewer: str, quote: int = 1) -> list[CandidateView]:
    """The cards of these candidates, in their order; those that are unknown are left out.

    `quote`: the number of the quote whose page is shown first.
    """
    items = candidates.load_candidates_by_id(connection, ids)
    keys = {(item.paper_id, item.version) for item in items}
    known = papers.get_papers(connection, keys)
    latest = papers.load_latest_versions(connection, {paper for paper, _ in keys})
    screenings = papers.load_screenings(connection, {paper for paper, _ in keys})
    own = [item.id for item in items]
    edits = load_latest_edits(connection, reviewer, own)
    frames = load_frame_ids(connection, own)
    wanted = {(item.paper_id, item.version, span.page) for item in items for one in item.quotes for span in one.spans}
    pages = documents.load_pages(connection, wanted)
    return [
        _card(
            item,
            known[item.paper_id, item.version],
            latest.get(item.paper_id, item.version),
            [page for key, page in pages if key == (item.paper_id, item.version)],
            edits.get(item.id, (None, None)),
            frames.get(item.id),
            screenings.get(item.paper_id, ()),
            quote,
        )
        for item in items
        if (item.paper_id, item.version) in known
    ]


def _card(
    item: QueuedCandidate,
    paper: Paper,
    latest: int,
    pages: Sequence[Page],
    begun: tuple[UnsavedEdit | None, datetime | None],
    frame: str | None,
    screenings: Sequence[Mapping[str, Any]],
    quote: int,
) -> CandidateView:
    edit, edited = begun
    sheets = _sheets(item.quotes, pages)
    numbers = [sheet.number for sheet in sheets]
    asked = [one.page for one in item.quotes[quote - 1 : quote] if one.page in numbers]
    first = next(iter([*asked, *numbers]), 0)
    return CandidateView(
        item=item, paper=paper, latest=latest, sheets=sheets, first_sheet=first or 0, edit=edit,
        edited=edited, frame=frame, screenings=tuple(screenings),
    )  # fmt: skip


def _sheets(quotes: Sequence[Quote], pages: Sequence[Page]) -> tuple[PageView, ...]:
    """The pages that quotes stand on, each with its marks, in the order of the quotes.

    A page whose text was read anew since, and differs, has none: better no mark than one on other words.
    """
    by_number = {page.number: page for page in pages}
    marks: dict[int, list[MarkView]] = {}
    for number, quote in enumerate(quotes, start=1):
        for span in quote.spans:
            if span.page in by_number:
                marks.setdefault(span.page, [])
        if not _says(by_number, quote):
            continue
        for page, x0, y0, x1, y1 in find_highlights(pages, quote.spans):
            mark = MarkView(number, x0 - ROOM, y0 - ROOM, x1 - x0 + 2 * ROOM, y1 - y0 + 2 * ROOM)
            marks[page].append(mark)
    return tuple(
        PageView(number, by_number[number].width, by_number[number].height, tuple(on_page))
        for number, on_page in marks.items()
    )


def _says(pages: Mapping[int, Page], quote: Quote) -> bool:
    """Whether the spans still name the quote's words: a text that was read anew may stand elsewhere."""
    found = " ".join(pages[span.page].text[span.start : span.end] for span in quote.spans if span.page in pages)
    return "".join(found.split())[:20] == "".join(quote.text.split())[:20]
