"""Turn frames into flat rows: the columns that CSV and Parquet share, and the keys of a frame in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypedDict

from curator.publish.citations import display_name, iso_time, paper_url, papers_of, quoted_page
from curator.types import Frame, Quote


class FrameRow(TypedDict):
    """A frame as one flat row. Times are UTC; the paper's fields describe the first source, and are empty without one.

    `curator/publish/list.schema.json` describes the same keys.
    """

    id: str
    kind: str
    text: str
    topics: list[str]
    paper: str | None  # without version
    version: int | None
    title: str | None
    authors: list[str]
    published: datetime | None  # of version 1
    page: int | None  # of the first quote of that source that holds
    quotes: str  # JSON: a list of objects as `quote_fields` makes them
    grades: list[str]  # one for each quote
    scope: str
    question: str | None
    draft_text: str
    drafter: str
    reviewer: str
    accepted: datetime  # time of the latest decision, not of the first
    url: str | None
    sources: list[str]  # every paper version, the frame's own first
    candidate: str
    contradicted_by: list[str]  # paper versions
    author: str | None  # the person who wrote the frame by hand
    pinned: bool
    section: str | None  # the person's own heading
    support: str  # JSON: a list of objects with verdict, reason, overreach, checker, of, text, current


def frame_rows(frames: Iterable[Frame]) -> Iterator[FrameRow]:
    """Yield a row for each frame, in the order given."""
    for frame in frames:
        papers = papers_of(frame)
        first = papers[0] if papers else None
        yield FrameRow(
            id=frame.id,
            kind=frame.kind,
            text=frame.text,
            topics=list(frame.topics),
            paper=first.id if first else None,
            version=first.version if first else None,
            title=first.title if first else None,
            authors=[*map(display_name, first.authors)] if first else [],
            published=first.published if first and first.dated else None,
            page=quoted_page(frame),
            quotes=to_json([quote_fields(quote, frame) for quote in frame.quotes]),
            grades=[quote.grade for quote in frame.quotes],
            scope=frame.scope,
            question=frame.question,
            draft_text=frame.draft_text,
            drafter=frame.drafter,
            reviewer=frame.reviewer,
            accepted=frame.accepted,
            url=paper_url(first) if first else None,
            sources=[paper.versioned_id for paper in papers],
            candidate=frame.candidate_id,
            contradicted_by=[paper.versioned_id for paper in frame.contradicting],
            author=frame.author,
            pinned=frame.pinned,
            section=frame.section,
            support=to_json([support.to_json() for support in frame.support]),
        )


def quote_fields(quote: Quote, frame: Frame) -> dict[str, str | int | None]:
    """Return a quote of a frame as a JSON object."""
    return {
        "text": quote.text,
        "paper": quote.paper or frame.paper.versioned_id,
        "grade": quote.grade,
        "page": quote.page,
        "section": quote.section,
        "contradicts": quote.contradicts,
    }


def to_json(value: Any) -> str:
    """Return a value as JSON on one line; times are ISO 8601 in UTC."""
    return json.dumps(value, ensure_ascii=False, default=iso_time)
