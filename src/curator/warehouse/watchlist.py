"""The arXiv papers that the list rests on, and those with a later version that has not been checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curator.types import Paper, Quote
from curator.warehouse.candidates import load_quotes
from curator.warehouse.connection import Connection
from curator.warehouse.frames import find_merged, load_merged
from curator.warehouse.papers import get_papers
from curator.warehouse.revision_notices import load_given_up_quotes, load_rechecks


@dataclass(frozen=True)
class Evidence:
    """One paper that a frame on the list rests on."""

    candidate_id: str  # the frame's own candidate
    evidence_id: str  # the candidate that brings the paper: the frame's own, or one that was merged into it
    paper_id: str
    drafted_from: int  # the version that the candidate was drafted from
    cited: int  # the version that the frame cites


@dataclass(frozen=True)
class UnseenRevision:
    """Evidence whose paper has a later version that has not been checked."""

    evidence: Evidence
    quotes: Mapping[int, Quote]  # the quotes that hold in the cited version, by position, counted from 1
    given_up: frozenset[int]  # positions of quotes that an earlier revision lost and a reviewer accepted as lost


def load_evidence(connection: Connection) -> list[Evidence]:
    """Return the arXiv papers that the frames on the list rest on."""
    rows = connection.execute(
        """
        select f.candidate, c.paper, c.version, c.cited from frames f join candidates c using (candidate)
        order by f.number
        """
    ).fetchall()
    merged = load_merged(connection)
    evidence = [
        Evidence(candidate, id, paper, version, cited)
        for candidate, *own in rows
        for id, paper, version, cited in (
            (candidate, *own),
            *((other.candidate, other.paper, other.version, other.version) for other in find_merged(candidate, merged)),
        )
        if ":" not in paper  # ids with a colon are not arXiv's, see curator.sources
    ]
    return list({item.evidence_id: item for item in evidence}.values())


def load_unseen_revisions(connection: Connection, evidence: Sequence[Evidence]) -> dict[Paper, list[UnseenRevision]]:
    """Return the evidence whose paper has a newer known version that has not been checked, by that newest version."""
    newest = dict(connection.execute("select paper, version from papers").fetchall())
    seen = set(connection.execute("select evidence, version from record.notices").fetchall())
    due = [
        item
        for item in evidence
        if newest.get(item.paper_id, 0) > item.cited and (item.evidence_id, newest[item.paper_id]) not in seen
    ]
    ids = [item.evidence_id for item in due]
    quotes, given_up = load_quotes(connection, ids), load_given_up_quotes(connection, ids)
    revised = [(item.evidence_id, item.cited) for item in due if item.cited != item.drafted_from]
    rechecks = load_rechecks(connection, revised)
    papers = get_papers(connection, {(item.paper_id, newest[item.paper_id]) for item in due})
    revisions: dict[Paper, list[UnseenRevision]] = defaultdict(list)
    for item in due:
        id = item.evidence_id
        if id in rechecks:
            cited = {recheck.position: recheck.now for recheck in rechecks[id]}
        else:
            cited = dict(enumerate(quotes.get(id, ()), 1))
        holding = {position: quote for position, quote in cited.items() if quote.holds}
        paper = papers[item.paper_id, newest[item.paper_id]]
        revisions[paper].append(UnseenRevision(item, holding, frozenset(given_up.get(id, ())) & set(holding)))
    return dict(revisions)
