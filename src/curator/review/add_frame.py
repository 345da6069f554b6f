"""Adding hand-written frames: resolve their sources, read the papers, propose and grade quotes, and queue or accept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from curator.drafting.extractive import classify_kind
from curator.drafting.suggest_quotes import propose_quotes
from curator.drafting.topic_words import extract_topic_words, match_topics
from curator.errors import CuratorError, DecisionError, PaperError
from curator.pipeline.lookup import get_text, look_up_papers, resolve_sources, store_local_pdf
from curator.pipeline.quote_check import check_quotes
from curator.pipeline.report import Progress
from curator.quotes.checker import mark_unreadable
from curator.review.decisions import Reviewer, find_candidate
from curator.review.manual import AddResult, ManualFrame, add_frames, add_source, fold_frame, known_frames
from curator.review.suggestions import Suggestion
from curator.sources import make_external_source, make_local_source, make_unnamed_source, parse_source
from curator.types import Document, Kind, Paper, Quote
from curator.warehouse import Warehouse
from curator.workspace import Workspace

MAX_PROPOSED = 5
"""Quotes that are proposed for a frame."""


@dataclass(frozen=True)
class SourceDetails:
    """What a person says about a source that is not on arXiv."""

    url: str | None = None  # where a PDF file is from
    title: str = ""
    authors: tuple[str, ...] = ()
    issued: date | None = None


@dataclass(frozen=True)
class FrameRequest:
    """A frame to add, or a frame on the list to which to add sources."""

    text: str  # or the id of a frame
    sources: tuple[Paper, ...] = ()
    quotes: tuple[Quote, ...] = ()  # from the first source, graded
    kind: Kind | None = None
    topics: tuple[str, ...] = ()
    contradicts: bool = False  # the sources are evidence against the frame
    suggested_by: str | None = None  # queue the frame as this reader's suggestion


@dataclass(frozen=True)
class SuggestionsResult:
    """The outcome of queueing suggestions."""

    added: AddResult
    problems: tuple[str, ...]  # why a paper's text could not be read


@dataclass(frozen=True)
class GradedEvidence:
    """Quotes graded against the text of their paper."""

    quotes: tuple[Quote, ...]
    nearest: tuple[Quote, ...] = ()  # for each quote that was not found, the passage of the paper most like it

    @property
    def missing(self) -> tuple[Quote, ...]:
        """The quotes that were not found in a paper that could be read."""
        return tuple(quote for quote in self.quotes if not quote.holds and quote.grade != "unreadable")


def resolve_source(workspace: Workspace, name: str, details: SourceDetails, progress: Progress) -> Paper:
    """Return the paper that a source names.

    A PDF file is copied into the workspace and read; a paper on arXiv is looked up there.

    Args:
        workspace: The workspace.
        name: A file name, an arXiv id, a DOI or an address.
        details: Used for a source that is not on arXiv.
        progress: Receives notes on what is being looked up.

    Raises:
        ValueError: The name is not that of a source.
        CuratorError: The paper could not be looked up or read.
    """
    file = Path(name)
    if file.is_file():
        content = file.read_bytes()
        paper = make_local_source(
            content, file.name, title=details.title, authors=details.authors, issued=details.issued, url=details.url
        )
        return store_local_pdf(workspace, content, paper)
    source = parse_source(name)
    if source.arxiv is None:
        return make_external_source(source, title=details.title, authors=details.authors, issued=details.issued)
    papers, problems = look_up_papers(workspace, [source.arxiv], progress)
    if source.arxiv not in papers:
        reason = "; ".join(problems) or "arXiv has no such paper"
        raise CuratorError(f"arXiv:{source.arxiv} could not be looked up: {reason}.")
    return papers[source.arxiv]


def can_read(paper: Paper) -> bool:
    """Return whether Curator can read the paper's text: it is on arXiv, or its PDF is in the workspace."""
    return paper.place in ("arxiv", "file")


def propose_evidence(workspace: Workspace, paper: Paper, frame: str, progress: Progress) -> list[Quote]:
    """Return graded quotes of a paper that may support a frame, best first.

    Args:
        workspace: The workspace.
        paper: A paper that Curator can read.
        frame: A frame's text, or the id of a frame on the list.
        progress: Receives notes on the download.

    Raises:
        PaperError: The paper's text cannot be read.
    """
    document = get_text(workspace, paper, progress)
    return propose_quotes(_frame_text(workspace, frame), document, MAX_PROPOSED)


def grade_evidence(workspace: Workspace, paper: Paper, quotes: Sequence[str], progress: Progress) -> GradedEvidence:
    """Return quotes graded against the text of their paper; quotes of a paper that cannot be read are marked so.

    Raises:
        PaperError: The paper's text cannot be read.
    """
    if not can_read(paper):
        return GradedEvidence(tuple(mark_unreadable(quote) for quote in quotes))
    document = get_text(workspace, paper, progress)
    graded = GradedEvidence(tuple(check_quotes(document, quotes)))
    return replace(graded, nearest=_find_nearest(document, graded.missing))


def _find_nearest(document: Document, missing: Sequence[Quote]) -> tuple[Quote, ...]:
    return tuple(nearest for quote in missing for nearest in propose_quotes(quote.text, document, 1))


def _frame_text(workspace: Workspace, frame: str) -> str:
    """Return the text of a frame that is named by its id, else what was given."""
    try:
        return find_candidate(Warehouse(workspace.warehouse_file), frame).text
    except CuratorError:
        return frame


def find_frame_on_list(warehouse: Warehouse, frame: str) -> str | None:
    """Return the id of the frame on the list that has this id or these words; None for a new frame.

    Raises:
        DecisionError: `frame` has the form of a frame id, and there is no such frame.
    """
    if not warehouse.file.exists():
        return None
    known = warehouse.read(known_frames)
    by_id = {match.frame: match for match in known.values() if match.frame}
    name = frame.strip().upper()
    match = by_id.get(name) or known.get(fold_frame(frame))
    if match is None and name[:1] == "F" and name[1:].isdigit():
        raise DecisionError(f"There is no frame {frame.strip()}.")
    return match.frame if match and match.status == "accepted" else None


def add_sources_to_frame(reviewer: Reviewer, warehouse: Warehouse, frame: str, request: FrameRequest) -> None:
    """Add the request's sources to a frame on the list.

    Raises:
        DecisionError: The frame names one of the sources already.
    """
    first, *further = request.sources
    add_source(reviewer, warehouse, frame, first, request.quotes, contradicts=request.contradicts, further=further)


def add_new_frame(workspace: Workspace, reviewer: Reviewer, warehouse: Warehouse, request: FrameRequest) -> AddResult:
    """Put a new frame on the list or, as a reader's suggestion, into the queue.

    Kind and topics that the request leaves out are chosen by the frame's words.

    Raises:
        DecisionError: The text is empty or too long.
    """
    source = request.sources[0] if request.sources else make_unnamed_source("Written by hand")
    written = ManualFrame(
        request.text,
        request.kind or classify_kind(request.text),
        source,
        request.suggested_by or reviewer.name,
        "suggested" if request.suggested_by else "by hand",
        request.topics or match_topics(extract_topic_words(workspace.settings.topics), request.text),
        request.quotes,
        request.sources[1:],
    )
    return add_frames(reviewer, warehouse, [written], accept=not request.suggested_by)


def queue_suggestions(
    workspace: Workspace,
    reviewer: Reviewer,
    warehouse: Warehouse,
    suggestions: Sequence[Suggestion],
    progress: Progress,
    *,
    author: str | None = None,
) -> SuggestionsResult:
    """Queue readers' suggestions. A suggestion whose source cannot be resolved is queued with its source as a note.

    Args:
        workspace: The workspace.
        reviewer: Adds the suggestions.
        warehouse: Receives the suggestions.
        suggestions: The suggestions.
        progress: Receives notes on look-ups and downloads.
        author: The author of suggestions that name no author.

    Raises:
        DecisionError: A text is empty or too long.
    """
    named = (suggestion.source for suggestion in suggestions if suggestion.source)
    sources, _ = resolve_sources(workspace, named, progress)
    topic_words = extract_topic_words(workspace.settings.topics)
    written, problems = list[ManualFrame](), list[str]()
    for suggestion in suggestions:
        paper = sources.get(suggestion.source) or make_unnamed_source("Suggested by a reader")
        unresolved = suggestion.source if suggestion.source not in sources else ""
        notes = [suggestion.note, f"source as given: {unresolved}" if unresolved else ""]
        quotes, problem = _grade_suggested_quote(workspace, paper, suggestion.quote, progress)
        problems += filter(None, [problem])
        written.append(
            ManualFrame(
                suggestion.text,
                suggestion.kind or classify_kind(suggestion.text),
                paper,
                suggestion.by or author or "a reader",
                "suggested",
                suggestion.topics or match_topics(topic_words, suggestion.text),
                quotes,
                note="; ".join(filter(None, notes)) or None,
            )
        )
    return SuggestionsResult(add_frames(reviewer, warehouse, written, accept=False), tuple(problems))


def _grade_suggested_quote(
    workspace: Workspace, paper: Paper, quote: str, progress: Progress
) -> tuple[tuple[Quote, ...], str]:
    """Return the quote, graded if its paper can be read, and why it could not; "" if it could."""
    if not quote:
        return (), ""
    if paper.place != "arxiv":
        return (mark_unreadable(quote),), ""
    try:
        return tuple(check_quotes(get_text(workspace, paper, progress), [quote])), ""
    except PaperError as error:
        return (mark_unreadable(quote),), str(error)
