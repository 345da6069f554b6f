"""Papers on their way: what is still to be screened, read and drafted, and what came of it.

What is to be done is asked of the rows, never remembered: a run that was killed is carried on by the next one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from curator.types import (
    Box,
    Difference,
    Document,
    Extraction,
    Grade,
    HiddenText,
    Page,
    Paper,
    Quote,
    Section,
    Sentence,
    Span,
)
from curator.warehouse.database import Connection, Row, add_rows, to_json, to_naive_utc, utc_now

_PAPER = """p.paper, p.version, p.title, p.abstract, p.authors, p.categories, p.published, p.updated, p.comment,
            p.journal_ref, p.doi"""
_SOURCE = """p.paper, p.version, p.title, p.abstract, p.authors, p.categories, coalesce(p.published, p.added),
             coalesce(p.updated, p.added), p.comment, coalesce(a.journal_ref, p.journal_ref),
             coalesce(a.doi, p.doi), coalesce(p.place, 'arxiv'), p.url, p.published is not null"""


@dataclass(frozen=True)
class Screening:
    """Whether a paper is about a topic, by title and abstract."""

    paper_id: str
    topic: str
    score: float  # 0 to 1
    relevant: bool
    reason: str
    screener: str
    call: str | None = None


def list_to_screen(connection: Connection, topic: str, attempts: int) -> list[Paper]:
    """Papers that the topic found and that nobody has screened for it yet, newest first.

    Left out: those asked for by id only, and those whose screening for the topic failed `attempts` times.
    """
    rows = connection.execute(
        f"""
        select {_PAPER} from papers p join record.sightings s using (paper)
        where s.topic = $topic
          and not exists (from record.screenings d where d.paper = p.paper and d.topic = s.topic)
          and not exists (from failures f
                          where f.stage = 'screen' and f.paper = p.paper and f.topic = s.topic
                          and f.open and f.attempts >= $attempts)
        order by p.published desc, p.paper desc
        """,  # noqa: S608
        {"topic": topic, "attempts": attempts},
    ).fetchall()
    return [_paper(row) for row in rows]


def add_screenings(connection: Connection, run: str, screenings: Iterable[Screening]) -> None:
    rows = [
        {
            "paper": one.paper_id,
            "topic": one.topic,
            "score": one.score,
            "relevant": one.relevant,
            "reason": one.reason,
            "screener": one.screener,
            "call": one.call,
            "run": run,
            "added": utc_now(),
        }
        for one in screenings
    ]
    add_rows(connection, "screenings", rows, identity=("paper", "topic"))


_MAY_BE_TRIED = """
    not exists (from failures f
                where f.paper = p.paper and f.version = p.version and f.stage <> 'screen' and f.open
                and (f.retry_at is null or f.attempts >= $attempts
                     or (f.retry_at > $moment and f.added <= $moment)))  -- else the clock was ahead when it failed
"""


def list_to_draft(connection: Connection, topics: Sequence[str], moment: datetime, attempts: int) -> list[Paper]:
    """Papers of these topics that passed screening and were never drafted, newest first.

    With them those asked for by id whose very version was never drafted. Left out: those whose last failure says
    that trying again is no use, or not yet at `moment`, or that have failed `attempts` times.
    """
    rows = connection.execute(
        f"""
        with wanted as (
            select w.paper, w.version from papers w
            where exists (from record.screenings s
                          where s.paper = w.paper and s.relevant and s.topic in (select unnest($topics)))
              and not exists (from record.drafts d where d.paper = w.paper)
            union
            select r.paper, r.version from record.requests r
            where not exists (from record.drafts d where d.paper = r.paper and d.version = r.version))
        select {_PAPER} from record.papers p join wanted using (paper, version)
        where {_MAY_BE_TRIED}
        order by p.published desc, p.paper desc
        """,  # noqa: S608
        {"topics": list(topics), "moment": moment, "attempts": attempts},
    ).fetchall()
    return [_paper(row) for row in rows]


def list_undrafted(connection: Connection, papers: Sequence[Paper], moment: datetime, attempts: int) -> list[Paper]:
    """Those of `papers` whose very version was never drafted and may be tried (see `to_draft`), in their order."""
    rows = connection.execute(
        f"""
        select p.paper, p.version from (select unnest($ids) as paper, unnest($versions) as version) p
        where not exists (from record.drafts d where d.paper = p.paper and d.version = p.version)
          and {_MAY_BE_TRIED}
        """,  # noqa: S608
        {
            "ids": [paper.id for paper in papers],
            "versions": [paper.version for paper in papers],
            "moment": moment,
            "attempts": attempts,
        },
    ).fetchall()
    wanted = set(rows)
    return [paper for paper in papers if (paper.id, paper.version) in wanted]


def count_given_up(connection: Connection, papers: Sequence[Paper]) -> dict[str, str]:
    """What stands in the way of those of `papers` that failed and have not succeeded since: versioned id → message."""
    rows = connection.execute(
        """
        select paper || 'v' || version, message from failures
        where open and stage <> 'screen' and paper in (select unnest($ids))
        """,
        {"ids": [paper.id for paper in papers]},
    ).fetchall()
    return dict(rows)


def list_failing(connection: Connection) -> dict[str, Literal["screen", "read", "watch"]]:
    """The papers of which a step has failed and has not succeeded since, with what would do it again.

    "screen": screening; "read": reading and drafting; "watch": a later version of what was drafted from.
    """
    rows = connection.execute(
        """
        select paper, case when paper in (select d.paper from record.drafts d) then 'watch'
                           when bool_and(stage = 'screen') then 'screen' else 'read' end
        from failures where open group by paper order by min(added)
        """
    ).fetchall()
    return dict(rows)


def add_retries(connection: Connection, papers: Iterable[str], reviewer: str) -> None:
    """What failed for these papers until now keeps nobody from trying again."""
    rows = [{"paper": paper, "reviewer": reviewer, "added": utc_now()} for paper in papers]
    add_rows(connection, "retries", rows)


def add_papers(connection: Connection, papers: Iterable[Paper], run: str | None = None) -> list[Row]:
    """Record papers, or other sources, as `run` learned of them; each version once. Returns what was new."""
    added = utc_now()
    rows = [
        {
            "paper": paper.id,
            "version": paper.version,
            "title": paper.title,
            "abstract": paper.abstract,
            "authors": paper.authors,
            "categories": paper.categories,
            "published": to_naive_utc(paper.published) if paper.dated else None,
            "updated": to_naive_utc(paper.updated) if paper.dated else None,
            "comment": paper.comment,
            "journal_ref": paper.journal_ref,
            "doi": paper.doi,
            "place": None if paper.place == "arxiv" else paper.place,
            "url": paper.url,
            "run": run,
            "added": added,
        }
        for paper in papers
    ]
    return add_rows(connection, "papers", rows, identity=("paper", "version"))


def get_paper(connection: Connection, paper_id: str, version: int | None = None) -> Paper | None:
    """One version of a paper, the latest that we know where `version` is None."""
    row = connection.execute(
        f"""
        select {_SOURCE} from record.papers p left join appearances a on a.paper = p.paper
        where p.paper = $paper and ($version is null or p.version = $version)
        order by p.version desc, p.added desc limit 1
        """,  # noqa: S608
        {"paper": paper_id, "version": version},
    ).fetchone()
    return _paper(row) if row else None


def get_papers(connection: Connection, keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Paper]:
    """Paper versions by id and version."""
    wanted = to_json([{"paper": paper, "version": version} for paper, version in keys])
    rows = connection.execute(
        f"""
        select {_SOURCE} from record.papers p
        join (select unnest($keys::json::struct(paper varchar, version integer)[], recursive := true))
        using (paper, version)
        left join appearances a on a.paper = p.paper
        """,  # noqa: S608
        {"keys": wanted},
    ).fetchall()
    return {(paper.id, paper.version): paper for paper in map(_paper, rows)}


def load_latest_versions(connection: Connection, papers: Collection[str]) -> dict[str, int]:
    """The highest version that we know of each of these papers."""
    rows = connection.execute(
        "select paper, max(version) from record.papers "
        "join (select unnest($papers) as paper) using (paper) group by paper",
        {"papers": list(papers)},
    ).fetchall()
    return dict(rows)


def load_screenings(connection: Connection, papers: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Why each of these papers was read or left out, the best score first."""
    rows = connection.execute(
        "select paper, topic, score, relevant, reason, screener from record.screenings "
        "join (select unnest($papers) as paper) using (paper) order by score desc, topic",
        {"papers": list(papers)},
    ).fetchall()
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for paper, *rest in rows:
        found[paper].append(dict(zip(("topic", "score", "relevant", "reason", "screener"), rest, strict=True)))
    return found


def add_failure(
    connection: Connection,
    run: str,
    stage: str,
    paper: Paper,
    code: str,
    message: str,
    retry_at: datetime | None,
    *,
    topic: str | None = None,
) -> None:
    """Record that one step failed for one paper, in screening for one topic.

    `retry_at`: when it may be tried again; None for never.
    """
    row = {
        "stage": stage,
        "paper": paper.id,
        "version": paper.version,
        "topic": topic,
        "code": code,
        "message": message,
        "retry_at": retry_at,
        "run": run,
        "added": utc_now(),
    }
    add_rows(connection, "failures", [row])


def add_document(connection: Connection, run: str | None, document: Document) -> None:
    """Keep a document and all that belongs to it; the same text by the same extractor is kept once.

    Boxes are kept as 32-bit floats, which on a page of a thousand points is exact to 0.00004 points.
    """
    key = {
        "paper": document.paper_id,
        "version": document.version,
        "extractor": document.extraction.extractor,
    }
    row = key | {
        "sha256": document.sha256,
        "settings": dict(document.extraction.settings),
        "run": run,
        "added": utc_now(),
    }
    if not add_rows(connection, "documents", [row], identity=tuple(key)):
        return
    parts: dict[str, Iterable[dict[str, Any]]] = {
        "pages": (
            {
                "number": page.number,
                "text": page.text,
                "width": page.width,
                "height": page.height,
                "boxes": [
                    {"s": b.start, "e": b.end, "x0": b.x0, "y0": b.y0, "x1": b.x1, "y1": b.y1} for b in page.boxes
                ],
            }
            for page in document.pages
        ),
        "sections": (
            {"position": n, "title": s.title, "kind": s.kind, "page": s.page, "start": s.start}
            for n, s in enumerate(document.sections)
        ),
        "sentences": (
            {"number": s.number, "section": s.section, "form": s.form, "spans": to_span_rows(s.spans)}
            for s in document.sentences
        ),
        "hidden": ({"page": h.page, "text": h.text, "why": h.why, "honest": h.honest} for h in document.hidden),
    }
    for table, rows in parts.items():
        add_rows(connection, table, [key | part for part in rows])


def list_read_papers(connection: Connection) -> set[tuple[str, int]]:
    """The paper versions whose text we have."""
    return set(connection.execute("select paper, version from record.documents").fetchall())


def get_document(connection: Connection, paper_id: str, version: int) -> Document | None:
    """The latest text of a paper version, or None where it has not been read."""
    row = connection.execute(
        "select sha256, extractor, settings from documents where paper = $paper and version = $version",
        {"paper": paper_id, "version": version},
    ).fetchone()
    if row is None:
        return None
    sha256, extractor, settings = row
    key = {"paper": paper_id, "version": version, "extractor": extractor}
    pages = {page.number: page for page in _pages(connection, key)}
    return Document(
        paper_id=paper_id,
        version=version,
        sha256=sha256,
        pages=tuple(pages.values()),
        sections=tuple(_sections(connection, key)),
        sentences=tuple(_sentences(connection, key, pages)),
        extraction=Extraction(extractor, json.loads(settings)),
        hidden=tuple(_hidden(connection, key)),
    )


def load_pages(connection: Connection, wanted: Iterable[tuple[str, int, int]]) -> list[tuple[tuple[str, int], Page]]:
    """Single pages of the latest texts, asked for by paper, version and number; each with its paper and version."""
    keys = [{"paper": paper, "version": version, "number": number} for paper, version, number in wanted]
    rows = connection.execute(
        """
        select p.paper, p.version, p.number, p.text, p.width, p.height, p.boxes
        from (select unnest($keys::json::struct(paper varchar, version integer, number integer)[], recursive := true))
        join record.pages p using (paper, version, number)
        join documents d using (paper, version, extractor) order by p.paper, p.version, p.number
        """,
        {"keys": to_json(keys)},
    ).fetchall()
    return [((paper, version), _page(*rest)) for paper, version, *rest in rows]


def _pages(connection: Connection, key: Row) -> Iterable[Page]:
    rows = connection.execute(
        "select number, text, width, height, boxes from record.pages "
        "where paper = $paper and version = $version and extractor = $extractor order by number",
        key,
    ).fetchall()
    return (_page(*row) for row in rows)


def _page(number: int, text: str, width: float, height: float, boxes: list[dict[str, Any]]) -> Page:
    return Page(number, text, width, height, tuple(Box(*box.values()) for box in boxes))


def _sections(connection: Connection, key: Row) -> Iterable[Section]:
    rows = connection.execute(
        "select title, kind, page, start from record.sections "
        "where paper = $paper and version = $version and extractor = $extractor order by position",
        key,
    ).fetchall()
    return (Section(*row) for row in rows)


def _sentences(connection: Connection, key: Row, pages: dict[int, Page]) -> Iterable[Sentence]:
    rows = connection.execute(
        "select number, section, coalesce(form, 'prose'), spans from record.sentences "
        "where paper = $paper and version = $version and extractor = $extractor order by number",
        key,
    ).fetchall()
    for number, section, form, found in rows:
        spans = tuple(Span(span["page"], span["s"], span["e"]) for span in found)
        text = " ".join(" ".join(pages[span.page].text[span.start : span.end] for span in spans).split())
        yield Sentence(number, text, spans, section, form)


def load_hidden_text(
    connection: Connection, keys: Iterable[tuple[str, int]]
) -> Mapping[tuple[str, int], tuple[HiddenText, ...]]:
    """What these paper versions hide from people, honest layers aside."""
    rows = connection.execute(
        """
        select paper, version, h.page, h.text, h.why from hidden_text h
        join (select unnest($keys::json::struct(paper varchar, version integer)[], recursive := true))
        using (paper, version) where not honest order by paper, version, h.page
        """,
        {"keys": json.dumps([{"paper": paper, "version": version} for paper, version in keys])},
    ).fetchall()
    found: dict[tuple[str, int], list[HiddenText]] = defaultdict(list)
    for paper, version, page, text, why in rows:
        found[paper, version].append(HiddenText(page, text, why))
    return {key: tuple(hidden) for key, hidden in found.items()}


def _hidden(connection: Connection, key: Row) -> Iterable[HiddenText]:
    rows = connection.execute(
        "select page, text, why, coalesce(honest, false) from record.hidden "
        "where paper = $paper and version = $version and extractor = $extractor order by rowid",
        key,
    ).fetchall()
    return (HiddenText(*row) for row in rows)


def to_span_rows(spans: Iterable[Span]) -> list[dict[str, int]]:
    """Spans as the warehouse keeps them."""
    return [{"page": span.page, "s": span.start, "e": span.end} for span in spans]


def to_quote(
    text: str, grade: Grade, spans: list[dict[str, int]] | None, section: Any, form: Any,
    differences: list[dict[str, str]] | None, why: str | None, paper: str | None = None,
) -> Quote:  # fmt: skip
    """A quote from the columns that the warehouse keeps of it."""
    places = tuple(Span(span["page"], span["s"], span["e"]) for span in spans or ())
    differing = tuple(Difference(one["claimed"], one["found"]) for one in differences or ())
    return Quote(text, grade, places, section, form, differing, why, paper)


def _paper(row: tuple[Any, ...]) -> Paper:
    paper_id, version, title, abstract, authors, categories, *rest = row
    return Paper(paper_id, version, title, abstract, tuple(authors), tuple(categories), *rest)
