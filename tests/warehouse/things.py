"""Papers, documents and candidates to fill a warehouse with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from curator.types import Candidate, Notice, NoticeKind, Paper, Quote, Recheck, Span
from curator.warehouse import Warehouse, revision_notices, runs
from curator.warehouse.candidates import QueuedCandidate, add_draft
from curator.warehouse.rows import utc_now

EARLY = datetime(2026, 1, 5)


def paper(number: int = 1, version: int = 1, **changes: Any) -> Paper:
    """As the warehouse gives it back: times are UTC, without a zone."""
    return replace(
        Paper(
            id=f"2401.9{number:04}",
            version=version,
            title=f"Paper {number} on induction heads",
            abstract="We find that language models copy.",
            authors=("Mira Lindqvist", "Jörg Süß"),
            categories=("cs.CL",),
            published=EARLY + timedelta(days=number),
            updated=EARLY + timedelta(days=number),
        ),
        **changes,
    )


def as_told(one: Paper) -> Paper:
    """As arXiv tells of it: times with their zone."""
    return replace(one, published=one.published.replace(tzinfo=UTC), updated=one.updated.replace(tzinfo=UTC))


def quote(text: str = "Heads copy the token that followed.", page: int = 3, **changes: Any) -> Quote:
    return replace(Quote(text, "exact", (Span(page, 0, len(text)),), "abstract"), **changes)


ABSENT = Quote("Nobody wrote this.", "absent")


def candidate(id: str, of: Paper | None = None, **changes: Any) -> Candidate:
    of = of or paper()
    return replace(
        Candidate(
            id=id,
            paper_id=of.id,
            version=of.version,
            text=f"Models copy, says {id}.",
            kind="functional",
            topics=("in-context learning",),
            quotes=(quote(f"Quote of {id}."),),
            scope="small models",
            question=None,
            drafter="tests",
        ),
        **changes,
    )


def stock(warehouse: Warehouse, *candidates: Candidate, papers: Sequence[Paper] = ()) -> str:
    """Record the papers, a draft of each and the candidates; return the run."""
    known = papers or [paper()]

    def write(connection: Any) -> str:
        run = runs.start_run(connection, {}, "tests")
        runs.add_found(connection, run, "in-context learning", [as_told(one) for one in known])
        for one in known:
            of = [c for c in candidates if (c.paper_id, c.version) == (one.id, one.version)]
            add_draft(connection, run, one, "tests", of)
        return run

    return warehouse.write(write)


def bring_back(
    warehouse: Warehouse, item: QueuedCandidate, what: NoticeKind = "no longer holds", detail: str = ""
) -> None:
    """A later version of its paper has lost the quotes of a frame on the list, or was withdrawn."""
    gone = Quote("", "absent", why="it is not in the paper")
    rechecks = [
        Recheck(n, quote.text, quote.page, gone, quote.text.replace("the", "hardly the", 1), 2)
        for n, quote in enumerate(item.quotes, 1)
        if what == "no longer holds"
    ]
    said = detail or f"{len(rechecks)} of {len(rechecks)} quotes no longer stand in it"
    notice = Notice(item.id, item.id, item.paper_id, item.version + 1, what, said, utc_now(), tuple(rechecks))
    warehouse.write(revision_notices.add_notices, "r", [notice])
