"""Notices: what later versions of their papers do to the frames on the list, until somebody decides on the frame."""

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
    found: dict[str, list[Notice]] = defaultdict(list)
    for candidate, evidence, paper, version, what, detail, added in rows:
        seen = tuple(rechecks[evidence, version])
        notice = Notice(candidate, evidence, paper, version, what, detail, added, seen)
        found[candidate].append(notice)
    return {candidate: tuple(notices) for candidate, notices in found.items()}


def load_rechecks(connection: Connection, keys: Iterable[tuple[str, int]]) -> dict[str, tuple[Recheck, ...]]:
    """Return the quotes of candidates as these later versions have them; candidates without a recheck are left out.

    `keys`: candidates and versions.
    """
    return {candidate: tuple(found) for (candidate, _), found in _rechecks(connection, keys).items()}


def load_given_up_quotes(connection: Connection, evidence: Sequence[str]) -> dict[str, set[int]]:
    """Return, by candidate, the quotes that a person has kept although a later version had lost them."""
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
    found: dict[str, set[int]] = defaultdict(set)
    for candidate, position in rows:
        found[candidate].add(position)
    return found


def add_notices(connection: Connection, run: str, notices: Sequence[Notice]) -> None:
    """Record what a later version does to evidence, with its quotes; each pair of the two once."""
    added = utc_now()
    rows = [
        {
            "candidate": one.candidate_id,
            "evidence": one.evidence_id,
            "version": one.version,
            "what": one.what,
            "detail": one.detail,
            "run": run,
            "added": added,
        }
        for one in notices
    ]
    new = {(row["evidence"], row["version"]) for row in add_rows(connection, "notices", rows, ("evidence", "version"))}
    add_rows(
        connection,
        "rechecks",
        [
            _recheck_row(notice, one)
            for notice in notices
            if (notice.evidence_id, notice.version) in new
            for one in notice.rechecks
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
    found: dict[tuple[str, int], list[Recheck]] = defaultdict(list)
    for evidence, version, *rest in rows:
        found[evidence, version].append(_recheck(*rest))
    return found


def _recheck(
    position: int, cited: str, cited_page: int | None, text: str, grade: Any, section: Any, form: Any,
    spans: list[dict[str, int]] | None, differences: list[dict[str, str]] | None, why: str | None,
    nearest: str | None, nearest_page: int | None,
) -> Recheck:  # fmt: skip
    quote = to_quote(text, grade, spans, section, form, differences, why)
    return Recheck(position, cited, cited_page, quote, nearest, nearest_page)


def _recheck_row(notice: Notice, one: Recheck) -> dict[str, Any]:
    return {
        "evidence": notice.evidence_id,
        "version": notice.version,
        "position": one.position,
        "cited": one.cited,
        "cited_page": one.cited_page,
        "text": one.now.text,
        "grade": one.now.grade,
        "section": one.now.section,
        "form": one.now.form,
        "spans": to_span_rows(one.now.spans),
        "differences": [vars(difference) for difference in one.now.differences],
        "why": one.now.why,
        "nearest": one.nearest,
        "nearest_page": one.nearest_page,
    }
