"""Papers and other sources: their metadata, their screenings, and where they were published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from curator.types import Paper
from curator.warehouse.connection import Connection
from curator.warehouse.rows import Row, add_rows, to_json, to_naive_utc, utc_now

PAPER_COLUMNS = """p.paper, p.version, p.title, p.abstract, p.authors, p.categories, p.published, p.updated, p.comment,
            p.journal_ref, p.doi"""
SOURCE_COLUMNS = """p.paper, p.version, p.title, p.abstract, p.authors, p.categories, coalesce(p.published, p.added),
             coalesce(p.updated, p.added), p.comment, coalesce(a.journal_ref, p.journal_ref),
             coalesce(a.doi, p.doi), coalesce(p.place, 'arxiv'), p.url, p.published is not null"""


@dataclass(frozen=True)
class Screening:
    """The result of screening a paper for a topic, by its title and abstract."""

    paper_id: str
    topic: str
    score: float  # 0 to 1
    relevant: bool
    reason: str
    screener: str
    call: str | None = None


def add_screenings(connection: Connection, run: str, screenings: Iterable[Screening]) -> None:
    """Record the results of screening; only the first result for each paper and topic is kept."""
    rows = [
        {
            "paper": screening.paper_id,
            "topic": screening.topic,
            "score": screening.score,
            "relevant": screening.relevant,
            "reason": screening.reason,
            "screener": screening.screener,
            "call": screening.call,
            "run": run,
            "added": utc_now(),
        }
        for screening in screenings
    ]
    add_rows(connection, "screenings", rows, identity=("paper", "topic"))


def add_papers(connection: Connection, papers: Iterable[Paper], run: str | None = None) -> list[Row]:
    """Record papers or other sources, each version once; return the rows that were new."""
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
    """Return a paper version; None if it is unknown.

    Args:
        connection: A connection.
        paper_id: The paper's id, without version.
        version: The version; None for the latest known one.
    """
    row = connection.execute(
        f"""
        select {SOURCE_COLUMNS} from record.papers p left join appearances a on a.paper = p.paper
        where p.paper = $paper and ($version is null or p.version = $version)
        order by p.version desc, p.added desc limit 1
        """,  # noqa: S608
        {"paper": paper_id, "version": version},
    ).fetchone()
    return to_paper(row) if row else None


def get_papers(connection: Connection, keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Paper]:
    """Return paper versions by id and version; unknown ones are left out."""
    wanted = to_json([{"paper": paper, "version": version} for paper, version in keys])
    rows = connection.execute(
        f"""
        select {SOURCE_COLUMNS} from record.papers p
        join (select unnest($keys::json::struct(paper varchar, version integer)[], recursive := true))
        using (paper, version)
        left join appearances a on a.paper = p.paper
        """,  # noqa: S608
        {"keys": wanted},
    ).fetchall()
    return {(paper.id, paper.version): paper for paper in map(to_paper, rows)}


def load_latest_versions(connection: Connection, papers: Collection[str]) -> dict[str, int]:
    """Return the highest known version of each of these papers."""
    rows = connection.execute(
        "select paper, max(version) from record.papers "
        "join (select unnest($papers) as paper) using (paper) group by paper",
        {"papers": list(papers)},
    ).fetchall()
    return dict(rows)


def load_screenings(connection: Connection, papers: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the screenings of these papers, by paper, best score first.

    Each has the keys topic, score, relevant, reason and screener.
    """
    rows = connection.execute(
        "select paper, topic, score, relevant, reason, screener from record.screenings "
        "join (select unnest($papers) as paper) using (paper) order by score desc, topic",
        {"papers": list(papers)},
    ).fetchall()
    by_paper: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for paper, *rest in rows:
        by_paper[paper].append(dict(zip(("topic", "score", "relevant", "reason", "screener"), rest, strict=True)))
    return by_paper


def to_paper(row: tuple[Any, ...]) -> Paper:
    """Return the paper of a row with the columns `PAPER_COLUMNS` or `SOURCE_COLUMNS`."""
    paper_id, version, title, abstract, authors, categories, *rest = row
    return Paper(paper_id, version, title, abstract, tuple(authors), tuple(categories), *rest)


def add_appearances(connection: Connection, run: str, papers: Iterable[Paper]) -> list[Paper]:
    """Record journal references and DOIs that arXiv now lists for papers; return the papers for which they are new.

    A reference that arXiv no longer lists is kept.
    """
    published = {paper.id: paper for paper in papers if paper.journal_ref or paper.doi}
    rows = connection.execute(
        "select paper, journal_ref, doi from papers where paper in (select unnest($papers))",
        {"papers": list(published)},
    ).fetchall()
    new = [
        published[id]
        for id, journal_ref, doi in rows
        if (published[id].journal_ref or journal_ref, published[id].doi or doi) != (journal_ref, doi)
    ]
    added = utc_now()
    add_rows(
        connection,
        "appearances",
        [{"paper": p.id, "journal_ref": p.journal_ref, "doi": p.doi, "run": run, "added": added} for p in new],
    )
    return new
