"""Publications: the text and sources of each frame whenever the list was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from curator.types import Frame
from curator.warehouse.connection import Connection
from curator.warehouse.rows import add_rows, utc_now

CONTRADICTS = "against "
"""The prefix of a source in a publication that contradicts the frame. Stored."""


class PublishedText(NamedTuple):
    """The text and sources of a frame in one publication."""

    text: str
    sources: tuple[str, ...] | None  # versioned ids; None in publications of versions that did not record sources


class FrameChange(NamedTuple):
    """A change of a frame between the last publications of two days; None: the frame is not published."""

    day: date
    frame: str
    before: PublishedText | None
    after: PublishedText | None


def to_published_texts(frames: Iterable[Frame]) -> dict[str, PublishedText]:
    """Return the text and sources of each frame, as a publication records them."""
    return {
        frame.id: PublishedText(
            frame.text,
            (
                *(paper.versioned_id for paper in (frame.paper, *frame.sources) if paper.is_named),
                *(f"{CONTRADICTS}{paper.versioned_id}" for paper in frame.contradicting),
            ),
        )
        for frame in frames
    }


def add_publication(connection: Connection, file: str, sha256: str, texts: Mapping[str, PublishedText]) -> bool:
    """Record a publication, unless it is the same as the last one.

    Args:
        connection: A connection that can write.
        file: The list's file, relative to the workspace.
        sha256: The hash of the file.
        texts: The published texts by frame.

    Returns:
        True if the publication was recorded.
    """
    if load_last_published(connection) == dict(texts):
        return False
    row = connection.execute("select coalesce(max(publication), 0) + 1 from record.publications").fetchone()
    assert row is not None  # an aggregate always gives a row
    number = row[0]
    add_rows(connection, "publications", [{"publication": number, "file": file, "sha256": sha256, "added": utc_now()}])
    add_rows(
        connection,
        "publication_frames",
        [
            {"publication": number, "frame": frame, "text": text.text, "sources": list(text.sources or ())}
            for frame, text in texts.items()
        ],
    )
    return True


def load_last_published(connection: Connection, before: date | None = None) -> dict[str, PublishedText] | None:
    """Return the last publication (before a day, if given) by frame; None if there is none."""
    row = connection.execute(
        "select max(publication) from record.publications where $day is null or added::date < $day", {"day": before}
    ).fetchone()
    if row is None or row[0] is None:
        return None
    rows = connection.execute(
        "select frame, text, sources from record.publication_frames where publication = $number", {"number": row[0]}
    ).fetchall()
    return {frame: _to_published_text(text, sources) for frame, text, sources in rows}


def load_frame_changes(connection: Connection, until: date) -> list[FrameChange]:
    """Return the changes between the last publications of consecutive days before `until`, in order."""
    rows = connection.execute(
        """
        with days as (
            select added::date as day, max(publication) as publication from record.publications
            where added::date < $until group by all),
        steps as (select day, publication, lag(publication) over (order by day) as earlier from days),
        after as (select s.day, f.* from steps s join record.publication_frames f on f.publication = s.publication),
        before as (select s.day, f.* from steps s join record.publication_frames f on f.publication = s.earlier)
        select day, frame, b.frame is not null, b.text, b.sources, a.frame is not null, a.text, a.sources
        from after a full join before b using (day, frame)
        where a.frame is null or b.frame is null or a.text <> b.text or a.sources is distinct from b.sources
        order by day
        """,
        {"until": until},
    ).fetchall()
    return [
        FrameChange(
            day,
            frame,
            _to_published_text(text_before, sources_before) if was_listed else None,
            _to_published_text(text_after, sources_after) if is_listed else None,
        )
        for day, frame, was_listed, text_before, sources_before, is_listed, text_after, sources_after in rows
    ]


def _to_published_text(text: str, sources: list[str] | None) -> PublishedText:
    return PublishedText(text, None if sources is None else tuple(sources))
