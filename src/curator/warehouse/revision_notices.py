"""Notices: whether later versions of the papers still support the frames on the list, until a reviewer decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from curator.types import Notice, Recheck
from curator.warehouse.connection import Connection
from curator.warehouse.documents import to_quote, to_span_rows
from curator.warehouse.rows import add_rows, to_json, utc_now

_RECHECK = """evidence, version, position, cited, cited_page, text, grade, section, form, spans, differences, why,
              nearest, nearest_page"""


def load_open_notices(connection: Connection, candidates: Collection[str]) -> dict[str, tuple[Notice, ...]]:
    """Return the open notices on these accepted candidates, by candidate."""
    rows = connection.execute(
        "select candidate, evidence, paper, version, what, detail, added from notices where open "
        "order by candidate, evidence <> candidate, evidence"
    ).fetchall()
    rows = [row for row in rows if row[0] in candidates]
    rechecks = _rechecks(connection, {(row[1], row[3]) for row in rows})
    by_candidate: dict[str, list[Notice]] = defaultdict(list)
    for candidate, evidence, paper, version, what, detail, added in rows:
        rechecked = tuple(rechecks[evidence, version])
        by_candidate[candidate].append(Notice(candidate, evidence, paper, version, what, detail, added, rechecked))
    return {candidate: tuple(notices) for candidate, notices in by_candidate.items()}


def load_rechecks(connection: Connection, keys: Iterable[tuple[str, int]]) -> dict[str, tuple[Recheck, ...]]:
    """Return the rechecks of candidates' quotes, by candidate; candidates without a recheck are left out.

    Args:
        connection: A connection.
        keys: Candidates, each with the later version of its paper.
    """
    return {candidate: tuple(rechecks) for (candidate, _), rechecks in _rechecks(connection, keys).items()}


def load_given_up_quotes(connection: Connection, evidence: Sequence[str]) -> dict[str, set[int]]:
    """Return the positions of quotes that are missing from a later version although a reviewer kept the frame.

    Args:
        connection: A connection.
        evidence: Candidate ids.

    Returns:
        Positions, counted from 1, by candidate.
    """
    rows = connection.execute(
        """
        with last as (
            select evidence, max(version) as version from notices
            where what = 'no longer holds' and settled and evidence in (select unnest($evidence)) group by evidence)
        select candidate, position from rechecks r join last on last.evidence = r.candidate and last.version = r.version
        where not holds
        """,
        {"evidence": list(evidence)},
    ).fetchall()
    positions: dict[str, set[int]] = defaultdict(set)
    for candidate, position in rows:
        positions[candidate].add(position)
    return positions


def add_notices(connection: Connection, run: str, notices: Sequence[Notice]) -> None:
    """Record notices with their rechecked quotes; each evidence and later version once."""
    added = utc_now()
    rows = [
        {
            "candidate": notice.candidate_id,
            "evidence": notice.evidence_id,
            "version": notice.version,
            "what": notice.what,
            "detail": notice.detail,
            "run": run,
            "added": added,
        }
        for notice in notices
    ]
    new = {(row["evidence"], row["version"]) for row in add_rows(connection, "notices", rows, ("evidence", "version"))}
    add_rows(
        connection,
        "rechecks",
        [
            _recheck_row(notice, recheck)
            for notice in notices
            if (notice.evidence_id, notice.version) in new
            for recheck in notice.rechecks
        ],
    )


def _rechecks(connection: Connection, keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], list[Recheck]]:
    wanted = [{"evidence": evidence, "version": version} for evidence, version in keys]
    rows = connection.execute(
        f"""
        select {_RECHECK} from record.rechecks
        join (select unnest($keys::json::struct(evidence varchar, version integer)[], recursive := true))
        using (evidence, version) order by evidence, version, position
        """,  # noqa: S608
        {"keys": to_json(wanted)},
    ).fetchall()
    by_version: dict[tuple[str, int], list[Recheck]] = defaultdict(list)
    for evidence, version, *rest in rows:
        by_version[evidence, version].append(_recheck(*rest))
    return by_version


def _recheck(
    position: int, cited: str, cited_page: int | None, text: str, grade: Any, section: Any, form: Any,
    spans: list[dict[str, int]] | None, differences: list[dict[str, str]] | None, why: str | None,
    nearest: str | None, nearest_page: int | None,
) -> Recheck:  # fmt: skip
    quote = to_quote(text, grade, spans, section, form, differences, why)
    return Recheck(position, cited, cited_page, quote, nearest, nearest_page)


def _recheck_row(notice: Notice, recheck: Recheck) -> dict[str, Any]:
    return {
        "evidence": notice.evidence_id,
        "version": notice.version,
        "position": recheck.position,
        "cited": recheck.cited,
        "cited_page": recheck.cited_page,
        "text": recheck.now.text,
        "grade": recheck.now.grade,
        "section": recheck.now.section,
        "form": recheck.now.form,
        "spans": to_span_rows(recheck.now.spans),
        "differences": [vars(difference) for difference in recheck.now.differences],
        "why": recheck.now.why,
        "nearest": recheck.nearest,
        "nearest_page": recheck.nearest_page,
    }
