"""Overviews of one paper, one run, one model call and the whole list, for the review page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from curator.types import Document, Paper
from curator.warehouse import candidate_search, documents, papers, statistics
from curator.warehouse.candidate_search import CandidateFilter, CandidateRow
from curator.warehouse.candidates import id_parameters, sql_in_ids
from curator.warehouse.connection import Connection
from curator.warehouse.rows import fetch_table
from curator.warehouse.supports import AS_DRAFTED, JUDGED

DECISION_DAYS = 30  # days of the chart of decisions
MAX_ROWS = 500  # candidates, papers or failures on one page
MAX_RUNS = 5  # runs on the front page


@dataclass(frozen=True)
class PaperOverview:
    """All recorded facts about one paper version."""

    paper: Paper
    versions: tuple[int, ...]  # the known versions, latest first
    document: Document | None
    screenings: Sequence[Mapping[str, Any]]
    candidates: Sequence[CandidateRow]
    decisions: Sequence[Mapping[str, Any]]
    failures: Sequence[Mapping[str, Any]]
    calls: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class RunOverview:
    """A run with its papers, candidates and failures."""

    run: Mapping[str, Any]  # as `statistics.load_runs` returns it
    papers: Sequence[Mapping[str, Any]]
    candidates: Sequence[CandidateRow]
    failures: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class FrontOverview:
    """The figures of the review page's front page."""

    counts: Mapping[str, Any]  # as `statistics.load_status` returns them
    topics: Sequence[Mapping[str, Any]]  # topic, waiting, accepted, drafted
    runs: Sequence[Mapping[str, Any]]  # the latest first
    days: Sequence[tuple[date, int, int]]  # day, accepted, other decisions; `DECISION_DAYS` days, oldest first
    frames: int  # on the list
    unpublished: int  # frames that the last publication does not contain
    disputed: int  # candidates on which reviewers' decisions differ


def load_paper_overview(connection: Connection, paper_id: str, version: int | None) -> PaperOverview | None:
    """Return the overview of a paper version, the latest if none is given; None if it is unknown."""
    paper = papers.get_paper(connection, paper_id, version)
    if paper is None:
        return None
    key = {"paper": paper.id, "version": paper.version}
    versions = fetch_table(
        connection,
        "select distinct version from record.papers where paper = $paper order by 1 desc",
        {"paper": paper.id},
    )
    rows, _ = candidate_search.search_candidates(
        connection, CandidateFilter(paper=paper.versioned_id), "oldest", MAX_ROWS
    )
    rows = [row for row in rows if (row.paper_id, row.version) == (paper.id, paper.version)]
    decided = fetch_table(
        connection,
        f"select candidate, action, text, reason, merged_into, reviewer, added, undone from decisions "  # noqa: S608
        f"where {sql_in_ids([row.id for row in rows])} order by number desc",
        id_parameters([row.id for row in rows]),
    )
    failures = fetch_table(
        connection,
        "select stage, code, message, attempts, retry_at, open, added from failures "
        "where paper = $paper and version = $version order by added desc",
        key,
    )
    calls = fetch_table(
        connection,
        "select call, purpose, model, outcome, message, tokens_in, tokens_out, cost, estimated, seconds, added "
        "from calls where paper = $paper and version = $version order by added",
        key,
    )
    return PaperOverview(
        paper=paper,
        versions=tuple(row[0] for row in versions.rows),
        document=documents.get_document(connection, paper.id, paper.version),
        screenings=papers.load_screenings(connection, [paper.id]).get(paper.id, ()),
        candidates=rows,
        decisions=decided.dicts(),
        failures=failures.dicts(),
        calls=calls.dicts(),
    )


def load_run_overview(connection: Connection, run: str) -> RunOverview | None:
    """Return the overview of a run; None if it is unknown."""
    summary = next((row for row in statistics.load_runs(connection, limit=1_000_000) if row["id"] == run), None)
    if summary is None:
        return None
    found_papers = fetch_table(
        connection,
        "select distinct on (paper, version) paper, version, title from record.papers where run = $run limit $most",
        {"run": run, "most": MAX_ROWS},
    )
    failures = fetch_table(
        connection,
        "select stage, paper, version, topic, code, message, attempts, retry_at, open from failures where run = $run "
        "order by stage, paper limit $most",
        {"run": run, "most": MAX_ROWS},
    )
    rows, _ = candidate_search.search_candidates(connection, CandidateFilter(run=run), "paper", MAX_ROWS)
    return RunOverview(summary, found_papers.dicts(), rows, failures.dicts())


def load_front_overview(connection: Connection, today: date) -> FrontOverview:
    """Return the figures of the front page; `today` is the last day of the chart of decisions."""
    topics = fetch_table(
        connection,
        """
        select topic, count(*) filter (where status = 'pending' and acceptable) as waiting,
               count(*) filter (where status = 'accepted') as accepted, count(*) as drafted
        from (select unnest(topics) as topic, status, acceptable from candidates) group by topic order by topic
        """,
    ).dicts()
    days = fetch_table(
        connection,
        """
        select day::date, coalesce(accepted, 0)::integer, coalesce(other, 0)::integer
        from generate_series($today::date - $days::integer + 1, $today::date, interval 1 day) g(day)
        left join (select added::date as day, count(*) filter (where action = 'accept') as accepted,
                          count(*) filter (where action <> 'accept') as other
                   from decisions where action not in ('undo', 'redo') and not undone group by all) using (day)
        order by day
        """,
        {"today": today, "days": DECISION_DAYS},
    ).rows
    frames, unpublished = fetch_table(
        connection, "select count(*), count(*) filter (where not published) from frames"
    ).rows[0]
    disputed = fetch_table(connection, "select count(distinct candidate) from disagreements").rows[0][0]
    return FrontOverview(
        statistics.load_status(connection), topics, statistics.load_runs(connection, MAX_RUNS),
        [(d, a, o) for d, a, o in days],
        frames, unpublished, disputed,
    )  # fmt: skip


def load_call(connection: Connection, call: str) -> Mapping[str, Any] | None:
    """Return a model call with its messages and its reply; None if it is unknown."""
    calls = fetch_table(connection, "select * from calls where call = $call", {"call": call}).dicts()
    return calls[0] if calls else None


def load_disagreements(connection: Connection, candidate: str) -> Sequence[Mapping[str, Any]]:
    """Return each reviewer's latest decision on a candidate, if they differ."""
    return fetch_table(
        connection,
        "select reviewer, action, text, reason, added from disagreements where candidate = $candidate",
        {"candidate": candidate},
    ).dicts()


def explain_candidate(connection: Connection, candidate: str) -> dict[str, Any]:
    """Return the provenance of a candidate: its draft, its model call, its screenings, and the candidates merged in.

    Args:
        connection: A connection.
        candidate: The id of a candidate that exists.
    """
    chain = fetch_table(
        connection,
        """
        select c.run, c.call, c.version, c.added as drafted, d.sentences, d.dropped, c.drafter, k.prompt,
               k.prompt_sha256, k.model, k.tokens_in, k.tokens_out, k.cost, k.estimated, k.reply
        from record.candidates c
        left join record.drafts d on d.paper = c.paper and d.version = c.version and d.drafter = c.drafter
        left join record.calls k on k.call = c.call
        where c.candidate = $candidate
        """,
        {"candidate": candidate},
    ).dicts()[0]
    chain["screenings"] = fetch_table(
        connection,
        """
        select topic, score, relevant, reason, screener from record.screenings
        where paper = (select paper from record.candidates where candidate = $candidate) order by score desc, topic
        """,
        {"candidate": candidate},
    ).dicts()
    chain["unchecked"] = fetch_table(
        connection,
        f"""
        select k.message, k.outcome, k.added from record.calls k join candidates c using (paper, version)
        where c.candidate = $candidate and k.purpose = 'support' and k.outcome <> 'ok'
          and ({AS_DRAFTED} or k.added >= c.decided) and not {JUDGED}
        order by k.added desc limit 1
        """,  # noqa: S608
        {"candidate": candidate},
    ).dicts()
    chain["merged"] = fetch_table(
        connection,
        """
        select candidate, paper || 'v' || version as paper, text, contradicts from candidates
        where merged_into = $candidate and status = 'merged' order by decided, candidate
        """,
        {"candidate": candidate},
    ).dicts()
    return chain
